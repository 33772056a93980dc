"""What came of a case, as one record, and what many of them say about a playbook.

Records first, statistics afterwards: `outcome_of` reads one log, `summary` reads records. Times in whole seconds on
two clocks; money in minor units of the case's own currency, never added across currencies. What has not happened
is None: a survey nobody answered is not a 0, and a ticket nobody answered waits longer than any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playbooks.core.case import Case
from playbooks.core.customer.evidence import DEFAULT, E, Switches
from playbooks.core.customer.experience import experience_of, is_letter
from playbooks.core.customer.persona import persona_of
from playbooks.core.customer.satisfaction import feelings
from playbooks.core.rail import DONE, LEFT_OUT, MISSED, StepView
from playbooks.core.statistics import mean, nps_with_interval, quantile, t_interval, wilson
from tickets.calendars import BusinessCalendar
from tickets.durations import Span, durations
from tickets.lifecycle import CATEGORY, status_of
from tickets.log import AGENT, Event, Log, first_at, named

METRICS = ("csat", "ces", "nps")  # of the measurement plan; a playbook's own questions are never compared
COST_PARTS = ("labour", "remedy", "gift", "letter")
FIRST_HUMAN_DEEDS = ("answer", "apologise")
SPANS = ("human_reply", "bot_reply", "resolution")
NEVER = Span(None, None)
HOUR = 3_600
# One yardstick for every playbook, calendar seconds: an answer within a day, the end of it within three.
ANSWER_WITHIN, RESOLVE_WITHIN = 24 * HOUR, 72 * HOUR


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case under one playbook, as it stands at the moment of asking."""

    playbook: str
    case: str
    profile: str
    currency: str
    opened_at: int
    resolved: bool
    human_reply: Span
    bot_reply: Span
    resolution: Span
    within_target: bool | None  # of the first human step; None while it is open, or where there is none
    invited: frozenset[str]
    csat: int | None
    ces: int | None
    nps: int | None
    repurchased: bool | None  # None: not known yet
    told_good: int  # people
    told_bad: int
    stars: int | None
    abandoned: bool
    accepted: bool  # the apology
    reopens: int
    replies: int
    hand_overs: int
    agent_seconds: int
    cost: Mapping[str, int]  # by part, in minor units of `currency`
    satisfaction: float  # S and C of the customer model: for analysis, no customer ever says them
    cumulative: float
    steps_met: int
    steps_late: int
    steps_missed: int
    steps_left_out: int
    left_at: int | None = None  # when the customer gave up, before or after the end
    left_silently: bool = False  # without a word or a review

    def reached(self, name: str) -> Span:
        """A span that ended while the customer was still there; one that ended later reached nobody: without end.

        Who left at the same second still had it. Rows from before leaving had its instant know only `abandoned`.
        """
        span: Span = getattr(self, name)
        return NEVER if self.in_vain(name) else span

    def in_vain(self, name: str) -> bool:
        """Answered or resolved, but after the customer had left."""
        at = getattr(self, name).calendar
        if at is None:
            return False
        too_late = self.left_at is not None and self.left_at < self.opened_at + at
        return too_late or (name == "resolution" and self.abandoned)

    @property
    def handled_in_vain(self) -> bool:
        return self.in_vain("human_reply") or self.in_vain("resolution")

    @property
    def reached_customer(self) -> bool:
        """Resolved now, and while the customer was still there."""
        return self.resolved and not self.in_vain("resolution")

    @property
    def in_target(self) -> bool | None:
        """As `within_target`; an answer after the customer had left is not within it."""
        return False if self.within_target and self.in_vain("human_reply") else self.within_target


