"""The manners of a gift that goes with an apology, and what law or practice says of what is planned or done on a case.

Sentences, amounts and sources are in etiquette.toml. A flag is a hint with its source, no legal advice: red is wrong,
amber wants a second look.
"""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playbooks.core.alimtalk import PROMOTIONAL, refusal_of
from playbooks.core.case import LANGUAGES, Case
from playbooks.core.conditions import Known
from playbooks.core.phrasing import money
from tickets.calendars import calendar
from tickets.log import Event, Log

AMBER, RED = "amber", "red"
COUNTRIES = {"ja": "JP", "ko": "KR"}  # whose consumer law a customer of this language has
_ZONES: dict[str | None, str] = {"JP": "Asia/Tokyo", "KR": "Asia/Seoul"}  # other desks work by Tokyo time

CONDITIONS = ("purchase", "review")  # what may be asked in return for a gift
KNOTS = ("musubikiri", "bow", "black_white", "double_silver", "none")  # 紅白結び切り, 蝶結び, 白黒, 双銀
INSCRIPTIONS = ("御詫び", "お詫び", "御挨拶", "ご挨拶", "粗品", "")
UNSUITED = ("trendy", "chilled", "frozen", "bought_nearby", "long_life")
GIFT_MANNERS = ("condition", "knot", "noshi", "inscription", "traits")  # what the log keeps of a gift beside its amount
LONGEST_INSCRIPTION = 20

# 総付景品: at most ¥200 below a price of ¥1,000, else 20 % of it.
_PREMIUM_FLOOR, _PREMIUM_LEAST, _PREMIUM_PERCENT = 1_000, 200, 20
# Days as a difference of dates: in Japan the day of delivery counts, in Korea the day after is the first.
_RETURN_DAYS_JP, _WITHDRAWAL_DAYS_KR, _KNOWING_DAYS_KR, _MISMATCH_MONTHS_KR = 7, 7, 30, 3
_REFUND_DAYS_KR = 3  # business days


@dataclass(frozen=True, slots=True)
class Flag:
    """What law or practice says against something; `source` names it and how we know it."""

    code: str
    level: str
    text: Mapping[str, str]
    source: str
    basis: str  # seen, recalled, assumed


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of etiquette. `verdict`: do, avoid, or differs where sources do."""

    code: str
    about: str  # amount, moment, paper, choice, law
    verdict: str
    text: Mapping[str, str]
    source: str
    basis: str


@dataclass(frozen=True, slots=True)
class Manners:
    """What a gift on this case should be. `waits_for` is a reason code of conditions.py, None when it may go."""

    least: int
    most: int
    currency: str
    waits_for: str | None
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class Gift:
    """A gift that is planned. `condition`: what is asked in return, "purchase" or "review"."""

    amount: int
    condition: str = ""
    knot: str = ""  # one of KNOTS; empty: not said
    noshi: bool = False
    inscription: str = ""
    traits: tuple[str, ...] = ()  # of UNSUITED


@dataclass(frozen=True, slots=True)
class Remedy:
    """A remedy that is planned."""

    kind: str
    promise_at: int | None = None
    returned_at: int | None = None  # when the goods came back
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A return or refund that is to be refused."""

    mismatch: bool  # defective, wrong or other than offered; False: the customer's change of mind
    delivered_at: int | None = None
    known_at: int | None = None  # when the customer found out
    policy_shown: bool = False  # 返品特約 displayed before the purchase
    alternative: bool = False  # something else is offered instead


@dataclass(frozen=True, slots=True)
class Alimtalk:
    """A text that is to go out as 알림톡."""

    text: str


Planned = Gift | Remedy | Refusal | Alimtalk


# --- manners -------------------------------------------------------------------------------------


def manners(case: Case, log: Log) -> Manners:
    """What the gift may cost, whether its moment has come, how it is wrapped and what suits."""
    least, most = band(case)
    advice = tuple(
        Advice(row["code"], row["about"], row["verdict"], row["text"], *_source(row["source"]))
        for row in _table()["advice"]
        if case.language in row["languages"]
    )
    return Manners(least, most, case.currency, waits_for(_known(log)), advice)


