"""Everything a person reads on a page exists in Korean and Japanese, and the catalogs hold nothing else."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import gettext, ngettext, override

from helpdesk import translations
from helpdesk.translations import LANGUAGES, Text

BOTH = pytest.mark.parametrize("language", LANGUAGES)


def problems(language: str, *, used: set[Text], locale: Path = translations.LOCALE) -> dict[str, list[str]]:
    """What keeps a catalog from being complete."""
    catalog = translations.read_catalog(translations.catalog_path(language, locale))
    held = translations.texts_of_catalog(catalog)
    found = {
        "missing": [text.message for text in sorted(used - set(held))],
        "stale": [text.message for text in held if text not in used],
        "untranslated": [text.message for text in translations.untranslated(catalog)],
        "placeholders": translations.wrong_placeholders(catalog),
    }
    return {kind: texts for kind, texts in found.items() if texts}


@BOTH
def test_every_text_is_translated_and_no_other_stays(language: str):
    used = set(translations.texts_in_use())
    assert used
    assert problems(language, used=used) == {}


@BOTH
def test_a_page_meets_the_compiled_texts(language: str):
    assert translations.LOCALE in [Path(folder) for folder in settings.LOCALE_PATHS]
    catalog = translations.read_catalog(translations.catalog_path(language))
    plain = next(m for m in catalog if m.id and isinstance(m.id, str) and not m.context and m.string not in ("", m.id))
    with override(language):
        assert gettext(plain.id) == plain.string
        for message in catalog:
            if message.id and not isinstance(message.id, str) and not message.context:
                assert ngettext(*message.id, 2) == message.string[0]


# --- the check can fail ---


def written(folder: Path, body: str, language: str = "ko") -> Path:
    path = translations.catalog_path(language, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(translations.HEADER.format(name="Korean", language=language) + body, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "missing"),
        ('msgid "Solve"\nmsgstr ""\n', "untranslated"),
        ('#, fuzzy\nmsgid "Solve"\nmsgstr "해결"\n', "untranslated"),
        ('msgid "Solve"\nmsgstr "해결"\n\nmsgid "Old"\nmsgstr "예전"\n', "stale"),
        ('msgid "Solve"\nmsgstr "%(n)s건 해결"\n', "placeholders"),
    ],
)
def test_an_incomplete_catalog_is_seen(body: str, kind: str, tmp_path: Path):
    assert kind in problems("ko", used={Text("Solve")}, locale=written(tmp_path, body))


def test_a_complete_catalog_has_no_problems(tmp_path: Path):
    body = 'msgid "%(n)s ticket"\nmsgid_plural "%(n)s tickets"\nmsgstr[0] "티켓 %(n)s건"\n'
    assert problems("ko", used={Text("%(n)s ticket", "%(n)s tickets")}, locale=written(tmp_path, body)) == {}


# --- texts are found wherever they stand ---


def test_texts_of_python_are_found():
    source = """
from django.utils.translation import gettext as _, gettext_lazy, gettext_lazy as lazy, ngettext, pgettext
A = _("Solve"), gettext_lazy("Hand " "over"), ngettext("%(n)s ticket", "%(n)s tickets", n), pgettext("verb", "Open")
B = _(name), print("not for people"), lazy("Later")
"""
    assert set(translations.texts_of_python(source)) == {
        Text("Solve"),
        Text("Hand over"),
        Text("Later"),
        Text("%(n)s ticket", "%(n)s tickets"),
        Text("Open", context="verb"),
    }


def test_texts_of_templates_are_found():
    template = """{% load i18n %}
<p title="{% translate "Solve" %}">{% translate 'Open' context "verb" %} {{ name|default:_("Nobody") }}</p>
{% blocktranslate with who=name trimmed %}
  Dear {{ who }},
  100% yours
{% endblocktranslate %}
{% blocktranslate count n=tickets|length %}{{ n }} ticket{% plural %}{{ n }} tickets{% endblocktranslate %}
"""
    assert set(translations.texts_of_template(template)) == {
        Text("Solve"),
        Text("Open", context="verb"),
        Text("Nobody"),
        Text("Dear %(who)s, 100%% yours"),
        Text("%(n)s ticket", "%(n)s tickets"),
    }


# --- compiling ---


def test_a_catalog_is_compiled_when_it_is_missing_or_older_and_only_then(tmp_path: Path):
    locale = written(tmp_path, 'msgid "Solve"\nmsgstr "해결"\n')
    source = translations.catalog_path("ko", locale)

    assert translations.compile_catalogs(locale) == [source.with_suffix(".mo")]
    assert translations.compile_catalogs(locale) == []

    later = source.with_suffix(".mo").stat().st_mtime_ns + 1_000_000
    os.utime(source, ns=(later, later))
    assert translations.compile_catalogs(locale) == [source.with_suffix(".mo")]
    assert [path.name for path in source.parent.iterdir() if path.name.startswith(".")] == []


def test_new_texts_are_added_at_the_end_and_unused_ones_taken_out(tmp_path: Path):
    locale = written(tmp_path, 'msgid "Solve"\nmsgstr "해결"\n\nmsgid "Old"\nmsgstr "예전"\n')
    used = [Text("Solve"), Text("%(n)s ticket", "%(n)s tickets"), Text("Open", context="verb")]

    assert translations.add_missing("ko", used, locale) == used[1:]
    assert translations.add_missing("ko", used, locale) == []
    assert translations.drop_stale("ko", used, locale) == [Text("Old")]

    catalog = translations.read_catalog(translations.catalog_path("ko", locale))
    assert translations.texts_of_catalog(catalog) == used
    assert catalog.get("Solve").string == "해결"


# --- no text of a page stands outside the catalogs ---

SAID_BY_DJANGO = re.compile(
    r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|{%\s*blocktrans.*?endblocktrans\w*\s*%}"
    r"|{%\s*block \w*class\w*\s*%}.*?{%\s*endblock|{%.*?%}|{{.*?}}",
    re.DOTALL,
)
NOT_FOR_READING = re.compile(r"<!--.*?-->|<(script|style|kbd|code|pre)\b.*?</\1>", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(
    r"\b(?:aria-label|alt|placeholder|title|data-[a-z-]*says)\s*=\s*([\"'])(.*?)\1", re.DOTALL
)
WORD = re.compile(r"[A-Za-z가-힣ぁ-ヶ一-龥]{2,}")


def bare_words(template: str) -> list[str]:
    """Words that a page would show in one language only."""
    rest = NOT_FOR_READING.sub(" ", SAID_BY_DJANGO.sub(" ", template))
    spoken = " ".join(match[2] for match in SPOKEN_ATTRIBUTE.finditer(rest))
    shown = re.sub(r"&\w+;", " ", re.sub(r"<[^>]*>", " ", rest))
    return WORD.findall(f"{spoken} {shown}")


def test_no_page_says_anything_in_one_language_only():
    pages = [path for app in translations.APPS for path in (translations.ROOT / app).rglob("templates/**/*.html")]
    assert pages
    found = {path.name: words for path in pages if (words := bare_words(path.read_text("utf-8")))}
    assert found == {}


@pytest.mark.parametrize(
    "template",
    ["<p>Hello</p>", '<a aria-label="Close">{{ x }}</a>', "{% if a %}해결{% endif %}", '<input placeholder="お名前">'],
)
def test_a_word_outside_the_catalogs_is_seen(template: str):
    assert bare_words(template)
    assert not bare_words('<p class="soft">{% translate "Hello" %} {{ name }} <kbd>Esc</kbd> &nbsp; 5 ×</p>')
