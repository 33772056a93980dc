"""The parts of a letter or reply and where they stand: what its sentences do, and its frame of date, names and words.

A part counts only in a sentence with a predicate that does it, undenied, outside quotations; where the case says which
nouns belong to a part, one of them stands in that sentence or the one before. Bare keywords are no letter.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from playbooks.core.language.finding import Element, Setting
from playbooks.core.language.japanese.quick import quick
from playbooks.core.language.japanese.tokens import Sentence, Word

LETTER, REPLY = "letter", "reply"
NOUNS_OF = {"事実": "incident", "原因": "cause", "対応": "remedy", "再発防止": "measure"}  # keys of Setting.nouns
_SPACE = re.compile(r"[ 　\t]+")


class Said(NamedTuple):
    """One sentence as its writer's own words run together, and where it stands."""

    text: str
    start: int
    end: int
    line: int
    predicate: bool
    finite: bool = True  # ends in a predicate, if only in that: 申し訳ございません。


class Line(NamedTuple):
    """One line of the frame: date, names, opening, closing."""

    text: str  # without spaces around
    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the sentences."""

    date: Line | None = None
    addressee: Line | None = None
    signature: Line | None = None
    opening: Line | None = None
    opening_word: str = ""
    closing: Line | None = None
    closing_word: str = ""
    lines: tuple[Line, ...] = ()


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("elements.toml").read_text("utf-8"))


@cache
def _parts() -> dict[str, tuple[re.Pattern[str], re.Pattern[str] | None, re.Pattern[str] | None]]:
    def one(sources: Sequence[str] | None) -> re.Pattern[str] | None:
        return quick(sources) if sources else None

    table = _table()["element"]
    return {name: (quick(row["found"]), one(row.get("done")), one(row.get("denied"))) for name, row in table.items()}


_PREDICATE = frozenset({"動詞", "助動詞", "形容詞"})
_AFTER_PREDICATE = ("助詞-終助詞", "助詞-接続助詞", "補助記号")


def said_of(sentences: Sequence[Sentence]) -> list[Said]:
    """Sentences without quotations and spaces; `predicate` tells a sentence from a heading or a row of keywords."""
    found = []
    for sentence in sentences:
        words = sentence.own
        if words:
            text = "".join([word.surface for word in words])
            finite = _is_finite(words)
            whole = finite and any(word.lexeme.group == "助詞" for word in words)
            found.append(Said(text, words[0].start, words[-1].end, sentence.line, whole, finite))
    return found


def _is_finite(words: Sequence[Word]) -> bool:
    """A verb, adjective or auxiliary that ends the sentence. Keywords strung together end in none."""
    at = len(words) - 1
    while at >= 0 and words[at].pos.startswith(_AFTER_PREDICATE):
        at -= 1
    if at < 0 or words[at].lexeme.group not in _PREDICATE:
        return False
    return words[at].lexeme.form.startswith(("終止形", "命令形", "連体形", "意志推量形", "連用形"))


_BLANK = " 　\t"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(_BLANK))


def frame_of(text: str, quoted: Sequence[tuple[int, int]] = ()) -> Frame:
    """The frame, line by line. In each role the first fitting line counts, in the closing the last."""
    lines = [
        Line(
            match.group().strip(_BLANK),
            match.start() + _indent(match.group()),
            match.start() + len(match.group().rstrip(_BLANK)),
            number,
        )
        for number, match in enumerate(re.finditer(r"[^\r\n]+", text))
        if match.group().strip(_BLANK)
    ]
    opening, opening_word = _opening(lines)
    closing, closing_word = _closing(lines)
    addressee = next((line for line in lines if _is_addressee(line.text)), None)
    return Frame(
        date=next((line for line in lines if _DATE_LINE.fullmatch(_SPACE.sub("", line.text))), None),
        addressee=addressee,
        signature=_signature(lines, addressee),
        opening=opening,
        opening_word=opening_word,
        closing=closing,
        closing_word=closing_word,
        lines=tuple(lines),
    )


_NUMERAL = "[0-9０-９〇一二三四五六七八九十元]"
_DATE_LINE = re.compile(
    rf"(?:日付[:：])?(?:(?:西暦)?{_NUMERAL}{{4}}年|(?:令和|平成|Ｒ|R){_NUMERAL}{{1,3}}年){_NUMERAL}{{1,3}}月(?:{_NUMERAL}{{1,4}}日|吉日)(?:[(（].[)）])?"
    r"|[0-9]{4}[/.-][0-9]{1,2}[/.-][0-9]{1,2}"
)
_ADDRESSEE = re.compile(r"[^。、「」]{1,40}?(?:様|さま|御中|殿|各位)(?:方)?[、，,:：]?")
_GREETED = re.compile(r"[^\s。、○◯〇●△▲□■×＊]{1,12}(?<!お客)(?<!皆)様、(?!お)")
_PLACEHOLDER = quick(
    r"[○〇◯●△▲□■×＊*＿_]{2,}|[○◯●△▲□](?=[様月日円時年])|[○◯●△▲]{1}[月日時年]|\{\{?[^{}\n]{1,30}\}\}?|【[^】\n]{0,20}(?:名|日|額|入力|記入)[^】\n]{0,10}】|\[[^\]\n]{0,20}(?:名|日|額|name|date)[^\]\n]{0,10}\]|(?<![A-Za-z])[XxＸ]{2,}(?![A-Za-z])"
)
_NOT_A_NAME = re.compile(r"(?:お客|皆|各|貴|ご担当者?|関係者|御客)?様")


def placeholders(text: str) -> list[tuple[int, int]]:
    """What a template left to be filled in."""
    return [match.span() for match in _PLACEHOLDER.finditer(text)]


def _is_addressee(line: str) -> bool:
    if _GREETED.match(line):
        return True
    return (
        len(line) <= 42
        and _ADDRESSEE.fullmatch(line) is not None
        and not _PLACEHOLDER.search(line)
        and "申し" not in line
    )


def _opening(lines: Sequence[Line]) -> tuple[Line | None, str]:
    for line in lines:
        for word in _table()["pairs"]:
            if line.text.startswith(word):
                return line, word
    return None, ""


def _closing_words() -> set[str]:
    return {word for row in _table()["pairs"].values() for word in row} | {"かしこ"}


def _closing(lines: Sequence[Line]) -> tuple[Line | None, str]:
    for line in reversed(lines):
        last = _SPACE.split(line.text)[-1].rstrip("。")
        word = last.rsplit("。", 1)[-1]
        if word in _closing_words():
            return line, word
    return None, ""


_ROLE = re.compile(
    r"(?:相談室|室|部|課|係|窓口|センター|事務局|事業部|本部|支店|営業所|店長|支配人|責任者|室長|部長|課長|係長|主任|所長|社長|代表|取締役|受付|店主|広報|総務|営業|経理|品質|物流|配送|工場|マネージャー|担当|サポート|カスタマー|チーム|オペレーター|スタッフ|デスク|サービス|フロント|料理長|女将|院長|園長|館長|校長|教頭|塾長|杜氏|住職|主宰|オーナー|板長|技師|医師|薬剤師|看護師|司書|局長|署長|組合長|会長|理事)"
)
_FIRM = re.compile(
    r"(?:株式|有限|合同|合名|合資)会社|[社財]団法人|(?:小|中|高等|大)学校?(?=[ 　]|$)|学園|幼稚園|保育園|図書館|医院|薬局|事務所|工務店|工房|酒造|醸造|製菓|書店|百貨店|保険|証券|電力|ガス|水道|新聞|出版|不動産|（株）|\(株\)|㈱|ホテル|旅館|レストラン|店|社$|堂|商店|商事|家具|電器|電機|通信|航空|交通|鉄道|運輸|物流|銀行|市役所|区役所|役場|ショップ|ストア|サロン|クリニック|病院|アプリ|モバイル|トラベル|ツアー|テレコム"
)
_SELF = re.compile(
    rf"(?:{_ROLE.pattern}|{_FIRM.pattern})[^。、]{{0,24}}?(?:の[^。、の]{{1,8}}(?:でございます|です)|と申します)(?:。|$)"
    r"|^[^。、]{2,24}の[^。、の]{1,8}と申します(?:。|$)"
    r"|^[^。]{2,30}の(?!件|連絡|報告|回答|案内|返信|次第|通|結果|状況|内容|原因|責任|対応|商品|不|誤|者)[一-龠々ヶ]{1,4}(?:[ 　][一-龠々ぁ-んァ-ヶ]{1,4})?(?:でございます|です)(?:。|$)"
)


def _signature(lines: Sequence[Line], addressee: Line | None) -> Line | None:
    """The sender: firm, department or role with a name, on a line of its own or in the line that introduces him."""
    block = _addressee_block(lines, addressee)
    for line in [*reversed(lines)]:
        if line.number in block or _is_addressee(line.text) or _PLACEHOLDER.search(line.text):
            continue
        if _signs(line.text, lines, line):
            return line
    return next((line for line in lines[:5] if _SELF.search(line.text) and not _PLACEHOLDER.search(line.text)), None)


def _addressee_block(lines: Sequence[Line], addressee: Line | None) -> set[int]:
    """The addressee's firm stands on the lines right above the name."""
    block: set[int] = set()
    if addressee is None:
        return block
    place = lines.index(addressee)
    for line in reversed(lines[max(0, place - 2) : place]):
        if line.number < addressee.number - 2 or "。" in line.text or _DATE_LINE.fullmatch(_SPACE.sub("", line.text)):
            break
        if place <= 3:
            block.add(line.number)
    return block


