"""One command runs the desk, on real processes: it opens, loses parts, is stopped, is refused."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import Desk, patience, processes, wait_until

pytestmark = pytest.mark.slow
MakeDesk = Callable[..., Desk]


def gone(pids: set[int]) -> bool:
    return not pids & processes().keys()


def test_it_opens_and_ctrl_c_to_the_whole_group_leaves_nothing_behind(desk: MakeDesk) -> None:
    running = desk().opened()
    everything = running.everything()
    assert set(running.children()) == {"web", "beat", "worker", "numbers", "broker"}
    began = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - began < patience(6)
    assert gone(everything)
    assert running.console.rstrip().endswith("The desk is closed.")


def test_sigterm_to_the_supervisor_alone_stops_everything(desk: MakeDesk) -> None:
    running = desk().opened()
    everything = running.everything()
    os.kill(running.process.pid, signal.SIGTERM)
    assert running.ended(within=8) == 0
    assert gone(everything)


def test_a_stop_while_it_is_still_starting_leaves_nothing_behind(desk: MakeDesk) -> None:
    starting = desk()
    wait_until(starting.children, within=30)
    everything = starting.everything()
    assert starting.stop() == 0
    assert gone(everything)


def test_the_links_on_the_console_sign_in_and_the_token_file_is_private(desk: MakeDesk) -> None:
    running = desk().opened()
    links = re.findall(r"http://\S+/enter/\S+/", running.console)
    assert len(links) == 2
    token = running.folder / "api-token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert len(token.read_text().strip()) >= 40
    assert running.get("/enter/wrong/")[0] == 403


def test_scripts_come_from_packages_without_collecting_them(desk: MakeDesk) -> None:
    running = desk().opened()
    for path in ("django_htmx/htmx-2.min.js", "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"):
        status, body = running.get(f"/static/{path}")
        assert status == 200, path
        assert len(body) > 10_000


@pytest.mark.parametrize("part", ["broker", "worker", "beat"])
def test_healthz_turns_503_when_a_part_is_killed_and_recovers(desk: MakeDesk, part: str) -> None:
    running = desk().opened()
    before = running.kill_part(part)
    wait_until(lambda: running.get("/healthz")[0] == 503, within=6)
    wait_until(lambda: running.children().get(part) not in (None, before), within=10)
    wait_until(lambda: running.get("/healthz")[0] == 200, within=25)
    assert f"{part} ended (signal 9)" in running.console


def test_a_part_that_stands_still_is_missing_too(desk: MakeDesk) -> None:
    running = desk().opened()
    os.kill(running.children()["beat"], signal.SIGSTOP)
    wait_until(lambda: running.health().get("beat") == "missing", within=6)
    wait_until(lambda: running.health().get("sweep") == "missing", within=12)
    os.kill(running.children()["beat"], signal.SIGCONT)
    wait_until(lambda: running.get("/healthz")[0] == 200, within=10)


def test_a_database_file_that_is_taken_away_is_missed_and_found_again(desk: MakeDesk) -> None:
    running = desk().opened()
    file = running.folder / "desk.sqlite3"
    file.rename(file.with_suffix(".away"))
    wait_until(lambda: running.health().get("database") == "missing", within=5)
    file.with_suffix(".away").rename(file)
    wait_until(lambda: running.get("/healthz")[0] == 200, within=10)


@pytest.mark.parametrize("which", ["server", "its worker"])
def test_the_web_server_comes_back(desk: MakeDesk, which: str) -> None:
    running = desk().opened()
    server = running.children()["web"]
    own = {pid for pid, (parent, _) in processes().items() if parent == server}
    for pid in {server} if which == "server" else own:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: gone({server, *own}), within=10)
    wait_until(lambda: running.get("/healthz")[0] == 200, within=25)


def test_a_supervisor_killed_by_force_leaves_no_orphans_and_the_next_start_goes_on(desk: MakeDesk) -> None:
    first = desk().opened()
    token = (first.folder / "api-token").read_text()
    everything = first.everything()
    os.kill(first.process.pid, signal.SIGKILL)
    second = desk(port=first.port).opened()
    assert gone(everything)
    assert (second.folder / "api-token").read_text() == token
    assert second.stop() == 0


def test_a_part_that_keeps_dying_stops_the_desk_with_the_reason(desk: MakeDesk) -> None:
    running = desk().opened()
    everything = running.everything()

    def ended() -> bool:
        if pid := running.children().get("beat"):
            os.kill(pid, signal.SIGKILL)
        return running.process.poll() is not None

    wait_until(ended, within=60)
    assert running.process.poll() == 1
    assert "its part “beat” keeps ending" in running.console
    assert gone(everything)


def test_a_folder_in_use_is_refused_in_one_line(desk: MakeDesk) -> None:
    first = desk().opened()
    second = desk()
    assert second.ended(within=15) == 2
    assert "already runs in" in second.console
    assert first.address in second.console
    assert len(second.console.splitlines()) == 1
    assert first.get("/healthz")[0] == 200


def test_a_taken_port_is_refused_in_one_line_and_nothing_is_started(desk: MakeDesk, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = desk(port=other.getsockname()[1])
        assert refused.ended(within=15) == 2
    assert "Choose another with --port" in refused.console
    assert len(refused.console.splitlines()) == 1
    assert not (tmp_path / "desk" / "desk.sqlite3").exists()


@pytest.mark.parametrize("port", [-1, 99_999])
def test_a_port_that_cannot_be_one_is_refused_in_one_line(desk: MakeDesk, port: int) -> None:
    refused = desk(port=port)
    assert refused.ended(within=15) == 2
    assert len(refused.console.splitlines()) == 1


def test_a_folder_that_cannot_be_used_is_refused_in_one_line(desk: MakeDesk, tmp_path: Path) -> None:
    file = tmp_path / "a-file"
    file.write_text("")
    refused = desk(folder=file / "desk")
    assert refused.ended(within=15) == 2
    assert len(refused.console.splitlines()) == 1


def test_a_deep_folder_still_has_a_broker(desk: MakeDesk, tmp_path: Path) -> None:
    running = desk(folder=tmp_path.joinpath(*["a-rather-long-name"] * 8)).opened()
    assert running.health()["broker"] == "ok"
    assert running.stop() == 0


def test_a_fresh_start_sets_the_old_desk_aside(desk: MakeDesk) -> None:
    first = desk().opened()
    old = (first.folder / "api-token").read_text()
    first.stop()
    second = desk("--fresh").opened()
    assert (second.folder / "api-token").read_text() != old
    assert (second.folder / "previous" / "api-token").read_text() == old
    assert (second.folder / "previous" / "desk.sqlite3").exists()
