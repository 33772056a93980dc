"""What a ticket costs, by what it goes on: a stacked bar for each side on one scale, and the figures behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playbooks.pages.experiments_arms import Arm, measure_of
from playbooks.pages.experiments_words import Texts, amount, gap, share, span, span_of_gaps, texts
from playbooks.pages.reading import in_language

SHOWN = ("labour", "letter", "gift", "remedy")  # what is the playbook's own first
PAID = {"labour": "costs.paid_labour", "whole": "costs.paid_whole"}
WIDTH, HEIGHT, LEAST = 600.0, 22, 2.0  # of the picture; what is there at all can be seen

Result = Mapping[str, Any]
Row = tuple[str, Sequence[tuple[str, str]], Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a bar, and its words."""

    part: str
    name: str
    amount: str
    share: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Stack:
    """One side: what a ticket costs in all, and its pieces."""

    arm: Arm
    total: str
    pieces: Sequence[Piece]
    described: str
    paid: str  # with every paid hour counted; empty where that is not known


@dataclass(frozen=True, slots=True)
class Costs:
    """`rows`: part -> a cell for each side, then a difference for each other side; `paid`: the same with every paid
    hour counted."""

    stacks: Sequence[Stack]
    rows: Sequence[Row]
    whole: tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]]
    paid: Sequence[Row]
    note: str
    hours: str
    width: float
    height: int


def costs_of(result: Result, arms: Sequence[Arm]) -> Costs | None:
    """None where the experiment was kept before its costs were told apart."""
    of, words, currency = result.get("costs"), texts(), result["plan"]["currency"]
    if not of:
        return None
    money = measure_of("cost")
    levels = {arm.key: result["playbooks"][arm.key]["cost"] for arm in arms}
    most = max([one["estimate"] or 0.0 for one in levels.values()] or [0.0]) or 1.0
    return Costs(
        stacks=[
            _stack(arm, of["arms"][arm.key], levels[arm.key], most, currency, words, _paid_on(result, arm))
            for arm in arms
        ],
        rows=_rows(of, {part: f"costs.{part}" for part in SHOWN}, arms, currency, words),
        whole=(
            [(amount(money, one["estimate"], currency), _span(one, currency)) for one in levels.values()],
            [_gap(result["differences"][arm.key]["outcomes"]["cost"], currency) for arm in arms[1:]],
        ),
        paid=_rows(of["paid"], PAID, arms, currency, words) if "paid" in of else (),
        note=words.plain("costs.note_labour" if labour_alone(result) else "costs.note"),
        hours=words.plain("costs.hours"),
        width=WIDTH,
        height=HEIGHT,
    )


def _rows(
    of: Mapping[str, Any], named: Mapping[str, str], arms: Sequence[Arm], currency: str, words: Texts
) -> list[Row]:
    return [
        (
            words.plain(name),
            [_cell(of["arms"][arm.key][part], currency) for arm in arms],
            [_gap(of["differences"][arm.key][part], currency) for arm in arms[1:]],
        )
        for part, name in named.items()
    ]


def _paid_on(result: Result, arm: Arm) -> str:
    of = result["costs"].get("paid", {}).get("arms", {}).get(arm.key)
    if of is None or of["whole"]["estimate"] is None:
        return ""
    told = {part: amount(measure_of("cost"), of[part]["estimate"], result["plan"]["currency"]) for part in PAID}
    return texts().say("costs.paid_stack", **told)


def labour_alone(result: Result) -> bool:
    """Whether nothing but work has a price: the published study knows no others."""
    if not result.get("costs"):
        return False
    of = result["costs"]["arms"].values()
    return all(not one[part]["estimate"] for one in of for part in SHOWN if part != "labour")


def _stack(
    arm: Arm, of: Mapping[str, Any], level: Mapping[str, Any], most: float, currency: str, words: Texts, paid: str
) -> Stack:
    money, total = measure_of("cost"), level["estimate"] or 0.0
    pieces, x = [], 0.0
    for part in SHOWN:
        value = of[part]["estimate"] or 0.0
        width = max(LEAST, round(WIDTH * value / most, 1)) if value > 0 else 0.0
        name, told = words.plain(f"costs.{part}"), amount(money, value, currency)
        pieces.append(Piece(part, name, told, share(value / total if total else 0.0), round(x, 1), width))
        x += width
    whole = amount(money, level["estimate"], currency)
    listed = ", ".join(f"{piece.name} {piece.amount}" for piece in pieces)
    return Stack(arm, whole, pieces, f"{arm.title}: {whole} ({listed})", paid)


def _cell(of: Mapping[str, Any], currency: str) -> tuple[str, str]:
    return amount(measure_of("cost"), of["estimate"], currency), _span(of, currency)


def _span(of: Mapping[str, Any], currency: str) -> str:
    return span(measure_of("cost"), of["low"], of["high"], currency)


