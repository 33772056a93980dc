"""From complaints to prevention: did a measure help, which step is felt as hard work, what customers speak of.

Pure. Complaints are counts in time, so their rates are compared exactly: given how many there were in all, how many
fall after the measure is binomial. Times in whole seconds since the epoch; weeks begin on Monday in Tokyo and Seoul.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import bdtr, bdtrc, betaincinv, gammaln  # type: ignore[import-untyped,unused-ignore]

from playbooks.core.case import Case
from playbooks.core.comparisons import Judged, holm, independent
from playbooks.core.customer.evidence import DEFAULT, Switches
from playbooks.core.customer.experience import experience_of
from playbooks.core.customer.notice import satisfaction_if_told
from playbooks.core.customer.persona import persona_of
from playbooks.core.customer.remark import HIGH, LOW
from playbooks.core.customer.remark import side as side_of
from playbooks.core.customer.satisfaction import feelings
from playbooks.core.statistics import LEVEL, Interval, mean, t_interval, wilson
from tickets.log import AGENT, BOT, CUSTOMER, Event, Log

DAY, WEEK = 86_400, 604_800
_MONDAY = 4 * DAY - 9 * 3_600  # the first Monday 0:00 at UTC+9 after the epoch
LOW_CES, HIGH_CES = 3, 5  # up to, and from: 4 is neither
FEW = 5


# Weeks


def week_of(at: int) -> int:
    """The Monday with which the week of an instant begins."""
    return _MONDAY + (at - _MONDAY) // WEEK * WEEK


def by_week(times: Iterable[int], *, first: int, last: int) -> list[tuple[int, int]]:
    """(Monday, how many) for every week from the first instant's to the last one's, empty ones too."""
    counts = dict.fromkeys(range(week_of(first), week_of(last) + 1, WEEK), 0)
    for at in times:
        monday = week_of(at)
        if monday in counts:
            counts[monday] += 1
    return list(counts.items())


# Rates


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of rates with its exact interval. None without a bound on that side."""

    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    level: float = LEVEL

    @property
    def shown(self) -> bool:
        """Whether the interval leaves 1 out."""
        return (self.high is not None and self.high < 1) or (self.low is not None and self.low > 1)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def rate_ratio(after: int, before: int, *, exposure: float = 1.0, level: float = LEVEL) -> Ratio:
    """Rate after over rate before; `exposure`: how much more there was to see after (1: same length).

    Given n = after + before, `after` is binomial with π = ρe / (1 + ρe); the Clopper-Pearson bounds of π are turned
    back into those of ρ. Przyborowski, J. & Wilenski, H. (1940), Biometrika 31, 313-323.
    """
    n = after + before
    if not n or exposure <= 0:
        return Ratio(None, None, None, None, level)
    tail = (1 - level) / 2
    low = float(betaincinv(after, before + 1, tail)) if after else 0.0
    high = float(betaincinv(after + 1, before, 1 - tail)) if before else 1.0
    even = exposure / (1 + exposure)
    fewer, more = float(bdtr(after, n, even)), 1.0 if not after else float(bdtrc(after - 1, n, even))
    return Ratio(
        estimate=after / before / exposure if before else None,
        low=low / (1 - low) / exposure if low < 1 else None,
        high=high / (1 - high) / exposure if high < 1 else None,
        p=min(1.0, 2 * min(fewer, more)),
        level=level,
    )


def ratio_of_ratios(after: int, before: int, others_after: int, others_before: int, *, level: float = LEVEL) -> Ratio:
    """How much more this cause changed than all others: (after/before) / (others after/others before).

    Given both sums and the sum of all after, `after` follows Fisher's noncentral hypergeometric distribution, whose
    odds are the ratio looked for. Fisher, R. A. (1935), JRSS 98, 39-82; Cornfield, J. (1956). The estimate is the
    plain one; the bounds are exact.
    """
    own, others, later = after + before, others_after + others_before, after + others_after
    if not own or not others or not later or later == own + others:
        return Ratio(None, None, None, None, level)
    least, most = max(0, later - others), min(own, later)
    places = np.arange(least, most + 1)
    ways = _ways(own, places) + _ways(others, later - places)

    def tail(log_odds: float, up: bool) -> float:
        weights = ways + places * log_odds
        chances = np.exp(weights - weights.max())
        side = places >= after if up else places <= after
        return float(chances[side].sum() / chances.sum())

    alpha = (1 - level) / 2
    low = None if after == least else math.exp(_root(lambda at: tail(at, True) - alpha))
    high = None if after == most else math.exp(_root(lambda at: alpha - tail(at, False)))
    plain = None if not before or not others_after else after * others_before / (before * others_after)
    return Ratio(plain, low if low is not None else 0.0, high, min(1.0, 2 * min(tail(0, True), tail(0, False))), level)


def _ways(n: int, places: Any) -> Any:
    return gammaln(n + 1) - gammaln(places + 1) - gammaln(n - places + 1)


