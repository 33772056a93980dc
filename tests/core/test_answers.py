"""Answers to complete: names are in them, facts are not, and their words are what the desk teaches."""

from __future__ import annotations

import re

import pytest

from playbooks.core.answers import answer_text, answer_titles
from playbooks.core.case import Case
from playbooks.core.draft import blanks_in
from playbooks.core.language.reading import read
from playbooks.core.words import desk_kinds
from tickets.errors import Invalid

NAMES = {
    "ko": {"customer": "김민수", "firm": "바다몰", "desk": "고객센터", "agent": "이서준", "order": "A-17"},
    "ja": {"customer": "山田 花子", "firm": "青空堂", "desk": "お客様相談室", "agent": "佐藤", "order": "A-17"},
    "en": {"customer": "Alex Brown", "firm": "Sea Mall", "desk": "care desk", "agent": "Sam Lee", "order": "A-17"},
}
HIDDEN = {"cause": "the hidden cause", "measure": "the hidden measure"}
CUSHIONS = {
    "ko": "번거로우|죄송합니다만|괜찮으시다면|바쁘시겠지만",
    "ja": "お手数を|恐れ入りますが|差し支えなければ|申し上げにくいのですが",
    "en": "not too much trouble|can give me|suits you|I am sorry, but|have a moment|please do|do not mind",
}
GRID = [(language, key) for language in NAMES for key in answer_titles()]


def a_case(language: str) -> Case:
    return Case(
        key="k", seed=3, language=language, profile="JP", channel="email", category="defective_item", severity=0.8,
        monetary=True, goods_accepted=False, own_fault=True, price=14_800, currency="JPY", right_remedy="exchange",
        names={**NAMES[language], **HIDDEN},
    )  # fmt: skip


@pytest.mark.parametrize(("language", "key"), GRID)
def test_an_answer_names_customer_and_writer_and_leaves_the_facts_open(language: str, key: str):
    text = answer_text(a_case(language), key)
    assert NAMES[language]["agent"] in text
    assert NAMES[language]["customer"] in text
    assert len(blanks_in(text)) >= 3
    assert not any(words in text for words in HIDDEN.values())
    assert not re.search(r"[{}]|\[\[|\|\|", text)


@pytest.mark.parametrize(("language", "key"), GRID)
def test_an_answer_holds_cushion_words(language: str, key: str):
    assert re.search(CUSHIONS[language], answer_text(a_case(language), key))


@pytest.mark.parametrize(("language", "key"), GRID)
def test_nothing_in_an_answer_is_to_mend(language: str, key: str):
    text = answer_text(a_case(language), key)
    assert [f.rule for f in read(text, language=language, kind="reply").findings if f.severity != "good"] == []


def test_every_answer_has_a_title_in_three_languages_and_a_name_of_its_own():
    assert all(set(title) == {"en", "ko", "ja"} for title in answer_titles().values())
    assert not set(answer_titles()) & set(desk_kinds())


def test_an_unknown_answer_is_refused():
    with pytest.raises(Invalid, match="ask_details"):
        answer_text(a_case("ko"), "song")
