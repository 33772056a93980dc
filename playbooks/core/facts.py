"""What a message contains, as declared facts: from a template, tick boxes, or later from reading it.

The same facts feed the playbook (deeds), the customer (Experience) and the rubric.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from tickets.errors import Invalid

# Apology components, best to worst in Lewicki, Polin & Lount 2016.
COMPONENTS = ("responsibility", "repair", "regret", "explanation", "repentance", "forgiveness")

# Things an agent, a bot or the desk can do on a case. Playbook steps name the deed that fulfils them.
DEEDS = (
    "acknowledge",      # receipt confirmed, by a bot
    "answer",           # a human's public reply
    "apologise",        # a human's apology
    "confirm_facts",    # the case investigated, own fault settled
    "interim_report",   # "we are looking into it; you will hear by …"
    "remedy",           # refund, exchange, coupon, repair
    "letter",           # the apology letter, delivered
    "gift",             # the small gift, delivered
    "prevention",       # what was changed so that it does not happen again
    "check_in",         # a later contact to ask how it went
    "solve",            # the ticket solved
)  # fmt: skip

# What a customer's words do.
CUSTOMER_WORDS = (
    "opening", "more_facts", "chasing", "complaint", "demand_superior", "thanks", "acceptance",
    "polite_refusal", "still_unhappy", "backs_down",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one message. Shares are 0-1; `promise_at` is seconds since the epoch."""

    apology: tuple[str, ...] = ()
    empathy: float = 0.0
    listening: float = 0.0
    concrete: float = 0.0
    ownership: float = 0.0
    register: float = 0.0
    voice: float = 0.5  # was the customer given a say? .5 is neutral
    ng: int = 0  # expressions that must not be used
    asks: bool = False  # asks the customer for something, so the next word is theirs
    promise_at: int | None = None  # "you will hear by …"
    deeds: tuple[str, ...] = ()
    word: str | None = None  # for a customer's comment: one of CUSTOMER_WORDS
    pressure: bool = False  # a customer's threat or demand for money beyond the loss
    limit: bool = False  # says that the contact ends if it goes on like this
    yields: bool = False  # promises what nobody may be made to do
    rules: str = ""  # version of the rules by which the text was read; empty where nobody read it
    keeps_closed: bool = False  # courtesy after the end; does not reopen a solved ticket

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; what still has its default is left out."""
        defaults = _DEFAULTS
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value != defaults[name]
        }


_DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Facts)}
NOTHING = Facts()


def _typed(name: str, value: Any) -> Any:
    """The value in the type of its field, or Invalid. Shares are checked for their range afterwards."""
    default = _DEFAULTS[name]
    if isinstance(default, tuple) and isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    fits = (
        (isinstance(default, bool) and isinstance(value, bool))
        or (isinstance(default, float) and isinstance(value, int | float))
        or (name in ("ng", "promise_at") and isinstance(value, int) and not isinstance(value, bool))
        or (name in ("word", "rules") and isinstance(value, str))
        or (default is None and value is None)
    )
    if not fits:
        raise Invalid("wrong_type", f"'{name}' has a value of another kind than it takes.", field=f"facts.{name}")
    return value


def facts_from(data: Mapping[str, Any]) -> Facts:
    """Facts from JSON values. Unknown names and values out of range are refused by name."""
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name not in _DEFAULTS:
            raise Invalid("unknown_fact", f"'{name}' is not a fact of a message.", field=f"facts.{name}")
        values[name] = _typed(name, value)
    for name, known in (("apology", COMPONENTS), ("deeds", DEEDS)):
        for item in values.get(name, ()):
            if item not in known:
                raise Invalid("unknown_fact", f"'{item}' is not one of: {', '.join(known)}.", field=f"facts.{name}")
    if values.get("word") not in (None, *CUSTOMER_WORDS):
        raise Invalid(
            "unknown_fact", f"'{values['word']}' is not one of: {', '.join(CUSTOMER_WORDS)}.", field="facts.word"
        )
    for name in ("empathy", "listening", "concrete", "ownership", "register", "voice"):
        value = values.get(name, 0.5)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise Invalid("fact_out_of_range", f"'{name}' is a share between 0 and 1.", field=f"facts.{name}")
    return Facts(**values)
