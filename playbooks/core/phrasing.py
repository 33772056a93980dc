"""From a template to a finished sentence: names, particles, money and times in the language of the case.

A template is plain text with four marks, and none of them survives:

    {item}             a value; an unknown name is an error, a missing value drops the optional span around it
    {item:을/를}        the same with the Korean particle that fits its last sound
    [[ … || … ]]       optional: the first half if all its values are there, else the second (or nothing)
    <습니다|어요>        Korean registers: 합쇼체 before the bar, 해요체 after it
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playbooks.core.case import CURRENCIES
from tickets.errors import Invalid

Values = Mapping[str, str | None]

_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_VALUE = re.compile(r"\{(\w+)(?::([^{}]+))?\}")
_REGISTERS = re.compile(r"<([^<>|]*)\|([^<>|]*)>")
_CLOSING = ")]}」』）\"'”’"
# Digits and letters whose Korean name ends in a consonant; 으로/로 treats ㄹ like a vowel.
_DIGIT_ENDS = {"0": "ㅇ", "1": "ㄹ", "3": "ㅁ", "6": "ㄱ", "7": "ㄹ", "8": "ㄹ"}
_LETTER_ENDS = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "r": "ㄹ"}
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_WEEKDAYS = {"ko": "월화수목금토일", "ja": "月火水木金土日"}
# An English text is read anywhere, so its times name their zone: that of the desk's own business hours.
_ZONES = {"ko": "Asia/Seoul", "ja": "Asia/Tokyo", "en": "Asia/Tokyo"}


@cache
def words_of(name: str) -> dict[str, Any]:
    """One of the word lists in texts/."""
    return tomllib.loads((Path(__file__).parent / "texts" / f"{name}.toml").read_text("utf-8"))


def render(template: str, values: Values) -> str:
    """The finished text. Missing values outside an optional span are an error of the template."""
    text = _OPTIONAL.sub(lambda span: _choose(span.group(1), values), template)
    return _VALUE.sub(lambda found: _value(found, values), text).strip()


def in_register(template: str, *, formal: bool) -> str:
    """A template with its Korean registers settled; the first comes before `render`, which knows none."""
    return _REGISTERS.sub(lambda found: found.group(1 if formal else 2), template)


def names_in(template: str) -> frozenset[str]:
    """The values that a template uses."""
    return frozenset(found.group(1) for found in _VALUE.finditer(template))


def _choose(span: str, values: Values) -> str:
    for half in span.split("||"):
        if all(values.get(name) for name in names_in(half)):
            return half
    return ""


def _value(found: re.Match[str], values: Values) -> str:
    name, particles = found.group(1), found.group(2)
    value = values.get(name)
    if not value:
        raise Invalid("text_value_missing", f"This text needs '{name}', which the case does not have.", field=name)
    return value if particles is None else value + particle(value, particles)


def final_sound(word: str) -> str:
    """The consonant a word ends in when read in Korean, or '' after a vowel."""
    last = word.rstrip(_CLOSING + " ")[-1:].lower()
    if "가" <= last <= "힣":
        return _FINALS[(ord(last) - ord("가")) % 28].strip()
    return _DIGIT_ENDS.get(last) or _LETTER_ENDS.get(last, "")


def particle(word: str, pair: str) -> str:
    """The half of '을/를', '이/가', '은/는', '과/와', '으로/로' … that follows this word."""
    after_consonant, after_vowel = pair.split("/")
    sound = final_sound(word)
    if after_consonant.startswith("으로") and sound == "ㄹ":
        return after_vowel
    return after_consonant if sound else after_vowel


def money(amount: int, currency: str, language: str) -> str:
    """An amount in minor units as people of this language write it: 12,000원, 12,000円, $12.00."""
    digits = CURRENCIES[currency]
    number = f"{amount / 10**digits:,.{digits}f}" if digits else f"{amount:,}"
    if (currency, language) == ("KRW", "ko"):
        return f"{number}원"
    if (currency, language) == ("JPY", "ja"):
        return f"{number}円"
    return {"KRW": "₩", "JPY": "¥", "USD": "$"}[currency] + number


@cache
def _zone(language: str) -> tzinfo:
    return ZoneInfo(_ZONES[language]) if language in _ZONES else UTC


def moment(at: int, language: str) -> str:
    """A day and a time to promise: '7월 3일(금) 15시 30분', '7月3日（金）15時30分', 'Friday, July 3, 3:30 PM JST'."""
    when = datetime.fromtimestamp(at, _zone(language))
    if language == "ko":
        minute = f" {when.minute}분" if when.minute else ""
        return f"{when.month}월 {when.day}일({_WEEKDAYS['ko'][when.weekday()]}) {when.hour}시{minute}"
    if language == "ja":
        minute = f"{when.minute}分" if when.minute else ""
        return f"{when.month}月{when.day}日（{_WEEKDAYS['ja'][when.weekday()]}）{when.hour}時{minute}"
    clock = f"{when.hour % 12 or 12}:{when.minute:02d} {'AM' if when.hour < 12 else 'PM'}"
    return f"{when:%A}, {when:%B} {when.day}, {clock} {when.tzname()}"


def day(at: int, language: str) -> str:
    """The date at the head of a letter."""
    when = datetime.fromtimestamp(at, _zone(language))
    if language == "ko":
        return f"{when.year}년 {when.month}월 {when.day}일"
    if language == "ja":
        return f"{when.year}年{when.month}月{when.day}日"
    return f"{when:%B} {when.day}, {when.year}"
