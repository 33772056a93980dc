"""The coefficients of the simulated customer, read from evidence.toml: no number without its source and mark.

`E.dj.base` is a value, `E.why("dj.base")` says where it comes from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Literal

from playbooks.core.case import CURRENCIES, PROFILES
from tickets.errors import Invalid
from tickets.lifecycle import CHANNELS

MARKS = ("seen", "recalled", "fitted", "assumed")
_TABLES = (frozenset(PROFILES), frozenset(CHANNELS), frozenset(CURRENCIES))
_REQUIRED = {"value", "source", "mark"}
_OPTIONAL = {"unit", "note"}


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One number, or a table of numbers by profile, channel or currency, with where it comes from."""

    name: str
    value: Any
    source: str
    mark: str
    note: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Switches:
    """What a manager can switch, because the literature does not settle it.

    `speed_model`: "tarp" keeps a direct path from a quick resolution to repurchase; "meta" lets speed
    act through procedural justice alone. `letter`, `gift`: the assumed bonus of each.
    """

    speed_model: Literal["tarp", "meta"] = "tarp"
    letter: bool = True
    gift: bool = True

    def __post_init__(self) -> None:
        if self.speed_model not in ("tarp", "meta"):
            raise Invalid("unknown_speed_model", "The speed model is 'tarp' or 'meta'.", field="speed_model")


DEFAULT = Switches()


class Group:
    """Coefficients under one heading; `group.name` is a value or a further group."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"evidence.toml has no coefficient '{name}' here")

    def __getitem__(self, name: str) -> Any:
        return self.__dict__[name]


class Evidence(Group):
    """The whole table, and the reasons."""

    def __init__(self, coefficients: Mapping[str, Coefficient], *, version: int) -> None:
        super().__init__(_nested(coefficients))
        self.__dict__.update(_coefficients=dict(coefficients), version=version)

    def varied(self, name: str, factor: float) -> Evidence:
        """The same table with one number multiplied: what a result owes to it."""
        return self.all_varied({name: factor})

    def all_varied(self, factors: Mapping[str, float]) -> Evidence:
        """The same table with several numbers multiplied."""
        moved = {name: replace(self.why(name), value=self.why(name).value * factor) for name, factor in factors.items()}
        return Evidence({**self.__dict__["_coefficients"], **moved}, version=self.version)

    def why(self, name: str) -> Coefficient:
        """The coefficient of this dotted name, with source, mark and note."""
        found: Coefficient = self.__dict__["_coefficients"][name]
        return found

    def names(self) -> tuple[str, ...]:
        return tuple(self.__dict__["_coefficients"])


def load(text: str) -> Evidence:
    """Evidence from TOML. Refuses a coefficient without value, source or mark, by its dotted name."""
    table = tomllib.loads(text)
    version = table.pop("version", None)
    if not isinstance(version, int):
        raise Invalid("evidence_without_version", "The evidence file states its version.", field="version")
    return Evidence({c.name: c for c in _coefficients(table, "")}, version=version)


def _coefficients(table: Mapping[str, Any], prefix: str) -> Iterator[Coefficient]:
    for key, entry in table.items():
        name = f"{prefix}{key}"
        if not isinstance(entry, Mapping):
            raise Invalid("evidence_malformed", f"'{name}' needs value, source and mark.", field=name)
        if _REQUIRED & entry.keys():
            yield _coefficient(name, entry)
        else:
            yield from _coefficients(entry, f"{name}.")


def _coefficient(name: str, entry: Mapping[str, Any]) -> Coefficient:
    if missing := sorted(_REQUIRED - entry.keys()):
        raise Invalid("evidence_malformed", f"'{name}' lacks {', '.join(missing)}.", field=name)
    if unknown := sorted(entry.keys() - _REQUIRED - _OPTIONAL):
        raise Invalid("evidence_malformed", f"'{name}' has an unknown part: {', '.join(unknown)}.", field=name)
    if entry["mark"] not in MARKS:
        raise Invalid(
            "evidence_malformed", f"The mark of '{name}' is one of: {', '.join(MARKS)}.", field=f"{name}.mark"
        )
    if not isinstance(entry["source"], str) or not entry["source"]:
        raise Invalid("evidence_malformed", f"'{name}' names its source, or says 'none'.", field=f"{name}.source")
    if isinstance(entry["value"], Mapping) and frozenset(entry["value"]) not in _TABLES:
        raise Invalid(
            "evidence_malformed", f"'{name}' covers all profiles, channels or currencies.", field=f"{name}.value"
        )
    return Coefficient(name, **entry)


def _nested(coefficients: Mapping[str, Coefficient]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, coefficient in coefficients.items():
        *path, last = name.split(".")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node[last] = coefficient.value
    tables = {name for name, c in coefficients.items() if isinstance(c.value, Mapping)}
    return {key: _grouped(value, key, tables) for key, value in tree.items()}


def _grouped(value: Any, name: str, tables: set[str]) -> Any:
    if not isinstance(value, dict) or name in tables:
        return value
    return Group({key: _grouped(inner, f"{name}.{key}", tables) for key, inner in value.items()})


E = load(files("playbooks.core.customer").joinpath("evidence.toml").read_text("utf-8"))
