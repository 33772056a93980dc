"""Rules about what a text says and how it is built: honest content, names that fit the case, order, plain sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from playbooks.core.facts import Facts
from playbooks.core.language.finding import ADVICE, ERROR, Evidence, Finding, Setting
from playbooks.core.language.japanese import elements as parts
from playbooks.core.language.japanese.courtesy import plainness
from playbooks.core.language.japanese.elements import Frame, Line, Said
from playbooks.core.language.japanese.expressions import Rule, rules_from
from playbooks.core.language.japanese.facts import is_interim, says
from playbooks.core.language.japanese.tokens import Sentence, Word

FEWEST_SENTENCES_OF_A_LETTER = 2
SURELY_PLAIN = 0.9  # share of level 4 from which a sentence that ends plain is an error
APOLOGIES_HEARD = {"letter": 3}  # a letter begins and ends with one and may name the reason; elsewhere two


@cache
def _rules() -> dict[str, Rule]:
    text = Path(__file__).with_name("content.toml").read_text("utf-8")
    return {rule.id: rule for rule in rules_from(text, name="content")}


def finding(rule: str, start: int, end: int, *, severity: str | None = None) -> Finding:
    return _rules()[rule].finding(start, end, severity)


def of_a_case(setting: Setting) -> bool:
    """Whether this is read against a case at all; without one nothing is known to be unsettled."""
    return bool(setting.names or setting.nouns or setting.today or setting.customer_words or setting.amounts)


def findings_of(
    text: str,
    kind: str,
    sentences: Sequence[Sentence],
    said: Sequence[Said],
    frame: Frame,
    body: Mapping[str, Said],
    setting: Setting,
) -> Iterator[Finding]:
    yield from _plain(sentences)
    sure = kind == parts.LETTER or of_a_case(setting)  # ○○様 in a passing sentence may be a name left out on purpose
    for span in parts.placeholders(text):
        yield finding("JC01", *span, severity=ERROR if sure else ADVICE)
    yield from _repeated(said, kind)
    yield from _names(frame, setting)
    if of_a_case(setting):
        yield from _honest(said, body, setting)
    if kind == parts.LETTER:
        yield from _built(text, said, frame, body, setting)


# --- plain sentences ---

_POLITE = frozenset({"ます", "です", "御座る", "ござる"})
_PLAIN_END = ("終止形", "意志推量形", "命令形")


def _plain(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    for sentence in sentences:
        words = sentence.own
        if words and words[-1].surface in "。！？!?" and _ends_plain(words):
            # Honoured in words and plain at its end (よろしいわよ): in doubt it is only pointed out.
            sure = plainness(sentence) >= SURELY_PLAIN
            yield finding("J70", words[0].start, words[-1].end, severity=ERROR if sure else ADVICE)


def _ends_plain(words: Sequence[Word]) -> bool:
    at = len(words) - 1
    while at >= 0 and words[at].pos.startswith(("補助記号", "助詞-終助詞")):
        at -= 1
    if at < 1:
        return False
    last = words[at]
    if any(word.norm in _POLITE or word.norm in {"下さる", "頂ける"} for word in words[max(0, at - 4) : at + 1]):
        return False
    if last.pos.startswith(("動詞", "形容詞", "助動詞")):
        return last.lexeme.form.startswith(_PLAIN_END) and last.norm not in {"為さる", "いらっしゃる"}
    return False


# --- repeated apologies, names, blanks ---


def _repeated(said: Sequence[Said], kind: str) -> Iterator[Finding]:
    apologies = [s for s in said if s.finite and parts.does("謝罪", s.text)]
    for sentence in apologies[APOLOGIES_HEARD.get(kind, 2) :]:
        yield finding("JC11", sentence.start, sentence.end)


def squeezed(text: str) -> str:
    return re.sub(r"[ 　\t]+|株式会社|有限会社|合同会社|（株）|㈱", "", text)


def addressee_fits(line: Line, setting: Setting) -> bool:
    """The customer's name or family name stands in the line; a desk with no name of the customer compares nothing."""
    name = setting.names.get("customer", "")
    if not name:
        return True
    family = re.split(r"[ 　]+", name.strip())[0]
    return squeezed(name) in squeezed(line.text) or (len(family) > 1 and family in line.text and family != name)


def signature_fits(frame: Frame, setting: Setting) -> bool:
    """The firm stands in the frame of the text, above or below its sentences."""
    firm = squeezed(setting.names.get("firm", "") or setting.names.get("desk", ""))
    if not firm:
        return True
    return any(firm in squeezed(line.text) for line in frame.lines if not line.text.endswith("様"))


