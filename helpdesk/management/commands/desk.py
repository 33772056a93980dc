"""Run the whole desk: database, broker, worker, beat and web server, until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connections
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from helpdesk import folder as data_folder
from helpdesk.access import ensure_agent, holder_of, make_api_token, make_sign_in_key
from helpdesk.lifeline import die_with_parent, parent_is_uv
from helpdesk.models import ApiToken
from helpdesk.supervisor import KeepsDying, Supervisor, children_of
from helpdesk.translations import compile_catalogs
from playbooks.demo import fill
from tickets.clock import pause_after_stop, utcnow, wall
from tickets.models import Agent

REFUSED = 2  # exit code: nothing was started
BROKEN = 1  # exit code: started, and could not go on
WEB_LIMIT = 60.0  # seconds until the web server must answer
PEOPLE = (Agent.TRAINEE, Agent.MANAGER)  # who can sign in from the start; named by their role
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WHOLE_LIMIT = 20.0  # seconds until every part should report


class Refused(Exception):
    """The desk cannot start here; the message says why and what to do."""


class StopAsked(BaseException):
    """Ctrl-C or SIGTERM."""


class Command(BaseCommand):
    help = "Run the desk on this machine: prepares the database, starts every process, prints where to sign in."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where the web server listens (8000)")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen at (127.0.0.1)")
        parser.add_argument("--data", metavar="DIR", help="folder that holds the desk (.desk beside manage.py)")
        parser.add_argument("--fresh", action="store_true", help="begin anew; what was there goes to DIR/previous")
        parser.add_argument("--no-demo", action="store_true", help="no demo tickets")

    def handle(self, **options: Any) -> None:
        translation.activate(terminal_language())
        code = 0
        try:
            die_if_uv_is_killed()
            obey_signals()
            self.run(**options)
        except StopAsked:
            self.stdout.write(_("The desk is closed."))
        except Refused as reason:
            self.stderr.write(str(reason))
            code = REFUSED
        except KeepsDying as reason:
            self.stderr.write(_("The desk stopped, because its part “%s” keeps ending. It last wrote:") % reason.name)
            self.stderr.write(reason.tail)
            code = BROKEN
        sys.exit(code)

    def run(self, *, port: int, host: str, fresh: bool, no_demo: bool, **options: Any) -> None:
        os.umask(0o077)
        folder: Path = settings.DATA
        locks = take_folder(folder)
        check_port(host, port)
        compile_catalogs()
        if fresh:
            set_aside(folder)
        self.prepare(folder, demo=not no_demo)
        address = f"http://{shown(host)}:{port}"
        locks.tell_address(address)
        supervisor = self.make_supervisor(folder, locks, host=host, port=port)
        try:
            supervisor.start()
            wait_for_web(supervisor, host, port)
            self.wait_until_whole(supervisor, host, port)
            self.greet(folder, address)
            supervisor.watch()
        finally:
            stop_for_good(supervisor)

    def make_supervisor(self, folder: Path, locks: data_folder.Locks, *, host: str, port: int) -> Supervisor:
        embedded = not os.environ.get("REDIS_URL")
        if not embedded:
            check_broker(os.environ["REDIS_URL"])
        if host not in settings.ALLOWED_HOSTS and not os.environ.get("HELPDESK_HOSTS"):
            # The children read their settings anew.
            os.environ["HELPDESK_HOSTS"] = ",".join([socket.gethostname(), host])
        children = children_of(folder, host=host, port=port, embedded_broker=embedded)
        return Supervisor(folder, children, inherit=locks.children, tell=self.tell)

    def tell(self, line: str) -> None:
        self.stderr.write(line)

    def prepare(self, folder: Path, *, demo: bool) -> None:
        """Bring the database up to date and fill it, before anything else uses it."""
        self.stdout.write(_("Preparing the desk in %s …") % shown_path(folder))
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except DatabaseError as reason:
            raise Refused(_("The database cannot be used: %s") % str(reason).strip()) from reason
        pause_after_stop()
        for role in PEOPLE:
            ensure_agent(role, role=role)
        if demo:
            fill(now=int(wall()))
        write_api_token(folder)

    def greet(self, folder: Path, address: str) -> None:
        now = utcnow()
        links = {}
        for role in PEOPLE:
            key = make_sign_in_key(ensure_agent(role, role=role), now=now)
            links[role] = address + reverse("enter", args=[key])
        connections.close_all()
        rows = [
            (_("Sign in as trainee"), links[Agent.TRAINEE]),
            (_("Sign in as manager"), links[Agent.MANAGER]),
            (_("Token for REST"), shown_path(folder / data_folder.TOKEN)),
            (_("Logs"), shown_path(folder / data_folder.LOGS)),
        ]
        self.stdout.write(_("The desk is open at %s") % f"{address}/")
        self.stdout.write("".join(f"\n  {label}\n    {value}" for label, value in rows))
        self.stdout.write("\n" + _("Ctrl-C closes it."))
        self.stdout.flush()

    def wait_until_whole(self, supervisor: Supervisor, host: str, port: int) -> None:
        """Give every part time to report. A slow one is named; the desk opens all the same and /healthz says 503."""
        until = time.monotonic() + WHOLE_LIMIT
        while (report := ask_health(host, port)).get("status") != "ok":
            if time.monotonic() > until:
                missing = ", ".join(name for name, state in report.items() if name != "status" and state == "missing")
                logs = shown_path(supervisor.folder / data_folder.LOGS)
                self.tell(_("Not yet ready: %(parts)s. See %(logs)s.") % {"parts": missing or "web", "logs": logs})
                return
            supervisor.look_after()
            time.sleep(0.2)


# --- Before anything starts -----------------------------------------------------------------------
def terminal_language() -> str:
    wished = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return wished[:2] if wished[:2] in dict(settings.LANGUAGES) else "en"


def die_if_uv_is_killed() -> None:
    if parent_is_uv():
        die_with_parent(signal.SIGTERM)


def obey_signals() -> None:
    """Ctrl-C and SIGTERM unwind the main thread once; while the desk closes, more of them change nothing."""

    def stop(number: int, frame: FrameType | None) -> None:
        ignore_signals()
        raise StopAsked

    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup stays nohup
            signal.signal(number, stop)


def ignore_signals() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def take_folder(folder: Path) -> data_folder.Locks:
    try:
        locks = data_folder.Locks(folder)
        locks.take()
    except data_folder.FolderInUse as reason:
        shown_folder = shown_path(folder)
        if reason.leftover:
            message = _("Processes of an earlier desk in %s do not end. Stop them, or give another folder with --data.")
            raise Refused(message % shown_folder) from reason
        message = _("A desk already runs in %(folder)s %(address)s. Stop it first, or give another folder with --data.")
        raise Refused(message % {"folder": shown_folder, "address": f"({reason.address})"}) from reason
    except OSError as reason:
        raise Refused(_("The data folder cannot be used: %s") % reason) from reason
    return locks


def check_port(host: str, port: int) -> None:
    """Refuse a taken port before anything is started. A desk stopped by force may need a moment to let go of it."""
    if not 0 < port < 65_536:
        raise Refused(_("A port is a number from 1 to 65535."))
    for wait in (0.3, 0.7, None):
        try:
            family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind, protocol) as attempt:
                attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                attempt.bind(address)
                attempt.listen(1)
            return
        except OSError as reason:
            if wait is None or isinstance(reason, socket.gaierror | PermissionError):
                message = _("Nothing can listen at %(host)s, port %(port)d: %(reason)s. Choose another with --port.")
                why = getattr(reason, "strerror", None) or str(reason)
                raise Refused(message % {"host": host, "port": port, "reason": why}) from reason
            time.sleep(wait)


def check_broker(url: str) -> None:
    try:
        redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3).ping()
    except (redis.RedisError, OSError, ValueError) as reason:
        raise Refused(_("The broker that REDIS_URL names does not answer: %s") % reason) from reason


def set_aside(folder: Path) -> None:
    if not settings.EMBEDDED_DATABASE:
        raise Refused(_("--fresh clears the desk's own database alone; DATABASE_URL names another."))
    data_folder.set_aside(folder)


def write_api_token(folder: Path) -> None:
    """The first token, for the REST client of the README. One that still works is kept."""
    path = folder / data_folder.TOKEN
    if path.exists() and holder_of(ApiToken, path.read_text(encoding="utf-8").strip(), now=utcnow()):
        return
    client = ensure_agent("rest-client", role=Agent.CLIENT)
    data_folder.write_private(path, make_api_token(client, now=utcnow()) + "\n")


# --- While it runs --------------------------------------------------------------------------------
def ask_health(host: str, port: int) -> dict[str, Any]:
    """What /healthz says, well or not; nothing where the web server does not answer."""
    request = urllib.request.Request(f"http://{reachable(host)}:{port}/healthz", headers={"Host": "localhost"})
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as answer:
        try:
            return dict(json.load(answer))
        except ValueError:
            return {"web": "missing"}
    except (OSError, ValueError):
        return {}


def wait_for_web(supervisor: Supervisor, host: str, port: int) -> None:
    until = time.monotonic() + WEB_LIMIT
    while not ask_health(host, port):
        supervisor.look_after()
        if time.monotonic() > until:
            web = next(child for child in supervisor.children if child.name == "web")
            raise KeepsDying(web.name, tail=web.tail())
        time.sleep(0.1)


def stop_for_good(supervisor: Supervisor) -> None:
    """Signals that come while the desk closes change nothing: every child has a limit of its own."""
    ignore_signals()
    supervisor.stop()


def reachable(host: str) -> str:
    """An address that this machine can call: a server that listens everywhere is called on the loopback."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
    found = everywhere.get(host, host)
    return f"[{found}]" if ":" in found else found


def shown(host: str) -> str:
    return reachable(host)


def shown_path(path: Path) -> str:
    """As short as it can be read from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
