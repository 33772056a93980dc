"""Is the desk whole? Database, broker, worker, beat and the sweep that brings due rows, each asked on its own.

Worker and beat say twice a second that they live; the sweep leaves the wall time of its last round. All
in the cache, so that any process can ask.
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
BEAT_KEY = "helpdesk:beat"
SILENT_AFTER = 2.0  # seconds; a sign of life comes every half second
SWEEP_KEY = "helpdesk:last_sweep"
SWEEP_MISSING_AFTER = 10.0  # seconds; a sweep comes every half second
ASK_LIMIT = 1.0  # seconds that one part may take to answer


@dataclass(frozen=True)
class Health:
    database: bool
    broker: bool
    worker: bool
    beat: bool
    last_sweep_age_seconds: float | None

    @property
    def sweep(self) -> bool:
        return self.last_sweep_age_seconds is not None and self.last_sweep_age_seconds <= SWEEP_MISSING_AFTER

    @property
    def whole(self) -> bool:
        return self.database and self.broker and self.worker and self.beat and self.sweep

    def as_json(self) -> dict[str, object]:
        parts = {name: _word(getattr(self, name)) for name in ("database", "broker", "worker", "beat", "sweep")}
        return {"status": _word(self.whole), **parts, "last_sweep_age_seconds": self.last_sweep_age_seconds}


def _word(well: bool) -> str:
    return "ok" if well else "missing"


def note_alive(key: str, wall_now: float) -> None:
    """A sign of life. While the broker is away there is nobody to tell, and /healthz says that itself."""
    try:
        cache.set(key, wall_now, timeout=60)
    except (RedisError, OSError):
        return


def note_sweep(wall_now: float) -> None:
    cache.set(SWEEP_KEY, wall_now, timeout=None)


def health(*, wall_now: float) -> Health:
    broker = broker_answers()
    notes = _notes() if broker else {}
    sweep_age = _age(notes.get(SWEEP_KEY), wall_now)
    return Health(
        database=database_answers(),
        broker=broker,
        worker=_alive(notes.get(WORKER_KEY), wall_now),
        beat=_alive(notes.get(BEAT_KEY), wall_now),
        last_sweep_age_seconds=None if sweep_age is None else round(sweep_age, 3),
    )


def _alive(noted_at: float | None, wall_now: float) -> bool:
    return noted_at is not None and wall_now - noted_at <= SILENT_AFTER


def _age(noted_at: float | None, wall_now: float) -> float | None:
    return None if noted_at is None else max(0.0, wall_now - noted_at)


def _notes() -> dict[str, float]:
    try:
        return cache.get_many([WORKER_KEY, BEAT_KEY, SWEEP_KEY])
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
