"""What a customer does next, and when: a function of the log and of the customer's own draws.

At most one word (or leaving) is intended at a time, "talk.<n>" after n - 1 earlier ones. Planning and
firing read the same log, so they agree; whatever fires leaves an event, so the number moves on.

    a word of the firm   answer the question, accept or refuse the apology, complain, thank
    the end              protest and reopen while that is possible, else leave or review in public
    no word              patience runs out: leave silently, or chase; the second time review and leave
    a promise not kept   chase
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from playbooks.core import words
from playbooks.core.case import Case
from playbooks.core.customer import survey
from playbooks.core.customer.evidence import DEFAULT, E, Switches
from playbooks.core.customer.experience import (
    GIVES,
    Experience,
    deeds_said,
    experience_of,
    facts_of,
    is_customers_word,
    is_firms_word,
    is_public,
    open_promises,
    visible,
)
from playbooks.core.customer.hours import after_awake, when_awake
from playbooks.core.customer.persona import METRICS, TALKS, Persona
from playbooks.core.customer.quantiles import log_logistic, logistic
from playbooks.core.customer.satisfaction import Feelings, feelings
from playbooks.core.effects import Effect, Note, Say
from playbooks.core.facts import Facts
from tickets.lifecycle import CHAT_CHANNELS, REOPEN_GRACE
from tickets.log import BOT, CUSTOMER, Event, Log

LEAVE, REVIEW = "leave", "review"
TALKING = frozenset({"customer.left", "customer.reviewed"})  # besides comments
ESCALATIONS = frozenset({"chasing", "complaint", "demand_superior", "still_unhappy"})
CONTENT = frozenset({"thanks", "acceptance", "polite_refusal"})  # words that ask for nothing
KIND = frozenset({"letter", "gift", "check_in"})
MINUTES = CHAT_CHANNELS | {"phone", "in_person"}


@dataclass(frozen=True, slots=True)
class Intention:
    """What a customer will do, unless something happens before."""

    key: str
    due_at: int


@dataclass(frozen=True, slots=True)
class _Act:
    """A customer's next step: a word, leaving or reviewing."""

    kind: str
    due_at: int


def intentions(case: Case, persona: Persona, log: Log, *, switches: Switches = DEFAULT) -> list[Intention]:
    """All that this customer intends, as the log stands: at most one talk, and answers to open surveys."""
    view = _View(case, persona, log, switches)
    act = _next(view)
    talk = [Intention(view.key, act.due_at)] if act else []
    invited = [(_survey_key(event), _due(view, event)) for event in view.seen if event.name == "survey.invited"]
    return talk + [Intention(key, due) for key, due in invited if due is not None]


def react(case: Case, persona: Persona, log: Log, key: str, *, now: int, switches: Switches = DEFAULT) -> list[Effect]:
    """What the customer does when an intention comes due. Nothing, if it does not intend that any more."""
    view = _View(case, persona, log, switches)
    if not key.startswith("talk."):
        asked = (e for e in view.seen if e.name == "survey.invited" and _survey_key(e) == key)
        invited = next((e for e in asked if _due(view, e) is not None), None)
        return _answers(view, invited, now) if invited else []
    act = _next(view)
    return _does(view, act.kind, now) if act and key == view.key else []


