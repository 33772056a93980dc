"""The settings are fit for a public server, and wall time stays out of the messages in the broker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def check_for_deployment(**environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check --deploy` in a process of its own, with nothing but this environment."""
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