def outcome_of(
    case: Case,
    log: Log,
    *,
    playbook: str,
    steps: Sequence[StepView],
    calendar: BusinessCalendar,
    now: int,
    switches: Switches = DEFAULT,
) -> Outcome:
    """Read the record out of a case's log and the state of its playbook's steps."""
    times = durations(log, now=now, calendar=calendar)
    felt = feelings(experience_of(case, log, until=now), persona_of(case).traits, switches)
    return Outcome(
        playbook=playbook,
        case=case.key,
        profile=case.profile,
        currency=case.currency,
        opened_at=times.created_at,
        resolved=CATEGORY[status_of(log)] == "resolved",
        human_reply=times.human_reply_time,
        bot_reply=times.bot_reply_time,
        resolution=times.full_resolution_time,
        within_target=_within_target(steps, now=now),
        invited=frozenset(_metric(event) for event in named(log, "survey.invited")),
        csat=_last_score(log, "csat"),
        ces=_last_score(log, "ces"),
        nps=_last_score(log, "nps"),
        repurchased=_last(log, "customer.repurchased", "bought"),
        told_good=_told(log, "good"),
        told_bad=_told(log, "bad"),
        stars=_last(log, "customer.reviewed", "stars"),
        abandoned=_abandoned(log),
        accepted=bool(named(log, "customer.accepted")),
        reopens=times.reopens,
        replies=times.replies,
        hand_overs=len(named(log, "ticket.handed_over")),
        agent_seconds=times.agent_seconds,
        cost=_cost(case, log, times.agent_seconds),
        satisfaction=float(felt.satisfaction),
        cumulative=float(felt.cumulative),
        steps_met=_step_count(steps, "met"),
        steps_late=_step_count(steps, "late"),
        steps_missed=_step_count(steps, MISSED),
        steps_left_out=_step_count(steps, LEFT_OUT),
        left_at=first_at(log, "customer.left"),
        left_silently=any(event.data.get("silent") for event in named(log, "customer.left")),
    )


def _within_target(steps: Sequence[StepView], *, now: int) -> bool | None:
    """Whether the first human answer came by the playbook's own target (not its hard limit)."""
    human = (view for view in steps if view.step.by == AGENT and view.step.deed in FIRST_HUMAN_DEEDS)
    first = next(human, None)
    if first is None or first.due_at is None:
        return None
    if first.done_at is not None:
        return first.done_at <= first.due_at
    return False if now > first.due_at else None


def _step_count(steps: Sequence[StepView], kind: str) -> int:
    """met: done by the target; late: after it, by the hard limit; missed: later still, or never."""
    return sum(_how(view) == kind for view in steps)


def _how(view: StepView) -> str:
    if view.state == DONE:
        in_target = view.due_at is None or view.done_at is None or view.done_at <= view.due_at
        return "met" if in_target else "late" if view.met else "missed"
    return view.state


def _abandoned(log: Log) -> bool:
    """Left before anything was solved; who leaves disappointed afterwards has not abandoned the queue."""
    left, solved = first_at(log, "customer.left"), first_at(log, "ticket.solved")
    return left is not None and (solved is None or left < solved)


def _told(log: Log, tone: str) -> int:
    return sum(event.data["people"] for event in named(log, "customer.told") if event.data["tone"] == tone)


def _metric(event: Event) -> str:
    return str(event.data["metric"]).partition(".")[0]


def _last_score(log: Log, metric: str) -> int | None:
    """The score of the last answered round."""
    scores = [event.data["score"] for event in named(log, "survey.answered") if _metric(event) == metric]
    return scores[-1] if scores else None


def _last(log: Log, name: str, field: str) -> Any:
    found = named(log, name)
    return found[-1].data[field] if found else None


def _cost(case: Case, log: Log, agent_seconds: int) -> dict[str, int]:
    """What the case cost by part. A remedy counts at its worth to the customer; other currencies are not added."""
    letters = sum(is_letter(event) for event in log if event.name == "comment.created")
    return {
        "labour": round(E.cost.agent_hour[case.currency] * agent_seconds / HOUR),
        "remedy": _amounts(case, log, "remedy.given"),
        "gift": _amounts(case, log, "gift.given"),
        "letter": letters * int(E.cost.letter[case.currency]),
    }


def _amounts(case: Case, log: Log, name: str) -> int:
    given = (event.data for event in named(log, name))
    return sum(int(data.get("amount") or 0) for data in given if data.get("currency") == case.currency)


# Many


def summary(outcomes: Iterable[Outcome]) -> dict[str, dict[str, Any]]:
    """Per playbook what a manager compares, as JSON values; every share and mean with n and a 95 % interval.

    Times are those that reached the customer: what came after one had left counts as without end, and as `in_vain`.
    """
    by_playbook: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_playbook.setdefault(outcome.playbook, []).append(outcome)
    return {key: _summary(by_playbook[key]) for key in sorted(by_playbook)}


