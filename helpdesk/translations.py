"""Korean and Japanese texts of the interface: from the .po files that people edit to the .mo files that Django reads.

Compiled by Babel, so that no gettext tools need to be installed. The compiled files are never
committed: the `desk` command and the tests call `compile_catalogs` before the first text is read.
"""

from __future__ import annotations

import ast
import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = Path(__file__).resolve().parent / "locale"
LANGUAGES = ("ko", "ja")  # the texts in the code are English
APPS = ("helpdesk", "tickets", "playbooks")

# A call of one of these names in Python is a text for people: (places of singular and plural, place of context).
KEYWORDS: dict[str, tuple[tuple[int, ...], int | None]] = {
    "_": ((0,), None),
    "gettext": ((0,), None),
    "gettext_lazy": ((0,), None),
    "gettext_noop": ((0,), None),
    "ngettext": ((0, 1), None),
    "ngettext_lazy": ((0, 1), None),
    "pgettext": ((1,), 0),
    "pgettext_lazy": ((1,), 0),
    "npgettext": ((1, 2), 0),
    "npgettext_lazy": ((1, 2), 0),
}
AS_THEY_ARE = {name: name for name in KEYWORDS}
PLACEHOLDER = re.compile(r"%(?:\((?P<named>\w+)\)[sdif]|(?P<bare>[sd])|%)|\{(?P<brace>\w*)[^{}]*\}")


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text of the interface. `context` tells two equal English texts apart; `plural` is "" where there is none."""

    message: str
    plural: str = ""
    context: str | None = None

    @property
    def id(self) -> str | tuple[str, str]:
        return (self.message, self.plural) if self.plural else self.message


def compile_catalogs(locale: Path = LOCALE) -> list[Path]:
    """Compile what is missing or older than its source. Two processes may do so at once: each writes a whole file."""
    compiled = []
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            _compile(source, target)
            compiled.append(target)
    return compiled


def _compile(source: Path, target: Path) -> None:
    # Fuzzy entries are guesses, which nobody should read as ours.
    catalog = read_catalog(source)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            write_mo(file, catalog, use_fuzzy=False)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def catalog_path(language: str, locale: Path = LOCALE) -> Path:
    return locale / language / "LC_MESSAGES" / "django.po"


def read_catalog(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


# --- which texts there are ---


def texts_in_use(root: Path = ROOT) -> dict[Text, list[str]]:
    """Every text of our templates and Python, with the files that use it, in order of reading."""
    found: dict[Text, list[str]] = {}
    for app in APPS:
        for path in sorted((root / app).rglob("*")):
            for text in _texts_of_file(path):
                places = found.setdefault(text, [])
                name = path.relative_to(root).as_posix()
                if name not in places:
                    places.append(name)
    return found


def _texts_of_file(path: Path) -> Iterable[Text]:
    if path.suffix == ".py" and "migrations" not in path.parts:
        return texts_of_python(path.read_text("utf-8"))
    if path.suffix in {".html", ".txt"} and "templates" in path.parts:
        return texts_of_template(path.read_text("utf-8"))
    return ()


def texts_of_python(source: str) -> Iterator[Text]:
    tree = ast.parse(source)
    names = _names_in(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (text := _text_of_call(node, names)):
            yield text


def _names_in(tree: ast.Module) -> dict[str, str]:
    """What this module calls gettext and its kin: `from … import gettext_lazy as lazy`."""
    names = dict(AS_THEY_ARE)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in KEYWORDS}
    return names


def _text_of_call(call: ast.Call, names: Mapping[str, str]) -> Text | None:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called not in names:
        return None
    places, context_at = KEYWORDS[names[called]]
    wanted = [*places, *([] if context_at is None else [context_at])]
    values = {at: _literal(call.args[at]) for at in wanted if at < len(call.args)}
    if len(values) < len(wanted) or any(value is None for value in values.values()):
        return None  # a text that comes as a value is declared elsewhere, with gettext_noop
    message, *plural = (values[at] or "" for at in places)
    return Text(message, plural[0] if plural else "", None if context_at is None else values[context_at])


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts_of_template(source: str) -> Iterator[Text]:
    """Django rewrites a template as Python-like text with gettext calls in it, padded with X; those calls are read."""
    from django.utils.translation.template import templatize

    for match in _CALL.finditer(templatize(source)):
        call = ast.parse(match[0], mode="eval").body
        if isinstance(call, ast.Call) and (text := _text_of_call(call, AS_THEY_ARE)):
            yield text


_STRING = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_CALL = re.compile(rf"\b(?:gettext|ngettext|pgettext|npgettext|_)\((?:\s*(?:{_STRING}|count)\s*,?)+\)")


def placeholders(text: str) -> list[str]:
    """The values that a text leaves open, in alphabetical order: a translation leaves open the same ones."""
    return sorted(match[0] for match in PLACEHOLDER.finditer(text) if match[0] != "%%")


def wrong_placeholders(catalog: Catalog) -> list[str]:
    """Translations that leave open other values than their text does."""
    return [
        str(message.id)
        for message in catalog
        if message.id
        # With one form for all numbers, a translation leaves open what the plural leaves open.
        and any(form and placeholders(form) != placeholders(_forms(message.id)[-1]) for form in _forms(message.string))
    ]


# --- keeping the .po files in step ---


def add_missing(language: str, texts: Iterable[Text], locale: Path = LOCALE) -> list[Text]:
    """Put texts that a catalog lacks at its end, untranslated, and leave the rest as it stands."""
    path = catalog_path(language, locale)
    catalog = read_catalog(path)
    held = set(texts_of_catalog(catalog))
    missing = [text for text in texts if text not in held]
    for text in missing:
        catalog.add(text.id, context=text.context)
    if missing:
        save_catalog(catalog, path)
    return missing


def drop_stale(language: str, texts: Iterable[Text], locale: Path = LOCALE) -> list[Text]:
    """Take out what nothing uses any more."""
    path = catalog_path(language, locale)
    catalog, used = read_catalog(path), set(texts)
    stale = [text for text in texts_of_catalog(catalog) if text not in used]
    for text in stale:
        catalog.delete(text.id, context=text.context)
    if stale:
        save_catalog(catalog, path)
    return stale


def untranslated(catalog: Catalog) -> list[Text]:
    """Texts without a translation, or with one that is only a guess."""
    return [
        text_of_message(message)
        for message in catalog
        if message.id and (message.fuzzy or not all(_forms(message.string)))
    ]


def _forms(string: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """Singular and plural alike: a text that has one form, or several."""
    if string is None:
        return ("",)
    return (string,) if isinstance(string, str) else tuple(string)


def texts_of_catalog(catalog: Catalog) -> list[Text]:
    return [text_of_message(message) for message in catalog if message.id]


def text_of_message(message: Message) -> Text:
    if isinstance(message.id, str):
        return Text(message.id, "", message.context)
    return Text(message.id[0], message.id[1], message.context)


HEADER = """\
# {name} texts of the desk.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def save_catalog(catalog: Catalog, path: Path) -> None:
    """Written without places and dates, so that a difference shows texts and nothing else."""
    language = path.parent.parent.name
    name = {"ko": "Korean", "ja": "Japanese"}[language]
    body = io.BytesIO()
    write_po(body, catalog, width=110, no_location=True, omit_header=True, ignore_obsolete=True)
    temporary = path.with_suffix(".po.new")
    temporary.write_bytes(HEADER.format(name=name, language=language).encode() + body.getvalue())
    os.replace(temporary, path)
