"""The API document is valid and whole, and its page works under the desk's strict content policy."""

from __future__ import annotations

import os
import re
import shutil
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

OPEN = {"/api/v1/schema/", "/api/v1/try/"}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """As `manage.py spectacular` writes it; a warning is an error."""
    file = tmp_path_factory.mktemp("document") / "schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))
    found: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return found


def test_the_document_is_valid_and_without_a_warning(document: dict[str, Any]):
    assert document["openapi"].startswith("3.")
    assert len(document["paths"]) >= 16


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, told) for path, ways in document["paths"].items() for method, told in ways.items()]


def test_every_operation_tells_what_it_does_and_how_it_refuses(document: dict[str, Any]):
    for path, method, told in operations(document):
        assert told.get("description"), (method, path)
        assert told["responses"]["default"]["content"]["application/json"]["schema"]["$ref"].endswith("/Refusal")


def test_every_address_asks_for_a_token(document: dict[str, Any]):
    for path, method, told in operations(document):
        assert told["security"] == [{"token": []}], (method, path)
        answer = getattr(APIClient(), method)(re.sub(r"\{\w+\}", "1", path))
        assert answer.status_code == 401, (method, path)


def test_every_post_takes_an_idempotency_key(document: dict[str, Any]):
    for path, method, told in operations(document):
        named = {parameter["name"] for parameter in told.get("parameters", [])}
        assert ("Idempotency-Key" in named) == (method == "post"), (method, path)
        assert ("If-Match" in named) == (method in ("post", "patch") and "ticket_id" in path), (method, path)


def test_the_desk_serves_the_document(db: None):
    answer = Client().get("/api/v1/schema/", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "Kujo desk"


def test_the_page_holds_no_script_of_its_own(db: None):
    answer = Client().get("/api/v1/try/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert "<style" not in page
    assert page.count("<script") == page.count("<script src=")
    assert "//" not in page.replace("http://testserver", "")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_shows_every_operation_and_asks_nothing_of_the_world(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    from playwright.sync_api import sync_playwright

    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{live_server.url}/api/v1/try/")
        page.wait_for_selector(".opblock")
        assert page.locator(".opblock").count() >= 19
        page.locator("#operations-tickets-tickets_create").click()
        page.wait_for_selector("text=Idempotency-Key")
        browser.close()
    assert said == []
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