def band(case: Case) -> tuple[int, int]:
    """The usual least and most of a gift, in minor units of the case's currency."""
    row = max((row for row in _table()["band"] if row["severity"] <= case.severity), key=lambda row: row["severity"])
    least, most = row[case.currency]
    return least, most


def waits_for(known: Known) -> str | None:
    """Why a gift has to wait, as a reason code; None when its moment has come."""
    if known.own_fault is not True:
        return "no_own_fault" if known.own_fault is False else "facts_not_confirmed"
    if not known.apology_accepted:
        return "apology_not_accepted"
    return "under_pressure" if known.pressure else None


def premium_cap(price: int) -> int:
    """総付景品: how dear a premium may be at this price, in yen."""
    return _PREMIUM_LEAST if price < _PREMIUM_FLOOR else price * _PREMIUM_PERCENT // 100


# --- flags ---------------------------------------------------------------------------------------


def flags(case: Case, log: Log, planned: Planned | None = None, *, now: int | None = None) -> list[Flag]:
    """What law or practice says against what is planned; without a plan, against what the log holds.

    `now` is needed for periods that run from today; it defaults to the log's last instant.
    """
    now = now if now is not None else (log[-1].at if log else 0)
    found = _of_plan(case, _known(log), planned, now) if planned is not None else _of_log(case, log)
    return list({flag.code: flag for flag in found}.values())


def _known(log: Log) -> Known:
    known = Known()
    for event in log:
        known.learn(event)
    return known


def _of_log(case: Case, log: Log) -> Iterator[Flag]:
    known = Known()
    for event in log:
        planned = _done(event)
        if planned is not None:
            yield from _of_plan(case, known, planned, event.at)
        known.learn(event)


def _done(event: Event) -> Planned | None:
    data = event.data
    if event.name == "gift.given":
        return gift_from(data)
    if event.name == "remedy.given":
        return Remedy(data["kind"], promise_at=data.get("promise_at"), conditional=bool(data.get("conditional")))
    return None


def gift_from(data: Mapping[str, Any]) -> Gift:
    """A gift as the log keeps it."""
    return Gift(
        data["amount"],
        condition=str(data.get("condition", "")),
        knot=str(data.get("knot", "")),
        noshi=bool(data.get("noshi")),
        inscription=str(data.get("inscription", "")),
        traits=tuple(data.get("traits", ())),
    )


def _of_plan(case: Case, known: Known, planned: Planned, now: int) -> Iterator[Flag]:
    if isinstance(planned, Gift):
        yield from _of_gift(case, known, planned)
    elif isinstance(planned, Remedy):
        yield from _of_remedy(case, planned, now)
    elif isinstance(planned, Refusal):
        yield from _of_refusal(case, planned, now)
    else:
        yield from _of_alimtalk(case, planned)


def _of_gift(case: Case, known: Known, gift: Gift) -> Iterator[Flag]:
    if not known.apology_accepted:
        yield from _flag(case, "gift_before_acceptance")
    if known.pressure:
        yield from _flag(case, "gift_under_pressure")
    if gift.amount > band(case)[1]:
        yield from _flag(case, "gift_too_dear", most=band(case)[1])
    if gift.condition:
        yield from _flag(case, "conditional")
        yield from _premium(case, gift)
    yield from _wrapping(case, gift)


def _premium(case: Case, gift: Gift) -> Iterator[Flag]:
    """Only what hangs on a purchase or a review is a premium; and the cap is reckoned in yen."""
    if case.currency != "JPY":
        return
    cap = premium_cap(case.price)
    yield from _flag(case, "premium", cap=cap)
    if gift.amount > cap:
        yield from _flag(case, "premium_over_cap", cap=cap)


def _wrapping(case: Case, gift: Gift) -> Iterator[Flag]:
    if gift.knot == "bow":
        yield from _flag(case, "bow_knot")
    if gift.knot in ("black_white", "double_silver"):
        yield from _flag(case, "knot_disputed")
    if gift.noshi:
        yield from _flag(case, "noshi")
    if gift.inscription not in INSCRIPTIONS:
        yield from _flag(case, "inscription")
    if set(gift.traits) & set(UNSUITED):
        yield from _flag(case, "unsuited")


