"""Pressure on the desk and how it was met: the limit named, handed over, ended, or given in to.

Right are a limit named firmly and politely, a second person, a record, and an end to the contact if it goes on. What
is due stays due. Wrong are giving in, which brings the customer back for more, and a limit set to somebody who has
pressed nobody. The Japanese act on labour policy (改正労働施策総合推進法) and the Korean act on safety at work
(산업안전보건법 제41조) protect workers; Tokyo's ordinance, Article 5, keeps a fair complaint its right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from playbooks.core.case import Case
from playbooks.core.facts import Facts
from playbooks.core.profiles import worth
from playbooks.core.scenarios.background import right_remedies
from playbooks.core.scenarios.telling import manner
from tickets.lifecycle import is_customer_word, is_human_reply
from tickets.log import Event, Log

MARGIN = 1.25  # a remedy so far above what is due is still goodwill
HELD, YIELDED, ACCUSED, UNANSWERED, NONE = "held", "yielded", "accused", "unanswered", "none"

_SENTENCE = re.compile(r"[^.?!。？！\n]+")
_LIMIT = {
    "ko": re.compile(
        r"(?:계속|이어지|반복|거듭|멈추지).{0,40}(?:상담|통화|응대|대화).{0,12}(?:종료|중단|끝내|끊|마치)"
        r"|(?:더 ?이상|부득이).{0,16}(?:상담|통화|응대|대화).{0,12}(?:종료|중단|끝내|어렵|끊)"
        r"|(?:상담|통화|응대|대화)[을를] (?:종료|중단)하겠"
    ),
    "ja": re.compile(
        r"(?:続|繰り返|重ね|おやめ|やめて).{0,40}(?:対応|電話|通話|やり取り|やりとり|お話).{0,12}(?:終了|終え|打ち切|お断り|控え)"
        r"|これ以上の?(?:対応|やり取り|やりとり|お話|ご要望).{0,10}(?:終了|打ち切|お断り|控え|いたしかね)"
    ),
    "en": re.compile(
        r"\b(?:if|should|unless)\b.{0,90}\b(?:end|stop|close|terminate)\b.{0,24}\b(?:call|contact|conversation|chat)\b"
        r"|\b(?:will|have to|must|'ll)\b.{0,12}\bend (?:this|the|our) (?:call|contact|conversation|chat)\b"
        r"|\bam ending (?:this|the|our) (?:call|contact|conversation|chat)\b",
        re.IGNORECASE,
    ),
}
# What nobody may promise: kneeling, pledges in writing, coming to the house, dismissing a colleague.
_TOO_MUCH = {
    "ko": re.compile(r"무릎|각서|(?:댁|자택|집)(?:으로|에) ?(?:찾아|방문)|(?:직원|기사|담당자).{0,6}(?:해고|자르)"),
    "ja": re.compile(r"土下座|念書|(?:ご自宅|お宅)(?:へ|に|まで).{0,6}(?:伺|参|訪問)|(?:担当者|社員|配達員).{0,6}解雇"),
    "en": re.compile(
        r"\b(?:kneel|on (?:my|our) knees|written pledge|(?:come|go) to your (?:home|house)"
        r"|(?:fire|dismiss|sack) (?:him|her|them|the \w+))\b",
        re.IGNORECASE,
    ),
}
_DOES = {
    "ko": re.compile(r"겠습니다|드립니다|할게요|을게요"),
    "ja": re.compile(r"(?:ます|ました)(?!せん|でしょうか|か)"),
    "en": re.compile(r"\b(?:will|shall)\b|\b(?:I|we)'(?:ll|m)\b|\b(?:am|are) going to\b", re.IGNORECASE),
}
_DOES_NOT = {
    "ko": re.compile(r"없|않|어렵|못|불가|아니"),
    "ja": re.compile(r"かね|ません|できない|お断り|控え|難し"),
    "en": re.compile(r"n't\b|\b(?:not|cannot|never|unable)\b", re.IGNORECASE),
}


def names_limit(text: str, language: str) -> bool:
    """Whether a text says that the contact will end if it goes on like this, or that it ends now."""
    return any(_LIMIT[language].search(sentence) for sentence in _SENTENCE.findall(text))


def gives_in(text: str, language: str) -> bool:
    """Whether a text promises what nobody may be made to do."""
    return any(
        _TOO_MUCH[language].search(sentence)
        and _DOES[language].search(sentence)
        and not _DOES_NOT[language].search(sentence)
        for sentence in _SENTENCE.findall(text)
    )


def pressed_in(event: Event) -> bool:
    """A customer's word that threatens, or asks far beyond the loss."""
    return is_customer_word(event) and bool(event.data["facts"].get("pressure"))


