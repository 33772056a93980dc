"""What a desk page shows, as frozen values: read from rows in a constant number of queries, nothing written.

A trainee reads what an agent may know. Of the hidden case only that enters which the firm's own
records say (order, price, earlier purchases), and, once somebody has investigated, what was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from playbooks.core.case import CURRENCIES, Case, case_from
from playbooks.core.phrasing import money
from playbooks.core.playbook import Playbook, gift_cap
from playbooks.core.rail import StepView, rail
from playbooks.core.scenarios import before_of, scenario_of
from playbooks.core.scenarios.background import remedies_of
from playbooks.core.scenarios.head_office import compared
from playbooks.core.scenarios.preview import said as label
from playbooks.definitions import playbook_of
from playbooks.held import desk_calendar
from playbooks.models import FollowUp, PlaybookRun, Survey
from playbooks.pages import wording
from playbooks.pages.fitting import Fitting, fitting
from playbooks.pages.wording import say
from tickets import lifecycle
from tickets.errors import NotFound
from tickets.log import SYSTEM, Event, first_at
from tickets.models import Agent, Comment, Ticket, TicketEvent
from tickets.templatetags.desk_format import written, zone_of

QUEUE_LENGTH = 100
EXPLAINED_LINES = 12

# How each channel looks on the page.
LOOKS = {
    **dict.fromkeys(("app", "chat", "chatbot", "kakaotalk", "line"), "chat"),
    **dict.fromkeys(("email", "web", "api"), "mail"),
    **dict.fromkeys(("phone", "in_person"), "call"),
    "letter": "letter",
}

# What of the log stands between the words while a ticket is handled, and what more once it is over.
SHOWN = {
    "case.facts_confirmed", "remedy.given", "gift.given", "follow_up.promised", "ticket.solved", "ticket.closed",
    "ticket.reopened", "ticket.pending", "ticket.held", "ticket.handed_over", "ticket.assigned", "step.missed",
    "customer.reviewed", "survey.answered",
}  # fmt: skip
SHOWN_AFTERWARDS = {"customer.accepted", "customer.declined", "customer.left", "customer.repurchased", "customer.told"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation: something said, or something that happened."""

    seq: int
    at: int
    kind: str  # said, happened
    author: str = ""
    author_words: str = ""
    name: str = ""
    channel: str = ""
    channel_words: str = ""
    look: str = ""
    public: bool = True
    body: str = ""
    holds: tuple[str, ...] = ()
    event: str = ""
    icon: str = ""
    words: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """One line of 'explain this deadline'."""

    what: str
    counted: int


@dataclass(frozen=True, slots=True)
class RailStep:
    """A step of the playbook as the rail shows it."""

    key: str
    title: str
    why: str
    by: str
    deed: str
    box: str  # where on the page it is done, empty for what has a page of its own
    does: str
    state: str
    state_words: str
    icon: str
    start: int | None
    due_at: int | None
    latest_at: int | None
    done_at: int | None
    overdue: bool
    late: bool
    reason: str
    explained: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class Promised:
    """A follow-up: what was promised for when, and what became of it."""

    kind: str
    kind_words: str
    due_at: int
    done_at: int | None
    state: str
    state_words: str
    icon: str
    reason: str


@dataclass(frozen=True, slots=True)
class Score:
    """A survey: the question's name, its scale, and the answer or silence."""

    metric: str
    lowest: int
    highest: int
    score: int | None
    round: int


@dataclass(frozen=True, slots=True)
class Turned:
    """One turn of the talk that lay before the ticket."""

    by: str
    by_words: str
    kind_words: str
    text: str


@dataclass(frozen=True, slots=True)
class Before:
    """The talk with the bot that handed over, or the phone call as it was noted."""

    heading: str
    turns: tuple[Turned, ...]