class _View:
    """The log as the customer sees it, read for the next step."""

    def __init__(self, case: Case, persona: Persona, log: Log, switches: Switches) -> None:
        self.case, self.persona, self.switches = case, persona, switches
        self.seen = visible(log)
        self.own = max((i for i, e in enumerate(self.seen) if is_customers_word(e)), default=0)
        self.since = self.seen[self.own + 1 :]
        self.words = [e for e in self.since if is_firms_word(e)]
        self._lived: dict[int, tuple[Experience, Feelings]] = {}

    @cached_property
    def talks(self) -> int:
        return sum(e.name in TALKING or (is_customers_word(e) and self.word_of(e) != "opening") for e in self.seen)

    @property
    def key(self) -> str:
        return f"talk.{self.talks + 1}"

    @cached_property
    def ending(self) -> Event | None:
        """The event that solved or closed the ticket, if it still holds."""
        last = None
        for event in self.seen:
            if event.name in ("ticket.solved", "ticket.closed"):
                last = event
            elif event.name == "ticket.reopened":
                last = None
        return last

    @cached_property
    def reopens_until(self) -> int | None:
        """Until when a word reopens the ticket; None unless it is solved."""
        ended = self.ending
        return ended.at + REOPEN_GRACE if ended is not None and ended.name == "ticket.solved" else None

    @property
    def last_word(self) -> str:
        return self.word_of(self.seen[self.own])

    @property
    def left(self) -> bool:
        return any(e.name == "customer.left" for e in self.seen)

    def word_of(self, event: Event) -> str:
        """What a customer's comment does; one that came in without saying counts as news."""
        return "opening" if event.name != "comment.created" else str(facts_of(event).get("word") or "more_facts")

    def count(self, *said: str) -> int:
        return sum(is_customers_word(e) and self.word_of(e) in said for e in self.seen)

    def draw(self, purpose: str) -> float:
        value: float = getattr(self.persona, purpose)[min(self.talks, TALKS - 1)]
        return value

    def lived(self, until: int) -> tuple[Experience, Feelings]:
        if until not in self._lived:
            lived = experience_of(self.case, self.seen, until=until)
            self._lived[until] = lived, feelings(lived, self.persona.traits, self.switches)
        return self._lived[until]

    def mood(self, at: int) -> float:
        """Anger, 0 calm … 1 furious."""
        lived, felt = self.lived(at)
        raw = E.mood.middle + E.mood.satisfaction * felt.satisfaction + E.mood.re_contact * lived.re_contacts
        return min(1.0, max(0.0, float(raw) + self.persona.temper))

    def replies_at(self, trigger: int) -> int:
        """When a reply to something said at `trigger` is written."""
        median = E.talk.chat_median_s if self.case.channel in MINUTES else E.talk.mail_median_s
        median = E.talk.letter_median_s if self.case.channel == "letter" else median
        delay = float(log_logistic(self.draw("tempo"), median, E.talk.shape))
        return self.awake(trigger + round(min(max(delay, E.talk.shortest_s), E.talk.longest * median)))

    def awake(self, at: int) -> int:
        """No sooner than after the last thing seen, and not at night."""
        at = max(at, self.seen[-1].at + 1)
        return when_awake(at, utc_offset=self.persona.utc_offset, u=self.draw("morning"))

    def waits_until(self, since: int, factor: float) -> int:
        """When patience that began at `since` runs out."""
        hours = float(log_logistic(self.draw("patience"), E.patience.median_h[self.case.channel], E.patience.shape))
        seconds = min(max(hours * 3600, E.patience.floor_s) * factor, E.patience.longest_s)
        return max(after_awake(since, round(seconds), utc_offset=self.persona.utc_offset), self.seen[-1].at + 1)


def _next(view: _View) -> _Act | None:
    if not view.seen or view.left or view.talks >= E.talk.most_words:
        return None
    return _response(view) or (_runs_out(view) if view.ending is None else _let_down(view))


# ---------------------------------------------------------------- a word of the firm, or the end


def _response(view: _View) -> _Act | None:
    """The reply to what came since the customer's own last word, if there is one."""
    triggers = [e for e in view.since if is_firms_word(e) or e.name == "ticket.solved" or e.name in GIVES]
    if not triggers:
        return None
    at = triggers[-1].at
    if view.ending is not None and _protests(view, at):
        return _too_late_or(view, "still_unhappy", view.replies_at(at))
    kind = _to_question(view) or _to_apology(view, at) or _to_rudeness(view) or _to_kindness(view, at)
    return _Act(kind, view.replies_at(at)) if kind else None


def _protests(view: _View, at: int) -> bool:
    """Whether the end is not accepted. Not asked again after a refusal to go on: 「もう結構です」 ends it."""
    lived, felt = view.lived(at)
    missing = lived.ratio <= 0 and (view.case.monetary or not view.case.goods_accepted)
    z = (
        E.unhappy.base
        + E.unhappy.satisfaction * felt.satisfaction
        + E.unhappy.broken_promise * lived.broken_promise
        + E.unhappy.no_remedy * missing
    )
    return view.last_word != "polite_refusal" and view.draw("protest") < float(logistic(z))


def _too_late_or(view: _View, word: str, due: int) -> _Act | None:
    """The word while it still reopens the ticket; afterwards some review in public, the others stay away."""
    if view.reopens_until is not None and due <= view.reopens_until:
        return _Act(word, due)
    return _Act(REVIEW if view.draw("review") < E.unhappy.review else LEAVE, due)


