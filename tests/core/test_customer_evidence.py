"""No coefficient without value, source and mark; none unused, none used that is not there."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from playbooks.core.case import PROFILES
from playbooks.core.customer.evidence import MARKS, E, Switches, load
from playbooks.core.customer.lasting import ACTS
from playbooks.core.facts import COMPONENTS
from tickets.errors import Invalid
from tickets.lifecycle import CHANNELS

CORE = Path(__file__).resolve().parents[2] / "playbooks/core"
CUSTOMER = CORE / "customer"
# Named at run time: by channel, by component, by metric, by act.
BY_NAME = {
    "waiting": {"mail", "form", "messenger"},
    "apology": set(COMPONENTS),
    "response": {"csat", "ces", "nps"},
    "lasting": set(ACTS),
}
BY_GROUP = {"csat", "ces", "nps"}  # survey.score reads middle and slope of E[metric]


def dotted(node: ast.AST) -> str | None:
    """`E.dj.base` as 'dj.base'; the same for `evidence.dj.base`."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed(parts)) if parts and isinstance(node, ast.Name) and node.id in ("E", "evidence") else None


def names_used() -> set[str]:
    sources = [*CUSTOMER.glob("*.py"), *(CORE / f"{name}.py" for name in ("outcome", "reproduce", "simulated_figures"))]
    trees = [ast.parse(path.read_text("utf-8")) for path in sources if path.exists()]
    culture = {
        f"culture.{node.args[1].value}"
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "culture"
        and isinstance(node.args[1], ast.Constant)
    }
    return culture | {name for tree in trees for node in ast.walk(tree) if (name := dotted(node))}


def test_every_coefficient_has_a_source_and_a_mark():
    assert len(E.names()) > 100
    for name in E.names():
        found = E.why(name)
        assert found.source
        assert found.mark in MARKS
        assert found.mark == "assumed" or found.source != "none", name


def test_every_coefficient_is_used():
    used = names_used()
    unused = {
        name
        for name in E.names()
        if name not in used
        and not any(name.startswith(f"{group}.{inner}") for group, inners in BY_NAME.items() for inner in inners)
        and not (name.split(".")[0] in BY_GROUP and name.endswith((".middle", ".slope")))
        and not name.startswith("cost.")
    }
    assert unused == set()


def test_every_coefficient_that_is_used_exists():
    groups = {name.rpartition(".")[0] for name in E.names()} | {name.split(".")[0] for name in E.names()}
    known = {*E.names(), *groups, "why", "names", "version"}
    assert {name for name in names_used() if name not in known} == set()


def test_what_is_not_there_is_an_error_and_not_a_zero():
    with pytest.raises(AttributeError, match="no coefficient 'warmth'"):
        E.dj.warmth


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ('x = { value = 1.0, mark = "seen" }', "g.x"),
        ('x = { value = 1.0, source = "a" }', "g.x"),
        ('x = { source = "a", mark = "seen" }', "g.x"),
        ('x = { value = 1.0, source = "a", mark = "guessed" }', "g.x.mark"),
        ('x = { value = 1.0, source = "", mark = "seen" }', "g.x.source"),
        ('x = { value = 1.0, source = "a", mark = "seen", size = 2 }', "g.x"),
        ('x = { value = { US = 1.0, JP = 1.0 }, source = "a", mark = "seen" }', "g.x.value"),
        ("x = 1.0", "g.x"),
    ],
)
def test_a_coefficient_that_lacks_something_is_refused_by_name(entry: str, field: str):
    with pytest.raises(Invalid) as refused:
        load(f"version = 1\n[g]\n{entry}\n")
    assert refused.value.field == field


def test_tables_cover_every_profile_and_channel():
    table = tomllib.loads((CUSTOMER / "evidence.toml").read_text("utf-8"))
    assert set(table["culture"]["gift"]["value"]) == set(PROFILES)
    for group, name in (("waiting", "curve"), ("waiting", "scale"), ("patience", "median_h")):
        assert set(table[group][name]["value"]) == set(CHANNELS)


def test_the_letter_and_the_gift_are_marked_as_assumed():
    assert {E.why(f"culture.{name}").mark for name in ("letter", "gift", "gift_sd")} == {"assumed"}


def test_an_unknown_speed_model_is_refused():
    with pytest.raises(Invalid):
        Switches(speed_model="fast")  # type: ignore[arg-type]
