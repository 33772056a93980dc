"""Reading a TOML table strictly: every refusal names the file, the key and what would have been right."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from playbooks.core.case import LANGUAGES
from tickets.errors import Invalid
from tickets.texts import fit_text

LONGEST_FILE = 200_000
LONGEST_DURATION = 400 * 86_400
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
T = TypeVar("T")
_LIKE_A_DURATION = 'a duration such as "20s", "5m", "24h" or "3d"'
_DURATION = re.compile(r"([0-9]{1,8})([smhd])")


def read_toml(text: str, *, name: str) -> dict[str, Any]:
    """The tables of a file; what cannot be TOML is refused before anything looks at it."""
    if not isinstance(text, str):
        raise Invalid("not_text", f"{name}: this is not text.", field="source")
    if len(text) > LONGEST_FILE:
        raise Invalid("too_long", f"{name}: at most {LONGEST_FILE:,} characters are read.", field="source")
    try:
        text.encode()
        return tomllib.loads(text)
    except UnicodeEncodeError as error:
        message = f"{name}: character {error.start} cannot be stored."
        raise Invalid("unfit_character", message, field="source") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Invalid("not_toml", f"{name}: this is not TOML: {error}", field="source") from error


def seconds_of(text: str) -> int | None:
    """Seconds of a duration such as "20s", "5m", "24h", "3d"; None where it is no duration."""
    found = _DURATION.fullmatch(text)
    seconds = int(found[1]) * UNITS[found[2]] if found else 0
    return seconds if 0 < seconds <= LONGEST_DURATION else None


class Table:
    """One table of a file with the path that leads to it, e.g. `step[3]`."""

    def __init__(self, data: object, *, file: str, path: str, fields: Collection[str]) -> None:
        self.file, self.path = file, path
        if not isinstance(data, Mapping):
            raise self.refusal("wrong_type", "", "must be a table")
        self.data: Mapping[str, Any] = data
        for key in data:
            if key not in fields:
                raise self.refusal("unknown_field", key, f"unknown field. Known: {', '.join(sorted(fields))}")

    def where(self, key: str) -> str:
        return ".".join(part for part in (self.path, key) if part)

    def refusal(self, code: str, key: str, message: str) -> Invalid:
        where = self.where(key)
        return Invalid(code, f"{self.file}: {where}: {message}.", field=where)

    def _get(self, key: str, kind: type | tuple[type, ...], called: str) -> Any:
        value = self.data.get(key)
        if value is None:
            raise self.refusal("missing_field", key, "missing")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.refusal("wrong_type", key, f"must be {called}")
        return value

    def name(self, key: str, pattern: re.Pattern[str]) -> str:
        value: str = self._get(key, str, "text")
        if not pattern.fullmatch(value):
            raise self.refusal("bad_name", key, f"'{value[:60]}' must match {pattern.pattern}")
        return value

    def choice(self, key: str, known: Collection[str], *, what: str, default: str | None = None) -> str:
        if default is not None and key not in self.data:
            return default
        return self._known(key, self._get(key, str, "text"), known, what)

    def choices(self, key: str, known: Collection[str], *, what: str, default: tuple[str, ...]) -> tuple[str, ...]:
        if key not in self.data:
            return default
        values = self._get(key, list, "a list of texts")
        return tuple(self._known(key, value, known, what) for value in values)

    def _known(self, key: str, value: object, known: Collection[str], what: str) -> str:
        if not isinstance(value, str):
            raise self.refusal("wrong_type", key, "must be text")
        if value not in known:
            raise self.refusal(f"unknown_{what}", key, f"unknown {what} '{value[:60]}'. Known: {', '.join(known)}")
        return value

    def flag(self, key: str) -> bool:
        return bool(self._get(key, bool, "true or false")) if key in self.data else False

    def whole(self, key: str, low: int, high: int) -> int:
        value: int = self._get(key, int, "a whole number")
        if not low <= value <= high:
            raise self.refusal("out_of_range", key, f"must lie between {low:,} and {high:,}")
        return value

    def share(self, key: str) -> float:
        value = float(self._get(key, (int, float), "a number"))
        if not 0 <= value <= 1:  # also refuses nan
            raise self.refusal("out_of_range", key, "must lie between 0 and 1")
        return value

    def duration(self, key: str) -> int:
        seconds = seconds_of(self._get(key, str, _LIKE_A_DURATION))
        if seconds is None:
            raise self.refusal("bad_duration", key, f"must be {_LIKE_A_DURATION}, of 400 days at most")
        return seconds

    def durations(self, key: str, known: Collection[str], *, what: str) -> dict[str, int]:
        if key not in self.data:
            return {}
        table = self.table(key, known, what=what)
        return {inner: table.duration(inner) for inner in table.data}

    def table(self, key: str, fields: Collection[str], *, what: str | None = None) -> Table:
        data = self._get(key, Mapping, "a table")
        for inner in data if what else ():
            self._known(key, inner, fields, what or "")
        return Table(data, file=self.file, path=self.where(key), fields=fields)

    def tables(self, key: str, fields: Collection[str], *, most: int) -> Iterator[Table]:
        values = self.data.get(key, [])
        if not isinstance(values, list):
            raise self.refusal("wrong_type", key, f"must be a list of tables, each under [[{key}]]")
        if len(values) > most:
            raise self.refusal("too_many", key, f"at most {most} are taken")
        for n, data in enumerate(values):
            yield Table(data, file=self.file, path=f"{self.where(key)}[{n}]", fields=fields)

    def in_languages(self, key: str, *, longest: int = 600) -> dict[str, str]:
        table = self.table(key, LANGUAGES)
        for language in LANGUAGES:
            if language not in table.data:
                raise table.refusal("missing_language", language, "this text is needed in every language")
        return {
            language: fit_text(table.data[language], field=table.where(language), longest=longest)
            for language in LANGUAGES
        }

    def maybe(self, key: str, read: Callable[[str], T]) -> T | None:
        """What `read` finds under the key, or None where the file leaves it out."""
        return read(key) if key in self.data else None
