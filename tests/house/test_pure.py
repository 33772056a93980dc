"""The rules are pure: importing them loads no framework, and nothing in them reads the wall clock or rolls dice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PURE_OF_TICKETS = ("errors", "log", "lifecycle", "texts", "calendars", "durations")
FRAMEWORKS = ("django", "celery", "rest_framework", "redis", "kombu")


def pure_modules() -> list[str]:
    core = [path.relative_to(ROOT).with_suffix("") for path in sorted((ROOT / "playbooks/core").rglob("*.py"))]
    return [*(f"tickets.{name}" for name in PURE_OF_TICKETS), *(".".join(path.parts) for path in core)]


def frameworks_loaded_by(modules: list[str], *, root: Path) -> set[str]:
    """Which frameworks a fresh process holds after importing these modules."""
    script = "\n".join(
        [
            *(f"import {name.removesuffix('.__init__')}" for name in modules),
            "import sys",
            f"print(*sorted({{name.split('.')[0] for name in sys.modules}} & set({FRAMEWORKS!r})))",
        ]
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_rules_load_no_framework():
    assert frameworks_loaded_by(pure_modules(), root=ROOT) == set()


def test_a_framework_behind_an_empty_looking_package_is_seen(tmp_path: Path):
    (tmp_path / "house/core").mkdir(parents=True)
    (tmp_path / "house/__init__.py").write_text("import django.utils.functional\n")
    (tmp_path / "house/core/__init__.py").write_text("")

    assert frameworks_loaded_by(["house.core"], root=tmp_path) == {"django"}


def refusals_by_ruff(source: str, *, file: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format=concise", f"--stdin-filename={file}", "-"],
        cwd=ROOT, input=source, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return [line for line in done.stdout.splitlines() if "TID251" in line]


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, datetime\n\nprint(datetime.now(UTC))\n",
        "import datetime as dt\n\nprint(dt.date.today())\n",
        "import time\n\nprint(time.time())\n",
        "from django.utils import timezone\n\nREAD = timezone.now\n",
        "import random\n\nprint(random.random())\n",
        "import numpy as np\n\nprint(np.random.default_rng(7))\n",
        "from django.dispatch import receiver\n\nprint(receiver)\n",
        "from django.db.models.signals import post_save\n\nprint(post_save)\n",
    ],
)
def test_reading_the_clock_rolling_dice_and_signals_are_refused(source: str):
    assert refusals_by_ruff(source, file="playbooks/actions.py")


def test_the_clock_module_may_read_the_clock_and_the_streams_may_draw():
    assert not refusals_by_ruff("import time\n\nprint(time.time())\n", file="tickets/clock.py")
    assert not refusals_by_ruff("import numpy.random\n\nprint(numpy.random)\n", file="playbooks/core/streams.py")
