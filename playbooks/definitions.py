"""Playbook definitions as rows, and rows as definitions: the versions that runs keep."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import resources

from django.db import IntegrityError, transaction

from playbooks.core.playbook import Playbook, built_in, load
from playbooks.models import HiddenPlaybook, PlaybookVersion
from tickets.errors import Conflict, Invalid

FAST, LETTER = "fast-resolution", "apology-letter-gift"


def source_of(key: str) -> str:
    """The TOML text of a built-in playbook."""
    for entry in resources.files("playbooks.core.library").iterdir():
        if entry.name.endswith(".toml"):
            text = entry.read_text(encoding="utf-8")
            if load(text, name=entry.name).key == key:
                return text
    raise Invalid("unknown_playbook", f"There is no playbook '{key}'.", field="playbook")


def keep(text: str, *, name: str) -> PlaybookVersion:
    """The row of this very text; a changed text becomes the next version of its key."""
    playbook = load(text, name=name)
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = PlaybookVersion.objects.filter(digest=digest).first()
    if known is not None:
        return known
    last = PlaybookVersion.objects.filter(key=playbook.key).order_by("-version").first()
    try:
        with transaction.atomic():
            return PlaybookVersion.objects.create(
                key=playbook.key, version=last.version + 1 if last else 1, source=text, digest=digest
            )
    except IntegrityError:  # another process kept it at the same moment
        return PlaybookVersion.objects.get(digest=digest)


def current(key: str) -> PlaybookVersion:
    """The newest version of a playbook; a built-in one is kept at its first use."""
    if key in built_in():
        return _current_built_in(key)
    version = PlaybookVersion.objects.filter(key=key).order_by("-version").first()
    if version is None:
        known = ", ".join(sorted({*built_in(), *PlaybookVersion.objects.values_list("key", flat=True)}))
        raise Invalid("unknown_playbook", f"There is no playbook '{key}'. Known: {known}.", field="playbook")
    return version


def _current_built_in(key: str) -> PlaybookVersion:
    newest = PlaybookVersion.objects.filter(key=key).order_by("-version").first()
    text = _built_in_text(key)
    if newest is not None and (newest.source == text or newest.made_by_id is not None):
        return newest
    return keep(text, name=key)


def hidden() -> frozenset[str]:
    """The keys of playbooks that are no longer offered."""
    return frozenset(HiddenPlaybook.objects.values_list("key", flat=True))


def known() -> dict[str, Playbook]:
    """The newest definition of every playbook, hidden ones among them; nothing is kept that was not (one query)."""
    found = {key: built_in()[key] for key in sorted(built_in(), key=lambda key: (key != FAST, key != LETTER, key))}
    for version in PlaybookVersion.objects.order_by("key", "version"):
        if version.key not in built_in() or version.made_by_id is not None:
            found[version.key] = playbook_of(version)
    return found


def offered() -> dict[str, Playbook]:
    """The playbooks that may be chosen for something new, by key (two queries)."""
    gone = hidden()
    return {key: playbook for key, playbook in known().items() if key not in gone}


def refuse_hidden(key: str) -> None:
    """A hidden playbook may not be chosen for something new."""
    if HiddenPlaybook.objects.filter(key=key).exists():
        raise Conflict(
            "playbook_hidden",
            f"The playbook '{key}' is hidden: it is no longer offered. Show it again, or choose another one.",
            field="playbook",
        )


def version_of(key: str, number: int) -> PlaybookVersion:
    """One version of a playbook by its number. A built-in one is kept at its first use."""
    current(key)
    found = PlaybookVersion.objects.filter(key=key, version=number).first()
    if found is None:
        raise Invalid("unknown_version", f"The playbook '{key}' has no version {number}.", field="version")
    return found


@lru_cache(maxsize=8)
def _built_in_text(key: str) -> str:
    return source_of(key)


@lru_cache(maxsize=64)
def _loaded(digest: str, source: str) -> Playbook:
    return load(source, name=digest[:8])


def playbook_of(version: PlaybookVersion) -> Playbook:
    """The definition that a version row holds."""
    return _loaded(version.digest, version.source)
