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


PRODUCTION = {
    "HELPDESK_PRODUCTION": "1",
    "HELPDESK_HOSTS": "desk.example.com",
    "HELPDESK_SECRET_KEY": "Xq3-4kPz_w9RtB7nVdL2mYs8HcJf5GuEa6ToNiKpWvQbZrMx0e",
}


def test_a_public_server_has_nothing_to_be_warned_of(tmp_path: Path):
    done = check_for_deployment(**PRODUCTION, HELPDESK_DATA=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_a_public_server_without_https_or_with_debug_pages_is_warned(tmp_path: Path):
    at_home = check_for_deployment(HELPDESK_DATA=str(tmp_path))
    debugging = check_for_deployment(**PRODUCTION, HELPDESK_DATA=str(tmp_path), HELPDESK_DEBUG="1")

    assert (at_home.returncode, debugging.returncode) == (1, 1)
    assert "security.W008" in at_home.stderr
    assert "security.W018" in debugging.stderr


def test_celery_knows_every_setting_that_we_give_it():
    """A misspelt name would be taken in silence and change nothing."""
    from celery.app.defaults import NAMESPACES, flatten
    from django.conf import settings

    known = {f"CELERY_{name.upper()}" for name, _ in flatten(NAMESPACES)}
    given = {name for name in dir(settings) if name.startswith("CELERY_")}
    assert given <= known
    assert {"CELERY_TASK_ACKS_LATE", "CELERY_TASK_IGNORE_RESULT"} <= known
    assert "CELERY_TASK_ACK_LATE" not in known


def test_a_lost_worker_loses_no_task_and_no_clock_waits_behind_a_hoard():
    from django.conf import settings

    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
    assert settings.CELERY_TASK_TIME_LIMIT < settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert not getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False)