def _root(rising: Callable[[float], float]) -> float:
    # Loads for half a second: no process of the desk waits for it to open.
    from scipy.optimize import brentq  # type: ignore[import-untyped,unused-ignore]

    reach = 5.0
    while rising(-reach) > 0 or rising(reach) < 0:
        reach *= 2
        if reach > 640:  # beyond this no odds can be told apart in a float
            return math.copysign(reach, rising(reach))
    return float(brentq(rising, -reach, reach, xtol=1e-10))


def most_after(before: int, level: float = LEVEL) -> int | None:
    """Up to how many complaints afterwards would show a fall; None: not even none at all would."""
    found = None
    for after in range(before):
        high = rate_ratio(after, before, level=level).high
        if high is None or high >= 1:
            break
        found = after
    return found


@dataclass(frozen=True, slots=True)
class Effect:
    """A measure and the complaints of its cause in two windows of one length, beside those of all other causes."""

    seconds: int  # of each window
    before: int
    after: int
    others_before: int
    others_after: int
    ratio: Ratio
    against_others: Ratio
    most_after: int | None  # so many afterwards at most would have shown a fall

    @property
    def verdict(self) -> str:
        """too_soon, too_few, fell, rose or unclear: what the interval of the ratio allows to say."""
        if self.seconds < DAY:
            return "too_soon"
        if self.ratio.shown:
            return "fell" if (self.ratio.high or 2.0) < 1 else "rose"
        return "too_few" if self.most_after is None and self.before + self.after < 2 * FEW else "unclear"

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "verdict": self.verdict}


def effect_of(
    own: Sequence[int], others: Sequence[int], *, taken_at: int, now: int, known_since: int, days: int
) -> Effect:
    """`own`, `others`: when the complaints came in. The windows are as long as both sides have been watched."""
    seconds = max(0, min(days * DAY, now - taken_at, taken_at - known_since))

    def counted(times: Sequence[int]) -> tuple[int, int]:
        before = sum(taken_at - seconds <= at < taken_at for at in times)
        return before, sum(taken_at <= at < taken_at + seconds for at in times)

    (before, after), (others_before, others_after) = counted(own), counted(others)
    return Effect(
        seconds, before, after, others_before, others_after,
        ratio=rate_ratio(after, before),
        against_others=ratio_of_ratios(after, before, others_after, others_before),
        most_after=most_after(min(before, 400)),
    )  # fmt: skip


# Where the time goes, and who felt it

# Stages of JIS Q 10002, clause 7, as far as a log shows where they end.
STAGES = ("acknowledgement", "response", "investigation", "decision", "closing", "again")


@dataclass(frozen=True, slots=True)
class Spent:
    """One stage of one ticket: how long it took, and how often the customer had to write during it."""

    seconds: int
    contacts: int


def stages_of(log: Log) -> dict[str, Spent]:
    """Each stage that came to its end. A stage begins where the one before it ended; what happened earlier takes none.

    acknowledgement: first word of bot or agent; response: first word of a person; investigation: facts confirmed;
    decision: a remedy; closing: solved; again: from reopening to solved for the last time.
    """
    if not log:
        return {}
    first_solved = _first(log, lambda e: e.name == "ticket.solved")
    reopened = _first(log, lambda e: e.name == "ticket.reopened")
    ends = {
        "acknowledgement": _first(log, lambda e: _says(e, AGENT, BOT)),
        "response": _first(log, lambda e: _says(e, AGENT)),
        "investigation": _first(log, lambda e: e.name == "case.facts_confirmed"),
        "decision": _first(log, lambda e: e.name == "remedy.given"),
        "closing": first_solved,
        "again": None if reopened is None else _first(log[::-1], lambda e: e.name == "ticket.solved"),
    }
    wrote = [event.at for event in log if _says(event, CUSTOMER)][1:]  # the first one is the complaint
    found: dict[str, Spent] = {}
    start = log[0].at
    for stage, end in ends.items():
        if stage == "again" and reopened is not None:
            start = max(start, reopened)
        if end is None or end < start:
            continue
        found[stage] = Spent(end - start, sum(start < at <= end for at in wrote))
        start = end
    return found


def _first(log: Log, meant: Callable[[Event], bool]) -> int | None:
    return next((event.at for event in log if meant(event)), None)


def _says(event: Event, *actors: str) -> bool:
    return event.name == "comment.created" and bool(event.data.get("public", True)) and event.actor in actors


@dataclass(frozen=True, slots=True)
class Costly:
    """One stage among those who found it hard (low CES) against those who found it easy."""

    stage: str
    hard: Interval  # hours
    easy: Interval
    hours: Judged  # hard less easy
    contacts: Judged
    corrected: float | None  # p of the hours over all stages (Holm)


def costly(hard: Sequence[Mapping[str, Spent]], easy: Sequence[Mapping[str, Spent]]) -> list[Costly]:
    """The stages, the one with the largest difference in time first. A stage that a ticket never ended counts not."""
    found = []
    for stage in STAGES:
        sides = [[one[stage] for one in side if stage in one] for side in (hard, easy)]
        hours = [[spent.seconds / 3_600 for spent in side] for side in sides]
        contacts = [[float(spent.contacts) for spent in side] for side in sides]
        if any(sides):
            found.append(
                (
                    stage,
                    t_interval(hours[0]),
                    t_interval(hours[1]),
                    independent(hours[0], hours[1]),
                    independent(contacts[0], contacts[1]),
                )
            )
    corrected = holm({stage: gap.p for stage, _, _, gap, _ in found})
    rows = [Costly(*one, corrected[one[0]]) for one in found]
    return sorted(rows, key=lambda row: -(row.hours.estimate if row.hours.estimate is not None else -math.inf))


