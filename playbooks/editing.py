"""Playbooks that managers write: a text becomes the next version of its key, and no version is ever changed.

What comes with the product is copied, never changed. A playbook is hidden, never deleted: runs, shifts and
experiments keep the versions they have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from playbooks import definitions
from playbooks.core.playbook import Playbook, built_in, load
from playbooks.core.playbook_text import data_of, renamed, same, to_toml
from playbooks.models import Experiment, HiddenPlaybook, PlaybookRun, PlaybookVersion, Shift
from tickets.errors import Conflict, Invalid, NotAllowed, NotFound
from tickets.models import Agent

# The desk's own rule gives these to tickets that nobody chose a playbook for.
NEEDED = (definitions.FAST, definitions.LETTER)
TAKEN = ("rule", "random", "write")  # words with which a playbook or a page is asked for
MOST_VERSIONS = 500
NEW_LANGUAGES = {"en": "Copy of {title}", "ko": "{title} 사본", "ja": "{title}の写し"}


def may_edit(agent: Agent) -> None:
    if not agent.sees_everything:
        raise NotAllowed("not_allowed", "Playbooks are written by managers.")


def versions_of(key: str) -> list[PlaybookVersion]:
    """All versions of a playbook, the newest first; NotFound where there is no such playbook."""
    if key in built_in():
        definitions.current(key)  # kept at its first use
    found = list(PlaybookVersion.objects.filter(key=key).select_related("made_by", "made_from").order_by("-version"))
    if not found:
        raise NotFound("no_playbook", f"There is no playbook '{key}'.", field="playbook")
    return found


def version(key: str, number: int) -> PlaybookVersion:
    """One version; NotFound where there is none."""
    found = next((one for one in versions_of(key) if one.version == number), None)
    if found is None:
        raise NotFound("no_version", f"The playbook '{key}' has no version {number}.", field="version")
    return found


# ---------------------------------------------------------------- a new playbook, and a new version


def copy_text(of: PlaybookVersion) -> str:
    """What a copy begins with: all of the original under a key of its own, worked by the same automatic agents."""
    playbook = definitions.playbook_of(of)
    titles = {code: NEW_LANGUAGES[code].format(title=title)[:600] for code, title in playbook.title.items()}
    data = {**data_of(of.source), "key": free_key(of.key), "version": 1, "agents": playbook.agents, "title": titles}
    return to_toml(data)


def free_key(like: str) -> str:
    """A key that nobody has: the same with the next number."""
    stem = re.sub(r"-[0-9]+$", "", like)[:54]
    taken = {*built_in(), *PlaybookVersion.objects.values_list("key", flat=True)}
    return next(key for n in range(2, len(taken) + 3) if (key := f"{stem}-{n}") not in taken)


def create(text: str, *, by: Agent, wall_now: float, made_from: PlaybookVersion | None = None) -> PlaybookVersion:
    """A playbook of one's own in its first version. Invalid names the field of the text at fault."""
    may_edit(by)
    playbook = load(text)
    check_key(playbook.key, None)
    return _keep(playbook, text, 1, by=by, wall_now=wall_now, made_from=made_from)


def check_key(key: str, was: str | None) -> None:
    """Whether this key may be written. `was`: the key of the playbook that is changed; None for a new one."""
    if was is not None:
        if key != was:
            raise Invalid("key_changed", f"The key of a playbook stays '{was}'. For another one, copy it.", field="key")
        return
    if key in built_in() or key in TAKEN or PlaybookVersion.objects.filter(key=key).exists():
        raise Conflict("key_taken", f"There is a playbook '{key}' already. Choose another key.", field="key")


