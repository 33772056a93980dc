"""The common door: any text an agent wrote, in any of the three languages, read by one call.

Each language is loaded at its first use, so that a process that never reads Japanese pays nothing for it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from playbooks.core.case import LANGUAGES
from playbooks.core.language.finding import KINDS, Reading, Setting
from playbooks.core.language.rules import HouseStyle, house_style
from tickets.errors import Invalid

LONGEST = 20_000  # characters
LEAST_SHARE = 0.2  # of the letters must be of the language's script
_READERS = {
    "ko": ("playbooks.core.language.korean.reading", "read_korean"),
    "ja": ("playbooks.core.language.japanese.reading", "read_japanese"),
    "en": ("playbooks.core.language.english.reading", "read_english"),
}
_NAMES = {"ko": "Korean", "ja": "Japanese", "en": "English"}
# Japanese may be all Han in a short line (御中, 返金済), never in a whole text: that would be Chinese.
_SCRIPTS = {
    "ko": re.compile("[가-힣ㄱ-ㅎㅏ-ㅣ\u1100-\u11ff]"),
    "ja": re.compile("[\u3041-\u30ff\uff66-\uff9f\u4e00-\u9fff\u3400-\u4dbf々〆]"),
    "en": re.compile("[A-Za-z]"),
}
_KANA = re.compile("[\u3041-\u30ff\uff66-\uff9f]")
_SHORT = 12
_ADDRESS = re.compile(r"https?://[^\s가-힣\u3041-\u30ff\u4e00-\u9fff]{1,500}")


def read(text: str, *, language: str, kind: str = "reply", setting: Setting | None = None) -> Reading:
    """What the text says and lacks. Invalid names what is wrong with the input and how to mend it."""
    _check(text, language, kind)
    module, name = _READERS[language]
    reader: Any = getattr(import_module(module), name)
    setting = setting or Setting()
    setting = setting if setting.house else replace(setting, house=house())
    reading: Reading = reader(text, kind=kind, setting=setting)
    return reading


@cache
def version(language: str) -> str:
    """A digest of the rules and word lists by which this language is read: another one when a line of them changes."""
    here = Path(__file__).parent
    files = [here / "house.toml", *sorted((here / _NAMES[language].lower()).glob("*.toml"))]
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]


@cache
def house() -> HouseStyle:
    """How severe this desk takes a rule on a channel, in all three languages: house.toml."""
    return house_style((Path(__file__).parent / "house.toml").read_text("utf-8"), name="house.toml")


def _check(text: object, language: str, kind: str) -> None:
    if not isinstance(text, str):
        raise Invalid("not_text", "The text must be text.", field="text")
    if len(text) > LONGEST:
        message = f"A text has at most {LONGEST:,} characters; this one has {len(text):,}. Cut it, or send it in parts."
        raise Invalid("too_long", message, field="text")
    if language not in LANGUAGES:
        raise Invalid(
            "unknown_language", f"'{str(language)[:40]}' is not one of: {', '.join(LANGUAGES)}.", field="language"
        )
    if kind not in KINDS:
        raise Invalid("unknown_kind", f"'{str(kind)[:40]}' is not one of: {', '.join(KINDS)}.", field="kind")
    if not any(map(str.isalpha, text)):
        raise Invalid("empty_text", "There is no text to read: write at least one word.", field="text")
    _check_script(text, language)


def _check_script(text: str, language: str) -> None:
    text = _ADDRESS.sub("", text) or text  # a long link in a short message is of no language
    letters = sum(map(str.isalpha, text))
    counts = {name: len(script.findall(text)) for name, script in _SCRIPTS.items()}
    if language == "ja" and letters > _SHORT and not _KANA.search(text):
        counts["ja"] = 0
    if counts[language] and counts[language] >= LEAST_SHARE * letters:
        return
    likely = max(counts, key=lambda name: counts[name])
    remedy = (
        f"Choose language '{likely}', or write in {_NAMES[language]}."
        if counts[likely]
        else f"Write in {_NAMES[language]}."
    )
    found = f"{counts[language]} of its {letters} letters are {_NAMES[language]}"
    raise Invalid("wrong_language", f"This text is hardly {_NAMES[language]}: {found}. {remedy}", field="language")
