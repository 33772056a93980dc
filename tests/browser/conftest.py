"""What the stories share: one desk that runs, one browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import desks
from tests.faults.conftest import Desk


@pytest.fixture(scope="package")
def story_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desks.running_desk(tmp_path_factory.mktemp("stories"), "--no-demo") as desk:
        yield desk


@pytest.fixture(scope="module")
def story_browser() -> Iterator[Browser]:
    with desks.chromium() as browser:
        yield browser
