"""Effects to events: the one place that says what each effect leaves in the log."""

from __future__ import annotations

from collections.abc import Iterable

from playbooks.core.effects import Become, Effect, Note, Say
from tickets.lifecycle import comment_events, status_event
from tickets.log import Event


def events_of(effects: Iterable[Effect], *, status: str, channel: str, at: int) -> tuple[str, list[Event]]:
    """The status afterwards and the events, in order. A change to the status it has already is no event."""
    events: list[Event] = []
    for effect in effects:
        match effect:
            case Say():
                status, said = comment_events(
                    status,
                    author=effect.author,
                    public=effect.public,
                    channel=effect.channel or channel,
                    facts=effect.facts.to_dict(),
                    at=at,
                    seconds=effect.seconds,
                )
                events += said
            case Become():
                if effect.status != status:
                    events.append(status_event(status, effect.status, at=at, actor=effect.actor))
                    status = effect.status
            case Note():
                events.append(Event(at, effect.name, effect.actor, dict(effect.data)))
    return status, events
