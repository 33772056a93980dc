"""The customers of one replication: drawn before any playbook is known, so that every playbook meets the same.

Streams are named `desk/<replication>/<what>`; row i belongs to customer i, whatever the rate, the staff or the
playbook. Uniforms become times here, in NumPy; the kernel only adds and compares.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv

from playbooks.core.customer.quantiles import log_logistic
from playbooks.core.desk.handling import FollowUpStep, Handling
from playbooks.core.desk.setting import EXPONENTIAL, HOUR, LOG_LOGISTIC, NONE, DeskSetting
from playbooks.core.streams import block

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int8]
MOST_FACTORS = 8  # up to here a gamma of whole shape is cheaper as a product of uniforms


@dataclass(frozen=True, slots=True)
class Customers:
    """Column i is customer i: second of arrival, codes into the setting's classes, languages and profiles, and
    seconds of patience without a receipt (inf: for ever)."""

    seed: int
    replication: int
    arrival: Floats
    ticket_class: Codes
    language: Codes
    profile: Codes
    patience: Floats

    def __len__(self) -> int:
        return len(self.arrival)


@dataclass(frozen=True, slots=True)
class Returns:
    """Follow-ups that fall due if their customer is served: in order of customer, then step."""

    customer: Ints
    step: Codes  # code into `steps`
    delay: Floats  # seconds after the end of the first handling
    work: Floats
    rank: Codes
    steps: tuple[str, ...]


def customers(setting: DeskSetting, seed: int, replication: int) -> Customers:
    """All who write in during this replication."""
    arrival = _arrivals(setting, seed, replication)
    count = len(arrival)

    def coded(what: str, shares: Iterable[float]) -> Codes:
        return _coded(list(shares), seed, _stream(replication, what), count)

    profile = coded("profile", setting.profiles.values())
    return Customers(
        seed=seed,
        replication=replication,
        arrival=arrival,
        ticket_class=coded("class", (one.share for one in setting.classes)),
        language=coded("language", setting.languages.values()),
        profile=profile,
        patience=_patience(setting, seed, replication, profile),
    )


def first_work(met: Customers, handling: Handling) -> Floats:
    """Seconds of the first handling, were every customer handled like this."""
    return handling.work_min * 60.0 * spread(met.seed, _stream(met.replication, "work"), len(met), handling.shape)


def follow_ups(met: Customers, step: FollowUpStep, among: npt.NDArray[np.bool_] | None) -> tuple[Ints, Floats, Floats]:
    """Who of them comes back for this step, seconds of delay, and of work."""
    count, name = len(met), f"step/{step.name}"

    def drawn(what: str) -> Floats:
        return block(met.seed, _stream(met.replication, f"{name}/{what}"), count, 1)[:, 0]

    back = drawn("share") < step.share if step.share < 1.0 else np.ones(count, dtype=bool)
    if among is not None:
        back &= among
    who = np.flatnonzero(back).astype(np.int32)
    delay = np.full(len(who), step.delay_h * HOUR)
    if step.delay_to_h is not None and step.delay_to_h > step.delay_h:
        delay += (step.delay_to_h - step.delay_h) * HOUR * drawn("delay")[who]
    stream = _stream(met.replication, f"{name}/work")
    return who, delay, step.work_min * 60.0 * spread(met.seed, stream, count, step.shape, who)


def spread(seed: int, stream: str, count: int, shape: float, rows: Any = None) -> Floats:
    """Gamma factors of mean 1, one a customer (or of these rows only).

    Whole shapes k: −ln(U₁ … U_k) / k, the sum of k exponentials; others by inversion of the distribution function.
    """
    if shape == int(shape) and shape <= MOST_FACTORS:
        u = 1.0 - block(seed, f"{stream}/{int(shape)}", count, int(shape))
        u = u if rows is None else u[rows]
        product = u[:, 0].copy()
        for column in range(1, int(shape)):
            product *= u[:, column]
        exact: Floats = np.log(product) / -shape
        return exact
    u = block(seed, f"{stream}/inverse", count, 1)[:, 0]
    inverted: Floats = gammaincinv(shape, u if rows is None else u[rows]) / shape
    return inverted


def _stream(replication: int, what: str) -> str:
    return f"desk/{replication}/{what}"


def _arrivals(setting: DeskSetting, seed: int, replication: int) -> Floats:
    """A Poisson stream of rate 1, read on the clock Λ(t) = ∫ rate: customer i comes when Λ reaches his place."""
    edges, rates = setting.rate()
    clock = np.concatenate(([0.0], np.cumsum(np.diff(edges) * rates)))
    end, stream = float(clock[-1]), _stream(replication, "arrival")
    most = setting.tickets if setting.tickets is not None else math.inf
    count = min(int(end + 6.0 * math.sqrt(end)) + 20, most)
    while True:
        gaps = -np.log(1.0 - block(seed, stream, int(count), 1)[:, 0])
        place = np.cumsum(gaps)
        if place[-1] >= end or count == most:
            break
        count = min(count * 2, most)
    place = place[: int(np.searchsorted(place, end))]
    seconds: Floats = np.interp(place, clock, edges)
    return seconds


def _coded(shares: list[float], seed: int, stream: str, count: int) -> Codes:
    if len(shares) == 1:
        return np.zeros(count, dtype=np.int8)
    u = block(seed, stream, count, 1)[:, 0]
    code = np.searchsorted(np.cumsum(shares), u, side="right")
    return np.minimum(code, len(shares) - 1).astype(np.int8)


def _patience(setting: DeskSetting, seed: int, replication: int, profile: Codes) -> Floats:
    given = setting.patience
    if given.curve == NONE:
        return np.full(len(profile), math.inf)
    u = block(seed, _stream(replication, "patience"), len(profile), 1)[:, 0]
    if given.curve == LOG_LOGISTIC:
        hours = log_logistic(u, given.median_h, given.shape)
    elif given.curve == EXPONENTIAL:
        hours = given.mean_h * -np.log(1.0 - u)
    else:
        left, points = zip(*given.table, strict=True)
        hours = np.interp(u, left, points, right=math.inf)
    factor = np.array([given.by_profile.get(name, 1.0) for name in setting.profiles]) * given.factor * HOUR
    seconds: Floats = hours * (factor[profile] if len(factor) > 1 else factor[0])
    return seconds