@dataclass(frozen=True, slots=True)
class ToldFact:
    """One fact of head office, and whether the report and the answer to the customer say it."""

    report_form: str
    answer_form: str
    report: str
    answer: str
    report_words: str
    answer_words: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class HeadOffice:
    """What head office wrote, in its language, and where report and answer disagree."""

    heading: str
    language: str
    memo: str
    how: str
    verdict: str  # nothing while the customer has had no answer
    agrees: bool
    report_heading: str
    answer_heading: str
    facts: tuple[ToldFact, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What an agent may know of customer and case."""

    customer: str
    language: str
    language_words: str
    channel_words: str
    complaint_words: str
    item: str
    order: str
    price: str
    purchases: int
    failed_before: bool
    confirmed: bool
    own_fault: bool | None
    cause: str
    policy: str  # law and policy on such a case, once the facts are known
    shop_policy: str  # what the house displays: known to every agent from the start
    tier: str


@dataclass(frozen=True, slots=True)
class Gift:
    """Whether a gift is possible here, within what, and if not, why not."""

    cap: int
    cap_words: str
    accepted: bool
    promised: bool
    fitting: Fitting


@dataclass(frozen=True, slots=True)
class TicketPage:
    """Everything the ticket page shows."""

    pk: int
    number: int
    subject: str
    status: str
    status_words: str
    closed: bool
    resolved: bool
    channel: str
    channel_words: str
    language: str
    zone: str
    assignee: str
    mine: bool
    last_seq: int
    opened_at: int
    playbook_key: str
    playbook_title: str
    playbook_summary: str
    hue: str
    before: Before | None
    head_office: HeadOffice | None
    lines: tuple[Line, ...]
    rail: tuple[RailStep, ...]
    promised: tuple[Promised, ...]
    scores: tuple[Score, ...]
    known: Known
    gift: Gift
    letter_promised: bool
    remedies: tuple[str, ...]  # that this house can give
    currency: str
    digits: int
    price: int


def ticket_page(ticket: Ticket, agent: Agent, *, now: int) -> TicketPage:
    """All of one ticket's page: six queries beyond the ticket's own, however long its story."""
    run = PlaybookRun.objects.select_related("version").filter(ticket=ticket).order_by("-pk").first()
    if run is None:
        raise NotFound("no_run", "This ticket has no playbook yet; it gets one within a minute.", field="ticket")
    case = case_from(ticket.case_file.case)
    playbook = playbook_of(run.version)
    rows = list(TicketEvent.objects.filter(ticket=ticket).select_related("agent").order_by("seq"))
    log = [row.as_value() for row in rows]
    comments = list(Comment.objects.filter(ticket=ticket).select_related("author").order_by("seq"))
    resolved = ticket.status_category == "resolved"
    zone = zone_of(case.language)
    steps = rail(playbook, case, log, now=now, calendar=desk_calendar(case.language))
    promised = {event.data.get("step") for event in log if event.name == "follow_up.promised"}
    cap = gift_cap(playbook, case)
    accepted = first_at(log, "customer.accepted") is not None
    return TicketPage(
        pk=ticket.pk,
        number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
        status_words=say(wording.STATUS, ticket.status),
        closed=ticket.status == lifecycle.CLOSED,
        resolved=resolved,
        channel=ticket.channel,
        channel_words=say(wording.CHANNEL, ticket.channel),
        language=ticket.language,
        zone=zone,
        assignee=name_of(ticket.assignee) if ticket.assignee else "",
        mine=ticket.assignee_id == agent.pk,
        last_seq=ticket.last_seq,
        opened_at=ticket.created_at,
        playbook_key=playbook.key,
        playbook_title=in_language(playbook.title),
        playbook_summary=in_language(playbook.summary),
        hue=playbook.hue,
        before=before_the_ticket(case),
        head_office=head_office_of(case, log, [comment.body for comment in comments]),
        lines=lines_of(rows, comments, ticket, titles_of(playbook), afterwards=resolved),
        rail=tuple(_rail_step(view, playbook, case, now=now, zone=zone) for view in steps),
        promised=_promised(FollowUp.objects.filter(ticket=ticket).order_by("due_at", "step")),
        scores=_scores(Survey.objects.filter(ticket=ticket).order_by("invited_at", "metric")),
        known=known_of(ticket, case, log),
        gift=Gift(cap, money(cap, case.currency, language()), accepted, "gift" in promised, fitting(case, log)),
        letter_promised="letter" in promised,
        remedies=remedies_of(case),
        currency=case.currency,
        digits=CURRENCIES[case.currency],
        price=case.price,
    )  # fmt: skip


def language() -> str:
    return (get_language() or "en")[:2]


def in_language(texts: Mapping[str, str] | str) -> str:
    """One of the three texts that stand side by side in a data file."""
    return texts if isinstance(texts, str) else texts.get(language()) or texts["en"]


def name_of(agent: Agent) -> str:
    return agent.get_full_name() or agent.username


def known_of(ticket: Ticket, case: Case, log: Sequence[Event]) -> Known:
    """What the firm's records and an investigation say; never more of the case than that."""
    names, scenario = case.names or {}, scenario_of(case)
    found = next((event.data for event in log if event.name == "case.facts_confirmed"), None)
    return Known(
        customer=ticket.requester.name,
        language=ticket.language,
        language_words=say(wording.LANGUAGE, ticket.language),
        channel_words=say(wording.CHANNEL, ticket.channel),
        complaint_words=say(wording.COMPLAINT, ticket.category),
        item=names.get("item", ""),
        order=names.get("order", ""),
        price=money(case.price, case.currency, language()) if case.price else "",
        purchases=case.prior_purchases,
        failed_before=case.failure_number > 1,
        confirmed=found is not None,
        own_fault=found["own_fault"] if found else None,
        cause=str(found.get("cause", "")) if found else "",
        policy=scenario.voices[language()].law if scenario and found else "",
        shop_policy=scenario.voices[language()].policy if scenario else "",
        tier=names.get("tier", ""),
    )


def before_the_ticket(case: Case) -> Before | None:
    """What was said before the ticket began, if anything: by the bot that handed over, or on the phone."""
    turns, speaks = before_of(case), language()
    if not turns:
        return None
    by_bot = any(turn.by == "bot" for turn in turns)
    return Before(
        heading=label("heading", "before_bot" if by_bot else "before_call", speaks),
        turns=tuple(
            Turned(
                turn.by,
                label("speaker", turn.by, speaks),
                label("turn", turn.kind, speaks) if turn.kind != "saying" else "",
                turn.text,
            )
            for turn in turns
        ),
    )


def head_office_of(case: Case, log: Sequence[Event], texts: Sequence[str]) -> HeadOffice | None:
    """Head office's memo once the facts are confirmed, with each fact as report and answer tell it."""
    scenario, speaks = scenario_of(case), language()
    confirmed = first_at(log, "case.facts_confirmed") is not None
    if scenario is None or scenario.head_office is None or not confirmed:
        return None
    office = scenario.head_office
    forms = {fact.name: fact.forms for fact in office.facts}
    facts = compared(case, log, texts)
    agrees = all(fact.agrees for fact in facts)
    return HeadOffice(
        heading=label("heading", "head_office", speaks),
        language=office.language,
        memo=office.memo,
        how=label("told", "how", speaks),
        verdict=label("told", "all_agree" if agrees else "some_differ", speaks) if facts else "",
        agrees=agrees,
        report_heading=label("told", "report", speaks),
        answer_heading=label("told", "answer", speaks),
        facts=tuple(
            ToldFact(
                report_form=forms[fact.name][office.language][0],
                answer_form=forms[fact.name][case.language][0],
                report=fact.report,
                answer=fact.answer,
                report_words=label("told", fact.report, speaks),
                answer_words=label("told", fact.answer, speaks),
                agrees=fact.agrees,
            )
            for fact in facts
        ),
    )


def lines_of(
    rows: Iterable[TicketEvent],
    comments: Iterable[Comment],
    ticket: Ticket,
    titles: Mapping[str, str],
    *,
    afterwards: bool = False,
) -> tuple[Line, ...]:
    """The conversation: what was said and what happened between the words, in the order of the log."""
    shown = SHOWN | SHOWN_AFTERWARDS if afterwards else SHOWN
    said = {comment.seq: comment for comment in comments}
    lines = []
    for row in rows:
        if row.seq in said:
            lines.append(_said(said[row.seq], ticket))
        elif row.name in shown and not (row.name == "ticket.assigned" and row.actor == SYSTEM):
            lines.append(_happened(row, titles))
    return tuple(lines)


def _said(comment: Comment, ticket: Ticket) -> Line:
    facts = comment.facts
    holds = [*facts.get("apology", ()), *facts.get("deeds", ())]
    holds += [name for name in ("empathy", "concrete") if facts.get(name, 0) > 0]
    holds += ["asks"] if facts.get("asks") else []
    human = comment.author_type == "agent"
    name = {"customer": ticket.requester.name, "agent": name_of(comment.author) if comment.author else ""}
    return Line(
        seq=comment.seq,
        at=comment.at,
        kind="said",
        author=comment.author_type,
        author_words=say(wording.AUTHOR, comment.author_type),
        name=name.get(comment.author_type) or say(wording.AUTHOR, comment.author_type),
        channel=comment.channel,
        channel_words=say(wording.CHANNEL, comment.channel),
        look=LOOKS[comment.channel] if comment.public else "note",
        public=comment.public,
        body=comment.body,
        holds=tuple(say(wording.CONTENTS, name) for name in dict.fromkeys(holds) if name in wording.CONTENTS)
        if human
        else (),
    )


def _happened(row: TicketEvent, titles: Mapping[str, str]) -> Line:
    step = titles.get(str(row.data.get("step", "")), "")
    words = wording.happened(row.name, row.data, step=step, amount=_amount(row.data))
    return Line(
        seq=row.seq,
        at=row.at,
        kind="happened",
        event=row.name,
        icon=wording.ICON.get(row.name, "minus"),
        words=words,
        body=str(row.data.get("comment") or "") if row.name == "survey.answered" else "",
        bad=row.name == "step.missed",
    )


def _amount(data: Mapping[str, Any]) -> str:
    return money(data["amount"], data["currency"], language()) if data.get("amount") and data.get("currency") else ""


# --- the rail ----------------------------------------------------------------------------------

STEP_ICON = {"waiting": "ellipsis-horizontal-circle", "open": "arrow-right-circle", "done": "check-circle",
             "missed": "exclamation-circle", "left_out": "minus-circle"}  # fmt: skip


def _rail_step(view: StepView, playbook: Playbook, case: Case, *, now: int, zone: str) -> RailStep:
    return RailStep(
        key=view.step.key,
        title=in_language(view.step.title),
        why=in_language(view.step.why),
        by=view.step.by,
        deed=view.step.deed,
        box=(box := wording.BOX.get(view.step.deed, "")),
        does=say(wording.DOES, box) if box else "",
        state=view.state,
        state_words=say(wording.STEP_STATE, view.state),
        icon=STEP_ICON[view.state],
        start=view.anchor_at,
        due_at=view.due_at,
        latest_at=view.latest_at,
        done_at=view.done_at,
        overdue=view.state == "open" and view.due_at is not None and now > view.due_at,
        late=view.state == "done" and view.met is False,
        reason=wording.reason(view.reason) if view.reason else "",
        explained=explain(view, playbook, case, zone=zone),
    )


def titles_of(playbook: Playbook) -> dict[str, str]:
    return {step.key: in_language(step.title) for step in playbook.steps}


def explain(view: StepView, playbook: Playbook, case: Case, *, zone: str) -> tuple[Counted, ...]:
    """How this deadline arose, line by line: from what it runs, and which stretches counted."""
    if view.anchor_at is None or view.due_at is None:
        return ()
    titles = titles_of(playbook)
    names = [titles.get(key) or say(wording.ANCHOR, key) for key in view.step.after]
    start = wording.since(names, written(view.anchor_at, zone))
    if view.step.clock != "business":
        return (Counted(start, 0), Counted(wording.around_the_clock(), view.due_at - view.anchor_at))
    calendar = desk_calendar(case.language)
    stretches = calendar.explain(view.anchor_at, calendar.seconds_between(view.anchor_at, view.due_at))
    lines = [
        Counted(wording.stretch(line.reason, written(line.start, zone), written(line.end, zone)), line.counted)
        for line in stretches
    ]
    if len(lines) > EXPLAINED_LINES:
        lines = [
            *lines[: EXPLAINED_LINES - 1],
            Counted("…", sum(line.counted for line in lines[EXPLAINED_LINES - 1 :])),
        ]
    return (Counted(start, 0), *lines)


# --- follow-ups and surveys --------------------------------------------------------------------

PROMISED_ICON = {"pending": "clock", "sent": "check", "skipped": "minus", "failed": "exclamation-triangle"}


def _promised(rows: Iterable[FollowUp]) -> tuple[Promised, ...]:
    return tuple(
        Promised(
            kind=row.kind,
            kind_words=_kind_words(row),
            due_at=row.due_at,
            done_at=row.done_at,
            state=row.state,
            state_words=say(wording.FOLLOW_UP_STATE, row.state),
            icon=PROMISED_ICON[row.state],
            reason=wording.reason(row.reason) if row.reason else "",
        )
        for row in rows
        if _worth_showing(row)
    )


def _worth_showing(row: FollowUp) -> bool:
    """Reminders stand in the conversation, answered surveys among the answers; what is planned for the customer's
    judgement is nobody's business before its time."""
    if row.kind == "survey":
        return row.state in (FollowUp.SKIPPED, FollowUp.FAILED)
    if row.kind in ("reminder", "close"):
        return row.state == FollowUp.FAILED
    return True


def _kind_words(row: FollowUp) -> str:
    words = say(wording.KIND, row.kind)
    metric = row.step.partition(".")[0]
    return f"{words} ({say(wording.METRIC, metric)})" if metric in wording.METRIC else words


def _scores(rows: Iterable[Survey]) -> tuple[Score, ...]:
    return tuple(Score(row.metric, *Survey.SCALES[row.metric], row.score, row.round) for row in rows)


def letter_on_its_way(ticket: Ticket) -> str:
    """The words of the letter that was given to the post, or nothing."""
    row = (
        TicketEvent.objects.filter(ticket=ticket, name="follow_up.promised", data__kind="letter")
        .order_by("seq")
        .first()
    )
    return str(row.data.get("body", "")) if row else ""
