"""Letters as PDF: Japanese in vertical Mincho columns, Korean and English in horizontal lines with a serif.

HarfBuzz finds the glyphs (vertical forms, half-width pairs) and cuts the fonts down to them, so that a letter looks
the same wherever it is opened and weighs some tens of kilobytes. Where a line breaks: playbooks/core/typesetting.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

import pylopdf_fonts_jp
import pylopdf_fonts_ko
import uharfbuzz as hb
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from playbooks.core.typesetting import (
    PAIR,
    SIDEWAYS,
    UPRIGHT,
    Cell,
    Column,
    Line,
    Measure,
    columns_of,
    lines_of,
    without_marks,
)
from tickets.errors import NotFound
from tickets.models import Comment, Ticket

MIME = "application/pdf"
CHANNEL = "letter"
A4 = (595.28, 841.89)  # points
GETA = "〓"  # stands for a character that no font has, as in type
_LOCALES = {"ja": "ja-JP", "ko": "ko-KR", "en": "en"}
_ABOVE, _BELOW = 0.88, 0.12  # of an em: where the square of a character lies around the baseline


@dataclass(frozen=True, slots=True)
class Sheet:
    """Margins and type of a letter, in points; `pitch` is from line to line, in em."""

    sizes: tuple[float, ...]  # the largest that keeps the letter on one sheet; else the last
    pitch: float
    head: float
    foot: float
    side: float


VERTICAL = Sheet(sizes=(14.0, 13.0, 12.0, 11.0), pitch=1.75, head=79.0, foot=79.0, side=62.0)
HORIZONTAL = Sheet(sizes=(11.5, 10.5), pitch=1.75, head=79.0, foot=71.0, side=79.0)


def letter_pdf(*, language: str, body: str, subject: str = "", author: str = "") -> bytes:
    """The letter on as many sheets as it needs. `subject` and `author` go into the document's properties."""
    pages = _vertical(body) if language == "ja" else _horizontal(body, language)
    return _document(pages, language=language, subject=subject, author=author)


def letter_file(ticket: Ticket, seq: int) -> bytes:
    """A letter that was sent on this ticket; NotFound for anything else that was said."""
    letter = Comment.objects.filter(ticket=ticket, seq=seq, channel=CHANNEL, public=True).first()
    if letter is None:
        raise NotFound("no_letter", f"No letter on this ticket has the number {seq}.", field="seq")
    return letter_pdf(language=ticket.language, body=letter.body, subject=ticket.subject)


# --- type ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Face:
    """One font, and what of it a letter has used: glyph -> the text it stands for."""

    path: Path
    used: dict[int, str] = field(default_factory=dict)
    face: Any = None
    font: Any = None

    def __post_init__(self) -> None:
        self.face = hb.Face(hb.Blob.from_file_path(str(self.path)))
        self.font = hb.Font(self.face)

    def has(self, mark: str) -> bool:
        return self.font.get_nominal_glyph(ord(mark)) is not None

    def shape(self, text: str, *, vertical: bool = False, halves: bool = False) -> list[tuple[int, float]]:
        """Glyphs with their advance in em. No ligatures: every glyph stands for its own characters."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "ttb" if vertical else "ltr"
        hb.shape(self.font, buffer, {"liga": False, "clig": False, "hwid": halves})
        infos, placed = buffer.glyph_infos, buffer.glyph_positions
        starts = [info.cluster for info in infos] + [len(text)]
        for number, info in enumerate(infos):
            self.used.setdefault(info.codepoint, text[info.cluster : max(starts[number + 1], info.cluster + 1)])
        upem = self.face.upem
        return [
            (info.codepoint, (-at.y_advance if vertical else at.x_advance) / upem)
            for info, at in zip(infos, placed, strict=True)
        ]

    def own_width(self, glyph: int) -> float:
        return float(self.font.get_glyph_h_advance(glyph)) / float(self.face.upem)


class TypeCase:
    """The two fonts of a letter, the language's own first. Made for each letter: nothing is shared by threads."""

    def __init__(self, language: str) -> None:
        paths = [pylopdf_fonts_jp.serif_path(), pylopdf_fonts_ko.serif_path()]
        self.faces = [Face(path) for path in (reversed(paths) if language == "ko" else paths)]

    def runs(self, text: str) -> Iterator[tuple[Face, str]]:
        """The text in stretches of one font; what none has becomes 〓."""
        found = [next(((face, mark) for face in self.faces if face.has(mark)), None) for mark in text]
        known = [one or (self.faces[0] if self.faces[0].has(GETA) else self.faces[1], GETA) for one in found]
        for _, run in groupby(known, key=lambda one: id(one[0])):
            marks = list(run)
            yield marks[0][0], "".join(mark for _, mark in marks)

    def width(self, text: str) -> float:
        """In em."""
        return sum(advance for face, run in self.runs(text) for _, advance in face.shape(run))