_NO_SIGNATURE = re.compile(r"^(?:件名|[0-9０-９])|お詫び|申し|ます|原因|について|の件$|発送|返金")


def _signs(text: str, lines: Sequence[Line], line: Line) -> bool:
    if len(text) > 44 or text.endswith(("。", "様", "御中", "ます", "です", "？", "！")) or "、" in text:
        return False
    if _DATE_LINE.fullmatch(_SPACE.sub("", text)) or text in _closing_words() or _NO_SIGNATURE.search(text):
        return False
    parts = [part for part in re.split(r"[ 　\t／/・|｜]+", text) if part]
    named = len(parts) >= 2 and len(parts[-1]) <= 6
    role, firm = bool(_ROLE.search(text)), bool(_FIRM.search(text))
    place = lines.index(line)
    if len(parts) >= 3 and _is_name(parts[-1]) and (place >= len(lines) - 4 or place <= 5):
        return True  # firm, department, name: whatever the firm calls itself
    if named and (role or firm):
        return True
    if role and firm and len(text) >= 6:
        return True
    return (
        role
        and _neighbour_is_firm(lines, line)
        or (named and len(parts) == 2 and len(text) <= 20 and _neighbour_is_firm(lines, line))
    )


_NAME = re.compile(r"[一-龠々ヶ]{1,4}|[ぁ-ん]{1,4}|[ァ-ヶー]{2,8}|[A-Za-z]{2,12}")