def _summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    seconds = sum(outcome.agent_seconds for outcome in outcomes)
    judged = [met for outcome in outcomes if (met := outcome.in_target) is not None]
    human_reply, bot_reply, resolution = ([outcome.reached(name) for outcome in outcomes] for name in SPANS)
    known = [outcome.repurchased for outcome in outcomes if outcome.repurchased is not None]
    stars = [outcome.stars for outcome in outcomes if outcome.stars is not None]
    return {
        "n": len(outcomes),
        "human_reply": {
            **_times(human_reply),
            "in_vain": sum(outcome.in_vain("human_reply") for outcome in outcomes),
            "within_target": wilson(sum(judged), len(judged)).to_dict(),
            "within_a_day": _within(human_reply, ANSWER_WITHIN),
        },
        "bot_reply": _times(bot_reply),
        "resolution": {
            **_times(resolution),
            "in_vain": sum(outcome.in_vain("resolution") for outcome in outcomes),
            "within_three_days": _within(resolution, RESOLVE_WITHIN),
        },
        "csat": _csat(outcomes),
        "ces": _survey(outcomes, "ces"),
        "nps": _nps(outcomes),
        "repurchase": wilson(sum(known), len(known)).to_dict(),
        "word_of_mouth": {
            "told_good": sum(outcome.told_good for outcome in outcomes),
            "told_bad": sum(outcome.told_bad for outcome in outcomes),
            "reviews": len(stars),
            "stars": mean(stars),
        },
        "in_vain": sum(outcome.handled_in_vain for outcome in outcomes),
        "abandoned": _share(outcomes, [outcome.abandoned for outcome in outcomes]),
        "accepted": _share(outcomes, [outcome.accepted for outcome in outcomes]),
        "reopened": _share(outcomes, [outcome.reopens > 0 for outcome in outcomes]),
        "agent_seconds": t_interval([outcome.agent_seconds for outcome in outcomes]).to_dict(),
        "tickets_per_agent_hour": len(outcomes) * HOUR / seconds if seconds else None,
        "cost": _costs(outcomes),
        "satisfaction": t_interval([outcome.satisfaction for outcome in outcomes]).to_dict(),
        "cumulative": t_interval([outcome.cumulative for outcome in outcomes]).to_dict(),
        "steps": {
            "met": sum(outcome.steps_met for outcome in outcomes),
            "late": sum(outcome.steps_late for outcome in outcomes),
            "missed": sum(outcome.steps_missed for outcome in outcomes),
            "left_out": sum(outcome.steps_left_out for outcome in outcomes),
        },
    }


def _times(spans: Sequence[Span]) -> dict[str, Any]:
    """Median and 90th percentile on both clocks; the unended count as waits without end."""
    clocks = {
        "calendar": [span.calendar for span in spans],
        "business": [span.business for span in spans],
    }
    ended = sum(span.calendar is not None for span in spans)
    return {
        "n": len(spans),
        "unended": len(spans) - ended,
        **{clock: {"median": quantile(values, 0.5), "p90": quantile(values, 0.9)} for clock, values in clocks.items()},
    }


def _within(spans: Sequence[Span], seconds: int) -> dict[str, Any]:
    """The share of all spans that ended within so many calendar seconds; the unended did not."""
    return wilson(sum(span.calendar is not None and span.calendar <= seconds for span in spans), len(spans)).to_dict()


def _scores(outcomes: Sequence[Outcome], metric: str) -> list[int]:
    values = (getattr(outcome, metric) for outcome in outcomes)
    return [value for value in values if value is not None]


def _asked(outcomes: Sequence[Outcome], metric: str) -> dict[str, Any]:
    asked = sum(metric in outcome.invited for outcome in outcomes)
    answered = len(_scores(outcomes, metric))
    return {"asked": asked, "answered": answered, "response_rate": wilson(answered, asked).to_dict()}


def _survey(outcomes: Sequence[Outcome], metric: str) -> dict[str, Any]:
    return {**_asked(outcomes, metric), "mean": t_interval(_scores(outcomes, metric)).to_dict()}


def _csat(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    scores = _scores(outcomes, "csat")
    satisfied = wilson(sum(score >= 4 for score in scores), len(scores))
    return {**_survey(outcomes, "csat"), "satisfied": satisfied.to_dict()}


def _nps(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {**_asked(outcomes, "nps"), "score": nps_with_interval(_scores(outcomes, "nps")).to_dict()}


def _share(outcomes: Sequence[Outcome], flags: Sequence[bool]) -> dict[str, Any]:
    return wilson(sum(flags), len(outcomes)).to_dict()


def _costs(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Each currency for itself: sums by part, and the mean cost of a ticket."""
    found: dict[str, Any] = {}
    for currency in sorted({outcome.currency for outcome in outcomes}):
        costs = [outcome.cost for outcome in outcomes if outcome.currency == currency]
        parts = {part: sum(cost[part] for cost in costs) for part in COST_PARTS}
        found[currency] = {
            "n": len(costs),
            **parts,
            "total": sum(parts.values()),
            "per_ticket": t_interval([sum(cost.values()) for cost in costs]).to_dict(),
        }
    return found
