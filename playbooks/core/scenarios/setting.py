"""What a text about a case is read against: its names and nouns, and what its log has settled by now."""

from __future__ import annotations

from collections.abc import Mapping

from playbooks.core.case import Case
from playbooks.core.language.finding import Setting
from playbooks.core.phrasing import money, words_of
from playbooks.core.scenarios.background import right_remedies
from playbooks.core.scenarios.checks import NOUNS
from playbooks.core.scenarios.telling import voice_of
from tickets.log import Log, named

HIDDEN = ("cause", "measure")  # what only an investigation brings to light


def setting_of(
    case: Case,
    log: Log | None = None,
    *,
    today: str = "",
    customer_words: tuple[str, ...] = (),
    channel: str | None = None,
    language: str | None = None,
) -> Setting:
    """The setting of a text written when the log stood so; cause and measure are in it once the facts are confirmed.

    Without a log everything is found out and nothing is compared: a text read apart from any ticket. `language` is
    that of the text, if it is not the customer's: a report to head office.
    """
    confirmed = named(log or (), "case.facts_confirmed")
    hidden = HIDDEN if log is not None and not confirmed else ()
    names = {**(case.names or {}), "price": money(case.price, case.currency, case.language)}
    nouns = nouns_of(case, language or case.language)
    return Setting(
        names={name: value for name, value in names.items() if name not in hidden},
        nouns={name: values for name, values in nouns.items() if name not in hidden},
        amounts=_amounts(case, log) if log is not None else (),
        currency=case.currency,
        today=today,
        own_fault=confirmed[-1].data["own_fault"] if confirmed else None,
        remedy_given=bool(named(log, "remedy.given")) if log is not None else None,
        gift_allowed=bool(named(log, "customer.accepted")) if log is not None else None,
        customer_words=customer_words,
        channel=case.channel if channel is None else channel,
    )


def _amounts(case: Case, log: Log) -> tuple[int, ...]:
    """Amounts that may be named: the price, and what was given or promised on the ticket."""
    events = named(log, "remedy.given", "gift.given", "follow_up.promised")
    return tuple(dict.fromkeys((case.price, *(event.data["amount"] for event in events if event.data.get("amount")))))


def nouns_of(case: Case, language: str) -> Mapping[str, tuple[str, ...]]:
    """The words by which a text speaks of incident, cause, remedy and measure: the scenario's and the category's."""
    voice, shared = voice_of(case, language), words_of("nouns")
    remedies = [noun for kind in right_remedies(case) for noun in shared["remedy_nouns"][language][kind]]
    item = (case.names or {}).get("item") if language == case.language else voice and voice.item
    common: dict[str, list[str]] = {
        "incident": [*([item] if item else []), *shared["incident_nouns"][language][case.category]],
        "remedy": remedies,
    }
    own = voice.nouns if voice else {}
    return {name: tuple(dict.fromkeys((*own.get(name, ()), *common.get(name, ())))) for name in NOUNS}
