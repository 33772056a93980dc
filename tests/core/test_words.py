"""What customers and the desk say: whole, in one language, in the right register, with facts that are true of it."""

from __future__ import annotations

import itertools
import re
from functools import cache
from typing import Any

import pytest

from playbooks.core.case import CURRENCIES, LANGUAGES, REMEDIES, Case
from playbooks.core.facts import COMPONENTS, CUSTOMER_WORDS, facts_from
from playbooks.core.phrasing import final_sound, moment, money, particle, render
from playbooks.core.scenarios import CURRENCY_OF, case_of_scenario, case_of_ticket, scenarios
from playbooks.core.scenarios.manners import Heard
from playbooks.core.words import NOTES, STYLES, address, customer_text, desk_kinds, desk_text
from tickets.errors import Invalid
from tickets.lifecycle import CATEGORIES_OF_COMPLAINT

TUESDAY = 1_788_246_000  # 2026-09-01 07:00 UTC, 16:00 in Seoul and Tokyo
MOODS = (0.0, 0.2, 0.5, 0.8, 1.0)
FOREIGN = {"ko": "ぁ-ヿ一-鿿", "ja": "가-힣ㄱ-ㅎㅏ-ㅣ", "en": "ぁ-ヿ一-鿿가-힣"}
MARKS = re.compile(r"[{}]|\[\[|\]\]|\|\||None")


def bare(language: str, category: str = "other", key: str = "1", *, own_fault: bool = True) -> Case:
    """A case that nobody authored and that names nothing."""
    return Case(
        key=key,
        seed=1,
        language=language,
        profile={"ko": "KR", "ja": "JP", "en": "US"}[language],
        channel="email",
        category=category,
        severity=0.5,
        monetary=True,
        goods_accepted=True,
        own_fault=own_fault,
        price=30_000,
        currency=CURRENCY_OF[language],
        right_remedy="refund",
    )


def cases(language: str) -> list[Case]:
    authored = [case_of_scenario(scenario, language, key="7", seed=3) for scenario in scenarios().values()]
    plain = [
        bare(language, category, own_fault=fault) for category in CATEGORIES_OF_COMPLAINT for fault in (True, False)
    ]
    return authored + plain


@cache
def desk_texts(language: str) -> list[tuple[str, str]]:
    """(kind, text) of everything the desk can say: each case, style, turn and set of details."""
    details: list[dict[str, Any]] = [
        {},
        {"promise_at": TUESDAY, "amount": 12_000},
        {"days": 3, "at": TUESDAY, "step": "A"},
        *({"remedy": remedy, "promise_at": TUESDAY} for remedy in REMEDIES),
    ]
    grid = itertools.product(cases(language), desk_kinds(), STYLES, range(2), details)
    return [(kind, desk_text(case, kind, style=style, nth=nth, **more)[0]) for case, kind, style, nth, more in grid]


