"""Where a case stands: everything that derives from its log, in one value.

Both drivers derive it anew after every event and act on what differs: rows write the difference,
memory pushes it on its heap. Nothing here is remembered from one event to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from playbooks.core import agents
from playbooks.core.case import Case
from playbooks.core.customer.evidence import DEFAULT, Switches
from playbooks.core.customer.persona import Persona
from playbooks.core.customer.reaction import intentions
from playbooks.core.followup import Promise, promises
from playbooks.core.playbook import Playbook
from playbooks.core.profiles import Profile
from playbooks.core.rail import StepView, missing_deadlines, next_deadline, rail
from tickets.calendars import BusinessCalendar
from tickets.log import Event


@dataclass(frozen=True, slots=True)
class Setting:
    """What does not change while a case runs."""

    case: Case
    playbook: Playbook
    persona: Persona
    calendar: BusinessCalendar
    profile: Profile | None = None  # of the automatic agent, where one works the case
    switches: Switches = DEFAULT  # of the customer model, where a manager has set them


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a case after its last event."""

    log: tuple[Event, ...] = ()
    rail: tuple[StepView, ...] = ()
    promises: dict[str, Promise] = field(default_factory=dict)  # by step
    intentions: dict[str, int] = field(default_factory=dict)  # key -> due_at
    miss: tuple[str, int] | None = None  # the next hard limit: step, instant at which it is missed
    next_deadline_at: int | None = None
    work_at: int | None = None  # from when on it wants its automatic agent


NOWHERE = Standing()


def stand(setting: Setting, log: tuple[Event, ...], *, now: int) -> Standing:
    """Derive it all from the log. `now` is the instant of the event that was just appended."""
    case, playbook = setting.case, setting.playbook
    steps = rail(playbook, case, log, now=now, calendar=setting.calendar)
    misses = missing_deadlines(steps)
    work_at = None
    if setting.profile is not None:
        work_at = agents.work_at(agents.view(playbook, case, log, steps, now=now), setting.profile)
    intended = intentions(case, setting.persona, log, switches=setting.switches)
    return Standing(
        log=log,
        rail=steps,
        promises={promise.step: promise for promise in promises(playbook, case, log, steps)},
        intentions={intention.key: intention.due_at for intention in intended},
        miss=min(misses, key=lambda miss: (miss[1], miss[0]), default=None),
        next_deadline_at=next_deadline(steps),
        work_at=work_at,
    )