# What they speak of


@dataclass(frozen=True, slots=True)
class Topic:
    key: str
    title: Mapping[str, str]  # by language of the reader
    words: Mapping[str, re.Pattern[str]]  # by language of the text


@cache
def topics() -> tuple[Topic, ...]:
    data = tomllib.loads(Path(__file__).with_name("topics.toml").read_text("utf-8"))
    return tuple(
        Topic(key, one["title"], {language: _pattern(language, words) for language, words in one["words"].items()})
        for key, one in data.items()
    )


def _pattern(language: str, words: str) -> re.Pattern[str]:
    """The words stand in one text, parted by bars. English ones begin where a word begins."""
    found = "|".join(re.escape(word.strip()) for word in words.split("|"))
    return re.compile(rf"\b(?:{found})" if language == "en" else found, re.IGNORECASE)


def spoken_of(text: str, language: str) -> list[str]:
    """The topics of which a text has a word."""
    return [topic.key for topic in topics() if language in topic.words and topic.words[language].search(text)]


def excerpt(text: str, language: str, topic: str, reach: int = 60) -> str:
    """The words around the first one that belongs to the topic."""
    (pattern,) = (one.words.get(language) for one in topics() if one.key == topic)
    hit = pattern.search(text) if pattern else None
    if hit is None:
        return text[: 2 * reach]
    start, end = max(0, hit.start() - reach), min(len(text), hit.end() + reach)
    cut = " ".join(text[start:end].split())
    return ("…" if start else "") + cut + ("…" if end < len(text) else "")


@dataclass(frozen=True, slots=True)
class Beside:
    """What one customer wrote beside the ticks of one ticket, the newest first."""

    ticket: int
    language: str
    texts: tuple[str, ...]
    low: bool  # any CSAT or CES among these ticks is low
    high: bool  # any is high, and none low


def beside(ticket: int, language: str, answers: Sequence[tuple[str, int, str]]) -> Beside:
    """`answers`: metric, score and words. NPS is no judgement of one handling, so its tick counts for neither side."""
    sides = {side_of(metric, score) for metric, score, _text in answers if metric in ("csat", "ces")}
    return Beside(
        ticket, language, tuple(text for *_, text in answers), LOW in sides, HIGH in sides and LOW not in sides
    )


@dataclass(frozen=True, slots=True)
class TopicShare:
    """How many of those who wrote beside a tick speak of one topic, and of those who ticked low and high."""

    topic: str
    all: Interval
    low: Interval
    high: Interval
    examples: tuple[tuple[int, str, str], ...]  # ticket, language, words

    @property
    def apart(self) -> float:
        """By how much the low speak of it more than the high; 0 where either side is empty."""
        return (self.low.estimate or 0.0) - (self.high.estimate or 0.0) if self.low.n and self.high.n else 0.0


def topic_shares(those: Sequence[Beside], *, examples: int = 3) -> list[TopicShare]:
    """Every topic that anybody speaks of, the most frequent first. A customer counts once for each."""
    spoken: dict[str, list[tuple[Beside, str]]] = {}
    for one in those:
        found: dict[str, str] = {}
        for text in one.texts:
            for topic in spoken_of(text, one.language):
                found.setdefault(topic, text)
        for topic, text in found.items():
            spoken.setdefault(topic, []).append((one, text))
    low, high = sum(one.low for one in those), sum(one.high for one in those)
    shares = [
        TopicShare(
            topic,
            wilson(len(hits), len(those)),
            wilson(sum(one.low for one, _ in hits), low),
            wilson(sum(one.high for one, _ in hits), high),
            tuple((one.ticket, one.language, text) for one, text in hits[:examples]),
        )
        for topic, hits in spoken.items()
    ]
    return sorted(shares, key=lambda one: (-(one.all.estimate or 0.0), one.topic))


# Telling customers before they complain


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a notice would change in satisfaction by the customer model: an estimate, nobody was asked."""

    gain: Interval  # over the tickets
    low: float | None  # the assumption at half …
    high: float | None  # … and at half as much again


def foreseen(tickets: Sequence[tuple[Case, Log]], *, now: int, switches: Switches = DEFAULT) -> Foreseen:
    """Every ticket against itself, as it was handled and had its customer been told. Who had been is left out."""
    gains: dict[float, list[float]] = {0.5: [], 1.0: [], 1.5: []}
    for case, log in tickets:
        x, who = experience_of(case, log, until=now), persona_of(case).traits
        if x.told:
            continue
        was = float(feelings(x, who, switches).satisfaction)
        for factor, side in gains.items():
            side.append(satisfaction_if_told(x, who, switches, factor) - was)
    return Foreseen(t_interval(gains[1.0]), mean(gains[0.5]), mean(gains[1.5]))
