"""The Celery app: brings clocks forward and sends what leaves the desk. Tasks live beside what they call."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, bootsteps
from redis.exceptions import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

app = Celery("helpdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class SignOfLife(bootsteps.StartStopStep):
    """Tells the cache once a second that this worker lives, for /healthz."""

    requires = {"celery.worker.components:Timer"}
    every = 1.0  # seconds

    def __init__(self, worker: Any, **options: Any) -> None:
        self.entry: Any = None
        super().__init__(worker, **options)

    def start(self, worker: Any) -> None:
        self.entry = worker.timer.call_repeatedly(self.every, self.tell)

    def stop(self, worker: Any) -> None:
        if self.entry:
            self.entry.cancel()

    @staticmethod
    def tell() -> None:
        from helpdesk.health import note_worker
        from tickets.clock import wall

        try:
            note_worker(wall())
        except (RedisError, OSError):
            return  # the broker is away; /healthz says so itself


app.steps["worker"].add(SignOfLife)
