"""What a deployment is set to, as the parts themselves see it: a misspelt setting would be accepted in silence."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection

from helpdesk import folder, services
from helpdesk.celery import app

ROOT = Path(__file__).resolve().parents[2]


def test_celery_has_every_setting_that_the_rules_ask_for() -> None:
    assert app.conf.task_ignore_result is True
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True
    assert app.conf.task_publish_retry is False
    assert app.conf.task_always_eager is False
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.worker_pool == "threads"
    assert app.conf.task_default_queue == "clocks"
    assert app.conf.timezone == "UTC"
    assert app.conf.broker_connection_max_retries is None
    assert app.conf.broker_connection_retry_on_startup is True
    assert app.conf.accept_content == ["json"]
    visibility = app.conf.broker_transport_options["visibility_timeout"]
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < visibility


def test_what_leaves_the_desk_does_not_wait_behind_clocks() -> None:
    routes = app.amqp.router
    assert routes.route({}, "playbooks.sweep")["queue"].name == "clocks"
    assert routes.route({}, "tickets.deliver")["queue"].name == "outgoing"


def test_the_sweep_comes_twice_a_second_and_an_old_tick_expires() -> None:
    entry = app.conf.beat_schedule["every-half-second-advance-due-clocks"]
    assert (entry["task"], entry["schedule"], entry["options"]["expires"]) == ("playbooks.sweep", 0.5, 1)


@pytest.mark.django_db
def test_every_sqlite_transaction_takes_the_write_lock_at_once() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a setting of SQLite")
    assert connection.transaction_mode == "IMMEDIATE"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (1,)  # NORMAL


def run_manage(tmp_path: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words, "--data", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("module", ["helpdesk.wsgi", "helpdesk.celery", "helpdesk.access", "helpdesk.urls"])
def test_each_way_in_loads_first_of_all_in_a_fresh_process(tmp_path: Path, module: str) -> None:
    code = f"import django; django.setup(); import {module}" if module != "helpdesk.wsgi" else f"import {module}"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "helpdesk.settings", "HELPDESK_DATA": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, timeout=60)


@pytest.mark.slow
def test_a_production_desk_passes_every_deployment_check(tmp_path: Path) -> None:
    found = run_manage(
        tmp_path, "check", "--deploy", "--fail-level", "WARNING", HELPDESK_PRODUCTION="1", HELPDESK_HOSTS="desk.example"
    )
    assert found.returncode == 0, found.stderr


@pytest.mark.slow
def test_a_development_desk_does_not_pass_them(tmp_path: Path) -> None:
    assert run_manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", HELPDESK_DEBUG="1").returncode == 1


def test_the_secret_key_is_made_once_however_many_ask_and_is_private(tmp_path: Path) -> None:
    keys: list[str] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        keys.append(folder.secret_key(tmp_path))

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert stat.S_IMODE((tmp_path / folder.SECRET).stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {folder.SECRET}


def test_the_embedded_broker_is_used_only_where_it_answers(tmp_path: Path) -> None:
    assert services.broker_url(tmp_path, {}) is None
    assert services.broker_url(tmp_path, {services.SUPERVISED: "1"}) == f"unix://{tmp_path}/valkey.sock"
    assert services.broker_url(tmp_path, {"REDIS_URL": "redis://there/0"}) == "redis://there/0"
    with services.temporary_broker() as url:
        path = Path(url.removeprefix("unix://"))
        assert services.broker_url(path.parent, {}) == url
    assert not path.exists()


def test_a_deep_folder_gets_a_socket_path_that_the_kernel_takes(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-rather-long-name"] * 8)
    assert len(os.fsencode(services.socket_path(deep))) < 107
    assert services.socket_path(deep) != services.socket_path(deep / "another")
