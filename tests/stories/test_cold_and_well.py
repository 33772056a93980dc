"""The same case answered coldly and well, and a template pasted twice: what a REST client reads of it in the debrief.

An apology and satisfaction correlate by r = .27, d = .56 (Hill 2013, six meta-analyses); a text answer with empathy
helps (Herhausen 2023); apologising again adds nothing or harms (Halperin et al. 2022).
"""

from __future__ import annotations

from typing import Any

import pytest

from playbooks.shifts import scenario_complaint
from tests.rest import MINUTE, Desk, jump

pytestmark = pytest.mark.django_db

SPREAD = 0.75  # of satisfaction between customers in the model, about: d is a difference over it
COLD = {"ja": "確認します。お待ちください。", "ko": "확인하겠습니다. 기다려 주십시오."}
WELL = {
    "ja": (
        "コーヒーメーカーの水漏れでご不便をおかけし、誠に申し訳ございません。\n"
        "初めてお使いの日に台がぬれ、さぞご不安なことと存じます。\n"
        "私が担当いたします。原因をお調べし、本日17時までに必ずご連絡いたします。"
    ),
    "ko": (
        "고객님, 커피 메이커 누수로 불편을 드려 대단히 죄송합니다.\n"
        "새로 사신 제품에서 물이 새어 많이 놀라고 속상하셨을 것입니다.\n"
        "제가 맡아 원인을 확인하고 오늘 오후 5시까지 반드시 연락드리겠습니다."
    ),
}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def debrief(desk: Desk, language: str, *bodies: str) -> dict[str, Any]:
    """The same customer, complaint and hours; only the words differ. Nobody declares what they contain."""
    clock = desk.standing_clock()
    complaint = scenario_complaint("defective_item", language, key="same", seed=3, playbook="fast-resolution")
    fields = {name: getattr(complaint, name) for name in complaint.__dataclass_fields__}
    path = f"tickets/{desk.case(clock, **fields).pk}/"
    for body in bodies:
        jump(clock, 10 * MINUTE)
        answer = desk.owner.post(f"{path}comments/", {"body": body})
        assert answer.status_code == 201, answer.content.decode()
    jump(clock, (3 - len(bodies)) * 10 * MINUTE)
    assert desk.owner.patch(path, {"status": "solved"}).status_code == 200
    found: dict[str, Any] = desk.manager.get(f"{path}debrief/").json()
    return found


def satisfaction(told: dict[str, Any]) -> float:
    return float(told["felt"]["satisfaction"])


def own_words(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [word for word in told["words"] if word["author"] == "agent"]


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_a_good_answer_beats_a_cold_one_in_the_published_direction_and_rough_size(desk: Desk, language: str):
    cold, well = debrief(desk, language, COLD[language]), debrief(desk, language, WELL[language])
    gap = satisfaction(well) - satisfaction(cold)
    assert 0.25 <= gap / SPREAD <= 1.2
    assert well["felt"]["interactional"] > cold["felt"]["interactional"]
    assert abs(well["felt"]["distributive"] - cold["felt"]["distributive"]) < 0.2  # neither gave anything
    (word,) = own_words(well)
    assert word["effect"]["satisfaction"] == pytest.approx(gap, abs=0.15)


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_a_template_pasted_twice_does_no_more_than_once(desk: Desk, language: str):
    once, twice = debrief(desk, language, WELL[language]), debrief(desk, language, WELL[language], WELL[language])
    first, second = own_words(twice)
    assert satisfaction(twice) <= satisfaction(once) + 0.02
    assert first["effect"]["satisfaction"] > 0.15
    assert second["effect"]["satisfaction"] <= 0.02