def _of_remedy(case: Case, remedy: Remedy, now: int) -> Iterator[Flag]:
    if remedy.conditional:
        yield from _flag(case, "conditional")
    if remedy.kind not in ("refund", "partial_refund") or _country(case) != "KR":
        return
    paid = _day(case, remedy.promise_at if remedy.promise_at is not None else now)
    due = refund_due(_day(case, remedy.returned_at if remedy.returned_at is not None else now))
    if paid > due:
        yield from _flag(case, "refund_period" if remedy.returned_at is None else "refund_late", due=due)


def refund_due(returned: date) -> date:
    """전자상거래법: the last day of a refund, three Korean business days after the day of the return."""
    korea, day, left = calendar("kr"), returned, _REFUND_DAYS_KR
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5 and korea.holiday(day) is None
    return day


def _of_refusal(case: Case, refusal: Refusal, now: int) -> Iterator[Flag]:
    if not refusal.alternative:
        yield from _flag(case, "refusal_without_alternative")
    country, today = _country(case), _day(case, now)
    delivered = _day(case, refusal.delivered_at) if refusal.delivered_at is not None else None
    since = (today - delivered).days if delivered is not None else None
    if country == "JP" and refusal.mismatch:
        yield from _flag(case, "policy_against_defect")
    elif country == "JP" and not refusal.policy_shown and since is not None and since <= _RETURN_DAYS_JP:
        yield from _flag(case, "return_refused")
    elif country == "KR" and refusal.mismatch:
        if delivered is None or _within_mismatch(case, delivered, refusal.known_at, today):
            yield from _flag(case, "mismatch_refused")
    elif country == "KR" and since is not None and since <= _WITHDRAWAL_DAYS_KR:
        yield from _flag(case, "withdrawal_refused")


def _within_mismatch(case: Case, delivered: date, known_at: int | None, today: date) -> bool:
    """Both periods must still run: three months from receipt, thirty days from knowing."""
    known = _day(case, known_at) if known_at is not None else today
    return today <= _months_later(delivered, _MISMATCH_MONTHS_KR) and (today - known).days <= _KNOWING_DAYS_KR


def _months_later(day: date, months: int) -> date:
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _of_alimtalk(case: Case, planned: Alimtalk) -> Iterator[Flag]:
    refused = refusal_of(planned.text) if _country(case) == "KR" else None
    if refused is not None and refused.rule in PROMOTIONAL:
        yield from _flag(case, "alimtalk_promotion", sentence=refused.sentence)


def _country(case: Case) -> str | None:
    return COUNTRIES.get(case.language)


def _day(case: Case, at: int) -> date:
    return datetime.fromtimestamp(at, ZoneInfo(_ZONES.get(_country(case), _ZONES["JP"]))).date()


# --- data ----------------------------------------------------------------------------------------


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("etiquette.toml").read_text("utf-8"))


def flag_codes() -> tuple[str, ...]:
    """Every flag there is."""
    return tuple(_table()["flag"])


def _source(key: str) -> tuple[str, str]:
    row = _table()["source"][key]
    return row["title"], row["basis"]


def _flag(case: Case, code: str, **values: int | str | date) -> Iterator[Flag]:
    """The flag, where the law or custom of this customer's country knows it."""
    row = _table()["flag"][code]
    if "countries" in row and _country(case) not in row["countries"]:
        return
    texts = {
        language: row["text"][language].format(**{name: _said(case, value, language) for name, value in values.items()})
        for language in LANGUAGES
    }
    yield Flag(code, row["level"], texts, *_source(row["source"]))


def _said(case: Case, value: int | str | date, language: str) -> str:
    if isinstance(value, int):
        return money(value, case.currency, language)
    return value if isinstance(value, str) else _date_in(value, language)


def _date_in(day: date, language: str) -> str:
    if language == "ko":
        return f"{day.month}월 {day.day}일"
    return f"{day.month}月{day.day}日" if language == "ja" else f"{day:%B} {day.day}"
