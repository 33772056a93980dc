"""A playbook as text again: TOML from plain data, in the order in which people read it. Pure.

What `to_toml` writes, `playbook.load` reads; data that does not fit is written all the same, so that `load` can name
the field at fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from playbooks.core.playbook import load
from playbooks.core.tables import read_toml
from tickets.errors import Invalid

HEAD = ("key", "version", "hue", "manner", "agents", "letter_severity")
STEP = (
    "key", "stage", "by", "deed", "after", "send_after", "within", "within_by_channel", "latest", "clock", "when",
    "remind", "title", "why",
)  # fmt: skip
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def data_of(text: str) -> dict[str, Any]:
    """The plain data of a playbook's text, as it is written."""
    return read_toml(text, name="playbook")


def to_toml(data: Mapping[str, Any]) -> str:
    """The text of this data: what every playbook has first, then its steps, the gift, the questions."""
    lines = [f"{name} = {_value(data[name])}" for name in HEAD if name in data]
    rest = [name for name in data if name not in (*HEAD, "title", "summary", "step", "gift", "question")]
    lines += [f"{_key(name)} = {_value(data[name])}" for name in rest]
    for name in ("title", "summary"):
        if name in data:
            lines += ["", f"[{name}]", *_lines(data[name])]
    for step in data.get("step", []):
        ordered = {name: step[name] for name in (*STEP, *step) if name in step}
        lines += ["", "[[step]]", *_lines(ordered)]
    if "gift" in data:
        gift = data["gift"]
        plain = {name: value for name, value in gift.items() if name != "bands"}
        lines += ["", "[gift]", *_lines(plain)]
        for band in gift.get("bands", []):
            lines += ["", "[[gift.bands]]", *_lines(band)]
    for question in data.get("question", []):
        lines += ["", "[[question]]", *_lines(question)]
    return "\n".join(lines) + "\n"


def renamed(text: str, **changes: str | int) -> str:
    """The same text under another `key` or `version`, its remarks kept."""
    table = re.search(r"(?m)^[ \t]*\[", text)
    head, rest = (text, "") if table is None else (text[: table.start()], text[table.start() :])
    for name, value in changes.items():
        line = re.compile(rf"(?m)^[ \t]*{name}[ \t]*=[^\n#]*")
        if len(line.findall(head)) > 1:
            raise Invalid("bad_name", f"'{name}' stands there more than once.", field=name)
        written = f"{name} = {_value(value)}"
        found = line.search(head)
        if found is None:
            head = f"{written}\n{head}"
            continue
        remark = "  " if head[found.end() :].startswith("#") else ""
        head = head[: found.start()] + written + remark + head[found.end() :]
    return head + rest


def same(this: str, that: str) -> bool:
    """Whether two texts say the same apart from their version and remarks. Both are valid."""
    return {**data_of(this), "version": 0} == {**data_of(that), "version": 0}


def fits(text: str) -> Invalid | None:
    """What is wrong with a text, or None."""
    try:
        load(text)
    except Invalid as error:
        return error
    return None


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in table.items()]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case Mapping():
            return "{ " + ", ".join(_lines(value)) + " }" if value else "{}"
        case list() | tuple():
            return "[" + ", ".join(_value(item) for item in value) + "]"
    return _text(str(value))


def _text(value: str) -> str:
    """A basic string: JSON's escapes are TOML's; only the delete character TOML wants escaped as well."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
