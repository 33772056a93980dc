"""What of a Korean text belongs to this ticket: names, amounts and dates that match, the customer's own words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from playbooks.core.language.finding import Setting
from playbooks.core.language.korean.parts import grammar
from tickets.errors import Invalid

_SEOUL = ZoneInfo("Asia/Seoul")
_WORD = re.compile(r"[가-힣]{2,20}|[A-Za-z0-9][A-Za-z0-9-]{2,30}")
_PARTICLE = re.compile(
    r"(?:입니다|이에요|예요|인데요|인데|이라고|라고|에게서|에게|께서|에서는|에서|으로는|으로|까지|부터|처럼|보다|이나|은|는|이|가|을|를|에|로|와|과|도|만|의)\Z"
)
_VERBAL = re.compile(
    r"(?:습니다|니다|어요|아요|네요|세요|나요|까요|는데|지만|해서|하고|했고|되고|거든|었|았|였|겠|는데요|어서|아서)\Z"
)
_MD = re.compile(r"([0-9]{1,2}) ?월 ?([0-9]{1,2}) ?일")
_CLOCK = re.compile(r"(오전|오후|저녁|밤)? ?([0-9]{1,2})(?: ?시(?: ?([0-9]{1,2})분| ?(반))?|:([0-9]{2}))|(정오|자정)")
_WITHIN = re.compile(r"([0-9]{1,3}) ?(영업일|일|시간|분|주)[^.!?\n]{0,4}(?:이내|안에|내에|내로|안으로)")
_DAYS = {
    "오늘": 0,
    "금일": 0,
    "당일": 0,
    "내일": 1,
    "명일": 1,
    "익일": 1,
    "모레": 2,
    "하루": 1,
    "이틀": 2,
    "사흘": 3,
    "나흘": 4,
    "일주일": 7,
}
_PM = ("오후", "저녁", "밤")


def stems(text: str) -> set[str]:
    """Content words without their particles: what an echo is looked for by."""
    generic = grammar.words["generic"]
    found = set()
    for word in _WORD.findall(text):
        bare = _PARTICLE.sub("", word) if len(word) > 2 else word
        bare = bare if len(bare) >= 2 else word
        if not bare.startswith(generic) and not _VERBAL.search(bare):
            found.add(bare)
    return found


@lru_cache(maxsize=256)
def _stems_of(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(stem for text in texts for stem in stems(text))


def echoed(text: str, customer_words: tuple[str, ...]) -> tuple[str, ...]:
    """The customer's own words that the text takes up, in the order of the text."""
    said = [stem for stem in _stems_of(customer_words) if stem in text]
    return tuple(sorted(said, key=lambda stem: (text.index(stem), stem)))


def case_words(setting: Setting) -> frozenset[str]:
    """Words that only this case has: the item, the order number, what happened, its cause and remedy."""
    lines = [setting.names.get(name, "") for name in ("item", "order", "cause", "measure")]
    lines += [noun for nouns in setting.nouns.values() for noun in nouns]
    generic = grammar.words["generic"]
    words = {word for line in lines for word in (*stems(line), line.strip())}
    return frozenset(word for word in words if len(word) >= 2 and not word.startswith(generic))


def amounts(text: str) -> list[tuple[int, int, int]]:
    """Amounts in won with their offsets."""
    found = []
    for match in grammar("amount").finditer(text):
        unit = {"만": 10_000, "천": 1_000, None: 1}[match[2]]
        found.append((int(match[1].replace(",", "")) * unit, match.start(), match.end()))
    return found


def other_customer(text: str, setting: Setting) -> tuple[int, int] | None:
    """Where somebody else than the customer of this ticket is addressed by name."""
    customer = _bare_name(setting.names.get("customer", ""))
    if not customer:
        return None
    for match in _ADDRESSED.finditer(text):
        if match[1] not in _NO_NAMES and match[1] not in customer and customer not in match[1]:
            return match.start(1), match.end()
    return None


