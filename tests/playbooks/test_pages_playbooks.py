"""The pages of playbooks: read by managers, written with every refusal at its field, nothing typed lost."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from playbooks import definitions, editing
from playbooks.models import Experiment, PlaybookVersion
from playbooks.pages.playbooks_form import place_of
from playbooks.pages.texts import texts_of
from tickets.models import Agent

pytestmark = pytest.mark.django_db

CARING = "fast-and-caring"


def signed_in(role: str, reader: str = "en") -> Client:
    client = Client()
    client.force_login(Agent.objects.create(username=role, role=role))
    client.cookies["django_language"] = reader
    return client


@pytest.fixture
def manager() -> Client:
    return signed_in(Agent.MANAGER)


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def fields_of(html: str) -> dict[str, Any]:
    """What a browser would send of the editor's form, without its buttons."""
    form = html[html.index('<form id="editor"') :].partition("</form>")[0]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        at = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if at.get("type") in ("checkbox", "radio"):
            if re.search(r"\schecked", tag):
                sent.setdefault(at["name"], []).append(at.get("value", "on"))
        elif "name" in at:
            sent[at["name"]] = at.get("value", "")
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        values = re.findall(r'<option value="([^"]*)"( selected)?', body)
        sent[name] = next((value for value, chosen in values if chosen), values[0][0])
    areas = re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S)
    return {**sent, **dict(areas)}


def draft(client: Client, address: str = f"/playbooks/{CARING}/copy/") -> dict[str, Any]:
    return fields_of(text_of(client.get(address)))


def write(client: Client, sent: dict[str, Any], do: str, **headers: str) -> Any:
    return client.post("/playbooks/write/", {**sent, "do": do}, headers=headers)


def saved(client: Client, **changes: Any) -> str:
    """A copy that was saved; its key."""
    answer = write(client, {**draft(client), **changes}, "save")
    assert answer.status_code == 302, text_of(answer)
    return str(answer.url).strip("/").rpartition("/")[2]


@pytest.mark.parametrize("reader", ["en", "ko", "ja"])
@pytest.mark.parametrize("path", ["", f"{CARING}/", "apology-letter-gift/", f"{CARING}/copy/", f"{CARING}/changes/"])
def test_every_page_is_there_in_every_language(reader: str, path: str):
    html = text_of(signed_in(Agent.MANAGER, reader).get(f"/playbooks/{path}"))
    assert "<h1" in html
    assert "{" not in re.sub(r"<head>.*?</head>|<pre.*?</pre>", "", html, flags=re.S).replace("{time}", "")


@pytest.mark.parametrize("path", ["", f"{CARING}/", f"{CARING}/copy/"])
def test_a_trainee_finds_no_such_page(path: str):
    assert signed_in(Agent.TRAINEE).get(f"/playbooks/{path}").status_code == 404


def test_what_is_not_there_is_not_found(manager: Client):
    assert manager.get("/playbooks/no-such/").status_code == 404
    assert manager.post("/playbooks/write/", {"of": "no-such:1"}).status_code == 404
    assert manager.post("/playbooks/write/", {}).status_code == 404


def test_the_reading_view_has_deadlines_reasons_gift_and_texts(manager: Client):
    html = text_of(manager.get("/playbooks/apology-letter-gift/"))
    for words in ("within 1 hr", "42 % of customers", "¥10,000", "automatic message", "severity 0.5", "<svg"):
        assert words in html, words


def test_a_copy_without_a_change_says_what_its_original_says(manager: Client):
    key = saved(manager)
    copy, origin = (definitions.playbook_of(definitions.current(one)) for one in (key, CARING))
    assert copy.steps == origin.steps
    assert copy.agents == CARING


def test_a_new_deadline_is_saved_as_a_new_version(manager: Client):
    key = saved(manager)
    sent = draft(manager, f"/playbooks/{key}/change/")

    answer = write(manager, {**sent, "step[1].within": "１０ｍ"}, "save")  # as typed without switching the keyboard

    assert answer.status_code == 302, text_of(answer)
    version = PlaybookVersion.objects.get(key=key, version=2)
    assert definitions.playbook_of(version).step("apologise").within == 600  # type: ignore[union-attr]
    changes = text_of(manager.get(f"/playbooks/{key}/changes/"))
    assert "Apologise in person, in full words: Target, within was 15 min, is now 10 min." in changes


