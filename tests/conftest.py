"""What every test stands on: compiled translations, and a reason where a browser is missing."""

from __future__ import annotations

import os
import shutil

import pytest

from helpdesk.translations import compile_catalogs

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def pytest_configure() -> None:
    compile_catalogs()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A machine without Chromium skips the browser tests; CI installs it, so there its absence is a failure."""
    if os.environ.get("CI") or any(shutil.which(name) for name in CHROMIUM):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium"))
