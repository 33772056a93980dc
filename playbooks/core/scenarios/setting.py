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


def setting_of(
    case: Case,
    log: Log = (),
    *,
    today: str = "",
    customer_words: tuple[str, ...] = (),
    channel: str | None = None,
    language: str | None = None,
) -> Setting:
    """The setting of a text written now. Without a log nothing is settled and nothing is compared.

    `language` is that of the text, if it is not the customer's: a report to head office.
    """
    confirmed = named(log, "case.facts_confirmed")
    given = named(log, "remedy.given")
    return Setting(
        names={**(case.names or {}), "price": money(case.price, case.currency, case.language)},
        nouns=nouns_of(case, language or case.language),
        amounts=tuple(event.data["amount"] for event in (*given, *named(log, "gift.given")) if event.data["amount"]),
        currency=case.currency,
        today=today,
        own_fault=confirmed[-1].data["own_fault"] if confirmed else None,
        remedy_given=bool(given) if log else None,
        gift_allowed=bool(named(log, "customer.accepted")) if log else None,
        customer_words=customer_words,
        channel=case.channel if channel is None else channel,
    )


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
