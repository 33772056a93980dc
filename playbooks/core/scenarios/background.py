"""What lies around a case: the talk before the ticket, the facts that nobody has asked for yet, the right remedies."""

from __future__ import annotations

from playbooks.core.case import OFFICE_REMEDIES, REMEDIES, SHOP_REMEDIES, Case
from playbooks.core.phrasing import in_register, render
from playbooks.core.scenarios.book import Turn
from playbooks.core.scenarios.manners import speaks_formally
from playbooks.core.scenarios.telling import customer_values, is_public_office, scenario_of, spoken, voice_of


def before_of(case: Case) -> tuple[Turn, ...]:
    """The talk with the bot that handed over, or the noted turns of the phone call; nothing for other cases."""
    scenario, voice = scenario_of(case), voice_of(case)
    if scenario is None or voice is None:
        return ()
    turns = voice.bot if scenario.bot_first else voice.call if case.channel == "phone" else ()
    return tuple(Turn(turn.by, turn.kind, _said(turn, case)) for turn in turns)


def _said(turn: Turn, case: Case) -> str:
    """Agents and bots speak formally, whatever the customer's register."""
    formal = speaks_formally(case) if turn.by == "customer" else True
    return render(in_register(turn.text, formal=formal), customer_values(case))


def hidden_of(case: Case) -> tuple[str, ...]:
    """What comes out only if somebody looks: the cause of an own fault, and the scenario's hidden facts."""
    voice = voice_of(case)
    if voice is None:
        return ()
    cause = (case.names or {}).get("cause")
    return (*((cause,) if cause else ()), *(spoken(fact, case) for fact in voice.hidden))


def right_remedies(case: Case) -> tuple[str, ...]:
    """Every remedy that law and policy give, the first one first."""
    scenario = scenario_of(case)
    others = [remedy.kind for remedy in scenario.remedies] if scenario else []
    return tuple(dict.fromkeys((case.right_remedy, *others)))


def remedies_of(case: Case) -> tuple[str, ...]:
    """The remedies that this house can give: an office has no vouchers, a shop issues no papers again."""
    if not is_public_office(case):
        return SHOP_REMEDIES
    return tuple(kind for kind in REMEDIES if kind in OFFICE_REMEDIES or kind not in ("coupon", "exchange"))