def _gap(of: Mapping[str, Any], currency: str) -> tuple[str, str]:
    money = measure_of("cost")
    return gap(money, of["estimate"], currency), span_of_gaps(money, of["low"], of["high"], currency)


def split_line(result: Result, arm: str) -> list[str]:
    """What the difference in cost is made of; nothing where it was not told apart or work alone is priced."""
    if not result.get("costs"):
        return []
    words, money, currency = texts(), measure_of("cost"), result["plan"]["currency"]
    if labour_alone(result):
        return [words.plain("costs.line_labour")]
    of = result["costs"]["differences"][arm]
    if any(of[part]["estimate"] is None for part in SHOWN):
        return []
    told = {part: gap(money, of[part]["estimate"], currency) for part in SHOWN}
    return [words.say("costs.line", **told)]


def gift_line(result: Result, sides: Sequence[Arm]) -> list[str]:
    """What letter and gift themselves cost, under the side that spends more on them."""
    if not result.get("costs") or labour_alone(result):
        return []
    own = {side.key: _on_both(result["costs"]["arms"][side.key]) for side in sides}
    arm = max(sides, key=lambda side: own[side.key])
    of = result["costs"]["arms"][arm.key]
    letter, gift = (of[part]["estimate"] for part in ("letter", "gift"))
    total = result["playbooks"][arm.key]["cost"]["estimate"]
    if not own[arm.key] or not total:
        return []
    money, currency = measure_of("cost"), result["plan"]["currency"]
    told = {name: amount(money, value, currency) for name, value in (("letter", letter), ("gift", gift))}
    both = amount(money, own[arm.key], currency)
    part = share(own[arm.key] / total, 1)
    return [texts().say("costs.line_gift", arm=arm.title, both=both, share=part, **told)]


def _on_both(of: Mapping[str, Any]) -> float:
    return float((of["letter"]["estimate"] or 0.0) + (of["gift"]["estimate"] or 0.0))


# ---------------------------------------------------------------- every paid hour


def staffed_otherwise(result: Result, arm: str, baseline: str) -> bool:
    """Whether other people, or so many at other hours, are paid on the two sides."""
    people = {
        of["key"]: sorted(repr((group["count"], group["shifts"])) for group in of["setting"]["agents"])
        for of in result["plan"]["arms"]
    }
    return people[arm] != people[baseline]


def paid_lines(result: Result, arm: Arm, baseline: Arm) -> list[str]:
    """That the cost counts work alone, and what a ticket costs where every paid hour counts, if that is known."""
    words, money, currency = texts(), measure_of("cost"), result["plan"]["currency"]
    of = paid_of(result)
    if of is None or any(of["arms"][side.key]["whole"]["estimate"] is None for side in (arm, baseline)):
        return [words.plain("costs.hours")]
    told = {
        f"{part}_{name}": amount(money, of["arms"][side.key][part]["estimate"], currency)
        for part in PAID
        for name, side in (("one", baseline), ("other", arm))
    }
    between = of["differences"][arm.key]["whole"]
    reach = span_of_gaps(money, between["low"], between["high"], currency)
    known = "costs.paid_gap" if reach else "costs.paid_gap_alone"
    told["gap"] = words.say(known, gap=gap(money, between["estimate"], currency), span=reach)
    line = words.say("costs.paid_line", baseline=baseline.title, arm=arm.title, **told)
    return [words.plain("costs.hours"), line]


@dataclass(frozen=True, slots=True)
class Prices:
    """What one more point costs a ticket, by outcome. `shown`: whether there is a difference in cost to divide."""

    each: Mapping[str, float | None]
    shown: bool
    mark: str = ""  # which cost it is of, where not the one that counts work alone


def point_prices(result: Result, arm: str, baseline: str) -> Prices:
    """Where other people are paid, of the cost with every paid hour counted: work alone makes them next to free."""
    against = result["differences"][arm]
    outcomes, each = against["outcomes"], against["cost_of_a_point"]
    of = paid_of(result)
    dearer = of["differences"][arm]["whole"] if of else None
    if dearer is None or dearer["low"] is None or not staffed_otherwise(result, arm, baseline):
        return Prices(each, bool(outcomes["cost"]["shown"]))
    gains = {key: outcomes[key] for key in each}
    prices = {
        key: dearer["estimate"] / one["estimate"] if one["shown"] and one["estimate"] > 0 else None
        for key, one in gains.items()
    }
    return Prices(prices, dearer["low"] * dearer["high"] > 0, f" {texts().plain('costs.paid_mark')}")


def paid_of(result: Result) -> Mapping[str, Any] | None:
    """None where the experiment was kept before every paid hour was counted."""
    found: Mapping[str, Any] | None = (result.get("costs") or {}).get("paid")
    return found


def cost_title(result: Result) -> str:
    """The outcome by its name; of labour alone where nothing else has a price."""
    return texts().plain("costs.title_labour") if labour_alone(result) else in_language(measure_of("cost").title)
