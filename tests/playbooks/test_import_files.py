"""Complaints from a file: good rows in, bad rows told by line, nothing twice, nothing lost in silence."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from playbooks import editing
from playbooks.imports import Report, import_tickets
from playbooks.models import CaseFile, PlaybookRun
from tests.rest import Desk
from tickets.clock import main_clock
from tickets.errors import Invalid
from tickets.models import Ticket

COMPLAINTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "complaints_en.jsonl"


def file_of(folder: Path, content: bytes | str, name: str = "complaints.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines(*rows: Any) -> str:
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)


def bring(path: Path) -> Report:
    return import_tickets(path, clock=main_clock())


def bad(report: Report) -> list[int]:
    return [line for line, _ in report.bad]


# --- JSON lines ---


def test_a_description_is_all_that_a_row_needs(desk: Desk, tmp_path: Path):
    report = bring(file_of(tmp_path, lines({"description": "Late."}, {"description": "Broken."})))
    assert (report.created, report.known, report.bad, report.kept_columns) == (2, 0, [], [])
    assert Ticket.objects.count() == PlaybookRun.objects.count() == CaseFile.objects.count() == 2
    assert set(Ticket.objects.values_list("language", "assignee__username")) == {("en", "mina")}


def test_the_fields_are_those_of_the_api(desk: Desk, tmp_path: Path):
    row = {
        "description": "다른 상품이 왔습니다.", "subject": "오배송", "channel": "kakaotalk", "priority": "high",
        "category": "wrong_item", "language": "ko", "tags": ["vip"], "custom_fields": {"a": 1}, "external_id": "x-1",
        "requester": {"name": "김민수", "email": "kim@example.com"}, "playbook": "apology-letter-gift",
    }  # fmt: skip
    assert bring(file_of(tmp_path, lines(row))).created == 1
    shown = desk.client.get("tickets/", external_id="x-1").json()["results"][0]
    assert {**shown, "requester": None} == {**shown, **row, "requester": None}
    assert shown["requester"]["email"] == "kim@example.com"


def test_bad_rows_are_told_by_line_and_good_ones_come_in(desk: Desk, tmp_path: Path):
    content = lines(
        {"description": "one"}, "{not json", {"subject": "no description"}, "", "[]", "null", '"text"',
        {"description": "two", "channel": "fax"}, {"description": ""}, {"description": "\ud800"},
        {"description": "three"},
        {"description": "x", "requester": {"name": "Kim", "phone": "1"}}, {"description": "x", "custom_fields": [1]},
        '{"description": "x", "turns": NaN}', "[" * 100_000, '{"description": ' + "9" * 5_000 + "}",
    )  # fmt: skip
    report = bring(file_of(tmp_path, content))
    assert report.created == 2
    assert bad(report) == [2, 3, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16]
    told = dict(report.bad)
    assert told[3].startswith("description: ")
    assert told[8].startswith("channel: ")
    assert told[12].startswith("requester.phone: ")
    assert "UTF-8" in told[2]
    assert sorted(Ticket.objects.values_list("description", flat=True)) == ["one", "three"]


def test_a_second_run_brings_nothing_new(desk: Desk, tmp_path: Path):
    path = file_of(
        tmp_path, lines({"description": "a", "external_id": "1"}, {"description": "b"}, {"description": "c"})
    )
    assert bring(path).created == 3
    again = bring(path)
    assert (again.created, again.known) == (0, 3)


def test_rows_that_say_the_same_are_two_and_stay_two(desk: Desk, tmp_path: Path):
    path = file_of(tmp_path, lines({"description": "Late."}, {"description": "Late."}))
    assert bring(path).created == 2
    assert (bring(path).created, Ticket.objects.count()) == (0, 2)


def test_an_id_that_comes_twice_in_a_file_is_one_ticket(desk: Desk, tmp_path: Path):
    path = file_of(tmp_path, lines({"description": "a", "external_id": "1"}, {"description": "b", "external_id": "1"}))
    report = bring(path)
    assert (report.created, report.known) == (1, 1)


def test_unknown_columns_are_kept_and_told_once(desk: Desk, tmp_path: Path):
    rows = [
        {"description": "a", "turns": 9, "source": "chat"},
        {"description": "b", "turns": 4, "custom_fields": {"own": "x"}},
        {"description": "c", "nested": {"a": [1, "é"]}},
    ]
    report = bring(file_of(tmp_path, lines(*rows)))
    assert (report.created, report.kept_columns) == (3, ["turns", "source", "nested"])
    assert list(Ticket.objects.order_by("pk").values_list("custom_fields", flat=True)) == [
        {"turns": 9, "source": "chat"}, {"own": "x", "turns": 4}, {"nested": '{"a": [1, "é"]}'},
    ]  # fmt: skip


def test_an_unknown_column_that_cannot_be_stored_refuses_its_row_alone(desk: Desk, tmp_path: Path):
    rows = [
        {"description": "a", "\ud800": 1},
        {"description": "b", "note": "\ud800"},
        {"description": "c", "note": "x"},
    ]
    report = bring(file_of(tmp_path, lines(*rows)))
    assert (report.created, bad(report), report.kept_columns) == (1, [1, 2], ["?", "note"])


def test_a_byte_order_mark_is_no_part_of_the_text(desk: Desk, tmp_path: Path):
    content = b"\xef\xbb\xbf" + lines({"description": "a"}).encode()
    assert bring(file_of(tmp_path, content)).created == 1
    assert bring(file_of(tmp_path, b"\xef\xbb\xbfdescription\nb\n", "a.csv")).created == 1


def test_bytes_that_are_no_utf8_refuse_their_line_alone(desk: Desk, tmp_path: Path):
    content = (
        lines({"description": "a"}).encode() + b'{"description": "\xff\xfe"}\n' + lines({"description": "b"}).encode()
    )
    report = bring(file_of(tmp_path, content))
    assert (report.created, bad(report)) == (2, [2])


def test_another_encoding_is_told_and_nothing_comes_in(desk: Desk, tmp_path: Path):
    report = bring(file_of(tmp_path, lines({"description": "a"}).encode("utf-16")))
    assert report.created == 0
    assert report.bad


def test_a_line_without_end_is_refused(desk: Desk, tmp_path: Path):
    report = bring(file_of(tmp_path, lines({"description": "x" * 1_100_000}, {"description": "a"})))
    assert (report.created, bad(report)) == (1, [1])
    assert "bytes" in report.bad[0][1]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_file_brings_nothing_and_breaks_nothing(desk: Desk, tmp_path: Path, content: str):
    report = bring(file_of(tmp_path, content))
    assert report.created == 0


def test_windows_line_ends_are_line_ends(desk: Desk, tmp_path: Path):
    assert bring(file_of(tmp_path, '{"description": "a"}\r\n{"description": "b"}\r\n')).created == 2


# --- CSV ---

TABLE = (
    "external_id,description,tags,requester.name,requester.email,turns\r\n"
    '1,"Late, and\nnobody answers.","vip; late",Kim,kim@example.com,9\r\n'
    "\r\n"
    "2,Broken.,,,,\r\n"
    "3,,,,,\r\n"
    "4,x,,,nowhere,\r\n"
    "5,x,,,,,too many\r\n"
    "6,Last\r\n"
)


def test_a_table_comes_in_row_by_row(desk: Desk, tmp_path: Path):
    report = bring(file_of(tmp_path, TABLE, "complaints.CSV"))
    assert (report.created, bad(report), report.kept_columns) == (3, [6, 7, 8], ["turns"])
    first = Ticket.objects.get(external_id="1")
    assert first.description == "Late, and\nnobody answers."
    assert (first.tags, first.requester.name, first.custom_fields) == (["vip", "late"], "Kim", {"turns": "9"})
    assert bring(tmp_path / "complaints.CSV").created == 0


@pytest.mark.parametrize(
    "content", ["", "subject,turns\na,1\n", "\n", "Description\nx\n", "description,description\na,b\n"]
)
def test_a_table_without_its_column_is_refused_as_a_whole(desk: Desk, tmp_path: Path, content: str):
    with pytest.raises(Invalid) as refused:
        bring(file_of(tmp_path, content, "a.csv"))
    assert refused.value.field == "file"
    assert not Ticket.objects.exists()


def test_broken_cells_refuse_their_rows_alone(desk: Desk, tmp_path: Path):
    content = b"description,note\ngood,1\n\xff\xfe,2\nx,\xff\n" + b"y" * 200_000 + b",3\n\x00,4\nalso good,5\n"
    report = bring(file_of(tmp_path, content, "a.csv"))
    assert sorted(Ticket.objects.values_list("description", flat=True)) == ["also good", "good"]
    assert bad(report) == [3, 4, 5, 6]


def test_a_column_whose_name_is_no_text_is_told_as_far_as_it_can_be(desk: Desk, tmp_path: Path):
    report = bring(file_of(tmp_path, b"description,\xff\na,1\nb,\n", "a.csv"))
    assert (report.created, bad(report), report.kept_columns) == (1, [2], ["?"])


# --- the command ---


def test_the_command_says_what_became_of_the_file(desk: Desk, tmp_path: Path):
    path = file_of(tmp_path, lines({"description": "a", "turns": 1}, {"description": ""}))
    out, err = StringIO(), StringIO()
    call_command("import_tickets", str(path), stdout=out, stderr=err)
    assert "1 new, 0 known already, 1 refused" in out.getvalue()
    assert "turns" in out.getvalue()
    assert err.getvalue().startswith("line 2: description: ")
    out = StringIO()
    call_command("import_tickets", str(path), "--json", stdout=out, stderr=StringIO())
    told = json.loads(out.getvalue())
    assert (told["created"], told["known"], told["bad"][0][0], told["kept_columns"]) == (0, 1, 2, ["turns"])


@pytest.mark.parametrize("name", ["none.jsonl", "."])
def test_a_file_that_there_is_not_is_refused_in_a_sentence(desk: Desk, tmp_path: Path, name: str):
    with pytest.raises(CommandError, match="no file"):
        call_command("import_tickets", str(tmp_path / name))


@pytest.mark.slow
@pytest.mark.skipif(not COMPLAINTS.is_file(), reason="the file of English complaints is not on this machine")
def test_989_english_complaints_come_in_once(desk: Desk):
    first, second = bring(COMPLAINTS), bring(COMPLAINTS)
    assert (first.created, first.bad, first.kept_columns) == (989, [], ["turns"])
    assert (second.created, second.known) == (0, 989)
    assert Ticket.objects.count() == PlaybookRun.objects.count() == 989


def test_a_hidden_playbook_is_refused_by_its_line_as_the_api_does(desk: Desk, tmp_path: Path):
    editing.hide("fast-and-caring", by=desk.manager.agent, wall_now=1.0)
    report = bring(
        file_of(tmp_path, lines({"description": "Late.", "playbook": "fast-and-caring"}, {"description": "Broken."}))
    )
    ((line, words),) = report.bad
    assert (report.created, report.known, line) == (1, 0, 1)
    assert words.startswith("playbook: The playbook 'fast-and-caring' is hidden")
    assert "choose another one" in words
