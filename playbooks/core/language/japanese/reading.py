"""One Japanese text read wholly: courtesy, findings, elements, facts with their evidence. Pure, and loaded at first use."""

from __future__ import annotations

import re
from dataclasses import replace

from playbooks.core.language.finding import KINDS, Element, Finding, Reading, Setting
from playbooks.core.language.japanese import content, misuse
from playbooks.core.language.japanese.courtesy import courtesy_of, sentence_level
from playbooks.core.language.japanese.elements import (
    LETTER,
    Frame,
    body_elements,
    elements_of,
    frame_of,
    of_the_case,
    said_of,
)
from playbooks.core.language.japanese.expressions import RuleBook, built_in
from playbooks.core.language.japanese.facts import facts_of
from playbooks.core.language.japanese.tokens import Sentence, sentences_of
from playbooks.core.language.japanese.tokens import warm as warm_dictionary
from playbooks.core.language.japanese.told import told
from playbooks.core.language.rules import in_house
from tickets.errors import Invalid

LONGEST = 20_000  # characters; a letter has a few hundred
_ORDER = {"error": 0, "advice": 1, "good": 2}


def read_japanese(
    text: str,
    *,
    kind: str = "reply",
    setting: Setting = Setting(),  # noqa: B008 - frozen
    actor: str | None = None,
    rules: RuleBook | None = None,
) -> Reading:
    """Reads one text. `actor` ('customer' or 'us') says whose acts its verbs are, where the caller knows; `rules`
    replaces the built-in rules about expressions."""
    _check(text, kind, actor)
    sentences = sentences_of(text)
    if not _is_japanese(text):
        return Reading("ja", kind, findings=tuple(_not_japanese(text)), elements=elements_of(kind, (), Frame(), {}))
    said, frame = said_of(sentences), frame_of(text)
    body = body_elements(said, setting)
    findings = _findings(text, kind, sentences, setting, actor, rules or built_in())
    if kind != "note":
        findings += content.findings_of(text, kind, sentences, said, frame, body, setting)
    findings = in_house(content.suited(content.softened(findings, frame), frame), setting.house, setting.channel)
    levels = [level for s, level in ((s, sentence_level(s)) for s in sentences if _speaks(s)) if level]
    shown = {**told(said, body, setting), **body}
    counted = of_the_case(shown, said, setting)
    facts, evidence = facts_of(said, sentences, counted, findings, levels, setting, kind=kind)
    findings += content.praise(facts, evidence, setting)
    return Reading(
        language="ja",
        kind=kind,
        courtesy=courtesy_of(sentences),
        findings=tuple(sorted(findings, key=lambda f: (f.start, _ORDER[f.severity], f.rule, f.end))),
        elements=_fitting(elements_of(kind, said, frame, shown), frame, setting),
        facts=facts,
        evidence=evidence,
    )


def warm() -> None:
    """Reads one short letter, so that dictionary, rules and tables are there before anybody waits for them."""
    warm_dictionary()
    read_japanese("山田様\nこの度はご迷惑をおかけし、誠に申し訳ございません。", kind=LETTER)


def _check(text: str, kind: str, actor: str | None) -> None:
    if kind not in KINDS:
        raise Invalid("unknown_kind", f"'{kind}' is not one of: {', '.join(KINDS)}.", field="kind")
    if actor not in (None, misuse.CUSTOMER, misuse.US):
        raise Invalid("unknown_actor", "The actor is 'customer' or 'us'.", field="actor")
    if len(text) > LONGEST:
        raise Invalid("text_too_long", f"At most {LONGEST:,} characters can be read at once.", field="text")


def _findings(
    text: str, kind: str, sentences: list[Sentence], setting: Setting, actor: str | None, rules: RuleBook
) -> list[Finding]:
    if kind == "note":  # stays inside the desk: nobody is addressed
        return []
    found = rules.findings(text, sentences, kind=kind, channel=setting.channel)
    taken = {(f.start, f.end) for f in found if f.rule in {"J26", "J27", "J28", "J08", "J09", "J10"}}
    for finding in misuse.findings_of(sentences, actor=actor):
        if not any(start < finding.end and finding.start < end for start, end in taken):
            found.append(finding)
    return found


def _speaks(sentence: Sentence) -> bool:
    return any(word.pos.startswith(("動詞", "助動詞", "形容詞")) for word in sentence.own[-4:])


_FOREIGN = re.compile(r"[A-Za-z]{2,}|[가-힣]+|[Ѐ-ӿ]{2,}")
_ADDRESS = re.compile(r"(?a:https?://\S{1,500}|[\w+-][\w.+-]{0,80}[@.][\w.-]{1,80})")
_KANA = re.compile(r"[ぁ-ヿ]+")


def _is_japanese(text: str) -> bool:
    """Some kana, or hardly a word of another script: a number, a name or an address alone is nobody's mistake."""
    if not _FOREIGN.search(text):
        return True
    kana = sum(map(len, _KANA.findall(text)))
    return kana >= 2 * len(_FOREIGN.findall(_ADDRESS.sub("", text))) - 3


def _not_japanese(text: str) -> list[Finding]:
    return [content.finding("JC00", 0, len(text))]


def _fitting(elements: tuple[Element, ...], frame: Frame, setting: Setting) -> tuple[Element, ...]:
    """Names of another case are no addressee and no signature of this one."""
    wrong = set()
    if frame.addressee and not content.addressee_fits(frame.addressee, setting):
        wrong.add("宛名")
    if frame.signature and not content.signature_fits(frame, setting):
        wrong.add("署名")
    return tuple(replace(e, found=False, start=None, end=None) if e.name in wrong else e for e in elements)
