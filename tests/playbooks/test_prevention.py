"""From complaints to prevention on rows: causes by week, a measure and its effect, customers told, words afterwards."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.test import Client

from playbooks import driver, notices, prevention
from playbooks.api.serializers import iso
from playbooks.core.scenarios import scenarios
from playbooks.intake import Complaint, take_in
from playbooks.models import AdvanceNotice, Arrival, Outcome, Shift, Survey
from playbooks.pages.prevention import panels_of
from playbooks.pages.prevention_said import stage_picture
from playbooks.shifts import scenario_complaint, start_shift
from tests.core.customer_cases import a_case
from tests.rest import START, Desk, refusal
from tickets import clock as clocks
from tickets.clock import main_clock
from tickets.errors import Invalid
from tickets.models import Agent, Clock, Comment, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

DAY, WEEK = 86_400, 604_800
CAUSE = "delivery_delay/=a truck that broke down"


def come_in(ordinal: int, *, at: int, cause: str | None = "a truck that broke down", **fields: Any) -> Ticket:
    """A complaint on the main desk; with `cause`, somebody has found out."""
    complaint = Complaint(
        **{
            "description": f"Order {ordinal} has not come.", "external_id": f"p{ordinal}", "language": "en",
            "channel": "email", "category": "delivery_delay", "playbook": "fast-resolution",
            "requester_email": f"c{ordinal}@example.com", **fields,
        }
    )  # fmt: skip
    ticket = take_in(complaint, clock=main_clock(), now=at).ticket
    if cause is not None:
        add_event(ticket, "case.facts_confirmed", at + 60, own_fault=bool(cause), cause=cause)
    return ticket


def add_event(ticket: Ticket, name: str, at: int, actor: str = "agent", **data: Any) -> TicketEvent:
    seq = TicketEvent.objects.filter(ticket=ticket).order_by("-seq").values_list("seq", flat=True)[0] + 1
    return TicketEvent.objects.create(ticket=ticket, seq=seq, at=at, name=name, actor=actor, data=data)


def causes() -> dict[str, prevention.CauseOverTime]:
    found = prevention.causes_over_time(prevention.complaints_of(main_clock()))
    return {one.cause.key: one for one in found}


def test_causes_are_counted_by_week_and_what_is_not_found_out_is_said():
    for n in range(3):
        come_in(n, at=START + n * WEEK)
    come_in(10, at=START, cause=None)
    come_in(11, at=START, cause="")

    found = causes()
    assert list(found) == [CAUSE, "delivery_delay/not_found", "delivery_delay/not_ours"]
    assert [n for _, n in found[CAUSE].weeks] == [1, 1, 1]
    assert found[CAUSE].cause.said == "a truck that broke down"
    assert found["delivery_delay/not_found"].n == 1


def test_one_authored_case_has_one_cause_in_three_languages():
    key = next(key for key, one in scenarios().items() if one.own_fault)
    for place, language in enumerate(("ja", "ko", "en")):
        given = scenario_complaint(key, language, key=f"s{place}", seed=3, playbook="fast-resolution")
        ticket = take_in(given, clock=main_clock(), now=START).ticket
        add_event(ticket, "case.facts_confirmed", START + 60, own_fault=True, cause=given.case["names"]["cause"])
    found = causes()
    assert [one.n for one in found.values()] == [3]
    in_korean = prevention.complaints_of(main_clock(), language="ko")[0].cause.said
    in_japanese = prevention.complaints_of(main_clock(), language="ja")[0].cause.said
    assert in_korean and in_japanese and in_korean != in_japanese


def test_causes_are_read_in_three_queries(django_assert_max_num_queries: Any):
    for n in range(6):
        come_in(n, at=START + n * 60)
    clock = main_clock()
    with django_assert_max_num_queries(3):
        prevention.complaints_of(clock)


# Measures


def measure(**given: Any) -> Any:
    asked = {"cause": CAUSE, "text": "Another carrier", "taken_at": START + 28 * DAY, **given}
    return prevention.take_measure(asked, clock=main_clock(), by=None, now=START + 60 * DAY)


def test_a_measure_is_held_against_the_weeks_before_it_and_against_other_causes():
    for n in range(14):
        come_in(n, at=START + n * 2 * DAY)
    come_in(20, at=START + 30 * DAY)
    for n in range(6):
        come_in(30 + n, at=START + n * 10 * DAY, cause="a lost label")
    measure()

    complaints = prevention.complaints_of(main_clock())
    (found,) = prevention.effects(main_clock(), complaints, now=START + 60 * DAY)

    assert (found.effect.before, found.effect.after) == (14, 1)
    assert found.effect.verdict == "fell"
    assert (found.effect.others_before, found.effect.others_after) == (3, 3)
    assert found.effect.seconds == 28 * DAY


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"cause": "weather"}, "cause"),
        ({"cause": "weather/rain"}, "cause"),
        ({"text": "  "}, "text"),
        ({"taken_at": START + 61 * DAY}, "taken_at"),
    ],
)
def test_a_measure_that_cannot_be_is_refused_by_its_field(given: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        measure(**given)
    assert refused.value.field == field


# Telling customers beforehand


def test_complaints_of_those_told_are_held_against_the_others():
    come_in(0, at=START)
    notice = notices.tell_beforehand(
        {
            "cause": CAUSE, "text": "Your parcel is late.", "told_at": START + DAY, "told": 3, "not_told": 3,
            "emails": "c1@example.com c2@example.com\nC3@example.com",
        },
        clock=main_clock(), by=None, now=START + 20 * DAY,
    )  # fmt: skip
    come_in(1, at=START + 2 * DAY)
    for n in (4, 5, 6):
        come_in(n, at=START + 3 * DAY)

    complaints = prevention.complaints_of(main_clock())
    found = notices.told_of(notice, complaints, now=START + 20 * DAY)

    assert found.complained == (1, 3)
    assert found.ratio is not None
    assert found.ratio.estimate == pytest.approx(1 / 3)
    assert not found.ratio.shown
    assert (found.foreseen.gain.estimate or 0) > 0


def test_where_nobody_knows_who_was_told_nothing_is_claimed():
    notice = notices.tell_beforehand(
        {"cause": CAUSE, "text": "Late.", "told": 500}, clock=main_clock(), by=None, now=START
    )
    found = notices.told_of(notice, [], now=START + DAY)
    assert found.complained is None and found.ratio is None and found.csat is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"told": 0}, "told"),
        ({"told": 1, "emails": ["a@b.jp", "c@d.jp"]}, "emails"),
        ({"emails": ["nobody"]}, "emails"),
        ({"told": 5, "not_told": -1}, "not_told"),
    ],
)
def test_a_notice_that_cannot_be_is_refused_by_its_field(given: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        notices.tell_beforehand({"cause": CAUSE, "text": "Late.", **given}, clock=main_clock(), by=None, now=START)
    assert refused.value.field == field


# Simulated customers who had been told


def arrivals(clock: Clock, many: int, **fields: Any) -> None:
    """Complaints that will come in an hour apart, from the day after START on."""
    case = a_case(names={"cause": "a truck that broke down"}, category="delivery_delay", language="en", profile="US")
    for n in range(1, many + 1):
        complaint = Complaint(
            description=f"Order {n} has not come.", language="en", channel="email", category="delivery_delay",
            playbook="fast-resolution", requester_email=f"a{n}@example.com", key=f"a{n}", case=case.to_dict(), **fields,
        )  # fmt: skip
        Arrival.objects.create(clock=clock, ordinal=n, due_at=START + DAY + n * 3_600, data=complaint.to_dict())


def told_all(clock: Clock, **given: Any) -> AdvanceNotice:
    asked = {"cause": CAUSE, "text": "Your parcel is late.", "told_at": START, **given}
    return notices.tell_beforehand(asked, clock=clock, by=None, now=START + 60)


def come(clock: Clock, many: int) -> dict[str, int]:
    driver.advance(clock, until=START + DAY + (many + 1) * 3_600)
    return Counter(Arrival.objects.filter(clock=clock).values_list("state", flat=True))


def another_clock(key: str) -> Clock:
    return Clock.objects.create(key=key, sim_at=START)


def test_some_of_those_told_do_not_complain_and_every_one_of_them_is_counted():
    clock, many = another_clock("told"), 24
    arrivals(clock, many)
    notice = told_all(clock, emails=[f"a{n}@example.com" for n in range(1, many + 1)], not_told=0)
    states = come(clock, many)

    assert states["prevented"] > 0 and states["in"] > 0
    assert states["prevented"] + states["in"] == many
    assert Ticket.objects.filter(clock=clock).count() == states["in"]
    opened = TicketEvent.objects.filter(ticket__clock=clock, name="ticket.created").values_list("data", flat=True)
    assert {data["told_at"] for data in opened} == {START}
    found = notices.told_of(notice, prevention.complaints_of(clock), now=START + 20 * DAY)
    assert (found.spared, found.simulated) == (states["prevented"], True)


def test_without_a_notice_every_arrival_comes_in_and_its_log_says_nothing_of_one():
    bare, elsewhere = another_clock("bare"), another_clock("elsewhere")
    arrivals(bare, 6)
    told_all(elsewhere, told=10, not_told=0)
    assert come(bare, 6) == {"in": 6}
    opened = TicketEvent.objects.filter(ticket__clock=bare, name="ticket.created").values_list("data", flat=True)
    assert not any("told_at" in data for data in opened)


def test_where_a_notice_names_only_a_count_so_many_are_drawn_and_the_same_ones_each_time():
    told = []
    for key in ("one", "two"):
        clock = another_clock(key)
        arrivals(clock, 16)
        told_all(clock, told=50, not_told=50)
        come(clock, 16)
        opened = TicketEvent.objects.filter(ticket__clock=clock, name="ticket.created").order_by("ticket__number")
        prevented = Arrival.objects.filter(clock=clock, state="prevented").order_by("ordinal")
        told.append(
            ([data.get("told_at") for data in opened.values_list("data", flat=True)],
             list(prevented.values_list("ordinal", flat=True)))
        )  # fmt: skip
    assert told[0] == told[1]
    assert START in told[0][0] and None in told[0][0]


def test_those_told_complain_less_and_are_held_against_the_others_with_what_is_assumed():
    clock, many = another_clock("share"), 30
    arrivals(clock, many)
    notice = told_all(clock, told=50, not_told=50)
    states = come(clock, many)
    for ticket in Ticket.objects.filter(clock=clock):
        add_event(
            ticket, "case.facts_confirmed", ticket.created_at + 60, own_fault=True, cause="a truck that broke down"
        )

    found = notices.told_of(notice, prevention.complaints_of(clock), now=START + 20 * DAY)
    assert found.complained is not None and sum(found.complained) == states["in"]
    assert found.ratio is not None and found.ratio.estimate == pytest.approx(found.complained[0] / found.complained[1])
    data = notices.told_data(found)
    assert data["spared"] == states["prevented"]
    assert {one["mark"] for one in data["assumed"]} == {"assumed"}


def test_what_somebody_sends_in_is_never_kept_back_but_begins_as_told():
    for n in range(12):
        come_in(100 + n, at=START - DAY, cause=None)
    told_all(main_clock(), emails=[f"c{n}@example.com" for n in range(12)], told=12)
    case = a_case(names={"cause": "a truck that broke down"}, category="delivery_delay").to_dict()
    tickets = [come_in(n, at=START + DAY, cause=None, case=case) for n in range(12)]
    assert len({ticket.pk for ticket in tickets}) == 12
    for ticket in tickets:
        assert TicketEvent.objects.get(ticket=ticket, name="ticket.created").data["told_at"] == START


# Effort, words


def test_the_stages_of_those_who_found_it_hard_are_held_against_the_others():
    for n in range(8):
        hard = n % 2
        ticket = come_in(n, at=START, cause=None)
        wait = (30 + n if hard else 1 + n) * 3_600
        add_event(ticket, "comment.created", START + wait, public=True, author="agent", channel="email", facts={})
        outcome = Outcome.objects.get(ticket=ticket)
        Outcome.objects.filter(pk=outcome.pk).update(data={**outcome.data, "ces": 2 if hard else 6})

    found = prevention.effort(main_clock())
    assert (len(found.hard), len(found.easy), found.answered) == (4, 4, 8)
    assert found.stages[0].hours.estimate == pytest.approx(30)


def test_only_words_after_the_end_are_read_and_each_leads_to_its_ticket():
    ticket = come_in(1, at=START, cause=None)
    say(ticket, START + 60, "Refund me!")
    add_event(ticket, "ticket.solved", START + 120)
    say(ticket, START + 180, "Thank you, but I waited too long.")

    found = {one.topic: one for one in prevention.said_after(main_clock())}
    assert set(found) == {"thanks", "slow"}
    assert found["slow"].examples[0][0] == ticket.pk
    assert (found["slow"].n, found["slow"].of) == (1, 1)


def say(ticket: Ticket, at: int, body: str) -> None:
    event = add_event(
        ticket, "comment.created", at, "customer", public=True, author="customer", channel="email", facts={}
    )
    Comment.objects.create(
        ticket=ticket, seq=event.seq, at=at, author_type="customer", public=True, channel="email", body=body
    )


def answered(ticket: Ticket, at: int, metric: str, score: int, comment: str = "") -> None:
    Survey.objects.create(ticket=ticket, metric=metric, invited_at=at - 60, answered_at=at, score=score)
    beside = {"comment": comment} if comment else {}
    add_event(ticket, "survey.answered", at, "customer", metric=metric, round=1, score=score, **beside)


def test_what_stands_beside_the_ticks_is_counted_by_topic_low_against_high():
    for n in range(4):
        ticket = come_in(n, at=START, cause=None)
        answered(ticket, START + 60, "csat", 1, "The first answer took too long.")
        answered(ticket, START + 90, "ces", 2, "I waited too long.")
    for n in range(4, 8):
        answered(come_in(n, at=START, cause=None), START + 60, "csat", 5, "They answered quickly.")
    answered(come_in(9, at=START, cause=None), START + 60, "csat", 4)

    found = prevention.remarks_of(main_clock())
    assert (found.answered, found.wrote, found.low, found.high) == (9, 8, 4, 4)
    slow = next(one for one in found.topics if one.topic == "slow")
    assert (slow.all.n, slow.all.estimate, slow.low.estimate, slow.high.estimate) == (8, 0.5, 1.0, 0.0)
    assert len(slow.examples) == 3


def test_remarks_are_read_in_two_queries(django_assert_num_queries: Any):
    for n in range(5):
        answered(come_in(n, at=START, cause=None), START + 60, "csat", 5, "Thank you.")
    clock = main_clock()
    with django_assert_num_queries(2):
        prevention.remarks_of(clock)


# REST


def test_what_was_written_beside_a_tick_is_read_over_rest(desk: Desk, django_assert_max_num_queries: Any):
    ticket = desk.ticket(language="en", category="delivery_delay")
    row = Ticket.objects.get(pk=ticket["id"])
    answered(row, row.created_at + 60, "csat", 2, "The first answer took too long.")
    answered(row, row.created_at + 90, "ces", 5)
    with django_assert_max_num_queries(20):
        read = {one["metric"]: one["comment"] for one in desk.manager.all("surveys/")}
    assert read == {"csat": "The first answer took too long.", "ces": None}
    remarks = desk.manager.get("prevention/").json()["remarks"]
    assert (remarks["answered"], remarks["wrote"]) == (1, 1)
    assert [one["topic"] for one in remarks["topics"]] == ["slow"]
    assert remarks["topics"][0]["examples"] == [
        {"ticket": row.pk, "language": "en", "text": "The first answer took too long."}
    ]


def test_a_remark_stands_on_the_page_of_prevention_and_beside_the_answer_on_the_ticket(desk: Desk):
    client = Client()
    client.force_login(Agent.objects.create(username="someone", role=Agent.MANAGER))
    ticket = desk.ticket(language="en", category="delivery_delay")
    row = Ticket.objects.get(pk=ticket["id"])
    answered(row, row.created_at + 60, "csat", 2, "The first answer took too long.")
    for path in ("/prevention/", f"/tickets/{row.pk}/"):
        page = client.get(path).content.decode()
        assert '<q lang="en">The first answer took too long.</q>' in page, path


def test_a_manager_reads_causes_and_notes_a_measure_and_a_notice(desk: Desk):
    ticket = desk.ticket(language="en", category="delivery_delay", requester={"name": "Kim", "email": "k@example.com"})
    read = desk.manager.get("prevention/")
    assert read.status_code == 200, read.content
    (cause,) = read.json()["causes"]
    key = cause["cause"]["key"]
    assert key == f"{ticket['category']}/not_found"

    made = desk.manager.post("prevention/measures/", {"cause": key, "text": "Another carrier"})
    assert made.status_code == 201, made.content
    assert made.json()["effect"]["verdict"] == "too_soon"
    told = desk.manager.post("prevention/notices/", {"cause": key, "text": "Late", "emails": ["k@example.com"]})
    assert told.status_code == 201, told.content
    assert told.json()["outcome"]["complained"] == [0, 0]
    assert len(desk.manager.all("prevention/measures/")) == len(desk.manager.all("prevention/notices/")) == 1


def test_prevention_is_not_for_trainees(desk: Desk):
    for path in ("prevention/", "prevention/measures/", "prevention/notices/"):
        assert desk.owner.get(path).status_code == 403
    assert desk.owner.post("prevention/measures/", {"cause": "other/not_found", "text": "x"}).status_code == 403


def test_a_wrong_cause_is_named_at_the_api(desk: Desk):
    refusal(desk.manager.post("prevention/measures/", {"cause": "rain", "text": "x"}), 400, None, cause="unknown_cause")


def test_customers_of_a_shift_can_be_told_and_the_notice_is_held_against_that_shift_alone(desk: Desk):
    trainee = Agent.objects.create(username="hana", role=Agent.TRAINEE)
    key = next(key for key, one in scenarios().items() if one.own_fault and one.sector != "public")
    now = clocks.instant(main_clock(), wall_now=clocks.wall())
    shift = start_shift(
        trainee, now=now, wall_now=clocks.wall(), scenario_keys=[key], language="ja", playbook="apology-letter-gift",
        speed=1, customers=12, seed=3,
    )  # fmt: skip
    ((found, causes),) = notices.shifts_to_come(language="ja")
    assert (found, [cause.kind for cause in causes]) == (shift, ["scenario"])

    notice = {"cause": causes[0].key, "text": "Late", "told": 12, "not_told": 0, "shift": shift.pk, "told_at": iso(now)}
    made = desk.manager.post("prevention/notices/", notice)
    assert made.status_code == 201, made.content
    assert made.json()["shift"] == shift.pk
    driver.jump(shift.clock, by=12 * 600)

    (read,) = desk.manager.all("prevention/notices/")
    states = Counter(Arrival.objects.filter(clock=shift.clock).values_list("state", flat=True))
    assert states["prevented"] > 0 and states["pending"] == 0
    assert read["outcome"]["spared"] == states["prevented"]
    assert Ticket.objects.filter(clock=shift.clock).count() == states["in"]


def test_a_notice_for_a_shift_that_is_not_there_is_refused_at_its_field(desk: Desk):
    given = {"cause": "other/not_ours", "text": "x", "told": 3, "shift": 999}
    refusal(desk.manager.post("prevention/notices/", given), 400, None, shift="unknown_shift")


def test_the_page_names_who_was_spared_and_what_is_assumed():
    clock = another_clock("page")
    Shift.objects.create(clock=clock, trainee=Agent.objects.create(username="t"), title="1", seed=1, started_at=START)
    arrivals(clock, 12)
    told_all(clock, told=12, not_told=0)
    states = come(clock, 12)
    client = Client()
    client.force_login(Agent.objects.create(username="someone", role=Agent.MANAGER))
    page = client.get("/prevention/").content.decode()
    assert f"{states['prevented']} simulated customers who had been told did not complain." in page
    assert "Assumed, not observed: that 35" in page


def test_the_costly_step_has_a_picture_beside_its_table():
    for n in range(8):
        ticket = come_in(n, at=START, cause=None)
        wait = (30 + n if n % 2 else 1 + n) * 3_600
        add_event(ticket, "comment.created", START + wait, public=True, author="agent", channel="email", facts={})
        outcome = Outcome.objects.get(ticket=ticket)
        Outcome.objects.filter(pk=outcome.pk).update(data={**outcome.data, "ces": 2 if n % 2 else 6})
    drawn = stage_picture(prevention.effort(main_clock()).stages)
    assert drawn is not None
    first = drawn.rows[0]
    assert first.hard is not None and first.easy is not None and first.hard.x > first.easy.x
    for line in (first.hard, first.easy):
        assert 0 <= line.low <= line.x <= line.high <= 420
    assert [x for x, _words in drawn.ticks] == sorted({x for x, _words in drawn.ticks})


def test_a_picture_of_nothing_is_none():
    assert stage_picture([]) is None


def test_a_single_week_is_drawn_as_a_week_and_not_as_the_whole_picture():
    cause = prevention.Cause("other/not_found", "other", "not_found")
    monday = 4 * DAY - 9 * 3_600
    for weeks, wide in (((monday, 5),), 0.2), (tuple((monday + 7 * DAY * n, 5) for n in range(16)), 0.1):
        (panel,) = panels_of([prevention.CauseOverTime(cause, 5, weeks, (), ())], [])
        assert all(width < wide * 300 for _x, _y, width, _height in panel.bars)
        assert max(x + width for x, _y, width, _height in panel.bars) > 0.95 * 300