def _to_question(view: _View) -> str | None:
    asked = view.ending is None and any(facts_of(e).get("asks") for e in view.words)
    return "more_facts" if asked and view.draw("answer") < E.talk.answers_question else None


def _to_apology(view: _View, at: int) -> str | None:
    """Acceptance, polite words that are none, a complaint, or waiting to see (None).

    logit of acceptance = base + how one was treated + a remedy − severity − earlier refusals + forgiving
    """
    if not _apology_is_open(view):
        return None
    lived, felt = view.lived(at)
    z = (
        E.accept.base
        + E.accept.ij * felt.ij
        + E.accept.remedy * (lived.ratio > 0)
        + E.accept.severity * (view.case.severity - 0.5)
        + E.accept.again * sum(e.name == "customer.declined" for e in view.seen)
        + view.persona.forgiving
    )
    accepts = float(logistic(z))
    refuses = accepts + (1 - accepts) * E.accept.polite[view.case.profile]
    u = view.draw("apology")
    if u < accepts:
        return "acceptance"
    if u < refuses:
        return "polite_refusal"
    complains = u < refuses + (1 - accepts) * E.accept.complain and view.ending is None
    return "complaint" if complains else None


def _apology_is_open(view: _View) -> bool:
    """An apology of a human that was neither accepted nor, since it was last said, refused."""
    is_open = False
    for event in view.seen:
        if event.name == "customer.accepted":
            return False
        if event.name == "customer.declined":
            is_open = False
        elif is_firms_word(event) and event.actor != BOT and facts_of(event).get("apology"):
            is_open = True
    return is_open and bool(view.words)


def _to_rudeness(view: _View) -> str | None:
    rude = view.ending is None and any(facts_of(e).get("ng", 0) for e in view.words)
    return "complaint" if rude and view.draw("answer") < E.talk.rude_complaint else None


def _to_kindness(view: _View, at: int) -> str | None:
    """Thanks for a remedy, a letter, a gift or a later question how it went."""
    brought = {e.name for e in view.since if e.name in GIVES} | {d for e in view.words for d in deeds_said(e) & KIND}
    if brought & {"gift", "gift.given"} and view.persona.traits.gift < E.thank.gift_taste:
        brought -= {"gift", "gift.given"}
    if not brought:
        return None
    _, felt = view.lived(at)
    share = float(logistic(E.thank.base + E.thank.satisfaction * felt.satisfaction))
    return "thanks" if view.draw("thanks") < share * E.thank.again ** view.count("thanks") else None


# ---------------------------------------------------------------- no word


def _runs_out(view: _View) -> _Act | None:
    """What a customer does who waits for a word, for the promised word, or for the end of it."""
    promised = _promised(view)
    if not view.words and view.last_word not in CONTENT:
        return _tired_of_waiting(view, promised)
    if promised is not None:
        return _escalation(view, view.replies_at(promised), patient_for=2)
    if _has_enough(view):
        return None
    last = view.words[-1].at if view.words else view.seen[view.own].at
    due = view.waits_until(last, E.waiting.resolution)
    return _Act(LEAVE, due) if view.last_word == "polite_refusal" else _escalation(view, due, patient_for=2)


def _has_enough(view: _View) -> bool:
    """Whether nothing more is wanted, though the ticket is open: the remedy is there, or words were enough."""
    remedied = any(e.name == "remedy.given" for e in view.seen)
    accepted = any(e.name == "customer.accepted" for e in view.seen)
    return remedied or view.last_word == "thanks" or (accepted and not view.case.monetary)


def _tired_of_waiting(view: _View, promised: int | None) -> _Act:
    """Nobody has answered: most leave without a sign, the others chase; the second time they review in public."""
    receipt = any(is_public(e) and e.actor == BOT for e in view.since)
    since = view.seen[view.own].at
    due = view.waits_until(since, E.patience.acknowledged if receipt else 1.0)
    due = due if promised is None else max(due, view.replies_at(promised))
    if not view.count(*ESCALATIONS) and view.draw("silence") < E.patience.silent:
        return _Act(LEAVE, due)
    return _escalation(view, due, patient_for=1)


