"""A desk and those who call it by REST, as the tests see them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from rest_framework.test import APIClient

from helpdesk.access import ensure_agent, make_api_token
from playbooks import driver
from playbooks.core.case import Case
from playbooks.intake import Complaint, take_in
from tickets import clock as clocks
from tickets.models import Agent, Clock, Ticket

START = 1_788_739_200  # Monday 2026-09-07 09:00 in Tokyo and Seoul
MINUTE, HOUR, DAY = 60, 3_600, 86_400
TRAINEE, OTHER, MANAGER, CLIENT = "mina", "haru", "boss", "crm"


# A Japanese customer with a dead coffee maker: our own fault, and grave enough for a letter and a gift.
GRAVE = Case(
    key="grave/1", seed=3, language="ja", profile="JP", channel="email", category="defective_item", severity=0.8,
    monetary=True, goods_accepted=False, own_fault=True, price=14_800, currency="JPY", right_remedy="exchange",
)  # fmt: skip


class Caller:
    """Somebody with a token: `get("tickets/", status="open")`, `post("tickets/", {…})`."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.client = APIClient(raise_request_exception=False)
        self.token = make_api_token(agent, now=clocks.utcnow())
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.token}")

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.raw(path, json.dumps({} if data is None else data).encode(), headers=headers)

    def patch(self, path: str, data: Any, **headers: str) -> Any:
        return self.raw(path, json.dumps(data).encode(), method="patch", headers=headers)

    def raw(
        self, path: str, body: bytes, *, content_type: str = "application/json", method: str = "post", **extra: Any
    ) -> Any:
        return self.client.generic(method.upper(), f"/api/v1/{path}", body, content_type=content_type, **extra)

    def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every row of a list, page after page."""
        answer = self.get(path, page_size=100, **query)
        rows: list[dict[str, Any]] = []
        while True:
            assert answer.status_code == 200, answer.content
            rows += answer.json()["results"]
            if not answer.json()["next"]:
                return rows
            answer = self.client.get(answer.json()["next"])


@dataclass
class Desk:
    """One desk with a trainee who owns tickets, another trainee, a manager and a program."""

    callers: dict[str, Caller] = field(default_factory=dict)
    clocks_made: int = 0

    def __post_init__(self) -> None:
        cache.clear()  # nobody has called yet
        for name, role in ((TRAINEE, Agent.TRAINEE), (MANAGER, Agent.MANAGER), (CLIENT, Agent.CLIENT)):
            self.callers[name] = Caller(ensure_agent(name, role=role))

    @property
    def owner(self) -> Caller:
        return self.callers[TRAINEE]

    @property
    def manager(self) -> Caller:
        return self.callers[MANAGER]

    @property
    def client(self) -> Caller:
        return self.callers[CLIENT]

    @property
    def other(self) -> Caller:
        """A second trainee, who comes once the tickets are given out."""
        if OTHER not in self.callers:
            self.callers[OTHER] = Caller(ensure_agent(OTHER, role=Agent.TRAINEE))
        return self.callers[OTHER]

    def ticket(self, **fields: Any) -> dict[str, Any]:
        """A ticket on the main desk, which the trainee owns."""
        answer = self.client.post("tickets/", {"description": "My parcel has not come.", **fields})
        assert answer.status_code == 201, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def standing_clock(self, *, at: int = START) -> Clock:
        """A clock that runs, but whose hand stands still until the test moves it: as while somebody types."""
        self.clocks_made += 1
        clock = Clock.objects.create(key=f"test/{self.clocks_made}", running=True, sim_at=at)
        _stand(clock)
        return clock

    def grave(self) -> Ticket:
        """A case that wants everything the apology playbook has."""
        return self.case(
            description="コーヒーメーカーが動きません。", language="ja", channel=GRAVE.channel, category=GRAVE.category,
            playbook="apology-letter-gift", seed=GRAVE.seed, key=GRAVE.key, case=GRAVE.to_dict(),
        )  # fmt: skip

    def case(self, clock: Clock | None = None, **fields: Any) -> Ticket:
        """A ticket on a clock that the test moves; the trainee owns it."""
        clock = clock or self.standing_clock()
        complaint = Complaint(**{"description": "My parcel has not come.", **fields})
        return take_in(complaint, clock=clock, now=clock.sim_at, assignee=self.owner.agent).ticket


def _stand(clock: Clock) -> None:
    wall_now = clocks.wall()
    Clock.objects.filter(pk=clock.pk).update(wall_at=wall_now, typing_until=wall_now + DAY)
    clock.refresh_from_db()


def jump(clock: Clock, by: int) -> int:
    """Everything that falls due in the next `by` seconds; the instant then."""
    driver.jump(clock, by=by)
    _stand(clock)
    return clock.sim_at


def refusal(answer: Any, status: int, error: str | None = None, /, **fields: str) -> dict[str, Any]:
    """The one shape of every refusal. `fields`: name (dots as __) to the code that is expected."""
    assert answer.status_code == status, (answer.status_code, answer.content[:500])
    body: dict[str, Any] = answer.json()
    assert set(body) == {"error", "description", "details"}
    assert isinstance(body["error"], str)
    assert isinstance(body["description"], str)
    assert body["description"]
    for entries in body["details"].values():
        assert entries
        assert all(set(entry) == {"code", "message"} for entry in entries)
    if error is not None:
        assert body["error"] == error, body
    for name, code in fields.items():
        found = body["details"].get(name) or body["details"].get(name.replace("__", "."))
        assert found, body
        assert code in [entry["code"] for entry in found], body
    return body
