"""Help: published figures beside simulated ones, in three languages, misses explained."""

from __future__ import annotations

from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client

from helpdesk.access import ensure_agent
from playbooks.core.reproduce import TESTS, rows, subjects

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(ensure_agent("mina", role="trainee"))
    return client


def test_every_test_has_a_name_in_three_languages():
    assert set(subjects()) == set(TESTS)
    assert all(set(name) == {"en", "ko", "ja"} for name in subjects().values())


def test_the_page_comes_at_once_and_the_table_follows(browser: Client):
    cache.clear()
    first = browser.get("/help/").content.decode()
    assert 'hx-get="/help/reproduced/"' in first
    assert browser.get("/help/reproduced/").status_code == 200
    assert "hx-get" not in browser.get("/help/").content.decode()


def test_every_figure_stands_there_with_its_verdict_and_each_miss_with_its_reason(browser: Client):
    found = rows()
    for language in ("en", "ko", "ja"):
        html = unescape(browser.get("/help/reproduced/", headers={"Accept-Language": language}).content.decode())
        assert html.count('<th scope="row">') == len(found) + 3
        for row in found:
            assert row.title[language] in html
            if row.verdict != "holds":
                assert row.note is not None
                assert row.note[language] in html


def test_help_is_for_those_who_have_signed_in():
    assert Client().get("/help/").status_code == 302
