"""Begins shifts on the desk of HELPDESK_DATA: a line in for each, trainee and settings; a line out, number and key."""

from __future__ import annotations

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
django.setup()

from django.db import connection  # noqa: E402

from helpdesk.access import ensure_agent, make_sign_in_key  # noqa: E402
from playbooks import shifts  # noqa: E402
from tickets import clock  # noqa: E402

if __name__ == "__main__":
    for line in sys.stdin:
        name, settings = json.loads(line)
        trainee = ensure_agent(name, role="trainee")
        shift = shifts.start_shift(trainee, wall_now=clock.wall(), **settings)
        print(shift.pk, make_sign_in_key(trainee, now=clock.utcnow()), flush=True)
        connection.close()