def _is_name(part: str) -> bool:
    return _NAME.fullmatch(part) is not None


def _neighbour_is_firm(lines: Sequence[Line], line: Line) -> bool:
    place = lines.index(line)
    return any(
        _FIRM.search(other.text) and len(other.text) <= 40 and "。" not in other.text
        for other in (*lines[max(0, place - 2) : place], *lines[place + 1 : place + 2])
        if not _is_addressee(other.text)
    )


_SHORT = ("謝罪", "結び")  # 申し訳ございません and よろしくお願いいたします are whole sentences
LAST_SENTENCES = 5  # an ending stands among these; the signature and the closing word count as well


def body_elements(said: Sequence[Said], setting: Setting) -> dict[str, Said]:
    """Which sentence does what; the first that does it counts."""
    found: dict[str, Said] = {}
    for place, sentence in enumerate(said):
        before = said[place - 1].text if place else ""
        for name, (wanted, done, denied) in _parts().items():
            stands = sentence.predicate or (sentence.finite and name in _SHORT)
            if name == "結び" and place < len(said) - LAST_SENTENCES:
                continue
            if name not in found and stands and _does(name, sentence.text, wanted, done, denied):
                if _fits_case(name, before + sentence.text, setting):
                    found[name] = sentence
    deadline = _deadline(said, found.get("対応"))
    if deadline is not None:
        found["対応期限"] = deadline
    return found


def does(name: str, text: str) -> bool:
    """Whether a sentence does what this part is for."""
    return _does(name, text, *_parts()[name])


_GIFT_ONLY = re.compile(r"お詫びの(?:しるし|印|品)|罪滅ぼし|せめてもの|心ばかり|ささやか|些少|粗品")
_INCIDENT = re.compile(r"お詫び申し上げ|申し訳|おわび(?!に|の)|お詫びいた|陳謝|深謝|謝罪(?:いた|申)|恐縮の|慚愧")
_STATED_CAUSE = re.compile(r"原因|ため|によ[るり]|起因|ことから|[のな]ので|ところ、")


def _does(
    name: str, text: str, wanted: re.Pattern[str], done: re.Pattern[str] | None, denied: re.Pattern[str] | None
) -> bool:
    if denied is not None and denied.search(text):
        return False
    if name == "原因" and _INCIDENT.search(text) and not _STATED_CAUSE.search(text):
        return False  # what happened, told in an apology
    if name == "対応" and (_GIFT_ONLY.search(text) or _only_apologises(text)):
        return False
    match = wanted.search(text)
    return match is not None and (done is None or done.search(text, match.start()) is not None)


def _only_apologises(text: str) -> bool:
    """The incident inside an apology (お届けした商品に傷がありましたこと、お詫び申し上げます) is no remedy."""
    apology = _INCIDENT.search(text)
    return apology is not None and not re.search(r"[0-9０-９]+日まで|本日中|いたしますので|いたしますとともに", text)


def _fits_case(name: str, text: str, setting: Setting) -> bool:
    nouns = setting.nouns.get(NOUNS_OF.get(name, ""), ())
    return not nouns or any(noun in text for noun in nouns)


