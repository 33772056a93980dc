"""The log as one customer sees it, read for the next step: what was said since, how it feels, when a reply comes."""

from __future__ import annotations

from functools import cached_property

from playbooks.core.case import Case
from playbooks.core.customer.evidence import E, Switches
from playbooks.core.customer.experience import (
    Experience,
    deeds_said,
    experience_of,
    facts_of,
    is_customers_word,
    is_firms_word,
    visible,
)
from playbooks.core.customer.hours import after_awake, when_awake
from playbooks.core.customer.persona import TALKS, Persona
from playbooks.core.customer.quantiles import log_logistic
from playbooks.core.customer.satisfaction import Feelings, anger, feelings
from playbooks.core.pressure import gives_too_much, holds_line, is_pressing, pressed_in, will_not_be_told
from playbooks.core.scenarios.manners import Heard
from tickets.lifecycle import CHAT_CHANNELS, REOPEN_GRACE
from tickets.log import AGENT, Event, Log

TALKING = frozenset({"customer.left", "customer.reviewed"})  # besides comments
MINUTES = CHAT_CHANNELS | {"phone", "in_person"}  # a reply takes minutes there


class View:
    def __init__(self, case: Case, persona: Persona, log: Log, switches: Switches) -> None:
        self.case, self.persona, self.switches = case, persona, switches
        self.seen = visible(log)
        self.own = max((i for i, e in enumerate(self.seen) if is_customers_word(e)), default=0)
        self.since = self.seen[self.own + 1 :]
        self.words = [e for e in self.since if is_firms_word(e)]
        self._lived: dict[int, tuple[Experience, Feelings]] = {}

    @cached_property
    def talks(self) -> int:
        return sum(e.name in TALKING or (is_customers_word(e) and self.word_of(e) != "opening") for e in self.seen)

    @property
    def key(self) -> str:
        return f"talk.{self.talks + 1}"

    @cached_property
    def ending(self) -> Event | None:
        """The event that solved or closed the ticket, if it still holds."""
        last = None
        for event in self.seen:
            if event.name in ("ticket.solved", "ticket.closed"):
                last = event
            elif event.name == "ticket.reopened":
                last = None
        return last

    @cached_property
    def reopens_until(self) -> int | None:
        """Until when a word reopens the ticket; None unless it is solved."""
        ended = self.ending
        return ended.at + REOPEN_GRACE if ended is not None and ended.name == "ticket.solved" else None

    @cached_property
    def presses(self) -> bool:
        """Threatens, or asks far beyond the loss, from the first word on."""
        return is_pressing(self.case)

    @cached_property
    def insists(self) -> bool:
        """Will not be told yet: nobody has named a limit that this customer accepted, or somebody gave in since."""
        if not will_not_be_told(self.case):
            return False
        calm = False
        for event in self.seen:
            if is_customers_word(event) and self.word_of(event) == "backs_down":
                calm = True
            elif gives_too_much(event, self.case):
                calm = False
        return not calm

    @cached_property
    def held(self) -> bool:
        """Whether the line that was drawn still stands: a limit named, or a second person, and nobody gave in since."""
        stands = False
        for event in self.seen:
            if holds_line(event):
                stands = True
            elif gives_too_much(event, self.case):
                stands = False
        return stands

    @property
    def pressed_since_limit(self) -> int:
        """Words of the customer's since a line was first drawn."""
        first = next((i for i, event in enumerate(self.seen) if holds_line(event)), len(self.seen))
        return sum(is_customers_word(event) for event in self.seen[first:])

    @property
    def heard(self) -> Heard:
        """What has been said and done by now, so that nobody thanks for what never came."""
        ours = [e for e in self.seen if is_firms_word(e)]
        parts = {part for e in ours for part in facts_of(e).get("apology", ())}
        first = next((e.at for e in ours if e.actor == AGENT), None)
        return Heard(
            explained="explanation" in parts,
            responsible="responsibility" in parts or any(facts_of(e).get("ownership", 0) >= 0.5 for e in ours),
            promised=any(facts_of(e).get("promise_at") for e in ours),
            mended="repentance" in parts or any("prevention" in deeds_said(e) for e in ours),
            remedied=any(e.name == "remedy.given" for e in self.seen),
            quick=first is not None and first - self.seen[0].at <= E.thank.quick_s,
        )

    def accuses(self, event: Event) -> bool:
        """A limit set to somebody who has pressed nobody."""
        return bool(facts_of(event).get("limit")) and not any(pressed_in(e) and e.at <= event.at for e in self.seen)

    @property
    def last_word(self) -> str:
        return self.word_of(self.seen[self.own])

    @property
    def left(self) -> bool:
        return any(e.name == "customer.left" for e in self.seen)

    def word_of(self, event: Event) -> str:
        """What a customer's comment does; one that came in without saying counts as news."""
        return "opening" if event.name != "comment.created" else str(facts_of(event).get("word") or "more_facts")

    def count(self, *said: str) -> int:
        return sum(is_customers_word(e) and self.word_of(e) in said for e in self.seen)

    def draw(self, purpose: str) -> float:
        value: float = getattr(self.persona, purpose)[min(self.talks, TALKS - 1)]
        return value

    def lived(self, until: int) -> tuple[Experience, Feelings]:
        if until not in self._lived:
            lived = experience_of(self.case, self.seen, until=until)
            self._lived[until] = lived, feelings(lived, self.persona.traits, self.switches)
        return self._lived[until]

    def mood(self, at: int) -> float:
        """Anger, 0 calm … 1 furious."""
        lived, felt = self.lived(at)
        return min(1.0, max(0.0, float(anger(lived, felt, self.persona.traits)) + self.persona.temper))

    def replies_at(self, trigger: int) -> int:
        """When a reply to something said at `trigger` is written."""
        median = E.talk.chat_median_s if self.case.channel in MINUTES else E.talk.mail_median_s
        median = E.talk.letter_median_s if self.case.channel == "letter" else median
        delay = float(log_logistic(self.draw("tempo"), median, E.talk.shape))
        return self.awake(trigger + round(min(max(delay, E.talk.shortest_s), E.talk.longest * median)))

    def awake(self, at: int) -> int:
        """No sooner than after the last thing seen, and not at night."""
        at = max(at, self.seen[-1].at + 1)
        return when_awake(at, utc_offset=self.persona.utc_offset, u=self.draw("morning"))

    def waits_until(self, since: int, factor: float) -> int:
        """When patience that began at `since` runs out."""
        hours = float(log_logistic(self.draw("patience"), E.patience.median_h[self.case.channel], E.patience.shape))
        seconds = min(max(hours * 3600, E.patience.floor_s) * factor, E.patience.longest_s)
        return max(after_awake(since, round(seconds), utc_offset=self.persona.utc_offset), self.seen[-1].at + 1)
