"""The data folder: all that a desk owns on disk, and who may use it.

Two locks guard it. `desk.lock` is held by the supervisor alone: taken means that a desk is running.
`children.lock` is inherited by every child: taken while the first is free means that a desk was
stopped by force and its processes are still going down.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from pathlib import Path

DATABASE = "desk.sqlite3"
SECRET = "secret-key"
TOKEN = "api-token"
LOGS = "logs"
PREVIOUS = "previous"
OWN = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", SECRET, TOKEN, LOGS)
ORPHANS_WAIT = 8.0  # seconds


class FolderInUse(Exception):
    """A desk runs in this folder; `address` is where it answers, as far as known."""

    def __init__(self, *, address: str, leftover: bool) -> None:
        super().__init__(address)
        self.address = address
        self.leftover = leftover


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def secret_key(folder: Path) -> str:
    """The desk's own random key. Two processes may ask first at once: a link is made once, and both read it."""
    path = folder / SECRET
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{SECRET}.{secrets.token_hex(4)}"
        write_private(draft, secrets.token_urlsafe(64))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8")


def set_aside(folder: Path) -> None:
    """Begin anew: what the desk owned goes to `previous/`, in place of what was put there before."""
    previous = folder / PREVIOUS
    found = [folder / name for name in OWN if (folder / name).exists()]
    if not found:
        return
    shutil.rmtree(previous, ignore_errors=True)
    previous.mkdir(mode=0o700)
    for path in found:
        path.rename(previous / path.name)


class Locks:
    """Both locks of a data folder, held until the process ends. Only `children` may be inherited."""

    def __init__(self, folder: Path) -> None:
        self.desk = os.open(folder / "desk.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self.children = os.open(folder / "children.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def take(self, *, wait: float = ORPHANS_WAIT) -> None:
        if not _taken_at_once(self.desk):
            raise FolderInUse(address=os.pread(self.desk, 200, 0).decode(), leftover=False)
        os.ftruncate(self.desk, 0)
        until = time.monotonic() + wait
        while not _taken_at_once(self.children):
            if time.monotonic() > until:
                raise FolderInUse(address="", leftover=True)
            time.sleep(0.1)

    def tell_address(self, address: str) -> None:
        os.pwrite(self.desk, address.encode(), 0)


def _taken_at_once(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
