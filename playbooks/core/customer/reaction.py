"""What a customer does next, and when: a function of the log and of the customer's own draws.

At most one word (or leaving) is intended at a time, "talk.<n>" after n - 1 earlier ones. Planning and
firing read the same log, so they agree; whatever fires leaves an event, so the number moves on.

    a word of the firm   answer the question, accept or refuse the apology, complain, thank
    the end              protest and reopen while that is possible, else leave or review in public
    pressure             insists until somebody names a limit or takes over, and then backs down; comes back for more
                         after whoever gave in
    no word              patience runs out: leave silently, or chase; the second time review and leave
    a promise not kept   chase
"""

from __future__ import annotations

from dataclasses import dataclass

from playbooks.core import words
from playbooks.core.case import Case
from playbooks.core.customer import survey
from playbooks.core.customer.evidence import DEFAULT, E, Switches
from playbooks.core.customer.experience import (
    GIVES,
    deeds_said,
    facts_of,
    is_customers_word,
    is_firms_word,
    is_public,
    open_promises,
)
from playbooks.core.customer.hours import after_awake
from playbooks.core.customer.persona import METRICS, Persona
from playbooks.core.customer.quantiles import logistic
from playbooks.core.customer.remark import remark
from playbooks.core.customer.view import View
from playbooks.core.effects import Effect, Note, Say
from playbooks.core.facts import Facts
from playbooks.core.pressure import gives_too_much
from tickets.log import BOT, CUSTOMER, Event, Log

LEAVE, REVIEW = "leave", "review"
ESCALATIONS = frozenset({"chasing", "complaint", "demand_superior", "still_unhappy"})
CONTENT = frozenset({"thanks", "acceptance", "polite_refusal", "backs_down"})  # words that ask for nothing
KIND = frozenset({"letter", "gift", "check_in"})


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
    view = View(case, persona, log, switches)
    act = _next(view)
    talk = [Intention(view.key, act.due_at)] if act else []
    invited = [(_survey_key(event), _due(view, event)) for event in view.seen if event.name == "survey.invited"]
    return talk + [Intention(key, due) for key, due in invited if due is not None]


def react(
    case: Case, persona: Persona, log: Log, key: str, *, now: int, switches: Switches = DEFAULT, remarks: bool = False
) -> list[Effect]:
    """What the customer does when an intention comes due. Nothing, if it does not intend that any more.

    `remarks`: with the words beside a tick. They move nothing, so where nobody reads them they are not written.
    """
    view = View(case, persona, log, switches)
    if not key.startswith("talk."):
        asked = (e for e in view.seen if e.name == "survey.invited" and _survey_key(e) == key)
        invited = next((e for e in asked if _due(view, e) is not None), None)
        return _answers(view, invited, now, remarks=remarks) if invited else []
    act = _next(view)
    return _does(view, act.kind, now) if act and key == view.key else []


def _next(view: View) -> _Act | None:
    if not view.seen or view.left or view.talks >= E.talk.most_words:
        return None
    return _response(view) or (_runs_out(view) if view.ending is None else _let_down(view))


# ---------------------------------------------------------------- a word of the firm, or the end


def _response(view: View) -> _Act | None:
    """The reply to what came since the customer's own last word, if there is one."""
    triggers = [e for e in view.since if is_firms_word(e) or e.name == "ticket.solved" or e.name in GIVES]
    if not triggers:
        return None
    at = triggers[-1].at
    if view.insists and (view.presses or view.held or _comes_back(view)):
        return _insists(view, at)
    if view.ending is not None and _protests(view, at):
        return _too_late_or(view, "still_unhappy", view.replies_at(at))
    kind = _to_question(view) or _to_apology(view, at) or _to_rudeness(view) or _to_kindness(view, at)
    return _Act(kind, view.replies_at(at)) if kind else None


def _insists(view: View, at: int) -> _Act | None:
    """Somebody who presses: for more after getting it, once more after a first limit, no more after that.

    Nobody like that leaves without a word. An answer that neither gives in nor names a limit leaves them where they
    were, and a ticket solved over their heads is opened again.
    """
    due, gave_in = view.replies_at(at), any(gives_too_much(e, view.case) for e in view.since)
    if view.ending is not None and not view.held:
        return _too_late_or(view, "still_unhappy", due)
    if gave_in or not view.held:
        return _escalation(view, due, patient_for=E.pressure.most_demands)
    tries_again = view.ending is None and view.pressed_since_limit == 0 and view.draw("answer") < E.pressure.tries_again
    return _Act("complaint" if tries_again else "backs_down", due)


def _comes_back(view: View) -> bool:
    """Somebody who asks for the impossible without pressing may be content with less, after asking again."""
    asks_on = view.count(*ESCALATIONS) < E.pressure.insists_again and view.draw("answer") < E.pressure.insists
    return view.ending is None and asks_on or any(gives_too_much(e, view.case) for e in view.since)


def _protests(view: View, at: int) -> bool:
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


def _too_late_or(view: View, word: str, due: int) -> _Act | None:
    """The word while it still reopens the ticket and may help; else some review in public, the others stay away."""
    hopes = view.count("still_unhappy") < E.unhappy.most_reopens
    if hopes and view.reopens_until is not None and due <= view.reopens_until:
        return _Act(word, due)
    return _Act(REVIEW if view.draw("review") < E.unhappy.review else LEAVE, due)


def _to_question(view: View) -> str | None:
    asked = view.ending is None and any(facts_of(e).get("asks") for e in view.words)
    return "more_facts" if asked and view.draw("answer") < E.talk.answers_question else None