def customer_texts(language: str) -> list[str]:
    grid = itertools.product(cases(language), CUSTOMER_WORDS, MOODS, range(3))
    return [customer_text(case, word, mood=mood, nth=nth) for case, word, mood, nth in grid]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_desk_keeps_a_placeholder_or_leaves_its_language(language: str) -> None:
    for kind, text in desk_texts(language):
        assert text.strip(), kind
        assert not MARKS.search(text), (kind, text)
        assert not re.search(f"[{FOREIGN[language]}]", text), (kind, text)
        assert not re.search(r" {2}|[,.。、]{2}|\n{3}", text), (kind, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_a_customer_keeps_a_placeholder_or_leaves_its_language(language: str) -> None:
    for text in customer_texts(language):
        assert text.strip()
        assert not MARKS.search(text), text
        assert not re.search(f"[{FOREIGN[language]}]", text), text
        assert not re.search(r" {2}|[,.。、]{2}", text), text


@pytest.mark.parametrize(("language", "word"), list(itertools.product(LANGUAGES, CUSTOMER_WORDS)))
def test_two_hundred_customers_rarely_write_the_same(language: str, word: str) -> None:
    authored = list(scenarios().values())
    texts = set()
    for n in range(200):
        case = case_of_scenario(authored[n % len(authored)], language, key=str(n), seed=5)
        texts.add(customer_text(case, word, mood=(n % 10) / 9, nth=0))
    assert len(texts) >= 40


@pytest.mark.parametrize(
    ("language", "word", "mood"), list(itertools.product(LANGUAGES, CUSTOMER_WORDS, (0.1, 0.5, 0.9)))
)
def test_every_mood_has_several_ways_to_say_it_even_where_nothing_is_named(
    language: str, word: str, mood: float
) -> None:
    assert len({customer_text(bare(language, key=str(n)), word, mood=mood, nth=0) for n in range(60)}) >= 5


@pytest.mark.parametrize(("language", "word"), list(itertools.product(LANGUAGES, CUSTOMER_WORDS)))
def test_a_customer_does_not_repeat_a_message(language: str, word: str) -> None:
    case = case_of_scenario(scenarios()["delivery_delay"], language, key="4", seed=2)
    told = [customer_text(case, word, mood=0.5, nth=nth) for nth in range(3)]
    assert len(set(told)) == 3


def test_a_mood_changes_the_words() -> None:
    for language in LANGUAGES:
        assert len({customer_text(bare(language), "chasing", mood=mood, nth=0) for mood in (0.1, 0.5, 0.9)}) == 3


def test_the_same_seed_gives_the_same_text_and_another_customer_another() -> None:
    scenario = scenarios()["double_charge"]
    one, again, other = (case_of_scenario(scenario, "ja", key=key, seed=9) for key in ("a", "a", "b"))
    assert customer_text(one, "complaint", mood=0.6, nth=1) == customer_text(again, "complaint", mood=0.6, nth=1)
    assert desk_text(one, "answer") == desk_text(again, "answer")
    assert customer_text(one, "opening", mood=0.6, nth=0) != customer_text(other, "opening", mood=0.6, nth=0)


def test_an_unknown_word_kind_style_or_remedy_is_refused_by_name() -> None:
    case = bare("en")
    for field, say in {
        "word": lambda: customer_text(case, "song", mood=0, nth=0),
        "kind": lambda: desk_text(case, "song"),
        "style": lambda: desk_text(case, "answer", style="song"),
        "remedy": lambda: desk_text(case, "remedy", remedy="song"),
    }.items():
        with pytest.raises(Invalid) as refused:
            say()
        assert refused.value.field == field


# Facts


def test_the_facts_of_every_text_are_valid() -> None:
    for kind, style, fault in itertools.product(desk_kinds(), STYLES, (True, False)):
        _, facts = desk_text(bare("en", own_fault=fault), kind, style=style)
        assert facts_from(facts.to_dict()) == facts


def test_quick_words_regret_and_repair_and_careful_words_care() -> None:
    brief, careful = desk_text(bare("ja"), "answer")[1], desk_text(bare("ja"), "apologise", style="careful")[1]
    assert (brief.apology, brief.empathy, brief.listening, brief.concrete) == (("regret", "repair"), 0.5, 0.4, 0.7)
    assert (brief.register, brief.voice, brief.ownership) == (0.8, 0.5, 0.0)
    assert (careful.empathy, careful.listening, careful.concrete, careful.ownership) == (1.0, 1.0, 0.8, 1.0)
    assert (careful.register, careful.voice) == (1.0, 0.9)


def test_an_apology_before_the_facts_admits_no_fault() -> None:
    for style in STYLES:
        assert "responsibility" not in desk_text(bare("ja"), "apologise", style=style)[1].apology


def test_the_letter_holds_every_part_of_an_apology_only_where_the_fault_is_ours() -> None:
    _, ours = desk_text(bare("ja"), "letter")
    text, not_ours = desk_text(bare("ja", own_fault=False), "letter")
    assert set(ours.apology) == set(COMPONENTS)
    assert ours.deeds == ("letter",)
    assert not_ours.apology == ("regret",)
    assert "責任" not in text


def test_a_quick_answer_apologises_once() -> None:
    assert desk_text(bare("ko"), "answer", nth=0)[1].apology
    text, facts = desk_text(bare("ko"), "answer", nth=1)
    assert not facts.apology
    assert not re.search("사과|죄송", text)


def test_only_texts_that_declare_an_apology_hold_one() -> None:
    sorry = {"ko": "사과드|사과의|죄송|송구", "ja": "お詫び|申し訳", "en": "sorry|apolog"}
    for language, kind, style, fault in itertools.product(LANGUAGES, desk_kinds(), STYLES, (True, False)):
        text, facts = desk_text(bare(language, own_fault=fault), kind, style=style)
        assert bool(re.search(sorry[language], text)) == bool(facts.apology), (language, kind, style, text)


def test_a_promise_is_a_fact_only_if_the_text_names_its_time() -> None:
    text, facts = desk_text(bare("ko"), "interim_report", promise_at=TUESDAY)
    assert "9월 1일(화) 16시까지" in text
    assert facts.promise_at == TUESDAY
    assert desk_text(bare("ko"), "interim_report")[1].promise_at is None
    assert desk_text(bare("ko"), "gift", promise_at=TUESDAY)[1].promise_at is None
    assert desk_text(bare("ko"), "reminder", promise_at=TUESDAY)[1].promise_at is None


def test_asking_waits_for_the_customer() -> None:
    assert desk_text(bare("en"), "ask")[1].asks
    assert not desk_text(bare("en"), "answer")[1].asks


def test_an_offer_names_amount_and_days_in_the_reader_s_way() -> None:
    said = {language: desk_text(bare(language), "remedy", amount=12_000, days=3)[0] for language in LANGUAGES}
    assert "12,000원을 영업일 기준 3일 이내에 환불해 드리겠습니다." in said["ko"]
    assert "12,000円を3営業日以内にご返金いたします。" in said["ja"]
    assert "We will refund $120.00 within 3 business days." in said["en"]


def test_a_bot_signs_with_no_person_s_name() -> None:
    case = case_of_scenario(scenarios()["wrong_item"], "ko", key="1", seed=1)
    agent = (case.names or {})["agent"]
    assert agent in desk_text(case, "interim_report")[0]
    assert agent not in desk_text(case, "interim_report", author="system")[0]


# Register


def test_korean_of_the_desk_is_formal_to_the_last_sentence() -> None:
    ends = re.compile(r"(니다|니까|올림|말씀|께)$")
    for kind, text in desk_texts("ko"):
        if kind in NOTES:
            continue
        for line in re.split(r"(?<=[다까])[.?](?=\s|$)|\n+", text):
            line = line.strip().rstrip(".?")
            dated = re.fullmatch(r"\d{4}년 \d+월 \d+일", line)
            assert not line or dated or ends.search(line), (kind, line)


def test_korean_of_the_desk_honours_people_and_not_things() -> None:
    wrong = re.compile(
        "나오셨|되셨습|되십니다|이십니다|실게요|미안|유감|양해|본의 아니게|하셨다면|으셨다면|도록 하겠|컴플레인|클레임"
        "|빠른 시일|최대한 빨리|규정상|[ㅋㅎㅠㅜ]|~|!"
    )
    for kind, text in desk_texts("ko"):
        assert not wrong.search(text), (kind, text)


def test_japanese_of_the_desk_keeps_clear_of_part_time_and_double_honorifics() -> None:
    wrong = re.compile(
        "クレーム|苦情|ご了承|すみません|ごめん|了解|になられ|おっしゃられ|よろしかった|のほう|とりあえず|一応|させていただ"
        "|あなた|してください|ご利用でき|ご確認でき|遺憾|お叱り|なるべく|後ほど|前略|草々|お慶び|[!！♪ｗ]"
    )
    for kind, text in desk_texts("ja"):
        assert not wrong.search(text), (kind, text)


def test_japanese_of_the_desk_ends_every_sentence_politely() -> None:
    polite = re.compile(
        r"(ます|です|ください|ました|ません|ませんでした|でしょうか|ますか|ございますか|なさいますか|申し上げます)$"
    )
    for kind, text in desk_texts("ja"):
        for sentence in re.findall(r"[^。\n]+(?=。)", text):
            assert polite.search(re.sub("（[^）]*）$", "", sentence)), (kind, sentence)


def test_a_japanese_letter_pairs_its_first_and_last_word() -> None:
    case = case_of_scenario(scenarios()["rude_service"], "ja", key="1", seed=1)
    lines = desk_text(case, "letter", at=TUESDAY)[0].splitlines()
    assert lines[0] == "2026年9月1日"
    assert lines[1].endswith("様")
    assert "謹啓" in lines
    assert lines[-1] == "謹白"


@pytest.mark.parametrize(
    ("language", "name", "shown"),
    [
        ("ko", "김민수", {"nim": "김민수 고객님"}),
        ("ko", "김민수님", {"nim": "김민수 고객님"}),
        ("ko", "김민수 고객님", {"nim": "김민수 고객님"}),
        ("ko", None, {"nim": "고객님"}),
        ("ja", "山田　花子", {"sama": "山田　花子様"}),
        ("ja", "山田様", {"sama": "山田様"}),
        ("ja", "お客様", {"sama": "お客様"}),
        ("ja", "", {"sama": "お客様"}),
        ("en", "Alex Brown", {"dear": "Alex Brown", "name": "Alex Brown"}),
        ("en", None, {"dear": "Customer", "name": "there"}),
    ],
)
def test_a_customer_s_title_is_there_once(language: str, name: str | None, shown: dict[str, str]) -> None:
    assert shown.items() <= address(name, language).items()


# Marks, particles, money, times


@pytest.mark.parametrize(
    ("word", "pair", "chosen"),
    [
        ("유모차", "이/가", "가"),
        ("이용권", "이/가", "이"),
        ("헤드폰", "을/를", "을"),
        ("커피 메이커", "은/는", "는"),
        ("서울", "으로/로", "로"),
        ("부산", "으로/로", "으로"),
        ("배송 지연(3건)", "과/와", "과"),
        ("3131-6088", "을/를", "을"),
        ("A-12", "을/를", "를"),
        ("TV", "은/는", "는"),
        ("REAM", "은/는", "은"),
    ],
)
def test_a_particle_follows_the_last_sound(word: str, pair: str, chosen: str) -> None:
    assert particle(word, pair) == chosen


def test_the_last_sound_of_a_vowel_is_none() -> None:
    assert final_sound("나") == ""
    assert final_sound("") == ""


def test_an_optional_span_needs_all_its_values() -> None:
    assert render("a[[ {x} {y}||-]]b", {"x": "1", "y": None}) == "a-b"
    assert render("a[[ {x} {y}||-]]b", {"x": "1", "y": "2"}) == "a 1 2b"


def test_a_value_that_is_missing_elsewhere_is_refused() -> None:
    with pytest.raises(Invalid):
        render("{x}", {"x": None})


def test_what_a_customer_is_called_is_never_read_as_a_mark() -> None:
    case = case_of_ticket(
        key="1", seed=1, language="en", channel="api", category="other", description="x", customer="{firm} [[a||b]]"
    )
    assert desk_text(case, "solve")[0].startswith("Hello {firm} [[a||b]],")


def test_money_is_written_as_its_readers_do() -> None:
    assert money(12_000, "KRW", "ko") == "12,000원"
    assert money(12_000, "KRW", "en") == "₩12,000"
    assert money(12_000, "JPY", "ja") == "12,000円"
    assert money(1_200, "USD", "en") == "$12.00"
    assert {money(1, currency, "en")[0] for currency in CURRENCIES} == {"₩", "¥", "$"}


def test_a_promised_time_is_told_in_the_reader_s_own_zone() -> None:
    half = TUESDAY + 1_800
    assert moment(half, "ko") == "9월 1일(화) 16시 30분"
    assert moment(half, "ja") == "9月1日（火）16時30分"
    assert moment(half, "en") == "Tuesday, September 1, 4:30 PM JST"


SHOP_WORDS = {
    "ko": "고객님|주문|이용해 주셔서",
    "ja": "弊社|お客様|ご注文",
    "en": "[Oo]ur customer|order number|bought",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_public_office_speaks_of_no_customers_orders_or_firm(language: str) -> None:
    offices = [one for one in scenarios().values() if one.sector == "public"]
    assert len(offices) >= 3
    for scenario, kind, style, nth in itertools.product(offices, desk_kinds(), STYLES, range(2)):
        case = case_of_scenario(scenario, language, key="1", seed=1)
        text = desk_text(case, kind, style=style, nth=nth, promise_at=TUESDAY)[0]
        assert not re.search(SHOP_WORDS[language], text), (kind, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_speaks_of_an_explanation_a_remedy_or_a_promise_that_never_came(language: str) -> None:
    never = {
        "ko": "설명|책임지고|약속하신|대책|정리되어|이걸로 괜찮|처리해 주셔서|빠르게",
        "ja": "説明を聞いて|責任をもって対応して|約束して|対策|もう気にして|片づいて、|早く見て",
        "en": "explanation|took responsibility|promises you made|said you would change|We're good|is settled|quickly",
    }[language]
    all_of_it = Heard(explained=True, responsible=True, promised=True, mended=True, remedied=True, quick=True)
    met = set()
    for n, (word, mood) in itertools.product(range(40), itertools.product(("acceptance", "thanks"), (0.1, 0.5, 0.9))):
        case = case_of_scenario(scenarios()["double_charge"], language, key=str(n), seed=5)
        assert not re.search(never, customer_text(case, word, mood=mood, nth=0))
        met |= set(re.findall(never, customer_text(case, word, mood=mood, nth=0, heard=all_of_it)))
    assert len(met) >= 3


def test_somebody_whose_money_is_still_owed_waits_for_it_after_accepting() -> None:
    case = case_of_scenario(scenarios()["double_charge"], "en", key="1", seed=5)
    texts = {customer_text(case, "acceptance", mood=0.1, nth=nth) for nth in range(12)}
    assert any("wait" in text for text in texts)
    given = {customer_text(case, "acceptance", mood=0.1, nth=nth, heard=Heard(remedied=True)) for nth in range(12)}
    assert not any("wait" in text for text in given)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_desk_sends_by_itself_is_signed_by_the_desk_and_speaks_of_no_i(language: str) -> None:
    first_person = {"ko": "제가|저에게|제게", "ja": "私(?!ども)", "en": r"\bI\b|\bme\b|myself"}[language]
    for scenario, kind, style, nth in itertools.product(
        scenarios().values(), ("acknowledge", "check_in", "interim_report"), STYLES, range(2)
    ):
        case = case_of_scenario(scenario, language, key="1", seed=1)
        text = desk_text(case, kind, author="system", style=style, nth=nth, promise_at=TUESDAY)[0]
        assert (case.names or {})["desk"] in text
        assert (case.names or {})["agent"] not in text
        assert not re.search(first_person, text), text