def of_the_case(body: Mapping[str, Said], said: Sequence[Said], setting: Setting) -> dict[str, Said]:
    """The parts that count for the customer: where the case's nouns are known, a fact of the case in the sentence.

    A template pasted with the right names has its parts; this case's goods, trouble and remedy are not in them.
    """
    counted: dict[str, Said] = {}
    for name, sentence in body.items():
        key = NOUNS_OF.get(name, "")
        if not setting.nouns.get(key):
            counted[name] = sentence
            continue
        facts = {*setting.nouns[key], *setting.nouns.get("incident", ()), *_things(setting)}
        own = (s for s in said if s.predicate and does(name, s.text) and any(fact in s.text for fact in facts))
        first = sentence if any(fact in sentence.text for fact in facts) else next(own, None)
        if first is not None:
            counted[name] = first
    return counted


def _things(setting: Setting) -> list[str]:
    return [setting.names[key] for key in ("item", "order", "price") if setting.names.get(key)]


@cache
def _time() -> re.Pattern[str]:
    table = tomllib.loads(Path(__file__).with_name("facts.toml").read_text("utf-8"))
    return quick(table["time"])


_NO_TIME = re.compile(
    r"(?:いつ|何日|何時)[^。]{0,12}(?:ません|かね)|(?:お約束|申し上げ|お答え|お伝え)(?:は|が|も)?(?:いた)?[しらで][^。]{0,6}(?:ません|かね)"
)
_PROMISED = re.compile(
    r"(?:いたし|致し|し|申し上げ|まいり|参り|送り|届け|行い|伺い|させていただき)ま(?:す|した)|(?<!ござい)(?<!あり)(?<!願い)(?<!思い)(?<!存じ)ます(?:。|$|が、)|させてください|予定|でございます|完了"
)


def _deadline(said: Sequence[Said], remedy: Said | None) -> Said | None:
    """A time near the remedy: in its sentence or next to it, with a predicate of doing."""
    if remedy is None:
        return None
    place = said.index(remedy)
    for sentence in (remedy, *said[place + 1 : place + 3], *said[max(0, place - 1) : place]):
        if _NO_TIME.search(sentence.text):
            continue
        if sentence.predicate and _time().search(sentence.text) and _PROMISED.search(sentence.text):
            if not _only_apologises(sentence.text):
                return sentence
    return None


def elements_of(kind: str, said: Sequence[Said], frame: Frame, body: Mapping[str, Said]) -> tuple[Element, ...]:
    """Every part that this kind of text should have, found or not, in its order."""
    spans: dict[str, tuple[int, int]] = {name: (sentence.start, sentence.end) for name, sentence in body.items()}
    for name, line in (("日付", frame.date), ("宛名", frame.addressee), ("署名", frame.signature)):
        if line is not None:
            spans[name] = (line.start, line.end)
    if kind == LETTER:
        spans.update(_opening_and_closing(said, frame))
    names = _table()[LETTER if kind == LETTER else REPLY]
    extra = [name for name in ("日付", "お詫びの品") if kind != LETTER and name in spans]
    return tuple(
        Element(name, name in spans, *(spans.get(name, (None, None)))) for name in (*names, *extra)
    )  # fmt: skip


def _opening_and_closing(said: Sequence[Said], frame: Frame) -> dict[str, tuple[int, int]]:
    """An opening word stands before the sentences and a closing one after them; the pair must be one that goes."""
    found: dict[str, tuple[int, int]] = {}
    sentences = [s for s in said if s.predicate]
    first, last = (sentences[0].line, sentences[-1].line) if sentences else (0, 0)
    opening, closing = frame.opening, frame.closing
    if opening is not None and (not sentences or opening.number <= first):
        found["頭語"] = (opening.start, opening.end)
    if closing is not None and (not sentences or closing.number >= last):
        found["結語"] = (closing.start, closing.end)
    if len(found) == 2 and frame.closing_word in _table()["pairs"].get(frame.opening_word, ()):
        found["頭語結語の対応"] = found["結語"]
    return found


def pair_is_known(opening: str, closing: str) -> bool:
    return closing in _table()["pairs"].get(opening, ())


def closing_for(opening: str) -> str:
    """The closing word that every guide gives to this opening word."""
    return {"謹啓": "謹白", "拝啓": "敬具"}.get(opening) or str(_table()["pairs"].get(opening, ("敬具",))[0])


def body_order() -> tuple[str, ...]:
    return tuple(_table()["body"])


def lines_named(frame: Frame) -> Mapping[str, Line | None]:
    return {"日付": frame.date, "宛名": frame.addressee, "署名": frame.signature}
