"""What stands under the text box while somebody writes: findings, what the words say and lack; and disagreeing."""

from __future__ import annotations

import re
import time

import pytest
from django.test import Client
from django.urls import reverse

from playbooks import driver, shifts
from playbooks.core.language.finding import Finding
from playbooks.models import Disagreement
from playbooks.pages.offers import offers_of
from playbooks.pages.review import Places
from tickets import clock as clocks
from tickets.models import Agent, Ticket

pytestmark = pytest.mark.django_db

TUESDAY = 1_764_637_200  # 2025-12-02 10:00 in Seoul and Tokyo: both desks are open
BAD_LETTER = "田中さん\nすみませんでした。忙しかったので商品の発送が遅れました。\nたぶん来週には届くと思います。\nご了承ください。"
HOSTILE = [
    "あ" * 20_000,
    "申し訳" * 6_000,
    "「" * 10_000,
    "お" * 9_999 + "になられる",
    "\u0000\u0007\u200b\u202e" * 100,
    "😀" * 10_000,
    "한국어와 日本語 and English. " * 500,
    "。" * 20_000,
    "a" * 200_000,
]


def agent(name: str, role: str = Agent.TRAINEE) -> Agent:
    return Agent.objects.create(username=name, role=role)


def signed_in(someone: Agent, language: str = "en") -> Client:
    client = Client()
    client.force_login(someone)
    client.cookies["django_language"] = language
    return client


def a_ticket(trainee: Agent, *, language: str = "ja", playbook: str = "apology-letter-gift") -> Ticket:
    begun = shifts.start_shift(
        trainee, now=TUESDAY, wall_now=clocks.wall(), scenario_keys=["defective_item"], language=language,
        playbook=playbook, speed=1, customers=1, seed=7,
    )  # fmt: skip
    driver.jump(begun.clock, by=600)
    return Ticket.objects.get(clock=begun.clock)


@pytest.fixture
def trainee() -> Agent:
    return agent("mina")


@pytest.fixture
def ticket(trainee: Agent) -> Ticket:
    return a_ticket(trainee)


@pytest.fixture
def browser(trainee: Agent) -> Client:
    return signed_in(trainee)


def reviewed(client: Client, ticket: Ticket, text: str, kind: str = "reply") -> str:
    answer = client.post(reverse("review", args=[ticket.pk]), {"text": text, "kind": kind})
    assert answer.status_code == 200
    return answer.content.decode()


def rules(fragment: str) -> list[str]:
    return re.findall(r'data-finding="(\w+)"', fragment)


def test_nobody_reads_along_on_the_tickets_of_others(ticket):
    form, other = {"text": "申し訳ございません。", "rule": "J01", "excerpt": "了解"}, signed_in(agent("other"))
    for name in ("review", "disagree"):
        assert other.post(reverse(name, args=[ticket.pk]), form).status_code == 404
        assert Client().post(reverse(name, args=[ticket.pk]), form).status_code == 302
    assert not Disagreement.objects.exists()


def test_errors_stand_before_advices_and_each_in_the_order_of_the_text(browser, ticket):
    fragment = reviewed(browser, ticket, BAD_LETTER, "letter")
    found = re.findall(r'data-severity="(\w+)" data-start="(\d+)"', fragment)
    errors = [int(start) for severity, start in found if severity == "error"]
    advices = [int(start) for severity, start in found if severity == "advice"]
    assert {"J53", "J02", "J30"} <= set(rules(fragment))
    assert [severity for severity, _ in found[: len(errors)]] == ["error"] * len(errors)
    assert errors == sorted(errors)
    assert advices == sorted(advices)


def test_advices_come_a_few_at_once(browser, ticket):
    fragment = reviewed(browser, ticket, "ご了承ください。たぶん届くと思います。取り急ぎご連絡まで。" * 3)
    first, _, rest = fragment.partition("more advice")
    assert len(re.findall('data-severity="advice"', first)) == 3
    assert 'data-severity="advice"' in rest


@pytest.mark.parametrize(
    ("language", "mend", "reason"),
    [("en", "To mend", "colleague"), ("ko", "고칠 곳", "동료"), ("ja", "要修正", "同僚")],
)
def test_a_finding_speaks_the_language_of_its_reader(trainee, ticket, language, mend, reason):
    fragment = reviewed(signed_in(trainee, language), ticket, "了解しました。")
    assert mend in fragment
    assert reason in fragment
    assert "承知いたしました" in fragment