def _names(frame: Frame, setting: Setting) -> Iterator[Finding]:
    if frame.addressee and not addressee_fits(frame.addressee, setting):
        yield finding("JC02", frame.addressee.start, frame.addressee.end)
    if frame.signature and not signature_fits(frame, setting):
        yield finding("JC03", frame.signature.start, frame.signature.end)


# --- honest content ---

_DONE = re.compile(
    r"(?:まし|ておりま|てい)(?:た|す)(?!ところ|が、)|(?:改め|見直し|設け|増やし|実施|導入|変更)(?:いた)?し?まし"
)
_MONEY = re.compile(
    r"(?:(?P<digits>[0-9０-９][0-9０-９,，]*)(?P<unit>万|千)?(?:(?P<more>[0-9０-９][0-9０-９,，]*)(?P<small>千)?)?|(?P<kanji>[一二三四五六七八九十百千万]+))"
    r"(?P<currency>円|ウォン|ドル)|(?:¥|￥|₩)(?P<sign>[0-9,]+)"
)
_PAID = re.compile(
    r"返金|返還|お返し|振り込|振込|補償|弁償|割引|値引|減額|クーポン|商品券|ギフト|進呈|付与|お支払い(?:いた|し)|払い戻|負担|賠償|見舞"
)
_FUTURE = re.compile(r"(?:いたし|致し|し|申し上げ|させていただき|まいり|参り|送り)ま(?:す|した)|予定|所存")


def _honest(said: Sequence[Said], body: Mapping[str, Said], setting: Setting) -> Iterator[Finding]:
    cause, measure = body.get("原因"), body.get("再発防止")
    if setting.own_fault is None:
        if cause and not is_interim(cause.text):
            yield finding("JC04", cause.start, cause.end)
        if measure and measure is not cause and not is_interim(measure.text):
            yield finding("JC06", measure.start, measure.end)
    elif setting.own_fault is False:
        for sentence in said:
            if (
                sentence.predicate
                and says("responsibility", sentence.text)
                and not says("denied_responsibility", sentence.text)
            ):
                yield finding("JC07", sentence.start, sentence.end)
    if setting.gift_allowed is False and "お詫びの品" in body:
        yield finding("JC15", body["お詫びの品"].start, body["お詫びの品"].end)
    yield from _amounts(said, setting)


def _amounts(said: Sequence[Said], setting: Setting) -> Iterator[Finding]:
    for sentence in said:
        if not (_PAID.search(sentence.text) and _FUTURE.search(sentence.text)):
            continue
        if any(value not in setting.amounts for value in amounts_in(sentence.text)):
            yield finding("JC05", sentence.start, sentence.end)


def amounts_in(text: str) -> list[int]:
    """Amounts of money in minor units: yen and won have none below one, dollars have cents."""
    found = []
    for match in _MONEY.finditer(text):
        value = _value(match)
        if value is not None:
            found.append(value * 100 if match["currency"] == "ドル" else value)
    return found


def _value(match: re.Match[str]) -> int | None:
    if match["kanji"]:
        return _of_kanji(match["kanji"])
    if match["sign"]:
        return _number(match["sign"])
    value = (_number(match["digits"]) or 0) * {"万": 10_000, "千": 1_000}.get(match["unit"] or "", 1)
    if match["more"]:
        value += (_number(match["more"]) or 0) * (1_000 if match["small"] else 1)
    return value


def _number(digits: str) -> int | None:
    plain = digits.replace(",", "").replace("，", "")[:15]
    return int(plain) if plain else None  # int() reads full-width digits as well


_DIGITS = {mark: value for value, mark in enumerate("〇一二三四五六七八九")}
_TENS = {"十": 10, "百": 100, "千": 1_000}


def _of_kanji(text: str) -> int:
    total = section = digit = 0
    for mark in text[:20]:
        if mark in _DIGITS:
            digit = _DIGITS[mark]
        elif mark in _TENS:
            section += (digit or 1) * _TENS[mark]
            digit = 0
        else:
            total += (section + digit or 1) * 10_000
            section = digit = 0
    return total + section + digit


# --- how a letter is built ---


def _built(
    text: str, said: Sequence[Said], frame: Frame, body: Mapping[str, Said], setting: Setting
) -> Iterator[Finding]:
    sentences = [s for s in said if s.finite]
    if text.strip() and len(sentences) < FEWEST_SENTENCES_OF_A_LETTER:
        yield finding("JC16", 0, len(text))
    yield from _frame_order(frame, sentences)
    yield from _pair(frame)
    yield from _body_order(body)
    apology = body.get("謝罪")
    if apology and len(sentences) >= 4 and sentences.index(apology) > len(sentences) // 2:
        yield finding("JC10", apology.start, apology.end)
    if frame.date and setting.today and not _same_day(frame.date.text, setting.today):
        yield finding("JC14", frame.date.start, frame.date.end)


