"""Complaint cases: the authored ones as data, and the draw for those that come in from outside."""

from playbooks.core.scenarios.book import CURRENCY_OF, Opening, Scenario, Voice, load, scenarios
from playbooks.core.scenarios.draw import case_of_scenario, case_of_ticket, guess_category, opening

__all__ = [
    "CURRENCY_OF",
    "Opening",
    "Scenario",
    "Voice",
    "case_of_scenario",
    "case_of_ticket",
    "guess_category",
    "load",
    "opening",
    "scenarios",
]
