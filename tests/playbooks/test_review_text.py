"""`manage.py review_text`: from a file or the standard input, as words, as JSON, or line by line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from playbooks.core.scenarios import scenarios

BAD = "고객님의 실수입니다. 환불은 안 됩니다."


def run(*options: str) -> str:
    out = io.StringIO()
    call_command("review_text", *options, stdout=out)
    return out.getvalue()


def typed(monkeypatch: pytest.MonkeyPatch, text: str | bytes) -> None:
    raw = text if isinstance(text, bytes) else text.encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))


def test_json_holds_courtesy_findings_and_elements(monkeypatch: pytest.MonkeyPatch):
    typed(monkeypatch, BAD)
    read = json.loads(run("--lang", "ko", "--json"))
    assert read["courtesy"]["style"] == "formal"
    assert read["courtesy"]["speech_level"] == "hasipsio"
    assert {f["rule"] for f in read["findings"]} == {"K23", "K27"}
    assert {"rule", "severity", "start", "end", "reason", "suggestion"} <= set(read["findings"][0])
    assert read["elements"]["사과"] == {"found": False, "start": None, "end": None}


def test_every_line_is_a_text_of_its_own_and_every_output_line_its_json(monkeypatch: pytest.MonkeyPatch):
    typed(monkeypatch, f"{BAD}\r\n\n확인했어.\nhello my friend\n감사\u2028합니다.\n")
    lines = [json.loads(line) for line in run("--lang", "ko", "--lines", "--json").removesuffix("\n").split("\n")]
    assert len(lines) == 5
    assert lines[0]["courtesy"]["style"] == "formal"
    assert lines[1]["error"]["code"] == "empty_text"
    assert lines[2]["courtesy"]["style"] == "informal"
    assert lines[3]["error"]["code"] == "wrong_language"


def test_words_name_the_rule_the_place_the_reason_and_a_better_wording(tmp_path: Path):
    file = tmp_path / "reply.txt"
    file.write_text(BAD, "utf-8")
    told = run("--lang", "ko", "--reasons", "ja", str(file))
    assert "✗ K23 “고객님의 실수입니다” お客様のせいにしています。 → 안내가 충분하지 못했습니다" in told


def test_a_scenario_gives_the_text_a_case(monkeypatch: pytest.MonkeyPatch):
    key = next(iter(scenarios()))
    typed(monkeypatch, "안녕하십니까. 다른회사 고객지원팀입니다. 처리해 드리겠습니다. 감사합니다.")
    read = json.loads(run("--lang", "ko", "--scenario", key, "--json"))
    assert "H04" in {f["rule"] for f in read["findings"]}


@pytest.mark.parametrize("language", ["ko", "ja", "en"])
def test_every_scenario_can_be_read_against(language: str, monkeypatch: pytest.MonkeyPatch):
    text = {"ko": "확인하겠습니다.", "ja": "確認いたします。", "en": "I will check it."}[language]
    for key in scenarios():
        typed(monkeypatch, text)
        assert json.loads(run("--lang", language, "--scenario", key, "--json"))["language"] == language


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("", ["--lang", "ko"], "empty_text"),
        ("가" * 200_000, ["--lang", "ko"], "too_long"),
        ("hello there", ["--lang", "ko"], "wrong_language"),
        (BAD, ["--lang", "fr"], "unknown_language"),
        (BAD, ["--lang", "ko", "--kind", "poem"], "unknown_kind"),
        (BAD, ["--lang", "ko", "--scenario", "nowhere"], "unknown_scenario"),
        (b"\xff\xfe\xb0\xa1", ["--lang", "ko"], "not_utf8"),
    ],
)
def test_bad_input_ends_with_one_clear_sentence(
    text: str | bytes, options: list[str], code: str, monkeypatch: pytest.MonkeyPatch
):
    typed(monkeypatch, text)
    with pytest.raises(CommandError, match=code):
        run(*options)


def test_a_missing_file_is_named():
    with pytest.raises(CommandError, match=r"nowhere\.txt"):
        run("--lang", "ko", "nowhere.txt")


def test_a_byte_order_mark_is_no_part_of_the_text(monkeypatch: pytest.MonkeyPatch):
    typed(monkeypatch, b"\xef\xbb\xbf" + BAD.encode())
    assert json.loads(run("--lang", "ko", "--json"))["findings"][0]["start"] == 0
