"""Imports run one way. The contracts stand in pyproject.toml; here they are run, and seen to refuse."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("helpdesk", "tickets", "playbooks")


def broken_contracts(root: Path) -> str:
    """What import-linter has to say, empty when every contract is kept."""
    command = [
        sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--config", "pyproject.toml", "--no-cache",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=300)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_imports_keep_every_contract():
    assert broken_contracts(ROOT) == ""


def bare_house(target: Path) -> Path:
    """The same modules with nothing in them, and the same contracts."""
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            copy = target / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.touch()
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("playbooks/core/facts.py", "import django.db"),
        ("tickets/lifecycle.py", "import rest_framework"),
        ("tickets/actions.py", "import playbooks.models"),
        ("playbooks/models.py", "import helpdesk.settings"),
        ("playbooks/models.py", "def late():\n    import playbooks.driver"),
        ("tickets/models.py", "import tickets.actions"),
    ],
)
def test_an_import_against_the_way_is_refused(file: str, line: str, tmp_path: Path):
    house = bare_house(tmp_path)
    (house / file).write_text(line + "\n")

    assert "BROKEN" in broken_contracts(house)


def mentions_of_playbooks(source: str) -> list[str]:
    """What the import contracts cannot see: foreign keys as strings, `get_model`, URL names, template includes."""
    return re.findall(r".*\bplaybooks?[._/\"':].*", source, flags=re.IGNORECASE)


def test_tickets_know_nothing_of_playbooks():
    files = [path for path in (ROOT / "tickets").rglob("*") if path.suffix in {".py", ".html", ".txt", ".toml"}]
    assert files
    assert {str(path): found for path in files if (found := mentions_of_playbooks(path.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    "line",
    [
        'apps.get_model("playbooks", "PlaybookRun")',
        'run = models.ForeignKey("playbooks.PlaybookRun")',
        '{% include "playbooks/_rail.html" %}',
        "{% url 'playbooks:queue' %}",
    ],
)
def test_a_mention_of_playbooks_is_seen(line: str):
    assert mentions_of_playbooks(line)