_ADDRESSED = re.compile(r"(?<![가-힣])([가-힣]{2,4}) ?(?:고객님|회원님|손님)(?=[,.!께\s의은이]|\Z)")
_NO_NAMES = frozenset(
    [
        "안녕",
        "소중한",
        "모든",
        "저희",
        "우리",
        "다른",
        "해당",
        "일부",
        "기존",
        "신규",
        "많은",
        "여러",
        "이번",
        "단골",
        "귀한",
        "주문",
        "구매",
        "이용",
        "존경하는",
        "친애하는",
        "먼저",
        "우선",
        "네",
        "예",
        "한편",
        "그리고",
        "또한",
        "다시",
        "항상",
        "언제나",
        "저는",
        "제가",
        "현재",
        "오늘",
        "내일",
        "죄송",
        "바쁘신",
        "사랑하는",
        "기다리신",
        "주문하신",
        "이용하신",
        "문의하신",
        "말씀하신",
        "연락하신",
        "구매하신",
        "예약하신",
        "불편하신",
        "속상하신",
        "보내신",
    ]
)


def _bare_name(name: str) -> str:
    return re.sub(r"\s|고객님|고객|님", "", name)


def names_desk(text: str, setting: Setting) -> bool | None:
    """Whether a sender line names this firm, desk or agent; None where the ticket does not say."""
    known = [setting.names.get(name, "") for name in ("firm", "desk", "agent")]
    known = [re.sub(r"\s|주식회사|\(주\)|㈜", "", name) for name in known if name]
    if not known:
        return None
    squeezed = re.sub(r"\s", "", text)
    return any(name in squeezed for name in known)


def wrong_name(text: str, setting: Setting) -> bool:
    """A sender line that names a firm but not this one, where the ticket knows its firm."""
    return names_desk(text, setting) is False


def _today(setting: Setting) -> date | None:
    if not setting.today:
        return None
    try:
        return date.fromisoformat(setting.today[:10])
    except ValueError as error:
        raise Invalid("bad_date", f"'{setting.today[:40]}' is not an ISO date.", field="setting.today") from error


def past_dates(text: str, setting: Setting) -> Iterable[tuple[int, int]]:
    """Deadlines by a day that is over on the ticket's clock."""
    today = _today(setting)
    if today is None:
        return
    for match in grammar("deadline").finditer(text):
        named = _MD.search(match[0])
        day = _month_day(named, today) if named else None
        if day is not None and day < today:
            yield match.start(), match.end()


def _month_day(named: re.Match[str], today: date) -> date | None:
    """The nearest such day: in January a 12월 is over, in December a 1월 is ahead."""
    for year in (today.year, today.year + 1, today.year - 1):
        try:
            day = date(year, int(named[1]), int(named[2]))
        except ValueError:
            continue
        if abs((day - today).days) <= 183:
            return day
    return None


def promised_at(text: str, setting: Setting) -> int | None:
    """Seconds since the epoch of the time promised, on the clock of Seoul; the end of the day where no hour is named."""
    today = _today(setting)
    match = grammar("deadline").search(text)
    if today is None or match is None:
        return None
    found = text[match.start() : match.end()]
    within = _WITHIN.search(found)
    if within and within[2] in ("시간", "분"):
        return None  # counted from the moment of sending, which the text does not know
    day = _day_of(found, within, today)
    if day is None:
        return None
    return int(datetime.combine(day, _hour_of(found), _SEOUL).astimezone(UTC).timestamp())


def _day_of(found: str, within: re.Match[str] | None, today: date) -> date | None:
    if within:
        number = int(within[1])
        if within[2] == "영업일":
            return _business_day(today, min(number, 60))
        return today + timedelta(days=number * (7 if within[2] == "주" else 1))
    named = _MD.search(found)
    if named:
        return _month_day(named, today)
    for word, days in _DAYS.items():
        if word in found:
            return today + timedelta(days=days)
    return today if _CLOCK.search(found) else None


def _business_day(today: date, number: int) -> date:
    day = today
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return day


def _hour_of(found: str) -> time:
    clock = _CLOCK.search(found)
    if clock is None:
        return time(23, 59)
    if clock[6]:
        return time(12) if clock[6] == "정오" else time(23, 59)
    hour = int(clock[2]) + (12 if clock[1] in _PM and int(clock[2]) < 12 else 0)
    minute = int(clock[3] or clock[5] or (30 if clock[4] else 0))
    return time(hour, minute) if hour < 24 and minute < 60 else time(23, 59)