@pytest.mark.parametrize(
    ("changes", "at", "words"),
    [
        ({"step[1].within": "soon"}, "step-1-within", "Write a duration such as"),
        ({"step[1].latest": "1m"}, "step-1-latest", "The hard limit comes before the target."),
        ({"step[1].after": []}, "step-1-after", "Choose at least one thing to wait for."),
        ({"step[4].after": ["prevention"]}, "step-4-after", "These steps wait for each other"),
        ({"step[1].within_by_channel": "pigeon 5m"}, "step-1-within_by_channel", "Write a channel and a duration"),
        ({"step[1].within_by_channel": "chat"}, "step-1-within_by_channel", "Write a duration such as"),
        ({"step[2].title.ja": ""}, "step-2-title-ja", "This text is needed."),
        ({"title.ko": " "}, "title-ko", "This text is needed."),
        ({"letter_severity": "grave"}, "letter_severity", "Write a number."),
        ({"letter_severity": "7"}, "letter_severity", "out of range"),
        ({"gift_on": "on", "gift.price_percent": "0"}, "gift-price_percent", "out of range"),
        ({"gift_on": "on", "gift.bands[0].JPY": "much"}, "gift-bands-0-JPY", "Write a number."),
        ({"key": "Not A Key"}, "key", "Small letters"),
        ({"key": CARING}, "key", "There is a playbook of this name already."),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_typed_is_lost(
    manager: Client, changes: dict[str, Any], at: str, words: str
):
    answer = write(manager, {**draft(manager), "summary.en": "My own words.", **changes}, "save")

    html = text_of(answer)
    assert answer.status_code in (400, 409)
    message = re.search(rf'<p class="refused" id="at-{at}"[^>]*>([^<]*)</p>', html)
    assert message, at
    assert words in message[1]
    assert "My own words." in html
    assert not PlaybookVersion.objects.exclude(key__in=definitions.built_in()).exists()


def test_while_one_types_only_the_verdict_and_the_field_come_back(manager: Client):
    sent = {**draft(manager), "step[1].within": "soon", "refused_at": "title-en"}
    answer = write(manager, sent, "check", **{"HX-Request": "true", "HX-Target": "verdict"})

    html = text_of(answer)
    assert answer.status_code == 200
    assert "<form" not in html
    assert 'id="at-step-1-within"' in html
    assert '<p class="refused" id="at-title-en" aria-live="polite" hx-swap-oob="true"></p>' in html
    assert "Apologise in person, in full words, Target, within" in html


def test_a_refusal_in_japanese_is_japanese(manager: Client):
    manager.cookies["django_language"] = "ja"
    assert "20s、5m、24h、3dのように" in text_of(write(manager, {**draft(manager), "step[1].within": "x"}, "save"))


def test_steps_are_added_moved_and_taken_out(manager: Client):
    html = text_of(write(manager, {**draft(manager), "new_deed": "letter"}, "add"))
    sent = fields_of(html)
    assert (sent["step[8].deed"], sent["step[8].after"]) == ("letter", ["facts_confirmed"])
    assert "say from which severity on" in html  # a letter needs to know

    sent = fields_of(text_of(write(manager, sent, "up:8")))
    assert [sent[f"step[{n}].key"] for n in (7, 8)] == ["letter", "check_in_3"]

    sent = fields_of(text_of(write(manager, sent, "remove:5")))  # prevention, which solving waits for
    assert sent["step[5].key"] == "solve"
    assert sent["step[5].after"] == ["remedy"]


def test_gift_bands_and_questions_are_added_and_saved(manager: Client):
    sent = {**draft(manager, "/playbooks/apology-letter-gift/copy/"), "key": "mine"}
    sent = fields_of(text_of(write(manager, sent, "add_band")))
    assert sent["gift.bands[3].severity"] == "0.85"
    sent = fields_of(
        text_of(
            write(manager, {**sent, "gift.bands[3].severity": "0.95", "gift.bands[3].JPY": "12000"}, "add_question")
        )
    )
    sent |= {f"question[0].text.{code}": "How was the letter?" for code in ("en", "ko", "ja")}

    assert write(manager, sent, "save").status_code == 302
    playbook = definitions.playbook_of(definitions.current("mine"))
    assert playbook.gift
    assert playbook.gift.bands[3][1]["JPY"] == 12_000
    assert playbook.questions[0].text["ja"] == "How was the letter?"


def test_the_text_can_be_written_by_experts_and_goes_back_to_the_form(manager: Client):
    html = text_of(write(manager, draft(manager), "toml"))
    sent = fields_of(html)
    assert sent["source"].startswith("key = ")

    broken = write(manager, {**sent, "source": "key = "}, "save")
    assert (broken.status_code, "This is not TOML" in text_of(broken)) == (400, True) or "This is not TOML" in text_of(
        broken
    )
    assert "<textarea" in text_of(write(manager, {**sent, "source": "step = 3"}, "form"))

    form = fields_of(text_of(write(manager, {**sent, "source": sent["source"].replace('"15m"', '"12m"')}, "form")))
    assert form["step[1].within"] == "12m"
    assert write(manager, {**sent, "source": f"# why\n{sent['source']}"}, "save").status_code == 302
    assert definitions.current("fast-and-caring-2").source.startswith("# why")


def test_a_version_that_somebody_else_saved_meanwhile_is_not_written_over(manager: Client):
    key = saved(manager)
    sent = draft(manager, f"/playbooks/{key}/change/")
    write(manager, {**sent, "step[1].within": "10m"}, "save")

    answer = write(manager, {**sent, "step[1].within": "5m"}, "save")

    assert answer.status_code == 409
    assert "Somebody saved a newer version meanwhile" in text_of(answer)
    assert 'value="5m"' in text_of(answer)


def test_saved_and_tried_begins_an_experiment_of_both_versions(manager: Client):
    answer = write(manager, {**draft(manager), "step[1].within": "10m"}, "try")

    experiment = Experiment.objects.get()
    assert answer.url == f"/experiments/{experiment.pk}/"
    assert [(arm["playbook"], arm["version"]) for arm in experiment.settings["arms"]] == [
        (CARING, 1), ("fast-and-caring-2", 1),
    ]  # fmt: skip
    assert experiment.settings["tickets"] == 10_000
    assert manager.get(answer.url).status_code == 200


def test_two_versions_are_tried_from_the_page(manager: Client):
    answer = manager.post(f"/playbooks/{CARING}/try/", {"version": "1", "against": "fast-resolution:1"})
    assert answer.url == f"/experiments/{Experiment.objects.get().pk}/"


def test_a_playbook_is_hidden_and_shown_again(manager: Client):
    html = text_of(manager.post(f"/playbooks/{CARING}/hide/", follow=True))
    assert "is hidden and no longer offered" in html
    assert f'value="{CARING}"' not in text_of(manager.get("/desk/"))
    assert "offered again" in text_of(manager.post(f"/playbooks/{CARING}/show/", follow=True))
    assert "stays offered" in text_of(manager.post("/playbooks/fast-resolution/hide/", follow=True))


def test_every_refusal_of_the_editor_has_a_sentence_in_every_language():
    raised = set(re.findall(r'(?:Conflict|Invalid)\(\s*"(\w+)"', Path(str(editing.__file__)).read_text("utf-8")))
    assert raised
    assert [
        (code, one)
        for code in raised
        for one in ("ko", "ja", "en")
        if code not in texts_of("playbooks", one)["refused"]
    ] == []


def test_a_refusal_finds_the_nearest_field():
    names = {"step[1].key", "step[1].within_by_channel", "gift", "title.en"}
    found = [
        place_of(at, names) for at in ("step[1].within_by_channel.chat", "step[1].colour", "gift.bands", "title", "odd")
    ]
    assert found == ["step[1].within_by_channel", "step[1].key", "gift", "", ""]
