"""Playbook definitions: ordered steps with deadlines and conditions, read from TOML.

Pure. What a playbook means for one ticket is derived in `rail.py`, what is promised in `followup.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from playbooks.core.case import CURRENCIES, Case
from playbooks.core.conditions import BASE_ANCHORS, CONDITIONS, REQUIRED
from playbooks.core.facts import DEEDS
from playbooks.core.tables import Table, read_toml
from tickets.lifecycle import CHANNELS, CHAT_CHANNELS
from tickets.log import AGENT, BOT, SYSTEM, Event

HUES = ("blue", "vermilion", "ochre")
CLOCKS = ("calendar", "business")
MANNERS = ("brief", "careful")
# Stages of JIS Q 10002 / ISO 10002 clause 7; satisfaction with the process is clause 8.
STAGES = (
    "communication", "receipt", "tracking", "acknowledgement", "initial_assessment", "investigation", "response",
    "communicating_decision", "closing", "satisfaction",
)  # fmt: skip

# Who may do what. What is not listed here takes a person.
DOERS: dict[str, tuple[str, ...]] = {
    "acknowledge": (BOT, SYSTEM),
    "interim_report": (AGENT, SYSTEM),
    "check_in": (AGENT, SYSTEM),
}
# Deeds that words alone do; the others take an event of their own (a remedy announced is not yet given).
SAYABLE = frozenset({"apologise", "interim_report", "letter", "prevention", "check_in"})
_DEED_OF_EVENT: dict[str, tuple[str, ...]] = {
    "case.facts_confirmed": ("confirm_facts",),
    "remedy.given": ("remedy",),
    "gift.given": ("gift",),
    "ticket.solved": ("solve",),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody owes the customer. Durations in seconds."""

    key: str
    title: Mapping[str, str]
    why: Mapping[str, str]
    stage: str
    by: str  # agent, bot, system
    deed: str
    after: tuple[str, ...]  # steps or base anchors; the step opens when all of them are settled
    within: int  # target
    latest: int  # hard limit
    within_by_channel: Mapping[str, int] = field(default_factory=dict)
    send_after: int | None = None  # bot and system: when it is sent; None: at the target
    clock: str = "calendar"
    when: tuple[str, ...] = ()
    remind: bool = False

    def within_on(self, channel: str) -> int:
        """The target on a channel; "chat" stands for every chat channel that is not named itself."""
        named = self.within_by_channel.get(channel)
        if named is None and channel in CHAT_CHANNELS:
            named = self.within_by_channel.get("chat")
        return self.within if named is None else named


