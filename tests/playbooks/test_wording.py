"""What a page says of a refusal: every code that can reach one has its sentence, in Korean, Japanese and English."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from playbooks.core.conditions import reasons
from playbooks.core.draft import Unsendable
from playbooks.pages import playbooks_words, prevention, trial, wording
from tickets.errors import Conflict, Invalid

ROOT = Path(wording.__file__).parents[2]
ERRORS = ("HelpdeskError", "Invalid", "Conflict", "NotAllowed", "NotFound")
# What no form of a page leads to: the API and the command line, files that come in, definitions of the house itself.
NOT_FROM_A_PAGE = (
    "playbooks/api", "playbooks/management", "playbooks/imports.py", "playbooks/experiments.py", "playbooks/rehearsal.py",
    "playbooks/filling.py",
    "playbooks/editing.py",  # its pages have sentences of their own: playbooks/pages/playbooks.toml
    "playbooks/core", "tickets/calendars.py", "tickets/durations.py",
)  # fmt: skip
# Of the core, what reads what somebody has typed.
FROM_A_PAGE = (
    "answers",
    "alimtalk",
    "draft",
    "facts",
    "followup",
    "words",
    "language/reading",
    "language/japanese/reading",
)


def files() -> Iterator[Path]:
    for path in sorted([*(ROOT / "playbooks").rglob("*.py"), *(ROOT / "tickets").rglob("*.py")]):
        name = path.relative_to(ROOT).as_posix()
        if "/migrations/" not in name and not name.startswith(NOT_FROM_A_PAGE):
            yield path
    yield from (ROOT / "playbooks/core" / f"{name}.py" for name in FROM_A_PAGE)


def codes() -> dict[str, str]:
    """Every code that is raised there, and where."""
    found: dict[str, str] = {}
    for path in files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            if node.func.id in ERRORS:
                code = node.args[0]
                name = code.value if isinstance(code, ast.Constant) else ast.unparse(code)
                found.setdefault(str(name), f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Handed over to the legal team: the customer puts pressure on the desk"),
        ("ko", "인계(법무팀): 고객이 상담 창구를 압박함"),
        ("ja", "法務担当に引き継ぎ：お客様が窓口に圧力をかけている"),
    ],
)
def test_a_hand_over_to_a_post_is_said_in_words(language: str, words: str):
    with translation.override(language):
        assert handed_over("legal", "under_pressure") == words
        for to in wording.HANDED_TO:
            for reason in wording.HAND_OVER_REASON:
                assert "_" not in handed_over(to, reason)
        assert "kim" in handed_over("kim", "lunch_break") and "lunch_break" in handed_over("kim", "lunch_break")


def handed_over(to: str, reason: str) -> str:
    return wording.happened("ticket.handed_over", {"to": to, "reason": reason}, step="", amount="")


def test_every_code_that_can_reach_a_page_has_its_sentence():
    # A log without a beginning, an actor or a parameter that no page gives, a page that is not there for a trainee;
    # what is wrong with a trial is said by its field.
    of_programs = {"empty_log", "unknown_actor", "unknown_parameter", "not_allowed", "invalid_trial"}
    passed_on = {
        "error.code",
        "code",
        *of_programs,
    }  # an error said again at another field; Unsendable, which brings its texts along
    said = {*wording.REFUSAL, *passed_on, *trial.REFUSED, *prevention.REFUSED, *playbooks_words.texts()["refused"]}
    missing = {code: place for code, place in codes().items() if code not in said}
    assert missing == {}


def test_no_sentence_is_kept_for_a_code_that_nobody_raises():
    kept_for_field = {"amount_required"}
    raised = {path.read_text("utf-8") for path in (ROOT / "playbooks").rglob("*.py") if path.name != "wording.py"}
    raised |= {path.read_text("utf-8") for path in (ROOT / "tickets").rglob("*.py")}
    everything = "\n".join(raised)
    assert [c for c in wording.REFUSAL if f'"{c}"' not in everything and c not in kept_for_field] == []


@pytest.mark.parametrize("language", ["ko", "ja"])
def test_every_sentence_is_translated(language: str):
    with translation.override("en"):
        english = {code: str(words) for code, words in wording.REFUSAL.items()}
    with translation.override(language):
        assert [code for code, words in wording.REFUSAL.items() if str(words) == english[code]] == []


@pytest.mark.parametrize("language", ["ko", "ja", "en"])
def test_a_text_that_may_not_go_out_brings_its_own_sentence(language: str):
    error = Unsendable("blank_left", blanks="〔…〕")
    with translation.override(language):
        assert wording.refusal(error) == error.texts[language]


def test_an_amount_that_is_missing_is_asked_for_as_an_amount():
    with translation.override("en"):
        assert wording.refusal(Invalid("required", "x", field="amount")) == "Say how much."
        assert wording.refusal(Invalid("required", "x", field="body")) == "Write something here first."


def test_a_code_without_a_sentence_keeps_its_own():
    assert wording.refusal(Conflict("brand_new", "What has happened.")) == "What has happened."


@pytest.mark.parametrize("language", ["ko", "ja", "en"])
def test_reasons_come_from_the_one_table(language: str):
    assert not hasattr(wording, "REASON")
    with translation.override(language):
        assert all(wording.reason(code) != code.replace("_", " ") for code in reasons())


@pytest.mark.parametrize(("people", "words"), [(1, "Told 1 other bad things"), (3, "Told 3 others bad things")])
def test_one_other_is_not_others(people: int, words: str):
    with translation.override("en"):
        assert wording.happened("customer.told", {"people": people, "tone": "bad"}, step="", amount="") == words