def change(key: str, text: str, *, by: Agent, wall_now: float, seen: int | None = None) -> PlaybookVersion:
    """The next version of a playbook of one's own. `seen`: the newest version its writer had before them."""
    may_edit(by)
    newest = versions_of(key)[0]
    if key in built_in():
        raise Conflict("built_in", f"'{key}' comes with the product and stays as it is. Copy it and change the copy.")
    if seen is not None and seen != newest.version:
        words = f"Somebody saved version {newest.version} meanwhile. Compare it with yours before you save."
        raise Conflict("newer_version", words, field="version")
    if newest.version >= MOST_VERSIONS:
        raise Conflict("too_many_versions", f"A playbook has at most {MOST_VERSIONS} versions. Copy it.")
    playbook = load(text)
    if playbook.key != key:
        raise Invalid("key_changed", f'The key of a playbook stays: write key = "{key}", or make a copy.', field="key")
    if same(text, newest.source):
        raise Conflict("nothing_changed", f"Nothing differs from version {newest.version}.")
    return _keep(playbook, text, newest.version + 1, by=by, wall_now=wall_now, made_from=newest)


def _keep(
    playbook: Playbook, text: str, number: int, *, by: Agent, wall_now: float, made_from: PlaybookVersion | None
) -> PlaybookVersion:
    """The number of a version stands in its text, so that going back to an older text is a new version too."""
    kept = definitions.keep(renamed(text, version=number), name=playbook.key)
    PlaybookVersion.objects.filter(pk=kept.pk, made_by=None).update(
        made_by=by, made_from=made_from, wall_made_at=wall_now
    )
    kept.refresh_from_db()
    if kept.version != number:  # two saved at one moment, with different texts
        raise Conflict("newer_version", "Somebody saved a version at the same moment. Look again.", field="version")
    return kept


# ---------------------------------------------------------------- offered, or hidden


@dataclass(frozen=True, slots=True)
class InUse:
    """What goes on with a playbook whatever happens to it."""

    runs: int
    shifts: int
    experiments: int


def in_use(key: str) -> InUse:
    """Tickets, shifts and experiments that still run with a playbook, in any version."""
    ids = set(PlaybookVersion.objects.filter(key=key).values_list("pk", flat=True))
    running = Experiment.objects.filter(state=Experiment.RUNNING).values_list("settings", flat=True)
    return InUse(
        runs=PlaybookRun.objects.filter(version__key=key, state=PlaybookRun.ACTIVE).count(),
        shifts=Shift.objects.filter(clock__running=True, settings__playbook=key).count(),
        experiments=sum(bool(ids.intersection(settings.get("versions", ()))) for settings in running),
    )


def runs_by_version(key: str) -> dict[int, int]:
    """How many tickets each version of a playbook was or is used on."""
    counted = PlaybookRun.objects.filter(version__key=key).values_list("version__version").annotate(n=Count("pk"))
    return dict(counted.order_by("version__version"))


def hide(key: str, *, by: Agent, wall_now: float) -> InUse:
    """No longer offer a playbook. Returns what goes on with it."""
    may_edit(by)
    versions_of(key)
    if key in NEEDED:
        raise Conflict("playbook_needed", f"The desk's own rule gives '{key}' to tickets, so it stays offered.")
    with transaction.atomic():
        HiddenPlaybook.objects.get_or_create(key=key, defaults={"hidden_by": by, "wall_hidden_at": wall_now})
    return in_use(key)


def show(key: str, *, by: Agent) -> None:
    """Offer a hidden playbook again."""
    may_edit(by)
    versions_of(key)
    HiddenPlaybook.objects.filter(key=key).delete()


# ---------------------------------------------------------------- what if


WHAT_IF = {"tickets": 10_000, "replications": 20, "seed": 7}


def what_if(new: PlaybookVersion, old: PlaybookVersion) -> dict[str, object]:
    """Settings of an experiment that sends the same customers through two versions; the old one is the baseline."""
    if new.pk == old.pk:
        raise Invalid("same_version", "Choose two different versions.", field="against")
    return {**WHAT_IF, "arms": [{"playbook": one.key, "version": one.version} for one in (old, new)]}
