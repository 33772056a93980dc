"""Harassment, insistence, and fair complaints that look like it: what a limit, a second person or giving in brings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playbooks.core.case import LANGUAGES, Case
from playbooks.core.customer.experience import experience_of
from playbooks.core.effects import Become, Effect, Note, Say
from playbooks.core.facts import Facts
from playbooks.core.opening import opening_events
from playbooks.core.playbook import built_in
from playbooks.core.pressure import ACCUSED, HELD, NONE, YIELDED, conduct_of, gives_in, is_pressing, names_limit
from playbooks.core.profiles import profile_for
from playbooks.core.replay import Replay, play
from playbooks.core.scenarios import case_of_scenario, opening, scenarios
from playbooks.core.words import desk_text
from tests.core.customer_cases import DAY, HOUR, MINUTE, T0, a_case, after, what_next, with_draws
from tickets.calendars import ALWAYS, calendar
from tickets.log import AGENT, CUSTOMER

FAST, LETTER = "fast-resolution", "apology-letter-gift"
HARASSING = [scenario.key for scenario in scenarios().values() if scenario.harassment]
FAIR = [scenario.key for scenario in scenarios().values() if scenario.looks_like_harassment]


def cases(key: str, language: str) -> list[Case]:
    return [case_of_scenario(scenarios()[key], language, key=str(n), seed=3) for n in range(12)]


def pressing(key: str = "kneel_demand", language: str = "ja") -> Case:
    return next(case for case in cases(key, language) if is_pressing(case))


def said(text: str = "…", **facts: object) -> list[Effect]:
    return [Say(AGENT, text, Facts(register=1.0, **facts))]  # type: ignore[arg-type]


def played(case: Case, script: list[tuple[int, list[Effect]]], *, days: int = 20) -> Replay:
    _, text = opening(scenarios()[str(case.scenario)], case)
    return play(
        case,
        built_in()[FAST],
        opened_at=T0,
        text=text,
        calendar=ALWAYS,
        days=days,
        script=[(T0 + at, effects) for at, effects in script],
    )


def words(replay: Replay) -> list[str]:
    return [
        event.data["facts"]["word"]
        for event in replay.log
        if event.name == "comment.created" and event.actor == CUSTOMER
    ]


def names(replay: Replay) -> list[str]:
    return [event.name for event in replay.log]


DUE = Note("remedy.given", AGENT, {"kind": "coupon", "ratio": 0.15, "promise_at": None, "conditional": False})
DOUBLE = Note("remedy.given", AGENT, {"kind": "refund", "ratio": 3.0, "promise_at": None, "conditional": False})
OVER = Note("ticket.handed_over", AGENT, {"to": "supervisor", "reason": "under_pressure"})


# What the customer does


def test_who_presses_presses_from_the_first_word_on_and_a_fair_customer_does_not() -> None:
    assert opening_events(pressing(), at=T0)[1].data["facts"]["pressure"]
    for key in FAIR:
        assert not any(is_pressing(case) for language in LANGUAGES for case in cases(key, language))


def test_an_answer_without_a_limit_leaves_them_pressing() -> None:
    case = pressing()
    log = after(opening_events(case, at=T0), case, HOUR, *said(apology=("regret",)))
    assert what_next(case, log) in ("chasing", "complaint", "demand_superior")


def test_after_a_limit_some_try_once_more_and_all_back_down_then() -> None:
    case = pressing()
    log = after(opening_events(case, at=T0), case, HOUR, *said(limit=True))
    assert what_next(case, log, with_draws(case, answer=0.1)) == "complaint"
    assert what_next(case, log, with_draws(case, answer=0.9)) == "backs_down"
    log = after(log, case, 2 * HOUR, Say(CUSTOMER, "…", Facts(word="complaint", pressure=True)), *said(limit=True))
    assert what_next(case, log, with_draws(case, answer=0.1)) == "backs_down"


def test_a_supervisor_who_takes_over_holds_the_line_too() -> None:
    case = pressing()
    log = after(opening_events(case, at=T0), case, HOUR, OVER, *said())
    assert what_next(case, log, with_draws(case, answer=0.9)) == "backs_down"


@pytest.mark.parametrize("n", range(6))
def test_nobody_leaves_silently_after_a_firm_and_polite_limit(n: int) -> None:
    case = [case for key in HARASSING for case in cases(key, "ja") if is_pressing(case)][n]
    replay = played(
        case,
        [(5 * MINUTE, said(limit=True)), (HOUR + 15 * MINUTE, [OVER, *said(limit=True)]), (2 * HOUR, [DUE, *said()])],
    )
    assert "backs_down" in words(replay)
    assert "customer.left" not in names(replay)[: names(replay).index("remedy.given")]
    assert conduct_of(case, replay.log).verdict == HELD


def test_who_was_ended_politely_after_the_limit_stays_away() -> None:
    replay = played(pressing(), [(HOUR, said(limit=True)), (DAY, [*said(limit=True), Become("solved", AGENT)])])
    assert "ticket.reopened" not in names(replay)
    conduct = conduct_of(pressing(), replay.log)
    assert (conduct.verdict, conduct.ended_at) == (HELD, T0 + DAY)


def test_a_ticket_solved_over_their_heads_is_opened_again() -> None:
    replay = played(pressing(), [(HOUR, [*said(), Become("solved", AGENT)])])
    assert "still_unhappy" in words(replay)


def test_whoever_gives_in_gets_them_back() -> None:
    case = pressing()
    held = played(case, [(HOUR, said(limit=True)), (HOUR + 15 * MINUTE, said(limit=True)), (2 * HOUR, [DUE, *said()])])
    more = [*said(yields=True), DOUBLE]
    gave_in = played(case, [(HOUR, more), (2 * HOUR, more), (3 * HOUR, more)])
    assert conduct_of(case, gave_in.log).verdict == YIELDED
    assert sum(
        event.data["facts"].get("pressure", False) for event in gave_in.log if event.name == "comment.created"
    ) > (sum(event.data["facts"].get("pressure", False) for event in held.log if event.name == "comment.created"))
    assert "backs_down" not in words(gave_in)


def test_giving_in_after_a_limit_undoes_it() -> None:
    case = pressing()
    script = [(HOUR, said(limit=True)), (6 * HOUR, said(limit=True)), (2 * DAY, [DOUBLE, *said(yields=True)])]
    replay = played(case, script)
    assert words(replay)[-1] in ("complaint", "demand_superior", "chasing", "still_unhappy")


# A fair complaint that looks like it


@pytest.mark.parametrize("key", FAIR)
def test_a_fair_complaint_is_insulted_by_a_limit(key: str) -> None:
    case = next(case for case in cases(key, "ko") if case.severity < 1)
    log = opening_events(case, at=T0)
    served, accused = after(log, case, HOUR, *said()), after(log, case, HOUR, *said(limit=True))
    assert what_next(case, accused, with_draws(case, answer=0.1)) == "complaint"
    assert experience_of(case, accused, until=T0 + HOUR).ng == experience_of(case, served, until=T0 + HOUR).ng + 1
    assert conduct_of(case, accused).verdict == ACCUSED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", FAIR)
def test_automatic_agents_serve_a_fair_complaint_and_never_accuse(key: str, language: str) -> None:
    for case in cases(key, language)[:4]:
        replay = worked(case, LETTER)
        assert conduct_of(case, replay.log).accused_at is None
        assert conduct_of(case, replay.log).remedied or "customer.left" in names(replay)


# Automatic agents


def worked(case: Case, playbook: str) -> Replay:
    _, text = opening(scenarios()[str(case.scenario)], case)
    book, hours = built_in()[playbook], calendar("jp")
    return play(
        case,
        book,
        opened_at=T0,
        text=text,
        calendar=hours,
        days=60,
        agent=replace(profile_for(book), p_wrong_remedy=0.0),
    )


@pytest.mark.parametrize("playbook", [FAST, LETTER])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", HARASSING)
def test_automatic_agents_hold_the_line_and_give_no_gift(key: str, language: str, playbook: str) -> None:
    case = pressing(key, language)
    replay = worked(case, playbook)
    assert replay.ended == "nothing_due"
    assert conduct_of(case, replay.log).verdict == HELD
    assert "gift.given" not in names(replay)


def test_an_ordinary_case_has_nothing_to_say_of_pressure() -> None:
    case = a_case()
    assert conduct_of(case, after(opening_events(case, at=T0), case, HOUR, *said())).verdict == NONE


# Reading it


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desks_own_limit_is_read_as_one_and_its_other_texts_are_not(language: str) -> None:
    case = case_of_scenario(scenarios()["kneel_demand"], language, key="1", seed=1)
    for kind in ("limit", "end_contact"):
        assert names_limit(desk_text(case, kind)[0], language)
    for kind in ("answer", "apologise", "remedy", "letter", "solve", "hand_over", "interim_report", "check_in"):
        for style in ("brief", "careful"):
            text = desk_text(case, kind, style=style)[0]
            assert not names_limit(text, language), text
            assert not gives_in(text, language), text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ja", "暴言が続くようでしたら、お電話を終えさせていただきます。"),
        ("ja", "同じご要求を繰り返される場合、対応を打ち切らせていただきます。"),
        ("ko", "폭언이 계속되면 통화를 종료하겠습니다."),
        ("ko", "같은 요구가 반복되면 부득이 상담을 중단할 수밖에 없습니다."),
        ("en", "If you go on threatening my colleague, I will end this call."),
        ("en", "Should this continue, we will have to close the conversation."),
    ],
)
def test_a_limit_in_other_words_is_read(language: str, text: str) -> None:
    assert names_limit(text, language)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ja", "明日、ご自宅へ伺い、土下座いたします。", True),
        ("ja", "土下座はいたしかねます。", False),
        ("ja", "念書をお渡しします。", True),
        ("ja", "ご自宅への訪問はお断りしております。", False),
        ("ko", "무릎 꿇고 사과드리겠습니다.", True),
        ("ko", "각서는 써 드릴 수 없습니다.", False),
        ("en", "I will come to your house and kneel.", True),
        ("en", "I will not kneel, and nobody here may be asked to.", False),
        ("en", "I am sorry that the delivery was late.", False),
    ],
)
def test_a_promise_that_nobody_may_make_is_read(language: str, text: str, expected: bool) -> None:
    assert gives_in(text, language) is expected
