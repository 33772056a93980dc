"""The life of a ticket: its states, which may follow which, and what a comment does to them.

Pure. `tickets/actions.py` applies it to rows, the simulation applies it to values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tickets.errors import Conflict, Invalid
from tickets.log import AGENT, BOT, CUSTOMER, Event, Log

NEW, OPEN, PENDING, ON_HOLD, SOLVED, CLOSED = "new", "open", "pending", "on_hold", "solved", "closed"

# One table for what is so about each state; everything else derives from it.
CATEGORY: dict[str, str] = {
    NEW: "open",
    OPEN: "open",
    PENDING: "waiting",
    ON_HOLD: "waiting",
    SOLVED: "resolved",
    CLOSED: "resolved",
}
STATUSES = tuple(CATEGORY)
CATEGORIES = ("open", "waiting", "resolved")

TRANSITIONS: dict[str, frozenset[str]] = {
    NEW: frozenset({OPEN, PENDING, ON_HOLD, SOLVED}),
    OPEN: frozenset({PENDING, ON_HOLD, SOLVED}),
    PENDING: frozenset({OPEN, ON_HOLD, SOLVED}),
    ON_HOLD: frozenset({OPEN, PENDING, SOLVED}),
    SOLVED: frozenset({OPEN, CLOSED}),
    CLOSED: frozenset(),
}

STATUS_EVENTS: dict[str, str] = {
    OPEN: "ticket.opened",
    PENDING: "ticket.pending",
    ON_HOLD: "ticket.held",
    SOLVED: "ticket.solved",
    CLOSED: "ticket.closed",
}

PRIORITIES = ("low", "normal", "high", "urgent")
CHANNELS = (
    "email", "web", "app", "chat", "chatbot", "kakaotalk", "line", "phone", "in_person", "letter", "api",
)  # fmt: skip
CHAT_CHANNELS = frozenset({"app", "chat", "chatbot", "kakaotalk", "line"})
CATEGORIES_OF_COMPLAINT = (
    "delivery_delay", "defective_item", "wrong_item", "rude_service", "double_charge", "refund_delay", "other",
)  # fmt: skip

REOPEN_GRACE = 7 * 86_400  # seconds after solving in which a customer's word reopens the ticket


def status_event(old: str, new: str, *, at: int, actor: str, data: Mapping[str, Any] | None = None) -> Event:
    """The event that a change of status leaves. Refuses one that the map does not declare."""
    if new not in CATEGORY:
        raise Invalid(
            "unknown_status", f"There is no status '{new}'. Use one of: {', '.join(STATUSES)}.", field="status"
        )
    if new not in TRANSITIONS[old]:
        allowed = ", ".join(sorted(TRANSITIONS[old])) or "none"
        raise Conflict(
            "transition_refused", f"A ticket that is {old} cannot become {new}. Allowed: {allowed}.", field="status"
        )
    name = "ticket.reopened" if CATEGORY[old] == "resolved" and new == OPEN else STATUS_EVENTS[new]
    return Event(at, name, actor, {"from": old, "to": new, **(data or {})})


def status_after_comment(status: str, *, author: str, public: bool) -> str:
    """What a comment alone makes of the status (a bot or an internal note changes nothing).

    The first public word of an agent opens a new ticket. A customer's word brings a waiting
    ticket back to work and, while it is solved, reopens it; the caller has checked the grace
    window by then (`may_reopen`).
    """
    if author == AGENT and public and status == NEW:
        return OPEN
    if author == CUSTOMER and status in (PENDING, ON_HOLD, SOLVED):
        return OPEN
    return status


def comment_events(
    status: str,
    *,
    author: str,
    public: bool,
    channel: str,
    facts: Mapping[str, Any],
    at: int,
    seconds: int = 0,
) -> tuple[str, list[Event]]:
    """The status after a comment, and the events it leaves, in order.

    `seconds` is the agent's working time spent on it, where known. Courtesy words after the end
    (`facts.keeps_closed`, e.g. a thank-you) do not reopen.
    """
    if status == CLOSED and author in (CUSTOMER, AGENT) and public and not facts.get("keeps_closed"):
        raise Conflict("ticket_closed", "This ticket is closed. Open a new one that follows it up.", field="ticket")
    data: dict[str, Any] = {"public": public, "author": author, "channel": channel, "facts": dict(facts)}
    if seconds:
        data["seconds"] = seconds
    events = [Event(at, "comment.created", author, data)]
    after = status if facts.get("keeps_closed") else status_after_comment(status, author=author, public=public)
    if after != status:
        events.append(status_event(status, after, at=at, actor=author))
    return after, events


def may_reopen(log: Log, *, now: int) -> bool:
    """Whether a customer's word still reopens this ticket: solved, and within the grace window."""
    solved = [e for e in log if e.name in ("ticket.solved", "ticket.closed", "ticket.reopened")]
    return bool(solved) and solved[-1].name == "ticket.solved" and now - solved[-1].at <= REOPEN_GRACE


def status_of(log: Log) -> str:
    """The status a log leads to."""
    for event in reversed(log):
        if event.name == "ticket.created":
            return str(event.data.get("status", NEW))
        if event.name in (
            "ticket.opened",
            "ticket.pending",
            "ticket.held",
            "ticket.solved",
            "ticket.closed",
            "ticket.reopened",
        ):
            return str(event.data["to"])
    raise Invalid("empty_log", "A log begins with ticket.created.")


def is_human_reply(event: Event) -> bool:
    """A public word by an agent: what 'human reply' counts. A bot's never does."""
    return event.name == "comment.created" and event.actor == AGENT and bool(event.data["public"])


def is_bot_reply(event: Event) -> bool:
    return event.name == "comment.created" and event.actor == BOT and bool(event.data["public"])


def is_customer_word(event: Event) -> bool:
    return event.name == "comment.created" and event.actor == CUSTOMER