@dataclass(frozen=True, slots=True)
class Ink:
    """Glyphs set in one go: from a point, straight or on their side, by horizontal or vertical widths."""

    face: Face
    glyphs: tuple[tuple[int, float], ...]  # with the space to leave behind each, in em
    x: float
    y: float
    size: float
    vertical: bool = False
    sideways: bool = False


Page = list[Ink]


@dataclass(slots=True)
class Pages:
    """Sheets of ink and the fonts they need."""

    case: TypeCase
    sheets: list[Page]
    vertical: bool


# --- vertical ------------------------------------------------------------------------------------


def _vertical(body: str) -> Pages:
    case, sheet = TypeCase("ja"), VERTICAL
    for size in sheet.sizes:
        rows = int((A4[1] - sheet.head - sheet.foot) / size)
        room = int((A4[0] - 2 * sheet.side) / (size * sheet.pitch))
        columns = columns_of(body, rows=rows, width=case.width)
        if len(columns) <= room:
            break
    sheets = [_page_of_columns(case, columns[at : at + room], size) for at in range(0, max(1, len(columns)), room)]
    return Pages(case, sheets, vertical=True)


def _page_of_columns(case: TypeCase, columns: Sequence[Column], size: float) -> Page:
    page: Page = []
    for number, column in enumerate(columns):
        middle = A4[0] - VERTICAL.side - (number + 0.5) * VERTICAL.pitch * size
        page.extend(_column(case, column, middle, size))
    return page


def _column(case: TypeCase, column: Column, middle: float, size: float) -> Iterator[Ink]:
    """From the head down; neighbours that stand upright are set together, so that they can be read and copied."""
    below = column.indent
    for kind, group in groupby(column.cells, key=lambda cell: cell.kind):
        for cells in [list(group)] if kind == UPRIGHT else [[cell] for cell in group]:
            top = A4[1] - VERTICAL.head - below * size
            below += sum(cell.length + column.gap for cell in cells)
            yield from _cells(case, cells, middle, top, size, column.gap)


def _cells(case: TypeCase, cells: Sequence[Cell], middle: float, top: float, size: float, gap: float) -> Iterator[Ink]:
    text = "".join(cell.text for cell in cells)
    for face, run in case.runs(text):
        if cells[0].kind == PAIR:
            glyphs = face.shape(run, halves=True)
            wide = sum(advance for _, advance in glyphs)
            yield Ink(face, _tight(glyphs), middle - wide * size / 2, top - _ABOVE * size, size)
            continue
        if cells[0].kind == SIDEWAYS:
            glyphs = face.shape(run)
            baseline = middle - (_ABOVE - _BELOW) / 2 * size
            yield Ink(face, _kerned(face, glyphs), baseline, top, size, sideways=True)
            top -= sum(advance for _, advance in glyphs) * size
            continue
        glyphs = face.shape(run, vertical=True)
        yield Ink(face, tuple((glyph, gap) for glyph, _ in glyphs), middle, top, size, vertical=True)
        top -= len(glyphs) * (1 + gap) * size


