"""The parts of a Korean answer, each with the sentence that fulfils it.

A part counts only where a polite sentence states it: keywords without a predicate, a promise denied and a promise
asked for are none. Words are in words.toml; this module knows the grammar around them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playbooks.core.language.korean.speech import POLITE, Level
from playbooks.core.language.rules import syllables
from playbooks.core.language.sentences import Sentence

ELEMENTS = ("인사", "소속", "공감", "사과", "원인", "해결", "기한", "재발방지", "마무리")
SHORTEST = 8  # letters that a sentence needs before it can state a cause, a remedy or a measure

_L = syllables("ㄹ")


@cache
def words() -> dict[str, tuple[str, ...]]:
    table = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
    return {name: tuple(values) for name, values in table.items()}


def _any(*names: str) -> str:
    stems = {stem for name in names for stem in words()[name]}
    return "(?:" + "|".join(re.escape(stem) for stem in sorted(stems, key=lambda stem: (-len(stem), stem))) + ")"


# ── Times ───────────────────────────────────────────────────────────────────────────────────────

_DAY = r"(?:오늘|금일|내일|명일|모레|당일|익일|[0-9]{1,2} ?월 ?[0-9]{1,2} ?일|[월화수목금토일]요일|[0-9]{1,2}/[0-9]{1,2}(?![0-9]))"
_POINT = (
    rf"(?:{_DAY}|이번 ?주|다음 ?주|차주|금주|주말|[0-9]{{1,3}} ?(?:영업일|일|시간|분|주일?|개월)|(?:오전|오후|저녁|정오|자정)"
    r"|[0-9]{1,2} ?시|[0-9]{1,2}:[0-9]{2}|하루|이틀|사흘|나흘|닷새|일주일|열흘|보름|[한두세네] ?(?:시간|주)|반나절)"
)
TIME = re.compile(_POINT)
DEADLINE = re.compile(_POINT + r"[^.!?\n]{0,16}?(?:까지|이내|안에|안으로|중으로|중에|내로|내에| 내(?= )|전에|(?<=[전후]) 중(?= ))")
_ON_A_DAY = re.compile(_DAY)
AMOUNT = re.compile(r"(?<![0-9,.])([0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,12})(?: ?(만|천))? ?원(?![가-힣]{0,1}(?:칙|인|래))")
_HOURS = re.compile(r"(?:운영|상담|이용|영업|접수|통화) ?(?:가능 ?)?시간|평일")
_OURS = re.compile(
    rf"겠습니다|겠어요|겠으며|겠고|드립니다|드려요|드릴 ?(?:예정|것|수 있)|드렸|{_L}게요|예정|됩니다|되실|받으실|받아 ?보실|도착합니다|도착하|보냅니다|완료"
)
_FUTURE = re.compile(rf"겠습니다|겠어요|겠으며|겠고|드립니다|드려요|드릴 ?예정|{_L}게요|예정입니다|됩니다|받으실|받아 ?보실|도착합니다|보냅니다")

# ── Polarity ────────────────────────────────────────────────────────────────────────────────────

_DENIED = re.compile(
    r"(?:지 ?(?:않|못)[가-힣]{0,8}|못 ?(?:합|해|하|드)[가-힣]{0,6}|안 ?(?:됩|돼|되|하|합|해|드)[가-힣]{0,6}|불가[가-힣]{0,6}"
    r"|없(?:습|어|네|으)[가-힣]{0,6}|어렵[가-힣]{0,6}|아닙[가-힣]{0,4}|아니에요|모르[가-힣]{0,6}|모릅니다)[\s.!?~。]*\Z"
)
_UNSURE = re.compile(r"(?<![셨을] )(?:것|거) 같|아마|{ㄹ}지도 모르|듯합".replace("{ㄹ}", _L))
_ASKS = re.compile(r"[?？]\s*\Z|(?:까|나|가|는지)요?[.]?\s*\Z")

# ── One part each ───────────────────────────────────────────────────────────────────────────────

_GREETING = re.compile(r"안녕하(?:십니까|세요|신지요|셨습니까)|인사(?:를|말씀)? ?드립니다|반갑습니다")
_SURNAMES = "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
_NAMED = re.compile(rf"[가-힣A-Za-z0-9]+ (?:[가-힣]{{1,6}} )?[{_SURNAMES}][가-힣]{{2}}(?:입니다|이에요|예요|이라고 합니다|라고 합니다| 올림| 드림|\Z)")
_SENDS = re.compile(r"(?:입니다|이에요|예요|라고 합니다|이라고 합니다|드림|올림|배상)[\s.!]*\Z")
_NOT_SENDER = re.compile(r"결과|원인|문제|오류|때문|이유|불찰|책임|예정|중입니다|것입|까지|이내|[0-9]원|상황|부분|잘못|죄송|사과")
_PLACED = re.compile(_any("role"))

_FELT = re.compile(
    rf"얼마나[^.!?\n]{{0,20}}(?:셨|으실|실지|실까|{_L}지)"
    rf"|{_any('emotion')}[^.!?\n]{{0,8}}(?:셨|실 ?(?:것|텐데|줄|거)|으실|으시|시겠|신 (?:마음|심정|상황|일)|스러우|시지요|실지|게 해|시게|을 드려|를 드려|을 안겨|끼쳐|끼친|을 줄|를 줄)"
    r"|(?:마음|심정|기분|상황|입장|불편)[은을를이]?[^.!?\n]{0,8}(?:이해|공감|헤아|통감|느껴|느낍|와닿)|(?:충분히|깊이|십분) (?:이해|공감)|심려를? ?끼"
    r"|마음이 (?:무겁|무거|아프|아픕|편치)|안타깝(?:게|습)|(?:불쾌|힘든|불편)한 (?:경험|시간|기분)|(?:소중|귀)한 (?:휴가|시간|날|기념일|여행|자리|선물)|기대하셨|기다리셨을"
)
_FELT_ALONE = re.compile(r"^(?:네,? ?)?(?:충분히 |깊이 )?(?:공감|이해)(?:합|하|됩)[가-힣]{1,4}[.! ]*$")

_SORRY = re.compile(
    r"(?:죄송(?:합니다(?!만)|합니|하다는|하고|하게|한 마음|할 따름|드립|스럽습|스러운 마음|하며|해요|하네요|하단)|사과(?:의 말씀|의 뜻|드립|드리|드려|를 드|를 올|합니다|말씀)"
    r"|송구(?:합니다(?!만)|스럽습|한 마음|하게|스러운|하며)|사죄(?:드|의|합)|(?:깊이|진심으로) 반성|용서를? ?(?:구|빌|바라)|면목이? ?없)"
)
_SORRY_DENIED = re.compile(r"(?:사과|죄송|송구)[^.!?\n]{0,10}(?:일|것|이유|필요)[은는이가도]? ?(?:아니|아닙|없)|사과(?:드리|할|를)[^.!?\n]{0,6}(?:않|못|없)")
_IF_HURT = re.compile(r"(?:다면|라면|으면) [^.!?\n]{0,12}(?:죄송|사과|송구)")

_NO_CAUSE = re.compile(r"(?:원인|이유|경위)[^.!?\n]{0,10}(?:모르|모릅|알 수 없|없습니다|아닙|지 ?(?:않|못))|변명")
_FAILED_TO = re.compile(r"지 ?(?:못했|못하였|않았)(?:습니다|어요)[\s.!]*\Z")
_CAUSE_WORD = re.compile(r"기 때문|(?:원인|이유|탓|까닭)(?:은|는|이|으로|을|이며|이었|입|인)?")
_FOUND_OUT = re.compile(r"(?:확인|조사|점검|파악|검토)(?:해 ?본|한|하여 본|하여|해)? ?(?:결과|보니|바|했더니|하였더니)|살펴보니|알아보니|밝혀[졌지]|드러났|(?:것|점|사실|상태)(?:을|를|이|으로|임을)? ?(?:확인|파악)")
_BY = re.compile(r"(?:으로|로) ?(?:인해|인하여|인한|말미암아)|때문에|때문입|탓에|바람에|이었습니다|였습니다|이었으며|였으며|있었습니다|있어|되어|돼|하여|해서|(?:으로|로) [^.!?\n]{2,30}(?:었|였|됐|했|졌|랐|렸|겼)|되었습니다|됐습니다|졌습니다|었습니다|했습니다|하였습니다|입니다")
_FAULT = re.compile(_any("fault"))
_PLACE = re.compile(_any("place"))
_HARM_ONLY = re.compile(r"(?:으로|로) ?(?:인해|인하여|인한) ?[^.!?\n]{0,4}(?:불편|심려|걱정|피해|실망|손해)|불편을? ?(?:드려|드린|끼)")
_INVESTIGATING = re.compile(
    r"(?:확인|파악|조사|점검|검토|알아보|살펴보)[가-힣]{0,3} ?(?:중|하고 있|고 있|하는 대로|되는 대로|한 (?:뒤|후)|후)|(?:원인|경위|사실|상황|내용)[을를은는]? ?[^.!?\n]{0,10}(?:확인|파악|조사|점검|알아보|살펴)[가-힣]{0,4}(?:겠|ㄹ게|고 있|려고|는 중|여)"
)
_YOUR_FAULT = re.compile(r"고객님?(?:의|께서|이)? ?[^.!?\n]{0,6}(?:실수|착각|부주의|과실|잘못|오해|책임)")

_NOT_REMEDY = "안내|문의|여부|규정|약관|방법|설명|회신|요청|검토|불가|어렵|어려|없|못|않|안 되|안 돼|안 됩|절차|주의|노력|누락|지연|오류|착오|실수|늦어|잘못"
_DOING = (
    rf"(?:드리겠|드립니|드렸|드려요|드릴|드리고|드리며|드리기로|하겠|했습|하였|했으|{_L}게요|합니다|됩니다|되었|됐습|될 예정|할 예정|예정입|완료|되도록|하기로"
    rf"|하여 |해서 |하고 |하며 |보내겠|보냈|보냅|시키겠|잡겠|잡아|마쳤|마치겠|출발했|출발하|받지 않|준비했|준비하|조치하)"
)
_REMEDY = re.compile(rf"{_any('remedy')}(?:(?!{_NOT_REMEDY})[^.!?\n]){{0,28}}?{_DOING}(?!지 ?[않못])|{_any('remedy_verbs')} ?드[리립렸릴](?!지 ?[않못])"
    r"|(?:비용|비|값|요금)[은는을도]? ?저희가? ?(?:냅|내겠|부담)|(?:받|쓰|이용하|사용하|타|입|묵|드)실 수 있(?:도록|게)[^.!?\n]{0,14}(?:두었|했|하였|준비|하겠|조치|마련)"
)
_REMEDY_TOLD = re.compile(r"(?:방법|절차|규정|여부|가능 ?여부|내용|결과)[을를은는]? ?[^.!?\n]{0,6}(?:안내|설명|회신|답변|확인)")
_WENT_WRONG = re.compile(_any("fault") + r"|지 ?(?:않|못)|다른 [가-힣 ]{1,12}[이가] ")
_TAKES = re.compile(r"하셨|하시면|원하시|요청하[신셨]|말씀하[신셨]|주시기|주십시오|주세요|셔야")
_FREE = re.compile(r"(?:비|비용|요금|금액|수수료|위약금|추가금)[은는을도]? ?(?:따로 |별도로 |일절 )?(?:받지 ?않|청구하지 ?않|없)")

_MEASURE = re.compile(rf"{_any('measure')}[^.!?\n]{{0,24}}?{_any('change')}|(?:점검|교육|검수|모니터링|재교육|확인 ?절차|검사)(?:을|를|도)? ?(?:매|더|다시|정기|추가|전면)?[^.!?\n]{{0,8}}?(?:하겠|했습|하였|합니다|하고 있)")
_PREVENTS = re.compile(_any("prevention"))
_NO_MORE = re.compile(r"(?:없도록|않도록|막겠|막고|방지하|방지를|방지 ?(?:대책|방안|조치)|막기)")
_NEVER_AGAIN = re.compile(r"지 ?않습니다[\s.!]*\Z")
_ONLY_TRY = re.compile(r"(?:노력|주의|조심|최선을 다|신경 ?쓰|유의)[가-힣]{0,4}겠")
_DONE = re.compile(r"겠습니다|겠어요|겠으며|했습니다|였습니다|었습니다|했어요|합니다|됩니다|있습니다|예정|습니다|{ㄹ}게요".replace("{ㄹ}", _L))

_ASK_AGAIN = re.compile(
    r"(?:문의|연락|말씀|궁금|불편|도움|필요|의견|회신|답장|전화|상담|알려|들려|남겨)[^.!?\n]{0,26}(?:주시기|주시면|주십시오|주세요|바랍니다|부탁|주셔도|남겨|하시기|하실 수|도와드리|가능합니다)|언제든(?:지)?[^.!?\n]{0,16}(?:문의|연락|말씀|주)"
)
_THANKS = re.compile(r"감사(?:합니다|드립니다|하겠습니다|드리며|할 따름|의 말씀)|고맙습니다")
_LOOK_AHEAD = re.compile(r"(?:앞으로도?|다음|더 나은|다시|늘|항상)[^.!?\n]{0,24}(?:뵙|모시|찾아|보답|서비스|모습|되겠|만나)|좋은 하루|편안한 (?:하루|저녁)|건강하시|믿음에 보답|신뢰를")


@dataclass(frozen=True, slots=True)
class Part:
    """An element and the sentence that fulfils it."""

    name: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Seen:
    """A sentence with what the parts ask of it, worked out once."""

    sentence: Sentence
    level: Level | None

    @property
    def text(self) -> str:
        return self.sentence.text

    @property
    def polite(self) -> bool:
        return self.level is not None and self.level.name in POLITE

    @property
    def stated(self) -> bool:
        """Said politely, affirmed, not asked, and long enough to say something."""
        return self.polite and not denied(self.text) and not asked(self.text) and letters(self.text) >= SHORTEST


def letters(text: str) -> int:
    return sum(1 for character in text if character.isalnum())


def denied(text: str) -> bool:
    return _DENIED.search(text) is not None


def asked(text: str) -> bool:
    return _ASKS.search(text) is not None


def investigating(seen: Seen) -> bool:
    """Says that it is being looked into."""
    return seen.polite and _INVESTIGATING.search(seen.text) is not None and not asked(seen.text)


def has_deadline(seen: Seen) -> bool:
    """A time by which we do something; not opening hours, nor a time by which the customer should."""
    text = seen.text
    if not seen.polite or denied(text) or asked(text) or _UNSURE.search(text) or not _OURS.search(text):
        return False
    if _HOURS.search(text) and "드리" not in text and "드립" not in text:
        return False
    return DEADLINE.search(text) is not None or (_ON_A_DAY.search(text) is not None and _FUTURE.search(text) is not None)


def is_remedy(seen: Seen) -> bool:
    text = seen.text
    if not seen.polite or asked(text) or letters(text) < SHORTEST or _UNSURE.search(text):
        return False
    if _FREE.search(text):
        return True
    if _WENT_WRONG.search(text) and not _FUTURE.search(text) and "드렸" not in text:
        return False
    if denied(text) or (_REMEDY_TOLD.search(text) and not DEADLINE.search(text)) or text.startswith("앞으로"):
        return False
    found = _REMEDY.search(text)
    return found is not None and not (_TAKES.search(text, found.start(), found.end()) or _is_change(text))


def _is_change(text: str) -> bool:
    """A change in how we work (배송 절차를 보완했습니다) is prevention, not a remedy for this customer."""
    return _MEASURE.search(text) is not None and "드리" not in text and "드렸" not in text and not DEADLINE.search(text)


def is_cause(seen: Seen) -> bool:
    text = seen.text
    if not seen.polite or asked(text) or letters(text) < SHORTEST or _NO_CAUSE.search(text) or _UNSURE.search(text):
        return False
    if (denied(text) and not _FAILED_TO.search(text)) or (is_remedy(seen) and not _CAUSE_WORD.search(text)):
        return False
    found_out = _FOUND_OUT.search(text) is not None
    if (_INVESTIGATING.search(text) and not found_out and "였" not in text and "었" not in text) or _YOUR_FAULT.search(text):
        return False
    fault = _FAULT.search(text)
    if _CAUSE_WORD.search(text) and (fault or _PLACE.search(text) or specifics(text)):
        return specifics(text) > 0 and not _promises_to_look(text)
    if fault is None or not _BY.search(text, max(0, fault.start() - 12)):
        return False
    if _SORRY.search(text) and not found_out and not _PLACE.search(text, 0, fault.end() + 4):
        return False
    if _HARM_ONLY.search(text) and not found_out:
        return False
    return specifics(text) > 0 and (found_out or _PLACE.search(text) is not None or _BY_FAULT.search(text) is not None)


_BY_FAULT = re.compile(_any("fault") + r"[가-힣]{0,3}(?:으로|로|였|이었|되어|돼|있었|있어|때문)")


def _promises_to_look(text: str) -> bool:
    return re.search(r"(?:원인|이유|경위)[을를은는]? ?[^.!?\n]{0,12}(?:확인|파악|조사|점검|밝히|찾)[가-힣]{0,3}(?:겠|는 대로|고 있|려|는 중|{ㄹ})".replace("{ㄹ}", _L), text) is not None


def is_prevention(seen: Seen) -> bool:
    text = seen.text
    if not seen.polite or asked(text) or letters(text) < SHORTEST or not _DONE.search(text) or is_cause_only(text):
        return False
    if denied(text) and not _NEVER_AGAIN.search(text):
        return False
    measure = _MEASURE.search(text)
    if measure is None:
        return False
    if _PREVENTS.search(text) or _NO_MORE.search(text):
        return True
    future = "겠" in text or "고 있습니다" in text
    return not any(stem in text for stem in ("드리", "드립", "드렸", "드릴", "고객님께 ")) and (future or re.search(r"(?:하였|했|렸|꿨|쳤|췄|웠)습니다|(?:하였|했)으며", text) is not None)


def is_cause_only(text: str) -> bool:
    return _CAUSE_WORD.search(text) is not None and "재발" not in text and "없도록" not in text and "개선" not in text and "보완" not in text


def is_apology(seen: Seen) -> bool:
    text = seen.text
    return seen.polite and _SORRY.search(text) is not None and not _SORRY_DENIED.search(text) and not _IF_HURT.search(text)


def is_empathy(seen: Seen) -> bool:
    text = seen.text
    if not seen.polite or denied(text) or letters(text) < SHORTEST or _FELT_ALONE.match(text) or _IF_HURT.search(text):
        return False
    return _FELT.search(text) is not None


def is_sender(seen: Seen) -> bool:
    text = seen.text
    if not _SENDS.search(text) or _NOT_SENDER.search(text) or letters(text) > 50:
        return False
    return _NAMED.search(text) is not None or _PLACED.search(text) is not None


def is_closing(seen: Seen, *, place: int, count: int) -> bool:
    text = seen.text
    if not seen.polite or place < min(2, count - 1) or count < 2:
        return False
    if _ASK_AGAIN.search(text) and place * 2 >= count - 1 and not is_remedy(seen):
        return True
    return place >= count - 2 and (_THANKS.search(text) is not None or _LOOK_AHEAD.search(text) is not None)


def specifics(text: str) -> int:
    """How many words say something of one case: not those that any answer may hold."""
    generic = words()["generic"]
    return sum(1 for word in _LONG_WORD.findall(text) if not word.startswith(generic))


_LONG_WORD = re.compile(r"[가-힣]{2,20}")


def parts(sentences: Iterable[Seen]) -> dict[str, Part]:
    """The first sentence that fulfils each part."""
    seen = list(sentences)
    found: dict[str, Part] = {}
    for place, one in enumerate(seen):
        for name in _names(one, place=place, count=len(seen)):
            found.setdefault(name, Part(name, one.sentence))
    return found


def _names(one: Seen, *, place: int, count: int) -> list[str]:
    tests = {
        "인사": one.polite and _GREETING.search(one.text) is not None,
        "소속": (place < 5 or place >= count - 3) and is_sender(one),
        "공감": is_empathy(one),
        "사과": is_apology(one),
        "원인": is_cause(one),
        "해결": is_remedy(one),
        "기한": has_deadline(one),
        "재발방지": is_prevention(one),
        "마무리": is_closing(one, place=place, count=count),
    }
    return [name for name, holds in tests.items() if holds]
