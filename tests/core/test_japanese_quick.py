"""Expressions made quick find exactly what the plain ones find."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from playbooks.core.language import japanese
from playbooks.core.language.japanese.quick import literals, quick

FOLDER = Path(japanese.__file__).parent
TEXT = """謹啓　先日は、誠に申し訳ございませんでした！！　4月14日（月）に五千円をお返しいたします。
なので、原因は検品の不足でございます。○○様、クレームの件、😊お確かめ下さい。ｗｗ
草々
今後は二名で確認いたします。もしご不快でしたらお詫びいたします。"""


def sources() -> list[str]:
    elements = tomllib.loads((FOLDER / "elements.toml").read_text("utf-8"))["element"].values()
    facts = tomllib.loads((FOLDER / "facts.toml").read_text("utf-8")).values()
    rules = tomllib.loads((FOLDER / "expressions.toml").read_text("utf-8"))["rule"]
    found = ["|".join(row[key]) for row in elements for key in ("found", "done", "denied") if row.get(key)]
    found += [row if isinstance(row, str) else "|".join(row) for row in facts]
    return found + [rule[key] for rule in rules for key in ("text", "redeemed") if key in rule]


def test_the_same_matches_come_out_of_every_expression_in_use():
    for source in sources():
        plain = [match.span() for match in re.compile(source).finditer(TEXT)]
        assert [match.span() for match in quick(source).finditer(TEXT)] == plain, source


def test_every_match_holds_one_of_its_literals():
    for source in sources():
        cues = literals(source)
        for match in re.compile(source).finditer(TEXT):
            assert not cues or any(cue in match.group() for cue in cues), source


@pytest.mark.parametrize(
    ("source", "cues"),
    [
        ("返金|交換(?:品)?", ("交換", "返金")),
        ("(?:お|ご)届け", ("届け",)),
        ("[0-9]+円?", ()),
        ("草?", ()),
    ],
)
def test_what_a_match_cannot_do_without(source: str, cues: tuple[str, ...]):
    assert literals(source) == cues


def test_an_expression_that_may_match_nothing_is_left_alone():
    assert quick("a?|b").pattern == "a?|b"