def test_an_empty_text_is_answered_with_nothing(browser, ticket):
    for text in ("", "  \n ", "123 …"):
        assert reviewed(browser, ticket, text).strip() == ""


def test_a_text_in_another_language_gets_one_clear_sentence(browser, ticket):
    fragment = reviewed(browser, ticket, "We are very sorry for the trouble this has caused you.")
    assert "They read Japanese" in fragment
    assert rules(fragment) == []


def test_a_text_that_is_too_long_is_said_to_be(browser, ticket):
    assert "too long" in reviewed(browser, ticket, "申し訳ございません。" * 3_000)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_answered_in_bounded_time(browser, ticket, text):
    reviewed(browser, ticket, "申し訳ございません。")  # the dictionary is loaded
    began = time.monotonic()
    fragment = reviewed(browser, ticket, text, "letter")
    assert time.monotonic() - began < 5
    assert len(fragment) < 400_000


def test_markup_in_a_text_is_shown_as_text(browser, ticket):
    fragment = reviewed(browser, ticket, '了解しました<script>alert(1)</script>"onmouseover="x。了解しました。')
    assert "<script>alert" not in fragment
    assert '"onmouseover="' not in fragment


def test_places_are_counted_as_a_browser_counts_them(browser, ticket):
    plain = reviewed(browser, ticket, "了解しました。")
    with_faces = reviewed(browser, ticket, "😀😀了解しました。")
    start = lambda fragment: int(re.findall(r'data-finding="J01"[^>]*data-start="(\d+)"', fragment)[0])  # noqa: E731
    assert start(with_faces) == start(plain) + 4
    assert Places("a😀b")(2) == 3


def test_reading_along_costs_the_same_however_much_was_said(browser, trainee, ticket, django_assert_num_queries):
    with django_assert_num_queries(8):
        reviewed(browser, ticket, BAD_LETTER)
    for _ in range(3):
        browser.post(reverse("say", args=[ticket.pk]), {"kind": "reply", "body": "ただいまお調べしております。"})
    with django_assert_num_queries(8):
        reviewed(browser, ticket, BAD_LETTER * 3)


def test_it_is_said_what_the_words_say_and_what_the_step_still_lacks(browser, ticket):
    cold = reviewed(browser, ticket, "確認します。お待ちください。")
    warm = reviewed(browser, ticket, "ご不便をおかけし、誠に申し訳ございません。本日17時までに必ずご連絡いたします。")
    assert "Says sorry" in cold.partition("It says:")[0]
    assert "Says sorry" in warm.partition("It says:")[2]
    assert "Names a time or an amount" in warm.partition("It says:")[2]


def test_the_fifteen_parts_of_a_letter_are_ticked_as_they_are_written(browser, ticket):
    parts = lambda text: re.findall(r'<li class="(found|absent)">', reviewed(browser, ticket, text, "letter"))  # noqa: E731
    assert parts("") == ["absent"] * 15
    begun = parts("謹啓\n平素は格別のお引き立てを賜り、厚く御礼申し上げます。")
    assert len(begun) == 15
    assert begun.count("found") >= 2
    browser.post(reverse("deed", args=[ticket.pk, "investigate"]))
    whole = parts(browser.get(reverse("letter", args=[ticket.pk])).context["body"])
    assert whole.count("found") >= 12


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("ja", "ご迷惑をおかけし、誠に申し訳ございません。", "Honorific"),
        ("ja", "明日送ります。", "Polite"),
        ("ja", "明日送るよ。", "Plain"),
        ("ko", "내일 보내 드리겠습니다.", "Formal and polite"),
        ("ko", "내일 보내 드릴게요.", "Friendly and polite"),
    ],
)
def test_courtesy_is_said_in_words(trainee, language, text, words):
    assert words in reviewed(signed_in(trainee), a_ticket(trainee, language=language), text).partition("</p>")[0]


# --- taking over the better wording ---


def taken(text: str, words: str, suggestion: str, language: str = "ja", **more: str) -> list[str]:
    start = text.index(words)
    finding = Finding("X01", "error", start, start + len(words), {}, suggestion)
    return [text[: o.start] + o.words + text[o.end :] for o in offers_of(text, finding, language, **more)]


