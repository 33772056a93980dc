"""The Celery app: brings clocks forward and sends what leaves the desk. Tasks live beside what they call."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, beat, bootsteps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

TELL_EVERY = 0.5  # seconds

app = Celery("helpdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def tell(key: str) -> None:
    # The app module is read before Django is ready, what it tells only later.
    from helpdesk.health import note_alive
    from tickets.clock import wall

    note_alive(key, wall())


class SignOfLife(bootsteps.StartStopStep):
    """The worker that carries the clocks tells the cache that it lives, from a thread of its own."""

    requires = {"celery.worker.components:Timer"}

    def __init__(self, worker: Any, **options: Any) -> None:
        self.entry: Any = None
        super().__init__(worker, **options)

    def start(self, worker: Any) -> None:
        if "clocks" not in worker.app.amqp.queues.consume_from:
            return  # a worker of experiments alone says nothing about the desk
        tell("helpdesk:worker")
        self.entry = worker.timer.call_repeatedly(TELL_EVERY, tell, ("helpdesk:worker",))

    def stop(self, worker: Any) -> None:
        if self.entry:
            self.entry.cancel()


class Scheduler(beat.Scheduler):
    """Beat, keeping its times in memory, tells the cache that it lives whenever it looks at its schedule."""

    max_interval = TELL_EVERY

    def tick(self, *arguments: Any, **options: Any) -> float:
        tell("helpdesk:beat")
        return float(super().tick(*arguments, **options))


app.steps["worker"].add(SignOfLife)
