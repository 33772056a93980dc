"""A text can be read before it is sent: over REST, with or without a ticket."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest import MANAGER, TRAINEE, Desk

pytestmark = pytest.mark.django_db


def review(desk: Desk, **what: Any) -> Any:
    return desk.callers[TRAINEE].post("text-reviews/", what)


def test_a_rough_reply_is_answered_with_findings_that_point_into_it(desk: Desk) -> None:
    text = "了解しました。とりあえず確認します。"
    answer = review(desk, text=text, language="ja").json()
    errors = [finding for finding in answer["findings"] if finding["severity"] == "error"]
    assert errors
    for finding in errors:
        assert 0 <= finding["start"] < finding["end"] <= len(text)
        assert set(finding["reason"]) == {"ko", "ja", "en"}
    assert answer["courtesy"]["polite"] is True


def test_a_letter_is_answered_with_its_elements(desk: Desk) -> None:
    answer = review(desk, text="拝啓 このたびは誠に申し訳ございませんでした。敬具", language="ja", kind="letter").json()
    assert set(answer["elements"]) >= {"日付", "宛名", "頭語", "結語", "謝罪"}


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ({"language": "ja"}, "text"),
        ({"text": "x"}, "language"),
        ({"text": "죄송합니다. 바로 확인하겠습니다.", "language": "ja"}, "language"),
        ({"text": "x" * 20_001, "language": "en"}, "text"),
        ({"text": "\ud800", "language": "en"}, "text"),
        ({"text": "!!!", "language": "en"}, "text"),
        ({"text": "x", "language": "en", "kind": "poem"}, "kind"),
        ({"text": "x", "language": "en", "mood": 1}, "mood"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(desk: Desk, what: dict[str, Any], field: str) -> None:
    answer = review(desk, **what)
    assert answer.status_code == 400
    assert field in answer.json()["details"]


def test_a_ticket_gives_the_text_its_names_and_stays_hidden_from_others(desk: Desk) -> None:
    made = desk.callers[MANAGER].post("tickets/", {"description": "荷物が届きません。", "language": "ja"}).json()
    text = "誠に申し訳ございません。本日17時までにご連絡いたします。"
    assert desk.callers[MANAGER].post("text-reviews/", {"text": text, "ticket": made["id"]}).json()["language"] == "ja"
    assert review(desk, text=text, ticket=10_000_000).status_code == 404
