"""What the coefficients of the model are called on the pages for experiments."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from playbooks.core import attribution
from playbooks.pages.experiments_pictures import coefficient_words, debt_words
from playbooks.pages.experiments_sweep import _letter_note
from playbooks.pages.experiments_words import texts
from playbooks.pages.texts import texts_of

CODE = re.compile(r"[a-z_]+\.[a-z_.]+")


def nameable() -> list[str]:
    """Every coefficient that a gap can owe something to."""
    told = (one.name for one in attribution._IN_EXPERIENCE.values())
    return [*attribution._tables(), *(f"culture.{trait}" for trait in attribution._IN_TRAITS), *told]


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_every_coefficient_that_a_gap_can_owe_to_has_words_of_its_own(language: str):
    words = texts_of("coefficients", language)["coefficient"]
    assert set(nameable()) <= set(words)
    assert len(set(words.values())) == len(words)
    assert not any(CODE.search(told) for told in words.values())


def test_a_coefficient_is_told_by_what_it_is_and_how_well_it_is_known():
    with override("en"):
        assert debt_words({"name": "satisfaction.ij", "mark": "assumed", "source": "x"}) == (
            "how much fair treatment counts for satisfaction (assumed)"
        )
        assert coefficient_words("gone.away") == "another coefficient of the model"


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_a_sweep_of_the_letter_says_what_its_deadline_does(language: str):
    with override(language):
        played, study = (_letter_note(texts(), played=one) for one in (True, False))
    assert "72" in study
    assert "168" in study
    assert len(played) > len(study)
    assert "{" not in played
