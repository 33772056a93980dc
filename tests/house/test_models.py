"""Rows hold what the actions wrote, and nothing writes behind their back. Every model has its migration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import signals  # noqa: TID251 - looked at, not used
from django.db.models.functions import Now  # noqa: TID251 - looked for, not used
from django.utils import timezone, translation

APPS = ("helpdesk", "tickets", "playbooks")


def our_models() -> list[type[models.Model]]:
    return [model for app in APPS if apps.is_installed(app) for model in apps.get_app_config(app).get_models()]


def reads_the_clock(field: Any) -> bool:
    """A field that would stamp wall time by itself."""
    stamped = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    by_default = getattr(field, "default", None) is timezone.now  # noqa: TID251
    return stamped or by_default or isinstance(getattr(field, "db_default", None), Now)


def test_no_field_reads_the_clock():
    assert our_models()
    fields = [field for model in our_models() for field in model._meta.get_fields()]
    assert [str(field) for field in fields if reads_the_clock(field)] == []


def test_a_field_that_reads_the_clock_is_seen():
    assert reads_the_clock(models.DateTimeField(auto_now=True))
    assert reads_the_clock(models.DateTimeField(auto_now_add=True))
    assert reads_the_clock(models.DateTimeField(default=timezone.now))  # noqa: TID251
    assert reads_the_clock(models.DateTimeField(db_default=Now()))
    assert not reads_the_clock(models.DateTimeField(null=True))


def writes_by_itself(model: type) -> bool:
    """A model whose `save` or `delete` is not Django's own."""
    return any(not getattr(model, name).__module__.startswith("django.") for name in ("save", "delete"))


def test_no_model_has_a_save_of_its_own():
    assert [model.__name__ for model in our_models() if writes_by_itself(model)] == []


def test_a_save_of_its_own_is_seen():
    class Eager:
        delete = models.Model.delete

        def save(self) -> None: ...

    assert writes_by_itself(Eager)


def receivers() -> Iterator[Any]:
    for name in ("pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed"):
        for _key, reference, *_rest in getattr(signals, name).receivers:
            if (receiver := reference() if hasattr(reference, "__callback__") else reference) is not None:
                yield receiver


def ours(functions: Iterable[Any]) -> list[str]:
    return [str(function) for function in functions if function.__module__.split(".")[0] in APPS]


def test_no_signal_calls_our_code():
    assert ours(receivers()) == []


def test_a_receiver_of_ours_is_seen():
    def listen(**_: Any) -> None: ...

    listen.__module__ = "tickets.listeners"
    signals.post_save.connect(listen)
    try:
        assert len(ours(receivers())) == 1
    finally:
        signals.post_save.disconnect(listen)


def missing_migrations(now_in_code: ProjectState) -> dict[str, Any]:
    loader = MigrationLoader(None)
    with translation.override(None, deactivate=True):  # names of fields as they stand in the migrations
        changes = MigrationAutodetector(loader.project_state(), now_in_code).changes(graph=loader.graph)
    return {app: found for app, found in changes.items() if app in APPS}


def test_every_model_has_its_migration():
    assert missing_migrations(ProjectState.from_apps(apps)) == {}


def test_a_model_without_its_migration_is_seen():
    state = ProjectState.from_apps(apps)
    state.remove_field("tickets", "ticket", "status")

    assert "tickets" in missing_migrations(state)