@pytest.mark.parametrize(
    ("language", "text", "words", "suggestion", "after"),
    [
        ("ja", "はい、了解しました。では。", "了解し", "承知いたしました", "はい、承知いたしました。では。"),
        (
            "ja",
            "ご了承ください。",
            "了承ください",
            "ご理解を賜れますと幸いに存じます",
            "ご理解を賜れますと幸いに存じます。",
        ),
        ("ja", "すみませんでした。", "すみません", "誠に申し訳ございません", "誠に申し訳ございません。"),
        ("ja", "たぶん届きます。次", "たぶん", "四月十四日までにご報告いたします", "○月○日までにご報告いたします。次"),
        ("ja", "弊社の製品", "製品", "商品", "弊社の商品"),
        ("ja", "一行目\n了解です\n三行目", "了解", "承知いたしました", "一行目\n承知いたしました\n三行目"),
        ("ko", "커피 나오셨습니다. 네", "나오셨습", "나왔습니다 / 있습니다", "커피 나왔습니다. 네"),
        ("ko", "곧 처리할게요.", "곧", "오늘 18시까지 처리하겠습니다", "오늘 ○시까지 처리하겠습니다."),
        ("ko", "바빠서요. 네", "바빠서요.", "곧 처리하겠습니다", "곧 처리하겠습니다. 네"),
        ("en", "Hi. Sorry if upset. Bye.", "if", "I am sorry for this.", "Hi. I am sorry for this. Bye."),
    ],
)
def test_the_better_wording_leaves_a_whole_sentence(language, text, words, suggestion, after):
    assert taken(text, words, suggestion, language)[0] == after


def test_what_only_says_what_to_do_is_nothing_to_take_over():
    assert taken("○○님께", "○○", "(고객과 사안에 맞게 채우십시오)", "ko") == []


def test_an_example_name_becomes_the_name_of_the_customer():
    assert taken("山田さん\n", "山田さん", "田中様", customer="山田 花子") == ["山田様\n"]


# --- disagreeing ---


def test_a_disagreement_is_kept_and_the_manager_reads_it_newest_first(browser, trainee, ticket):
    url = reverse("disagree", args=[ticket.pk])
    for rule, note in (("J15", "<b>丁寧</b>だと思う"), ("J01", "社内では使う"), ("J01", "やはり使う")):
        assert browser.post(url, {"rule": rule, "excerpt": "了解し", "note": note}).status_code == 204
    assert Disagreement.objects.count() == 2
    assert "You disagreed" in reviewed(browser, ticket, "了解しました。")
    Disagreement.objects.filter(rule="J15").update(at=1_700_000_000)

    assert browser.get(reverse("disagreements")).status_code == 404
    page = signed_in(agent("chief", Agent.MANAGER)).get(reverse("disagreements")).content.decode()
    assert page.index("やはり使う") < page.index("&lt;b&gt;丁寧&lt;/b&gt;だと思う")
    assert "<b>丁寧" not in page
    assert "社内では使う" not in page


@pytest.mark.parametrize(
    "form", [{}, {"rule": "", "excerpt": "x"}, {"rule": "J<1>", "excerpt": "x"}, {"rule": "J01", "excerpt": " \x00"}]
)
def test_a_disagreement_about_nothing_is_refused(browser, ticket, form):
    assert browser.post(reverse("disagree", args=[ticket.pk]), form).status_code == 400
    assert not Disagreement.objects.exists()


def test_what_is_long_is_cut_to_what_is_kept(browser, ticket):
    form = {"rule": "J01", "excerpt": "あ" * 5_000, "note": "い" * 5_000}
    assert browser.post(reverse("disagree", args=[ticket.pk]), form).status_code == 204
    kept = Disagreement.objects.get()
    assert (len(kept.excerpt), len(kept.note)) == (200, 400)


@pytest.mark.parametrize("language", ["ko", "ja", "en"])
def test_the_list_of_disagreements_speaks_three_languages(language):
    page = signed_in(agent("chief", Agent.MANAGER), language).get(reverse("disagreements")).content.decode()
    assert {"ko": "이견", "ja": "異議", "en": "Disagreements"}[language] in page
