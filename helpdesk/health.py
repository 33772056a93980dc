"""Is the desk whole? Database, broker, worker and the sweep that brings due rows, each asked on its own.

The worker says once a second that it lives; the sweep leaves the wall time of its last round. Both in
the cache, so that any process can ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from redis.exceptions import RedisError

WORKER_KEY = "helpdesk:worker"
WORKER_SILENT_AFTER = 4.0  # seconds
SWEEP_KEY = "helpdesk:last_sweep"
SWEEP_MISSING_AFTER = 10.0  # seconds; a sweep comes every half second
ASK_LIMIT = 1.0  # seconds that one part may take to answer


@dataclass(frozen=True)
class Health:
    database: bool
    broker: bool
    worker: bool
    last_sweep_age_seconds: float | None

    @property
    def sweep(self) -> bool:
        return self.last_sweep_age_seconds is not None and self.last_sweep_age_seconds <= SWEEP_MISSING_AFTER

    @property
    def whole(self) -> bool:
        return self.database and self.broker and self.worker and self.sweep

    def as_json(self) -> dict[str, object]:
        parts = {name: _word(getattr(self, name)) for name in ("database", "broker", "worker", "sweep")}
        return {"status": _word(self.whole), **parts, "last_sweep_age_seconds": self.last_sweep_age_seconds}


def _word(well: bool) -> str:
    return "ok" if well else "missing"


def note_worker(wall_now: float) -> None:
    cache.set(WORKER_KEY, wall_now, timeout=60)


def note_sweep(wall_now: float) -> None:
    cache.set(SWEEP_KEY, wall_now, timeout=None)


def health(*, wall_now: float) -> Health:
    broker = broker_answers()
    notes = _notes() if broker else {}
    worker_age = _age(notes.get(WORKER_KEY), wall_now)
    sweep_age = _age(notes.get(SWEEP_KEY), wall_now)
    return Health(
        database=database_answers(),
        broker=broker,
        worker=worker_age is not None and worker_age <= WORKER_SILENT_AFTER,
        last_sweep_age_seconds=None if sweep_age is None else round(sweep_age, 3),
    )


def _age(noted_at: float | None, wall_now: float) -> float | None:
    return None if noted_at is None else max(0.0, wall_now - noted_at)


def _notes() -> dict[str, float]:
    try:
        return cache.get_many([WORKER_KEY, SWEEP_KEY])
    except (RedisError, OSError):
        return {}


def database_answers() -> bool:
    """SQLite keeps serving a file that somebody has deleted, so there the file is looked for as well."""
    if connection.vendor == "sqlite" and not _file_is_there(str(connection.settings_dict["NAME"])):
        return False
    try:
        MigrationRecorder.Migration.objects.exists()
    except DatabaseError:
        connection.close()
        return False
    return True


def _file_is_there(name: str) -> bool:
    return "mode=memory" in name or Path(name).exists()


def broker_answers() -> bool:
    if not settings.REDIS_URL:
        return False
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=ASK_LIMIT, socket_connect_timeout=ASK_LIMIT)
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()
