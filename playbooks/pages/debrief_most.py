"""What helped most and what cost most, in words: each with a link to where it stands on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from playbooks.core.debrief import Debrief, Telling, most
from playbooks.pages.debrief_lines import WHAT, amount_of
from playbooks.pages.numbers import signed
from playbooks.pages.wording import say

QUOTED = 60  # letters of a sentence that are shown


@dataclass(frozen=True, slots=True)
class First:
    """One of the things to read first."""

    what: str
    amount: str
    gain: str
    link: str
    quote: str  # the sentence, in the ticket's language
    place: str  # number of the sentence


def first_of(told: Debrief, numbers: Mapping[int, int]) -> tuple[list[First], list[First]]:
    """The three that helped and the three that cost; `numbers` of each word by its place in the log."""
    texts = {word.seq: word for word in told.words}
    helped, cost = most(told)

    def shown(one: Telling) -> First:
        link, quote, place = f"#deed-{one.line.what}", "", ""
        if one.seq is not None:
            place = str(numbers[one.seq])
            link = f"#word-{place}"
            if one.sentence is not None:
                sentence = texts[one.seq].sentences[one.sentence]
                quote = _short(texts[one.seq].text[sentence.start : sentence.end])
                place = f"{place}.{one.sentence + 1}"
                link = f"#s-{place.replace('.', '-')}"
        what = say(WHAT, one.line.what)
        if one.short:
            what = _("{what}: what waiting cost").format(what=what)
        return First(what, amount_of(one.line), signed(one.gain, 2), link, quote, place)

    return [shown(one) for one in helped], [shown(one) for one in cost]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"