def _tight(glyphs: Iterable[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    return tuple((glyph, 0.0) for glyph, _ in glyphs)


def _kerned(face: Face, glyphs: Iterable[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """What shaping adds to a glyph's own width, or takes from it."""
    return tuple((glyph, advance - face.own_width(glyph)) for glyph, advance in glyphs)


# --- horizontal ----------------------------------------------------------------------------------


def _horizontal(body: str, language: str) -> Pages:
    case, sheet = TypeCase(language), HORIZONTAL
    wide = A4[0] - 2 * sheet.side
    for size in sheet.sizes:
        room = int((A4[1] - sheet.head - sheet.foot) / (size * sheet.pitch))
        lines = lines_of(body, measure=wide / size, width=_remembering(case))
        if len(lines) <= room:
            break
    sheets = [_page_of_lines(case, lines[at : at + room], size, wide) for at in range(0, max(1, len(lines)), room)]
    return Pages(case, sheets, vertical=False)


def _remembering(case: TypeCase) -> Measure:
    """Widths by word: a line is measured anew with every word that it grows by."""
    known: dict[str, float] = {}

    def width(text: str) -> float:
        total = 0.0
        for word in text.split(" "):
            if word not in known:
                known[word] = case.width(word)
            total += known[word]
        return total + known.setdefault(" ", case.width(" ")) * text.count(" ")

    return width


def _page_of_lines(case: TypeCase, lines: Sequence[Line], size: float, wide: float) -> Page:
    page: Page = []
    for number, line in enumerate(lines):
        x = HORIZONTAL.side + (wide - case.width(line.text) * size if line.right else 0.0)
        y = A4[1] - HORIZONTAL.head - number * HORIZONTAL.pitch * size - _ABOVE * size
        for face, run in case.runs(line.text):
            glyphs = face.shape(run)
            page.append(Ink(face, _kerned(face, glyphs), x, y, size))
            x += sum(advance for _, advance in glyphs) * size
    return page


# --- PDF (ISO 32000-1: 9.7 composite fonts, 9.4 text) ----------------------------------------------


def _document(pages: Pages, *, language: str, subject: str, author: str) -> bytes:
    writer = PdfWriter()
    writer.pdf_header = "%PDF-1.6"
    faces = [face for face in pages.case.faces if face.used]
    fonts, numbers = DictionaryObject(), {}
    for order, face in enumerate(faces):
        data, numbers[face.path] = _cut_down(face)
        parts = _font(writer, face, data, numbers[face.path], tag="ABCDEF"[order])
        for name, font in zip(("H", "V"), parts, strict=True):
            fonts[NameObject(f"/{name}{order}")] = font
    names = {face.path: order for order, face in enumerate(faces)}
    resources = writer._add_object(_object({"/Font": fonts}))
    for sheet in pages.sheets:
        page = writer.add_blank_page(*A4)
        page[NameObject("/Resources")] = resources
        content = "\n".join(_ink(ink, names[ink.face.path], numbers[ink.face.path]) for ink in sheet)
        page[NameObject("/Contents")] = _stream(writer, f"BT\n{content}\nET".encode("ascii"))
    properties = {"/Title": without_marks(subject), "/Author": without_marks(author)}
    writer.add_metadata({name: value for name, value in properties.items() if value})
    writer.root_object[NameObject("/Lang")] = TextStringObject(_LOCALES[language])
    if pages.vertical:
        writer.root_object[NameObject("/ViewerPreferences")] = _object({"/Direction": "/R2L"})
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _ink(ink: Ink, order: int, numbers: dict[int, int]) -> str:
    """Space behind a glyph is written as what is taken from it, in thousandths, downwards or to the right."""
    sign = 1 if ink.vertical else -1
    shown, run = [], ""
    for glyph, space in ink.glyphs:
        run += f"{numbers[glyph]:04X}"
        if abs(space) >= 0.0005:
            shown.append(f"<{run}> {sign * space * 1000:.0f}")
            run = ""
    if run:
        shown.append(f"<{run}>")
    turned = "0 -1 1 0" if ink.sideways else "1 0 0 1"
    font = f"/{'V' if ink.vertical else 'H'}{order}"
    return f"{font} {ink.size:g} Tf {turned} {ink.x:.2f} {ink.y:.2f} Tm [{' '.join(shown)}] TJ"


def _cut_down(face: Face) -> tuple[bytes, dict[int, int]]:
    """The font's outlines for the glyphs used, and the number each has there: character codes are glyph numbers."""
    wanted = hb.SubsetInput()
    wanted.glyph_set.update(face.used)
    wanted.flags = hb.SubsetFlags.CFF_IDENTITY_CHARSET | hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NO_HINTING
    plan = hb.SubsetPlan(face.face, wanted)
    cut = plan.execute()
    return bytes(cut.reference_table("CFF ").data), dict(plan.old_to_new_glyph_mapping)


def _font(writer: PdfWriter, face: Face, data: bytes, numbers: dict[int, int], *, tag: str) -> Iterator[PdfObject]:
    """The same outlines twice: read by horizontal and by vertical widths (one em down, from the middle of the head)."""
    name = f"/{tag * 6}+{face.path.stem}"
    file = _stream(writer, data, {"/Subtype": "/CIDFontType0C"})
    describe = {
        "/Type": "/FontDescriptor", "/FontName": name, "/Flags": 6, "/ItalicAngle": 0, "/StemV": 80,
        "/Ascent": 880, "/Descent": -120, "/CapHeight": 730,
        "/FontBBox": [-1000, -1000, 2000, 2000], "/FontFile3": file,
    }  # fmt: skip
    glyphs = sorted((number, glyph) for glyph, number in numbers.items())
    drawn = {
        "/Type": "/Font", "/Subtype": "/CIDFontType0", "/BaseFont": name, "/DW": 1000, "/DW2": [880, -1000],
        "/CIDSystemInfo": {"/Registry": b"Adobe", "/Ordering": b"Identity", "/Supplement": 0},
        "/FontDescriptor": writer._add_object(_object(describe)),
        "/W": [part for number, glyph in glyphs for part in (number, [round(1000 * face.own_width(glyph))])],
    }  # fmt: skip
    outlines = writer._add_object(_object(drawn))
    texts = _stream(writer, _to_unicode({numbers[glyph]: text for glyph, text in face.used.items()}))
    for encoding in ("Identity-H", "Identity-V"):
        whole = {
            "/Type": "/Font", "/Subtype": "/Type0", "/BaseFont": f"{name}-{encoding}", "/Encoding": f"/{encoding}",
            "/DescendantFonts": [outlines], "/ToUnicode": texts,
        }  # fmt: skip
        yield writer._add_object(_object(whole))


def _to_unicode(texts: dict[int, str]) -> bytes:
    """Which text a code stands for, so that a letter can be searched, copied and read aloud."""
    lines = [f"<{code:04X}> <{text.encode('utf-16-be').hex().upper()}>" for code, text in sorted(texts.items())]
    blocks = [lines[at : at + 100] for at in range(0, len(lines), 100)]  # at most 100 a block
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <FFFF> endcodespacerange",
            *(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks),
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    ).encode("ascii")


def _stream(writer: PdfWriter, data: bytes, extra: dict[str, Any] | None = None) -> PdfObject:
    stream: StreamObject = DecodedStreamObject()
    stream.set_data(data)
    for name, value in (extra or {}).items():
        stream[NameObject(name)] = _object(value)
    return writer._add_object(stream.flate_encode())


def _object(value: Any) -> PdfObject:
    """Plain Python as PDF: strings that begin with a slash are names."""
    if isinstance(value, PdfObject):
        return value
    if isinstance(value, dict):
        return DictionaryObject({NameObject(name): _object(part) for name, part in value.items()})
    if isinstance(value, list):
        return ArrayObject([_object(part) for part in value])
    if isinstance(value, bytes):
        return ByteStringObject(value)
    if isinstance(value, float):
        return FloatObject(value)
    return NumberObject(value) if isinstance(value, int) else NameObject(value)
