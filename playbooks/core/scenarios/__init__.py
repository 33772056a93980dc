"""Complaint cases: the authored ones as data, and the draw for those that come in from outside."""

from playbooks.core.scenarios.background import before_of, hidden_of, right_remedies
from playbooks.core.scenarios.book import CURRENCY_OF, Opening, Part, Scenario, Trap, Turn, Voice, load, scenarios
from playbooks.core.scenarios.draw import case_of_scenario, case_of_ticket, guess_category, opening
from playbooks.core.scenarios.setting import setting_of
from playbooks.core.scenarios.telling import manner, scenario_of, voice_of

__all__ = [
    "CURRENCY_OF",
    "Opening",
    "Part",
    "Scenario",
    "Trap",
    "Turn",
    "Voice",
    "before_of",
    "case_of_scenario",
    "case_of_ticket",
    "guess_category",
    "hidden_of",
    "load",
    "manner",
    "opening",
    "right_remedies",
    "scenario_of",
    "scenarios",
    "setting_of",
    "voice_of",
]
