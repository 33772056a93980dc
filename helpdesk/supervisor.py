"""The processes of a desk: started in order, watched, restarted, stopped in the reverse order of need.

Each child lives in a session of its own, so that Ctrl-C reaches the supervisor alone: a broker that
ended first would make the worker fail. A child that keeps dying stops the whole desk, with the reason:
a desk never runs on half alive.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk import services
from helpdesk.lifeline import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
LOOK_EVERY = 0.2  # seconds
DEATHS_ALLOWED = 5  # … within:
DEATHS_WINDOW = 60.0  # seconds
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.8, 5.0  # seconds
LOG_LIMIT = 10_000_000  # bytes; then its end alone is kept
LOG_KEPT = 1_000_000
TRIM_EVERY = 60.0  # seconds
WEB_THREADS = 16


class KeepsDying(Exception):
    """A child died too often. `tail` holds the last lines that it wrote."""

    def __init__(self, name: str, *, tail: str) -> None:
        super().__init__(name)
        self.name = name
        self.tail = tail


@dataclass
class Child:
    """One process, and what is known of its deaths. `patience` is how long it may take to stop, in seconds."""

    name: str
    command: list[str]
    patience: float
    log: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    rise_at: float | None = None

    def start(self, *, environment: Mapping[str, str], inherit: int) -> None:
        self.rise_at = None
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(inherit,),
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - the supervisor has one thread
            )

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def note_death(self, at: float) -> None:
        """Clear away what is left of it and plan its return."""
        self.kill()
        self.deaths = [death for death in self.deaths if at - death < DEATHS_WINDOW] + [at]
        self.rise_at = at + min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (len(self.deaths) - 1))

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Ask, wait, then insist; its own children go with it."""
        self.ask_to_stop()
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(self.patience)
        self.kill()

    def kill(self) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def tail(self, lines: int = 15) -> str:
        with open(self.log, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 20_000))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


def children_of(folder: Path, *, host: str, port: int, embedded_broker: bool) -> list[Child]:
    """What a desk consists of, in the order in which it stops; it starts the other way round."""
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "helpdesk.celery"]
    web = [
        *python, "granian", "--interface", "wsgi", "helpdesk.wsgi:application", "--host", host, "--port", str(port),
        "--workers", "1", "--blocking-threads", str(WEB_THREADS), "--no-ws", "--workers-kill-timeout", "1",
        "--log-level", "warning",
    ]  # fmt: skip
    worker = [
        *celery, "worker", "-Q", "clocks,outgoing", "-n", f"desk-{os.getpid()}@%h",
        "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
    ]  # fmt: skip
    # Experiments compute for minutes: processes of their own, so that no clock waits for them.
    numbers = [
        *celery, "worker", "-Q", "experiments", "-n", f"numbers-{os.getpid()}@%h", "-P", "prefork",
        "-c", str(os.cpu_count() or 1), "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
    ]  # fmt: skip
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]
    found = [
        Child("web", web, patience=1.5, log=logs / "web.log"),
        Child("beat", beat, patience=1.0, log=logs / "beat.log"),
        Child("worker", worker, patience=1.5, log=logs / "worker.log"),
        Child("numbers", numbers, patience=0.5, log=logs / "numbers.log"),
    ]
    if embedded_broker:
        found.append(Child("broker", services.broker_command(folder), patience=0.5, log=logs / "broker.log"))
    return found


class Supervisor:
    """Keeps the children alive until somebody says stop."""

    def __init__(self, folder: Path, children: list[Child], *, inherit: int, tell: Callable[[str], None]) -> None:
        self.folder = folder
        self.children = children
        self.tell = tell
        self._inherit = inherit
        own = {services.SUPERVISED: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        # Celery would check the whole project, every page of it, in each of its processes before it starts.
        self._environment = {**os.environ, **own, "CELERY_SKIP_CHECKS": "1"}
        self._trimmed_at = time.monotonic()

    def start(self) -> None:
        for child in reversed(self.children):
            child.start(environment=self._environment, inherit=self._inherit)
            if child.name == "broker":
                self._wait_for_broker(child)

    def _wait_for_broker(self, child: Child, limit: float = 10.0) -> None:
        until = time.monotonic() + limit
        while not services.answers(services.socket_path(self.folder)):
            if child.has_died() or time.monotonic() > until:
                raise KeepsDying(child.name, tail=child.tail())
            time.sleep(0.02)

    def look_after(self) -> None:
        """One round: note who has died, bring back whose time has come."""
        at = time.monotonic()
        for child in self.children:
            if child.has_died():
                self._note_death(child, at)
            elif child.rise_at is not None and at >= child.rise_at:
                child.start(environment=self._environment, inherit=self._inherit)
        if at - self._trimmed_at > TRIM_EVERY:
            self._trimmed_at = at
            for child in self.children:
                trim(child.log)

    def _note_death(self, child: Child, at: float) -> None:
        status = child.process.returncode if child.process else 0
        child.note_death(at)
        if len(child.deaths) >= DEATHS_ALLOWED:
            raise KeepsDying(child.name, tail=child.tail())
        self.tell(f"{child.name} ended ({how_it_ended(status)}); starting it again")

    def watch(self) -> None:
        while True:
            self.look_after()
            time.sleep(LOOK_EVERY)

    def stop(self) -> None:
        """Web and beat first, so that nothing new is dispatched; the broker last, since the others talk to it."""
        for child in self.children:
            if child.name in ("web", "beat"):
                child.ask_to_stop()
        for child in self.children:
            child.stop()
        with suppress(FileNotFoundError):
            services.socket_path(self.folder).unlink()

    def kill(self) -> None:
        for child in self.children:
            child.kill()


def how_it_ended(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit code {status}"


def trim(log: Path) -> None:
    """Keep the end of a log that has grown too long. Its writers append, so the file may shrink under them."""
    with open(log, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size <= LOG_LIMIT:
            return
        file.seek(size - LOG_KEPT)
        end = file.read()
        file.seek(0)
        file.write(end)
        file.truncate(len(end))
