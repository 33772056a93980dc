"""Sums folded in a process of its own: `batches` until killed, `late` with a ticket that is committed after its time."""

from __future__ import annotations

import json
import os
import sys
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from playbooks import rollup_days, rollups  # noqa: E402
from playbooks.intake import Complaint, take_in  # noqa: E402
from tickets.models import Clock  # noqa: E402

START = 1_788_739_200


def counted() -> int:
    return sum(of.total().n for of in rollup_days.read().values())


def come_in(key: str) -> None:
    take_in(Complaint(description="It leaks.", external_id=key), clock=Clock.objects.get(key=key), now=START)


def late() -> dict[str, object]:
    """The first ticket has the lower ids, and is committed only after the second was folded."""
    for key in ("first", "second"):
        Clock.objects.create(key=key, sim_at=START)
    written, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            come_in("first")
            written.set()
            go_on.wait(60)
        connection.close()

    slow = threading.Thread(target=slowly)
    slow.start()
    written.wait(60)
    come_in("second")
    rollups.fold_all()
    before = counted()
    go_on.set()
    slow.join()
    rollups.fold_all()
    return {"before": before, "after": counted(), "wrong": len(rollups.recompute(check=True))}


if __name__ == "__main__":
    if sys.argv[1] == "late":
        print(json.dumps(late()))
    while sys.argv[1] == "batches" and rollups.fold(batch=40):
        pass