@dataclass(frozen=True, slots=True)
class GiftPolicy:
    """How much a gift may cost: by severity, and never above a share of the price."""

    price_percent: int
    smallest: Mapping[str, int]  # currency -> minor units; below it a gift would look mean, so there is none
    bands: tuple[tuple[float, Mapping[str, int]], ...]  # (severity from, currency -> minor units), rising

    def cap(self, case: Case) -> int:
        """The most a gift may cost on this case, in minor units of its currency; 0 for none."""
        band = max((amounts[case.currency] for severity, amounts in self.bands if case.severity >= severity), default=0)
        cap = min(band, case.price * self.price_percent // 100)
        return cap if cap >= self.smallest[case.currency] else 0


@dataclass(frozen=True, slots=True)
class Question:
    """One survey: asked `after` seconds past its anchor. A playbook's own questions are never compared."""

    metric: str
    anchor: str  # opened, solved
    after: int
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Playbook:
    """A definition, compared by identity: `load` gives the same object for the same text."""

    key: str
    version: int
    title: Mapping[str, str]
    summary: Mapping[str, str]
    hue: str
    manner: str  # how the desk itself writes under it: brief, careful
    agents: str  # which profile automatic agents have under it; without one of this name, the default
    steps: tuple[Step, ...]
    letter_severity: float | None = None  # None: no letters
    gift: GiftPolicy | None = None
    questions: tuple[Question, ...] = ()

    def step(self, key: str) -> Step | None:
        return next((step for step in self.steps if step.key == key), None)

    @cached_property
    def in_order(self) -> tuple[Step, ...]:
        """The steps so that each comes after those it waits for, else as in the file."""
        order: list[Step] = []
        left, keys = list(self.steps), {step.key for step in self.steps}
        while left:
            ready = next(step for step in left if not (set(step.after) & keys))
            left.remove(ready)
            keys.remove(ready.key)
            order.append(ready)
        return tuple(order)

    @cached_property
    def tied_to_solving(self) -> frozenset[str]:
        """Steps that begin anew when a solved ticket is reopened: solving itself, and what waits for it."""
        tied: set[str] = set()
        for step in self.in_order:
            if step.deed == "solve" or "solved" in step.after or tied.intersection(step.after):
                tied.add(step.key)
        return frozenset(tied)


def promise_key(playbook: Playbook, step: str, opening: int) -> str:
    """What a promise about a step is called: with a number where the step can begin more than once."""
    return f"{step}.{opening}" if step in playbook.tied_to_solving else step


def deeds_of(event: Event) -> tuple[str, ...]:
    """What an event does for a playbook."""
    if event.name != "comment.created":
        return _DEED_OF_EVENT.get(event.name, ())
    data = event.data
    if not data["public"] or event.actor not in (AGENT, BOT, SYSTEM):
        return ()
    if event.actor == BOT:
        return ("acknowledge",)
    facts = data["facts"]
    said = tuple(deed for deed in facts.get("deeds", ()) if deed in SAYABLE)
    if event.actor == SYSTEM:
        return ("acknowledge", *said) if "acknowledge" in facts.get("deeds", ()) else said
    if facts.get("apology") and "apologise" not in said:
        said = ("apologise", *said)
    return ("answer", *said)


def gift_cap(playbook: Playbook, case: Case) -> int:
    """The most a gift may cost on this case, in minor units of its currency; 0 for none."""
    return playbook.gift.cap(case) if playbook.gift else 0


@cache
def built_in() -> dict[str, Playbook]:
    """The playbooks that come with the product, by key."""
    files = sorted((Path(__file__).parent / "library").glob("*.toml"))
    found = [load(file.read_text(encoding="utf-8"), name=file.name) for file in files]
    return {playbook.key: playbook for playbook in found}


# --- reading -------------------------------------------------------------------------------------

_PLAYBOOK_KEY = re.compile(r"[a-z][a-z0-9-]{0,59}")
_STEP_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PLAYBOOK_FIELDS = (
    "key",
    "version",
    "title",
    "summary",
    "hue",
    "manner",
    "agents",
    "letter_severity",
    "step",
    "gift",
    "question",
)
_STEP_FIELDS = (
    "key", "title", "why", "stage", "by", "deed", "after", "within", "latest", "within_by_channel", "send_after",
    "clock", "when", "remind",
)  # fmt: skip
_QUESTION_FIELDS = ("key", "anchor", "after", "text")
# A promise is named after its step, so a step must not be named like another promise or anchor.
_RESERVED = frozenset({*BASE_ANCHORS, "csat", "ces", "nps", "repurchase", "close", "remind", "message", "question"})
MOST_STEPS, MOST_BANDS, MOST_QUESTIONS = 50, 10, 10
MOST_MONEY = 10**9


@lru_cache(maxsize=128)
def load(text: str, *, name: str = "playbook") -> Playbook:
    """A playbook from TOML text. Invalid names the key at fault, e.g. `step[3].after`."""
    table = Table(read_toml(text, name=name), file=name, path="", fields=_PLAYBOOK_FIELDS)
    key = table.name("key", _PLAYBOOK_KEY)
    playbook = Playbook(
        key=key,
        version=table.whole("version", 1, 1_000_000),
        title=table.in_languages("title"),
        summary=table.in_languages("summary"),
        hue=table.choice("hue", HUES, what="hue"),
        manner=table.choice("manner", MANNERS, what="manner", default="brief"),
        agents=table.maybe("agents", lambda name: table.name(name, _PLAYBOOK_KEY)) or key,
        steps=_steps(table),
        letter_severity=table.maybe("letter_severity", table.share),
        gift=table.maybe("gift", lambda key: _gift(table.table(key, ("price_percent", "smallest", "bands")))),
        questions=tuple(_question(part) for part in table.tables("question", _QUESTION_FIELDS, most=MOST_QUESTIONS)),
    )
    _check_letter_and_gift(playbook, table)
    return playbook


def _steps(table: Table) -> tuple[Step, ...]:
    parts = list(table.tables("step", _STEP_FIELDS, most=MOST_STEPS))
    if not parts:
        raise table.refusal("missing_field", "step", "a playbook needs at least one [[step]]")
    keys: list[str] = []
    for part in parts:
        key = part.name("key", _STEP_KEY)
        if key in keys:
            raise part.refusal("duplicate_step", "key", f"there is a step '{key}' already")
        if key in _RESERVED and not (key == "remedy" and part.data.get("deed") == "remedy"):
            raise part.refusal("reserved_name", "key", f"'{key}' has a meaning of its own; choose another name")
        keys.append(key)
    steps = tuple(_step(part, keys) for part in parts)
    _check_cycle(steps, parts)
    return steps


def _step(part: Table, keys: list[str]) -> Step:
    deed = part.choice("deed", DEEDS, what="deed")
    within = part.duration("within")
    latest = part.maybe("latest", part.duration) or within
    by_channel = part.durations("within_by_channel", CHANNELS, what="channel")
    targets = {"latest": within, **{f"within_by_channel.{channel}": target for channel, target in by_channel.items()}}
    for where, target in targets.items():
        if latest < target:
            raise part.refusal("latest_before_within", where, "the latest moment comes before the target")
    anchors = (*(anchor for anchor in BASE_ANCHORS if anchor not in keys), *keys)
    after = part.choices("after", anchors, what="step", default=("opened",))
    if not after:
        raise part.refusal("missing_field", "after", "name at least one step or anchor")
    return Step(
        key=str(part.data["key"]),
        title=part.in_languages("title"),
        why=part.in_languages("why"),
        stage=part.choice("stage", STAGES, what="stage"),
        by=_doer(part, deed),
        deed=deed,
        after=after,
        within=within,
        latest=latest,
        within_by_channel=by_channel,
        send_after=_send_after(part, latest),
        clock=part.choice("clock", CLOCKS, what="clock", default="calendar"),
        when=_when(part, deed),
        remind=part.flag("remind"),
    )


def _doer(part: Table, deed: str) -> str:
    by = part.choice("by", (AGENT, BOT, SYSTEM), what="actor")
    able = DOERS.get(deed, (AGENT,))
    if by not in able:
        raise part.refusal("wrong_actor", "by", f"'{deed}' cannot be done by '{by}', only by: {', '.join(able)}")
    return by


def _send_after(part: Table, latest: int) -> int | None:
    seconds = part.maybe("send_after", part.duration)
    if seconds is not None and part.data.get("by") == AGENT:
        raise part.refusal("wrong_actor", "send_after", "nothing is sent by itself in an agent's step")
    if seconds is not None and seconds > latest:
        raise part.refusal("latest_before_within", "send_after", "the latest moment comes before it is sent")
    return seconds


def _when(part: Table, deed: str) -> tuple[str, ...]:
    names = part.choices("when", CONDITIONS, what="condition", default=())
    for needed in REQUIRED.get(deed, ()):
        if needed not in names:
            raise part.refusal("missing_condition", "when", f"a {deed} needs '{needed}'")
    return names


def _check_cycle(steps: tuple[Step, ...], parts: list[Table]) -> None:
    keys = [step.key for step in steps]
    try:
        TopologicalSorter({step.key: [key for key in step.after if key in keys] for step in steps}).prepare()
    except CycleError as error:
        ring = list(reversed(error.args[1]))
        n = min(keys.index(key) for key in ring)
        raise parts[n].refusal("cycle", "after", f"these steps wait for each other: {' → '.join(ring)}") from error


def _gift(table: Table) -> GiftPolicy:
    bands = [
        (band.share("severity"), _amounts(band))
        for band in table.tables("bands", ("severity", *CURRENCIES), most=MOST_BANDS)
    ]
    if not bands:
        raise table.refusal("missing_field", "bands", "a gift needs at least one [[gift.bands]]")
    return GiftPolicy(
        price_percent=table.whole("price_percent", 1, 100),
        smallest=_amounts(table.table("smallest", tuple(CURRENCIES))),
        bands=tuple(sorted(bands, key=lambda band: band[0])),
    )


def _amounts(table: Table) -> dict[str, int]:
    """Minor units in every currency: an amount cannot be converted here."""
    return {currency: table.whole(currency, 1, MOST_MONEY) for currency in CURRENCIES}


def _question(table: Table) -> Question:
    key = table.name("key", _STEP_KEY)
    anchor = table.choice("anchor", ("opened", "solved"), what="anchor")
    return Question(f"question.{key}", anchor, table.duration("after"), table.in_languages("text"))


def _check_letter_and_gift(playbook: Playbook, table: Table) -> None:
    deeds = {step.deed for step in playbook.steps}
    if "letter" in deeds and playbook.letter_severity is None:
        raise table.refusal("missing_field", "letter_severity", "a playbook with a letter says from which severity on")
    if "gift" in deeds and playbook.gift is None:
        raise table.refusal("missing_field", "gift", "a playbook with a gift says in [gift] how much it may cost")
