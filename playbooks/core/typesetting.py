"""How the lines of a letter break: vertical columns with Japanese line breaking, and horizontal lines between words.

Lengths are in em, the side of one full-width character. What a run of Latin measures, the caller says.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from playbooks.core.language.japanese.elements import frame_of

UPRIGHT, PAIR, SIDEWAYS = "upright", "pair", "sideways"
KINDS = (UPRIGHT, PAIR, SIDEWAYS)

# 行頭禁則 and 行末禁則, the strict set: small kana, the long vowel mark and 々 never stand at a head either.
NO_HEAD = frozenset(
    "、。，．・：；？！?!」』）〕】》〉］｝”’〟ー〜…‥々〻ゝゞヽヾ％ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ"
)
NO_FOOT = frozenset("「『（〔【《〈［｛“‘〝")
HANGS = frozenset("、。")  # ぶら下げ: these may hang below the foot
FIGURES = frozenset("０１２３４５６７８９，")
LONGEST_FIGURE = 8  # a longer number lies on its side
_FARTHEST_BACK = 8  # cells that a break may move up; a text of nothing but marks breaks where it must

Measure = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Cell:
    """What is never broken: a character, a pair of digits in one square (縦中横), or a run on its side."""

    text: str
    kind: str = UPRIGHT
    length: float = 1.0


@dataclass(frozen=True, slots=True)
class Column:
    """One column from head to foot. `gap` is set between its cells so that both ends meet."""

    cells: tuple[Cell, ...] = ()
    indent: float = 0.0
    gap: float = 0.0

    @property
    def text(self) -> str:
        return "".join(cell.text for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Line:
    """One horizontal line; `right` sets it at the right margin."""

    text: str
    right: bool = False


def half_width(text: str) -> float:
    """A measure for whoever has no font at hand."""
    return 0.5 * len(text)


def without_marks(text: str) -> str:
    """What can be set: no control or format characters, no variation selectors; line breaks stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "　")
    return "".join(
        mark
        for mark in text
        if mark == "\n" or not (unicodedata.category(mark) in ("Cc", "Cf", "Cs", "Co", "Cn") or _selects(mark))
    )


def _selects(mark: str) -> bool:
    return "\ufe00" <= mark <= "\ufe0f" or "\U000e0100" <= mark <= "\U000e01ef"


# --- vertical ----------------------------------------------------------------------------------

_PIECES = re.compile(r"[!-~]+(?: [!-~]+)*|(?:……|――|——|‥‥)|[\uff61-\uff9f]+|.")
_FIGURE = re.compile(r"([0-9][0-9,]*)(%?)")
_FULL = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def cells_of(line: str, *, width: Measure = half_width) -> list[Cell]:
    """The cells of one line: short numbers stand, longer Latin lies on its side."""
    return [cell for found in _PIECES.finditer(line) for cell in _cells(found.group(), width)]


def _cells(piece: str, width: Measure) -> Iterator[Cell]:
    figure = _FIGURE.fullmatch(piece)
    if figure is not None and len(piece) <= LONGEST_FIGURE:
        digits, percent = figure.groups()
        if len(digits) == 2:
            yield Cell(digits, PAIR)
        else:
            yield from _upright(digits.translate(_FULL))
        yield from _upright(percent.translate(_FULL))
    elif piece in ("!!", "!?", "??"):
        yield Cell(piece, PAIR)
    elif len(piece) == 1:
        yield Cell("　" if piece == " " else piece.translate(_FULL))
    elif piece[0] in "…―—‥":
        yield Cell(piece, UPRIGHT, float(len(piece)))
    elif "\uff61" <= piece[0] <= "\uff9f":
        yield from _upright(unicodedata.normalize("NFKC", piece))
    else:
        yield Cell(piece, SIDEWAYS, width(piece))


def _upright(text: str) -> Iterator[Cell]:
    return (Cell(mark) for mark in text)


def columns_of(text: str, *, rows: int, width: Measure = half_width) -> list[Column]:
    """The columns of a letter, right to left, of `rows` squares each."""
    lines = _lines(text)
    places = places_of("\n".join(lines))
    return [
        column
        for number, line in enumerate(lines)
        for column in _columns(line, places.get(number, (0, False)), rows, width)
    ]


