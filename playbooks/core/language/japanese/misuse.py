"""Respect and humility given to the wrong side: whose act a verb is decides, and often a sentence says whose it is.

The actor comes from the caller when he knows it (a step of the playbook asks the customer to do something), else from
the subject, from a request, from a question about what the other did. Honorific れる/られる is never judged: respect,
passive and potential look the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from playbooks.core.language.finding import Finding
from playbooks.core.language.japanese.expressions import Rule, rules_from
from playbooks.core.language.japanese.tokens import Memory, Sentence, Word, words_of
from playbooks.core.language.japanese.vocabulary import word_set

CUSTOMER, US = "customer", "us"
REACH = 24  # words back in which a subject is looked for


class Act(NamedTuple):
    """A verb that raises or lowers whoever acts: words[first:after]."""

    humble: bool
    first: int
    after: int
    verb: str  # normalized word that carries the meaning: 待つ in お待ちする
    shape: str  # 'お〜する', 'verb', 'malformed', 'mixed', 'お〜になる', 'なさる'


def findings_of(sentences: Sequence[Sentence], *, actor: str | None = None) -> list[Finding]:
    """Misuse in these sentences; `actor`, when given, acts in all of them."""
    found = []
    for sentence in sentences:
        words = sentence.own
        for rule, first, after in _met.of((actor, sentence.key), partial(_misused, words, actor)):
            found.append(_rules()[rule].finding(words[first].start, words[after - 1].end))
    return found


_met: Memory[list[tuple[str, int, int]]] = Memory()


def _misused(words: Sequence[Word], actor: str | None) -> list[tuple[str, int, int]]:
    """Each rule that is broken, with the words that break it."""
    acts = [(_judged(words, act, actor), act.first, act.after) for act in acts_of(words)]
    return [(rule, first, after) for rule, first, after in acts if rule] + list(_without_ra(words))


def _judged(words: Sequence[Word], act: Act, given: str | None) -> str | None:
    """The id of the rule that this act breaks, if any."""
    if act.shape == "malformed":
        return "J73"
    if act.shape == "mixed":
        return "J25"
    if given:
        return ("J24" if act.humble else "J25") if given == (CUSTOMER if act.humble else US) else None
    if act.humble:
        return "J24" if _customer_acts(words, act) else None
    return "J25" if _we_act(words, act) else None


# --- which verbs raise or lower whoever acts ---


def acts_of(words: Sequence[Word]) -> Iterator[Act]:
    place = 0
    known = _may.get
    while place < len(words):
        may = known(words[place].lexeme.number)
        if may is None:
            may = _may_act(words[place])
        if not may:
            place += 1
            continue
        act = _prefixed(words, place) if words[place].norm == "御" else None
        act = act or _bare(words, place)
        if act is None:
            place += 1
            continue
        yield act
        place = max(place + 1, act.after)


_may: dict[int, bool] = {}


def _may_act(word: Word) -> bool:
    """Whether an act may begin or be carried here; most words are told apart by this alone."""
    known = _may.get(word.lexeme.number)
    if known is None:
        if len(_may) > 50_000:
            _may.clear()
        sets = [word_set(name) for name in ("humble_of_act", "respect_of_act", "look_humbly")]
        carried = word.norm in {"致す", "為さる"} or any(word.norm in words or word.base in words for words in sets)
        known = _may[word.lexeme.number] = carried or (word.pos == "接頭辞" and word.norm == "御")
    return known


def _prefixed(words: Sequence[Word], place: int) -> Act | None:
    """お/ご + word + する, いたす, 申し上げる, できる (humble) or になる, なさる (respect)."""
    if words[place].pos != "接頭辞" or words[place].norm != "御" or place + 2 >= len(words):
        return None
    stem = words[place + 1]
    if not stem.pos.startswith(("名詞", "動詞")) or stem.norm in word_set("no_act"):
        return None
    at = place + 2
    if words[at].pos.startswith(("動詞-非自立可能", "動詞-一般")) and words[at].lexeme.form.startswith("連用形"):
        if words[at].norm not in _CARRIERS and at + 1 < len(words):
            at += 1  # お引き取り, お話し合い
    carrier = words[at]
    if carrier.norm in {"為る", "致す", "申し上げる", "出来る"} and not _causative(words, at):
        if _is_passive(words, at + 1):
            return None  # ご帰宅された: honorific れる is never judged
        if stem.norm in word_set("beautified") or (carrier.norm == "申し上げる" and stem.norm in _SAID):
            return None
        return Act(True, place, at + 1, stem.norm, "お〜する")
    if carrier.norm == "為さる":
        return Act(False, place, at + 1, stem.norm, "mixed" if _mixed(words, at + 1) else "なさる")
    if carrier.surface == "に" and at + 1 < len(words) and words[at + 1].norm == "成る":
        return Act(False, place, at + 2, stem.norm, "お〜になる") if stem.norm not in word_set("becomes") else None
    return None


_CARRIERS = frozenset({"為る", "致す", "申し上げる", "出来る", "為さる", "成る", "下さる", "頂く"})
_SAID = frozenset({"願い", "願う", "詫び", "詫びる", "礼", "悔やみ", "祝い", "喜び", "祈り", "待ち"})


def _bare(words: Sequence[Word], place: int) -> Act | None:
    word = words[place]
    following = words[place + 1] if place + 1 < len(words) else None
    if word.norm == "申し上げる" and place and words[place - 1].norm == "為る":
        return Act(True, max(0, place - 2), place + 1, word.norm, "malformed")
    if word.norm in word_set("look_humbly"):
        return Act(True, place, place + 1, word.norm, "verb")
    if not word.pos.startswith("動詞"):
        if word.norm in word_set("respect_of_act") and not _asked_or_received(words, place + 1):
            return Act(False, place, place + 1, word.norm, "verb")
        return None
    if word.norm in word_set("humble_of_act") or word.base in word_set("humble_of_act"):
        if word.norm in {"存ずる", "存じる"} and place and words[place - 1].surface in {"と", "に", "く"}:
            return None  # …と存じます is the writer's opinion, whoever the sentence is about
        return Act(True, place, place + 1, word.norm, "verb")
    if word.norm == "致す" and place and words[place - 1].pos.startswith("名詞-普通名詞-サ変"):
        return Act(True, place - 1, place + 1, words[place - 1].norm, "いたす")
    if word.norm == "為さる" and place and words[place - 1].lexeme.form.startswith("連用形") and following is not None:
        return Act(
            False, place - 1, place + 1, words[place - 1].norm, "mixed" if _mixed(words, place + 1) else "なさる"
        )
    if word.norm in word_set("respect_of_act") or word.base in word_set("respect_of_act"):
        if _asked_or_received(words, place + 1):
            return None
        mixed = word.norm == "為さる" and _mixed(words, place + 1)
        return Act(False, place, place + 1, word.norm, "mixed" if mixed else "verb")
    return None


def _mixed(words: Sequence[Word], place: int) -> bool:
    """なさっております raises and lowers one act; なさいましょう is said of oneself. なさっておられる is right."""
    following = [word.base for word in words[place : place + 3]]
    return following == ["て", "おる", "ます"] or _volitional(words, place)


def _is_passive(words: Sequence[Word], place: int) -> bool:
    return place < len(words) and words[place].norm in {"れる", "られる"}


def _volitional(words: Sequence[Word], place: int) -> bool:
    return place < len(words) and words[place].lexeme.form.startswith("意志推量") and words[place].base == "ます"


def _causative(words: Sequence[Word], place: int) -> bool:
    return place + 1 < len(words) and words[place + 1].norm in {"せる", "させる"}


def _asked_or_received(words: Sequence[Word], place: int) -> bool:
    """〜ください, 〜ていただく: the giver acts, whoever the sentence is about."""
    near = words[place : place + 3]
    return any(word.norm in {"下さる", "頂く", "頂ける", "賜る", "呉れる"} for word in near)


# --- whose act it is ---


def _customer_acts(words: Sequence[Word], act: Act) -> bool:
    if act.shape == "いたす":
        return subject_of(words, act.first) == (CUSTOMER, "が")
    who = subject_of(words, act.first, relative=act.shape == "verb")
    if who:
        if act.shape == "verb" and act.verb in {"存ずる", "存じる", "承る", "差し上げる", "頂戴", "伺う"}:
            return who == (CUSTOMER, "が")
        return who[0] == CUSTOMER
    if act.shape != "お〜する" or root(act.verb) in roots("shared_acts"):
        return False
    verb = root(act.verb)
    if verb in roots("nobody_receives"):
        return words[act.after - 1].norm != "申し上げる"
    return verb not in roots("done_for_others") and _said_of_the_other(words, act.after)


def root(word: str) -> str:
    """帰り and 帰る are one act: the leading kanji, or the whole word where it has none."""
    kanji = re.match(r"[一-龠々]+", word)
    return kanji.group() if kanji else word


@cache
def roots(name: str) -> frozenset[str]:
    return frozenset(root(word) for word in word_set(name))


def _said_of_the_other(words: Sequence[Word], place: int) -> bool:
    """Advice (〜する必要はありません), a request, or a question about something done: all of them about the reader."""
    tail = [word.surface for word in words[place : place + 8]]
    text = "".join(tail)
    if text.startswith(
        (
            "必要は",
            "必要が",
            "ことはあり",
            "ことはござ",
            "ことはない",
            "ことではない",
            "ことも",
            "方が",
            "ほうが",
            "とは、",
        )
    ):
        return True
    if text.startswith(("ないよう", "ないで", "たら？", "たらいかが", "てみて", "てはいかが", "てみたら")):
        return True
    done = text.startswith(("ました", "た", "ている", "ておられ", "るの", "るん", "のです", "んです", "のは、"))
    asks = any(mark in tail for mark in ("か", "ね", "よね")) or "でしょう" in text
    return done and asks and "ましょ" not in text


def _we_act(words: Sequence[Word], act: Act) -> bool:
    who = subject_of(words, act.first)
    if who:
        return who[0] == US
    if act.shape in {"なさる", "お〜になる"}:
        after = "".join(word.surface for word in words[act.after : act.after + 8])
        return "私の仕事" in after or "わたくしの仕事" in after
    return False


def subject_of(words: Sequence[Word], place: int, *, relative: bool = True) -> tuple[str, str] | None:
    """Who acts in the verb at `place`, and the particle that says so: the nearest が, は, も or の with a person.

    の names who acts only right before a verb (お客様のおっしゃる), not before a noun (お客様のお噂)."""
    for at in range(place - 1, max(-1, place - REACH), -1):
        word = words[at]
        if word.surface in "。！？!?":
            return None
        if (
            word.pos == "助詞-接続助詞"
            and at + 1 < place
            and words[at + 1].surface == "、"
            and not _still_topic(words, at)
        ):
            return None
        marks = word.surface in {"が", "は", "も"} and word.pos in {"助詞-格助詞", "助詞-係助詞"}
        if not marks and not (relative and word.surface == "の" and at == place - 1):
            continue
        if at and words[at - 1].pos.startswith("助詞"):
            if words[at - 1].surface in {"に", "から", "へ", "と", "で", "を", "の", "より", "まで"}:
                continue
        who = None if word.surface == "が" and _of_a_clause_before(words, at, place) else _side(words, at)
        if who:
            return who, word.surface
        if word.surface == "が" and not _of_a_clause_before(words, at, place):
            return None
    return None


def _of_a_clause_before(words: Sequence[Word], particle: int, place: int) -> bool:
    """私が参りました理由をご存じですか: the subject belongs to the clause that modifies 理由."""
    return any(
        words[at].lexeme.form.startswith(("連体形", "終止形"))
        and words[at].pos.startswith(("動詞", "助動詞", "形容詞"))
        and words[at + 1].pos.startswith(("名詞", "接頭辞"))
        for at in range(particle + 1, place - 1)
    )


def _still_topic(words: Sequence[Word], at: int) -> bool:
    """A て-clause keeps its topic; が, ので and ば begin anew."""
    return words[at].surface in {"て", "で"}


def _side(words: Sequence[Word], particle: int) -> str | None:
    """The side of the noun phrase before a particle. Its outermost owner decides: 貴社の担当者 is theirs."""
    at = particle - 1
    if at < 0 or not _is_person(words, at):
        return None  # 私の分は, お客様のご意見は: a thing, whoever it belongs to
    side = None
    while at >= 0 and (
        words[at].pos.startswith(("名詞", "代名詞", "接尾辞", "接頭辞", "形状詞")) or words[at].surface == "の"
    ):
        word = words[at]
        if word.norm in _THEIRS or (word.surface == "社" and at and words[at - 1].norm == "御"):
            side = CUSTOMER
        elif word.norm in word_set("us"):
            side = CUSTOMER if at and words[at - 1].norm in {"御", "貴"} else US
        at -= 1
    return side


def _is_person(words: Sequence[Word], at: int) -> bool:
    norm = words[at].norm
    return (
        norm in _THEIRS
        or norm in _PEOPLE
        or norm in word_set("us")
        or norm in word_set("titles")
        or words[at].pos.startswith("名詞-固有名詞-人名")
        or words[at].surface == "社"
    )


_PEOPLE = frozenset({"者", "方", "達", "共", "さん", "一同", "家族", "主人", "奥様", "社員", "側", "自身", "員", "人"})
_THEIRS = frozenset({"客", "様", "貴社", "貴店", "貴殿", "皆様", "貴方", "貴女", "方々", "先生", "殿"})


# --- ら抜き ---


def _without_ra(words: Sequence[Word]) -> Iterator[tuple[str, int, int]]:
    """A potential whose verb is 一段 or 来る has lost its ら (見れる, 届けれる); 送れる and 帰れる have not."""
    for at, word in enumerate(words):
        if word.base[-2:] != "れる":
            continue
        before = words[at - 1] if at else None
        if word.base == "れる":
            if before is not None and before.lexeme.kind.startswith(("上一段", "下一段", "カ行変格")):
                yield "J17", at - 1, at + 1
        elif word.pos.startswith("動詞") and _of_one_step(word.base, word.norm):
            yield "J17", at, at + 1


@cache
def _of_one_step(base: str, norm: str) -> bool:
    if norm == base or not norm.endswith("る") or norm.endswith("れる"):
        return False
    verb = words_of(norm)
    return len(verb) == 1 and verb[0].lexeme.kind.startswith(("上一段", "下一段", "カ行変格"))


@cache
def _rules() -> dict[str, Rule]:
    text = Path(__file__).with_name("misuse.toml").read_text("utf-8")
    return {rule.id: rule for rule in rules_from(text, name="misuse")}
