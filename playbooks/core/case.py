"""The truth about one complaint, which no customer or agent sees whole."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

PROFILES = ("US", "JP", "JPyoung", "KR")
# Severity 0-1 in three bands, the same wherever tickets are grouped by it: from, below.
SEVERITY_BANDS = {"light": (0.0, 0.4), "middle": (0.4, 0.7), "grave": (0.7, math.inf)}
LANGUAGES = ("ko", "ja", "en")
CURRENCIES = {"KRW": 0, "JPY": 0, "USD": 2}  # code -> digits of the minor unit
SHOP_REMEDIES = ("refund", "exchange", "coupon", "repair", "partial_refund")
OFFICE_REMEDIES = ("reissue", "re_examination", "correction")  # of a public office; the others but coupons too
REMEDIES = (*SHOP_REMEDIES, *OFFICE_REMEDIES)
NEUTRAL_PROFILE = {"en": "US", "ja": "JP", "ko": "KR"}


@dataclass(frozen=True, slots=True)
class Case:
    """Hidden facts of a complaint. Money in integer minor units of `currency`."""

    key: str  # stream key of the customer: external id, or ordinal in its import or shift
    seed: int
    language: str  # ko, ja, en
    profile: str  # culture profile: US, JP, JPyoung, KR
    channel: str
    category: str  # one of tickets.lifecycle.CATEGORIES_OF_COMPLAINT
    severity: float  # 0 light … 1 grave
    monetary: bool  # the loss is money, rather than time or dignity
    goods_accepted: bool  # the customer keeps the goods (False: rejects them)
    own_fault: bool  # what an investigation will find
    price: int  # minor units
    currency: str
    right_remedy: str  # one of REMEDIES: what law and policy give
    prior_purchases: int = 2
    failure_number: int = 1  # 2: it has gone wrong for this customer before
    scenario: str | None = None  # authored scenario, if any
    names: Mapping[str, str] | None = None  # what the texts call things: customer, firm, item, order, agent, cause …

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def severity_band(severity: float) -> str:
    """light, middle or grave."""
    return next(band for band, (_least, below) in SEVERITY_BANDS.items() if severity < below)


def case_from(data: Mapping[str, Any]) -> Case:
    return Case(**data)
