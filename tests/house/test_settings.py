"""The settings mean something to Celery, and a lost worker loses nothing."""

from __future__ import annotations

from celery.app.defaults import NAMESPACES, flatten
from django.conf import settings


def names_that_celery_knows() -> set[str]:
    return {f"CELERY_{name.upper()}" for name, _ in flatten(NAMESPACES)}


def test_celery_knows_every_setting_that_we_give_it():
    """A misspelt name would be taken in silence and change nothing."""
    given = {name for name in dir(settings) if name.startswith("CELERY_")}
    assert given
    assert given <= names_that_celery_knows()


def test_a_misspelt_setting_is_seen():
    assert "CELERY_TASK_ACKS_LATE" in names_that_celery_knows()
    assert "CELERY_TASK_ACK_LATE" not in names_that_celery_knows()


def test_a_lost_worker_loses_no_task_and_no_clock_waits_behind_a_hoard():
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
    assert settings.CELERY_TASK_TIME_LIMIT < settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert not getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False)
