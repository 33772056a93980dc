"""Rules as data: what a file of rules may hold, what is refused by name, and how long a pattern may take."""

from __future__ import annotations

import pytest

from playbooks.core.language.finding import ADVICE, Setting
from playbooks.core.language.reading import house, read
from playbooks.core.language.rules import bounded, compiled, house_style, load_rules
from tickets.errors import Invalid

RULE = """
language = "ko"
version = "1"
[authorities]
reviewer = "H. Sato, 2026-10-01"
[[rule]]
id = "X01"
severity = "error"
authority = "reviewer"
pattern = "‹안내문›"
why = { ko = "가", ja = "あ", en = "a" }
"""


def refused(text: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        load_rules(text, name="mine")
    return caught.value


def test_a_trainers_rule_is_read():
    rule = load_rules(RULE, name="mine").rules["X01"]
    assert rule.authority == "H. Sato, 2026-10-01"
    assert rule.pattern is not None
    assert rule.pattern.search("새 안내문 보기")
    assert not rule.pattern.search("새안내문")


def test_a_rule_that_rests_on_nothing_only_advises():
    assert load_rules(RULE.replace('authority = "reviewer"', ""), name="mine").rules["X01"].severity == ADVICE


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ('severity = "error"', 'severity = "fatal"', "unknown", "rule[0].severity"),
        ('id = "X01"', 'id = "x"', "bad_name", "rule[0].id"),
        ('authority = "reviewer"', 'authority = "me"', "unknown_authority", "rule[0].authority"),
        ('en = "a"', 'de = "a"', "missing_field", "rule[0].why"),
        ('pattern = "‹안내문›"', 'pattern = "("', "bad_pattern", "rule[0].pattern"),
        ('pattern = "‹안내문›"', 'pattern = "a+"', "bad_pattern", "rule[0].pattern"),
        ('pattern = "‹안내문›"', "", "missing_field", "rule[0].pattern"),
        ('pattern = "‹안내문›"', 'pattern = "a"\nwhen = ["rain"]', "unknown_name", "rule[0].when"),
        ('pattern = "‹안내문›"', 'pattern = "a"\ncolour = "red"', "unknown_field", "rule[0].colour"),
    ],
)
def test_what_is_wrong_with_a_rule_is_named(old: str, new: str, code: str, field: str):
    error = refused(RULE.replace(old, new))
    assert error.field == field
    assert code in error.code


def test_the_same_id_twice_is_refused():
    assert refused(RULE + RULE[RULE.index("[[rule]]") :]).code == "twice"


@pytest.mark.parametrize("pattern", ["a*", "a+b", "(a|b){2,}", "(a{1,3}){2,9}", "(?:x)+", "a{1,99}", "…a…b…c…d"])
def test_a_pattern_that_could_take_long_is_refused(pattern: str):
    with pytest.raises(ValueError, match=r"."):
        bounded(pattern)


@pytest.mark.parametrize("pattern", ["a{1,3}b?", "[*+]", "a\\+", "(?:a|b)?c", "…a…|b…c…", "{ㄹ}게요"])
def test_a_bounded_pattern_is_fine(pattern: str):
    bounded(pattern)


def test_a_syllable_is_named_by_its_last_consonant():
    assert compiled("{ㄹ}께요").search("연락드릴께요")
    assert not compiled("{ㄹ}께요").search("고객님께요")
    assert compiled("{-}요").search("가요")


def test_more_rules_replace_and_add():
    book = load_rules(RULE, name="mine")
    more = load_rules(RULE.replace("안내문", "공지").replace('version = "1"', 'version = "2"'), name="theirs")
    together = book.with_rules(more)
    assert together.version == "1+2"
    assert together.rules["X01"].pattern.search("공지")


def test_a_house_style_is_checked():
    assert house_style('X01 = { chat = "off" }', name="house") == {"X01": {"chat": "off"}}
    for text in ('X01 = { fax = "off" }', 'X01 = { chat = "loud" }', 'X01 = "off"', 'politeness = { all = "off" }'):
        with pytest.raises(Invalid):
            house_style(text, name="house")


@pytest.mark.parametrize(
    ("language", "text", "rule"),
    [
        ("ko", "환불을 확인하도록 하겠습니다.", "K49"),
        ("ja", "了解しました。返金いたします。", "J01"),
        ("en", "We will be more careful with your coat.", "E17"),
    ],
)
def test_a_house_style_overrides_a_rule_per_channel_in_every_language(language: str, text: str, rule: str):
    style = {rule: {"chat": "off", "all": "error", "email": "advice"}}

    def severity(channel: str) -> str | None:
        findings = read(text, language=language, setting=Setting(house=style, channel=channel)).findings
        return next((f.severity for f in findings if f.rule == rule), None)

    assert [severity(channel) for channel in ("chat", "email", "phone")] == [None, "advice", "error"]


def test_the_house_style_of_the_desk_is_read_in_every_language():
    assert all(isinstance(channels, dict) for channels in house().values())