def holds_line(event: Event) -> bool:
    """A limit named to the customer, or a second person who takes over."""
    return event.name == "ticket.handed_over" or (is_human_reply(event) and bool(event.data["facts"].get("limit")))


def gives_too_much(event: Event, case: Case) -> bool:
    """A promise that nobody may make, or a remedy far beyond what is due."""
    if is_human_reply(event):
        return bool(event.data["facts"].get("yields"))
    if event.name != "remedy.given":
        return False
    due = max(worth(kind) for kind in right_remedies(case))
    return _share(event, case) > due * MARGIN


def _share(event: Event, case: Case) -> float:
    if event.data.get("ratio") is not None:
        return float(event.data["ratio"])
    return float(event.data.get("amount") or 0) / case.price if case.price else 0.0


def is_pressing(case: Case) -> bool:
    """A customer who presses from the first word on, by the authored case."""
    return manner(case) == "harassing"


def will_not_be_told(case: Case) -> bool:
    """A customer who comes back to the impossible until somebody names a limit."""
    return manner(case) in ("harassing", "insisting")


@dataclass(frozen=True, slots=True)
class Conduct:
    """How the desk met pressure on one ticket. Instants are of the first time."""

    pressed: int  # words of the customer that pressed
    limit_at: int | None  # a limit named after pressure
    handed_over_at: int | None
    ended_at: int | None  # the contact ended after the limit was named
    yielded_at: int | None
    accused_at: int | None  # a limit set to somebody who had pressed nobody
    remedied: bool  # what is due was given all the same

    @property
    def verdict(self) -> str:
        """held, yielded, accused or unanswered; none where nobody pressed and nobody was accused."""
        if self.yielded_at is not None:
            return YIELDED
        if self.pressed and (self.limit_at is not None or self.handed_over_at is not None):
            return HELD
        if self.accused_at is not None:
            return ACCUSED
        return UNANSWERED if self.pressed else NONE


def conduct_of(case: Case, log: Log) -> Conduct:
    """Pressure and its answer, as the log holds them: for the debrief and for tests."""
    pressed = 0
    first: dict[str, int] = {}
    for event in log:
        pressed += pressed_in(event)
        for name, happened in _met(event, case, pressed=pressed > 0, limited="limit" in first):
            if happened:
                first.setdefault(name, event.at)
    return Conduct(
        pressed,
        first.get("limit"),
        first.get("over"),
        first.get("ended"),
        first.get("yielded"),
        first.get("accused"),
        remedied=any(event.name == "remedy.given" for event in log),
    )


def _met(event: Event, case: Case, *, pressed: bool, limited: bool) -> tuple[tuple[str, bool], ...]:
    limit = is_human_reply(event) and bool(event.data["facts"].get("limit"))
    return (
        ("limit", limit and pressed),
        ("accused", limit and not pressed),
        ("over", event.name == "ticket.handed_over" and pressed),
        ("ended", limited and event.name in ("ticket.solved", "ticket.closed")),
        ("yielded", pressed and (gives_too_much(event, case) or event.name == "gift.given")),
    )


def with_limits(facts: Facts, text: str, language: str) -> Facts:
    """The facts of a text, with what it says to pressure."""
    return replace(facts, limit=names_limit(text, language), yields=gives_in(text, language))