def _escalation(view: _View, due: int, *, patient_for: int) -> _Act:
    if view.count(*ESCALATIONS) >= patient_for:
        return _Act(REVIEW, due)
    mood = view.mood(due)
    if mood >= E.patience.escalate_superior:
        return _Act("demand_superior", due)
    return _Act("complaint" if mood >= E.patience.escalate_complaint else "chasing", due)


def _let_down(view: _View) -> _Act | None:
    """The ticket has ended, and a word that was promised does not come."""
    promised = _promised(view)
    return None if promised is None else _too_late_or(view, "still_unhappy", view.replies_at(promised))


def _promised(view: _View) -> int | None:
    """When an unkept promise is over that the customer has not yet complained about."""
    since = view.seen[view.own].at
    over = [due + E.patience.promise_grace_s for due in open_promises(view.seen)]
    return max((due for due in over if due >= since), default=None)


# ---------------------------------------------------------------- doing it


def _does(view: _View, kind: str, now: int) -> list[Effect]:
    if kind == "still_unhappy" and (view.reopens_until is None or now > view.reopens_until):
        kind = LEAVE
    if kind == LEAVE:
        return [Note("customer.left", CUSTOMER, {"silent": True})]
    if kind == REVIEW:
        return _reviews(view, now)
    said = _says(view, kind, now)
    if kind == "acceptance":
        return [Note("customer.accepted", CUSTOMER), said]
    if kind == "polite_refusal":
        return [Note("customer.declined", CUSTOMER), said]
    return [said]


def _says(view: _View, word: str, now: int) -> Say:
    mood = view.mood(now)
    pressure = word in ESCALATIONS and view.persona.pressing and mood >= E.mood.pressure_from
    closed = word == "thanks" or (word in CONTENT and view.ending is not None)
    text = words.customer_text(view.case, word, mood=mood, nth=view.count(word))
    return Say(CUSTOMER, text, Facts(word=word, pressure=pressure, keeps_closed=closed))


def _reviews(view: _View, now: int) -> list[Effect]:
    _, felt = view.lived(now)
    stars = round(min(5.0, max(1.0, float(E.unhappy.stars_middle + E.unhappy.stars_slope * felt.satisfaction))))
    return [
        Note("customer.reviewed", CUSTOMER, {"stars": stars, "public": True}),
        Note("customer.left", CUSTOMER, {"silent": False}),
    ]


# ---------------------------------------------------------------- surveys


def _survey_key(event: Event) -> str:
    metric = event.data["metric"]
    return f"{metric}.{_round(event)}" if metric in ("csat", "ces") else str(metric)


def _round(event: Event) -> int:
    return int(event.data.get("round") or 1)


def _due(view: _View, invited: Event) -> int | None:
    """When this invitation is answered; None where it has been, or never will be."""
    metric, number = invited.data["metric"], _round(invited)
    if metric == "repurchase":
        bought = any(e.name == "customer.repurchased" for e in view.seen)
        return None if bought else invited.at + 1
    if metric not in METRICS or _is_over(view, metric, number):
        return None
    _, felt = view.lived(invited.at)
    left = any(e.name == "customer.left" and e.at <= invited.at for e in view.seen)
    delay = survey.answer_delay(view.persona, metric, number)
    if delay is None or not survey.responds(view.persona, metric, number, felt, left=left):
        return None
    return max(after_awake(invited.at, delay, utc_offset=view.persona.utc_offset), invited.at + 1)


def _is_over(view: _View, metric: str, number: int) -> bool:
    ends = (e for e in view.seen if e.name in ("survey.answered", "survey.expired"))
    return any(e.data["metric"] == metric and _round(e) == number for e in ends)


def _answers(view: _View, invited: Event, now: int) -> list[Effect]:
    metric, (_, felt) = invited.data["metric"], view.lived(now)
    if metric != "repurchase":
        given = {"metric": metric, "round": _round(invited), "score": survey.tick(view.persona, metric, felt)}
        return [Note("survey.answered", CUSTOMER, given)]
    effects: list[Effect] = [Note("customer.repurchased", CUSTOMER, {"bought": survey.buys_again(view.persona, felt)})]
    told = survey.tells(view.persona, felt)
    if told is not None:
        effects.append(Note("customer.told", CUSTOMER, {"people": told.people, "tone": told.tone}))
    return effects
