"""How automatic agents work, as data: one profile per playbook, read from agents.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from playbooks.core.playbook import Playbook


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of agent works. Durations in seconds; see agents.toml for what each value means."""

    key: str
    shape: float
    seconds: Mapping[str, int]
    wait: Mapping[str, int]
    delivery: Mapping[str, int]
    p_late: float
    p_hand_over: float
    p_ask: float
    p_wrong_remedy: float
    p_ng: float
    p_forget: float
    late: int
    notice: int
    silence: int
    promise: int
    remedy_promise: int
    gift_share: tuple[float, float]


@cache
def profiles() -> dict[str, Profile]:
    """Every profile of agents.toml, by key."""
    data = _data()
    return {key: _profile(key, entry, data["shape"]) for key, entry in data["profile"].items()}


def profile_for(playbook: Playbook) -> Profile:
    """The profile that a playbook names, else that of its key; a manager's own without either gets the default one."""
    return profiles().get(playbook.agents) or profiles()["default"]


def worth(remedy: str) -> float:
    """What a remedy is worth to the customer, as a share of the price."""
    return float(_data()["worth"][remedy])


def slip(language: str) -> str:
    """What slips out when an agent forgets the tone."""
    return str(_data()["slip"][language])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("playbooks.core").joinpath("agents.toml").read_text("utf-8"))


def _profile(key: str, entry: Mapping[str, Any], shape: float) -> Profile:
    values = {name: value for name, value in entry.items() if name != "mark"}
    low, high = values.pop("gift_share")
    return Profile(key=key, shape=shape, gift_share=(low, high), **values)