def _to_apology(view: View, at: int) -> str | None:
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


def _apology_is_open(view: View) -> bool:
    """An apology of a human that was not accepted, nor refused or complained about since it was last said.

    A remedy gives an apology that was complained about new weight; one refused politely stays refused.
    """
    said = is_open = refused = False
    for event in view.seen:
        if event.name == "customer.accepted":
            return False
        if event.name == "customer.declined":
            is_open, refused = False, True
        elif is_customers_word(event) and view.word_of(event) == "complaint":
            is_open = False
        elif event.name == "remedy.given":
            is_open = is_open or (said and not refused)
        elif is_firms_word(event) and event.actor != BOT and facts_of(event).get("apology"):
            said, is_open, refused = True, True, False
    return is_open and bool(view.words)


def _to_rudeness(view: View) -> str | None:
    rude = view.ending is None and any(facts_of(e).get("ng", 0) or view.accuses(e) for e in view.words)
    return "complaint" if rude and view.draw("answer") < E.talk.rude_complaint else None


def _to_kindness(view: View, at: int) -> str | None:
    """Thanks for a remedy, a letter, a gift or a later question how it went."""
    brought = {e.name for e in view.since if e.name in GIVES} | {d for e in view.words for d in deeds_said(e) & KIND}
    taste = view.persona.traits.gift if view.switches.gift else 0.0
    if brought & {"gift", "gift.given"} and taste < E.thank.gift_taste:
        brought -= {"gift", "gift.given"}
    if not brought:
        return None
    _, felt = view.lived(at)
    share = float(logistic(E.thank.base + E.thank.satisfaction * felt.satisfaction))
    return "thanks" if view.draw("thanks") < share * E.thank.again ** view.count("thanks") else None


# ---------------------------------------------------------------- no word


def _runs_out(view: View) -> _Act | None:
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


def _has_enough(view: View) -> bool:
    """Whether nothing more is wanted, though the ticket is open: the remedy is there, or words were enough."""
    remedied = any(e.name == "remedy.given" for e in view.seen)
    accepted = any(e.name == "customer.accepted" for e in view.seen)
    return remedied or view.last_word == "thanks" or (accepted and not view.case.monetary)


def _tired_of_waiting(view: View, promised: int | None) -> _Act:
    """Nobody has answered: most leave without a sign, the others chase; the second time they review in public."""
    receipt = any(is_public(e) and e.actor == BOT for e in view.since)
    since = view.seen[view.own].at
    due = view.waits_until(since, E.patience.acknowledged if receipt else 1.0)
    due = due if promised is None else max(due, view.replies_at(promised))
    if not view.insists and not view.count(*ESCALATIONS) and view.draw("silence") < E.patience.silent:
        return _Act(LEAVE, due)
    return _escalation(view, due, patient_for=E.pressure.most_demands if view.presses else 1)


def _escalation(view: View, due: int, *, patient_for: int) -> _Act:
    if view.count(*ESCALATIONS) >= patient_for:
        return _Act(REVIEW, due)
    mood = view.mood(due)
    if mood >= E.patience.escalate_superior:
        return _Act("demand_superior", due)
    return _Act("complaint" if mood >= E.patience.escalate_complaint else "chasing", due)


def _let_down(view: View) -> _Act | None:
    """The ticket has ended, and a word that was promised does not come."""
    promised = _promised(view)
    return None if promised is None else _too_late_or(view, "still_unhappy", view.replies_at(promised))


def _promised(view: View) -> int | None:
    """When an unkept promise is over that the customer has not yet complained about."""
    since = view.seen[view.own].at
    over = [due + E.patience.promise_grace_s for due in open_promises(view.seen)]
    return max((due for due in over if due >= since), default=None)


# ---------------------------------------------------------------- doing it


def _does(view: View, kind: str, now: int) -> list[Effect]:
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


def _says(view: View, word: str, now: int) -> Say:
    mood = view.mood(now)
    presses = (view.presses and view.insists) or (view.persona.pressing and mood >= E.mood.pressure_from)
    pressure = word in ESCALATIONS and presses
    closed = word == "thanks" or (word in CONTENT and view.ending is not None)
    text = words.customer_text(view.case, word, mood=mood, nth=view.count(word), heard=view.heard)
    return Say(CUSTOMER, text, Facts(word=word, pressure=pressure, keeps_closed=closed))


def _reviews(view: View, now: int) -> list[Effect]:
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


def _due(view: View, invited: Event) -> int | None:
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


def _is_over(view: View, metric: str, number: int) -> bool:
    ends = (e for e in view.seen if e.name in ("survey.answered", "survey.expired"))
    return any(e.data["metric"] == metric and _round(e) == number for e in ends)


def _answers(view: View, invited: Event, now: int, *, remarks: bool) -> list[Effect]:
    metric, (lived, felt) = invited.data["metric"], view.lived(now)
    if metric != "repurchase":
        score, number = survey.tick(view.persona, metric, felt), _round(invited)
        given: dict[str, object] = {"metric": metric, "round": number, "score": score}
        beside = remarks and remark(
            view.case, view.persona, metric, number, score, lived, mood=view.mood(now), switches=view.switches
        )
        if beside:
            given["comment"] = beside
        return [Note("survey.answered", CUSTOMER, given)]
    effects: list[Effect] = [Note("customer.repurchased", CUSTOMER, {"bought": survey.buys_again(view.persona, felt)})]
    told = survey.tells(view.persona, felt)
    if told is not None:
        effects.append(Note("customer.told", CUSTOMER, {"people": told.people, "tone": told.tone}))
    return effects
