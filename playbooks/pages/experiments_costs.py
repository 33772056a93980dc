"""What a ticket costs, by what it goes on: a stacked bar for each side on one scale, and the figures behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playbooks.pages.experiments_arms import Arm, measure_of
from playbooks.pages.experiments_words import Texts, amount, gap, share, span, span_of_gaps, texts

SHOWN = ("labour", "letter", "gift", "remedy")  # what is the playbook's own first
WIDTH, HEIGHT, LEAST = 600.0, 22, 2.0  # of the picture; what is there at all can be seen

Result = Mapping[str, Any]


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


@dataclass(frozen=True, slots=True)
class Costs:
    """`columns`: the other sides. `rows`: part -> a cell for each side, then a difference for each other side."""

    stacks: Sequence[Stack]
    rows: Sequence[tuple[str, Sequence[tuple[str, str]], Sequence[tuple[str, str]]]]
    whole: tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]]
    note: str
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
        stacks=[_stack(arm, of["arms"][arm.key], levels[arm.key], most, currency, words) for arm in arms],
        rows=[
            (
                words.plain(f"costs.{part}"),
                [_cell(of["arms"][arm.key][part], currency) for arm in arms],
                [_gap(of["differences"][arm.key][part], currency) for arm in arms[1:]],
            )
            for part in SHOWN
        ],
        whole=(
            [(amount(money, one["estimate"], currency), _span(one, currency)) for one in levels.values()],
            [_gap(result["differences"][arm.key]["outcomes"]["cost"], currency) for arm in arms[1:]],
        ),
        note=words.plain("costs.note_labour" if labour_alone(result) else "costs.note"),
        width=WIDTH,
        height=HEIGHT,
    )


def labour_alone(result: Result) -> bool:
    """Whether nothing but work has a price: the published study knows no others."""
    of = result["costs"]["arms"].values()
    return all(not one[part]["estimate"] for one in of for part in SHOWN if part != "labour")


def _stack(
    arm: Arm, of: Mapping[str, Any], level: Mapping[str, Any], most: float, currency: str, words: Texts
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
    return Stack(arm, whole, pieces, f"{arm.title}: {whole} ({listed})")


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