def _lines(text: str) -> list[str]:
    """No blank lines at the ends, and never two together."""
    text = "\n".join(line.rstrip() for line in without_marks(text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text.strip("\n")).split("\n")


def places_of(text: str) -> Mapping[int, tuple[int, bool]]:
    """Where a letter's frame stands, by line: (squares below the head, at the foot).

    The date stands a little lower, the subject lower still; the sender and the closing word stand at the foot.
    """
    frame = frame_of(text)
    lines = text.split("\n")
    starts = [0]
    for line in lines[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    numbers = {line.start: bisect_right(starts, line.start) - 1 for line in frame.lines}
    places: dict[int, tuple[int, bool]] = {}
    opening = numbers[frame.opening.start] if frame.opening else None
    if frame.date is not None:
        places[numbers[frame.date.start]] = (2, False)
    if frame.closing is not None and frame.closing.text.rstrip("。") == frame.closing_word:
        places[numbers[frame.closing.start]] = (1, True)
    if frame.signature is not None:
        places[numbers[frame.signature.start]] = (1, True)
        _place_firm(lines, numbers[frame.signature.start], places)
    if opening is not None and frame.addressee is not None:
        _place_subject(lines, numbers[frame.addressee.start], opening, places)
    return places


def _place_firm(lines: Sequence[str], signature: int, places: dict[int, tuple[int, bool]]) -> None:
    """The firm on the line above the signer's name, or the name below the firm."""
    for number in (signature - 1, signature + 1):
        if 0 <= number < len(lines) and number not in places and 0 < len(lines[number].strip()) <= 24:
            line = lines[number].strip()
            if not line.endswith(("。", "様", "御中", "、")) and "お詫び" not in line and not line[0].isdigit():
                places[number] = (1, True)


def _place_subject(lines: Sequence[str], first: int, opening: int, places: dict[int, tuple[int, bool]]) -> None:
    for number in range(first + 1, opening):
        line = lines[number].strip()
        if line and number not in places and len(line) <= 30 and not line.endswith("。"):
            places[number] = (3, False)


def _columns(line: str, place: tuple[int, bool], rows: int, width: Measure) -> Iterator[Column]:
    squares, at_foot = place
    cells = [part for cell in cells_of(line.strip() if place != (0, False) else line, width=width)
             for part in _short(cell, rows, width)]  # fmt: skip
    length = sum(cell.length for cell in cells)
    if not cells:
        yield Column()
        return
    if at_foot:
        squares = max(0, int(rows - length - squares)) if length <= rows else 0
    room = rows - squares if length + squares <= rows or squares < rows // 2 else rows
    indent = float(rows - room)
    parts = list(broken(cells, room))
    for number, part in enumerate(parts):
        yield Column(tuple(part), indent, 0.0 if number == len(parts) - 1 else _gap(part, room))


def _short(cell: Cell, rows: int, width: Measure) -> Iterator[Cell]:
    """A run on its side that no column holds is cut."""
    if cell.length <= rows:
        yield cell
        return
    for start in range(0, len(cell.text), max(1, rows)):
        part = cell.text[start : start + max(1, rows)]
        yield Cell(part, cell.kind, width(part))


def _gap(cells: Sequence[Cell], rows: int) -> float:
    """What a break by rule left over is shared out; a large remainder stays at the foot."""
    left = rows - sum(cell.length for cell in cells)
    return left / (len(cells) - 1) if 0 < left <= 3 and len(cells) > 4 else 0.0


def broken(cells: Sequence[Cell], rows: float) -> Iterator[Sequence[Cell]]:
    """The cells in columns of at most `rows`, none against the rules of line breaking where that can be helped."""
    start = 0
    while start < len(cells):
        end, length = start, 0.0
        while end < len(cells) and (end == start or length + cells[end].length <= rows + 1e-9):
            length += cells[end].length
            end += 1
        end = _allowed(cells, start, end)
        yield cells[start:end]
        start = end


def _allowed(cells: Sequence[Cell], start: int, end: int) -> int:
    if end == len(cells) or _may_break(cells, end):
        return end
    if cells[end].text in HANGS and (end + 1 == len(cells) or _may_break(cells, end + 1)):
        return end + 1
    for back in range(end - 1, max(start, end - _FARTHEST_BACK), -1):
        if _may_break(cells, back):
            return back
    return end


def _may_break(cells: Sequence[Cell], at: int) -> bool:
    if cells[at].text in FIGURES and cells[at - 1].text in FIGURES:
        return False  # an amount stays in one piece
    return cells[at].text[0] not in NO_HEAD and cells[at - 1].text[-1] not in NO_FOOT


# --- horizontal --------------------------------------------------------------------------------

_KOREAN_CLOSING = re.compile(r".{1,40} (?:올림|드림|배상|拜上)")


def lines_of(text: str, *, measure: float, width: Measure = half_width) -> list[Line]:
    """The lines of a horizontal letter, broken between words; only a word longer than the line is cut."""
    found: list[Line] = []
    for line in _lines(text):
        right = _KOREAN_CLOSING.fullmatch(line.strip()) is not None
        found.extend(Line(part, right) for part in _wrapped(line.strip(), measure, width))
    return found


def _wrapped(line: str, measure: float, width: Measure) -> Iterator[str]:
    now = ""
    for word in re.split(r"[ 　]+", line):
        longer = f"{now} {word}" if now else word
        if width(longer) <= measure:
            now = longer
            continue
        if now:
            yield now
        *whole, now = _cut(word, measure, width)
        yield from whole
    yield now


def _cut(word: str, measure: float, width: Measure) -> list[str]:
    """A word in parts that each fit the line, measured by its characters: one pass, however long it is."""
    if width(word) <= measure:
        return [word]
    parts, part, length = [], "", 0.0
    for mark in word:
        wide = width(mark)
        if part and length + wide > measure:
            parts.append(part)
            part, length = "", 0.0
        part, length = part + mark, length + wide
    return [*parts, part]