def _frame_order(frame: Frame, sentences: Sequence[Said]) -> Iterator[Finding]:
    if frame.opening and sentences and frame.opening.number > sentences[0].line:
        yield finding("JC08", frame.opening.start, frame.opening.end)
    elif frame.closing and sentences and frame.closing.number < sentences[-1].line:
        yield finding("JC08", frame.closing.start, frame.closing.end)


def _pair(frame: Frame) -> Iterator[Finding]:
    if frame.opening is None or frame.opening_word in ("前略", "冠省"):
        return
    fitting = parts.closing_for(frame.opening_word)
    if frame.closing is None:
        yield replace(finding("JC12", frame.opening.start, frame.opening.end), suggestion=fitting)
    elif not parts.pair_is_known(frame.opening_word, frame.closing_word):
        yield replace(finding("JC12", frame.closing.start, frame.closing.end), suggestion=fitting)
    elif (frame.opening_word, frame.closing_word) == ("謹啓", "敬具"):
        yield finding("JC13", frame.closing.start, frame.closing.end)


def _body_order(body: Mapping[str, Said]) -> Iterator[Finding]:
    """The first part that stands before one it should follow; facts and cause may come either way round."""
    order = {"謝罪": 0, "事実": 0, "原因": 1, "対応": 1, "再発防止": 2, "結び": 3}
    furthest = -1
    for name, sentence in sorted(body.items(), key=lambda item: (item[1].start, order.get(item[0], 9))):
        rank = order.get(name)
        if rank is None:
            continue
        if rank < furthest - 1:
            yield finding("JC09", sentence.start, sentence.end)
            return
        furthest = max(furthest, rank)


def _same_day(line: str, today: str) -> bool:
    """Whether a date line names the ISO date `today`; a line that cannot be read is not doubted."""
    numbers = [_of_date(part) for part in re.findall(r"[0-9０-９〇一二三四五六七八九十元]+", line)]
    if len(numbers) < 3:
        return True
    year, month, day = numbers[:3]
    if "令和" in line or line.startswith(("R", "Ｒ")):
        year += 2018
    return [year, month, day] == [int(part) for part in today.split("-")[:3]]


def _of_date(text: str) -> int:
    if text == "元":
        return 1
    if text.isdigit():
        return int(text)
    if "十" not in text:
        return int("".join(str(_DIGITS.get(mark, 0)) for mark in text)[:6])
    return _of_kanji(text)


# --- what is well done, once there is a case to compare with ---


def praise(facts: Facts, evidence: Sequence[Evidence], setting: Setting) -> Iterator[Finding]:
    if not of_a_case(setting):
        return
    for fact, rule in (("deeds.interim_report", "JG01"), ("listening", "JG02"), ("apology.responsibility", "JG03")):
        if fact == "apology.responsibility" and setting.own_fault is not True:
            continue
        if fact == "listening" and facts.listening < 0.5:
            continue
        rests = next((e for e in evidence if e.fact == fact), None)
        if rests is not None:
            yield finding(rule, rests.start, rests.end)


def suited(findings: Sequence[Finding], frame: Frame) -> list[Finding]:
    """A closing word that omits the greeting is mended to the one that goes with the opening."""
    closing = parts.closing_for("謹啓" if frame.opening_word in ("前略", "冠省") else frame.opening_word)
    place = frame.closing
    return [
        replace(f, suggestion=closing) if f.rule == "J46" and place and place.start <= f.start < place.end else f
        for f in findings
    ]


def softened(findings: Sequence[Finding], frame: Frame) -> list[Finding]:
    """To a firm, greetings of congratulation are disputed, not wrong."""
    if frame.addressee is None or not _TO_A_FIRM.search(_around(frame)):
        return list(findings)
    return [replace(f, severity=ADVICE) if f.rule == "J44" else f for f in findings]


_TO_A_FIRM = re.compile(r"御中|株式会社|有限会社|合同会社|営業部|総務部|部　|部長|代表取締役")


def _around(frame: Frame) -> str:
    if frame.addressee is None:
        return ""
    place = frame.lines.index(frame.addressee)
    return "\n".join(line.text for line in frame.lines[max(0, place - 1) : place + 1] if line is not frame.date)
