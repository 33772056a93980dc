"""Every figure of reading Japanese, Korean and English, in one run:

    python tests/benchmarks/language.py [--json]

The corpora and the example texts lie beside the checkout in `shared/`; what is missing is said and left out. The parts
of letters and replies are measured on `tests/data/elements_*.jsonl`, by writers who had not seen the rules: texts with
an odd number were open while rules were mended, those with an even number are held out; the files `_more` hold more
texts for development. Times are CPU and wall time
of warm reading; for Japanese also with every line and sentence new, as when a whole text is pasted.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

import language_japanese  # noqa: E402 - neighbours, found through the path above
import language_korean  # noqa: E402

from playbooks.core.language.finding import Setting  # noqa: E402
from playbooks.core.language.japanese import tokens  # noqa: E402
from playbooks.core.language.reading import read  # noqa: E402

DATA = ROOT / "tests/data"
LANGUAGES = ("ja", "ko", "en")
PRECISION, RECALL, P95 = 0.90, 0.85, 10.0  # targets
RUNS, SHORTEST, LONGEST = 300, 1_700, 2_000

Row = dict[str, Any]


def texts_of(language: str, which: str = "") -> list[Row]:
    path = DATA / f"elements_{language}{which}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


# --- the parts of letters and replies ---


def of_the_parts() -> Iterator[tuple[str, Any]]:
    every: dict[str, Counter[str]] = {}
    for language in LANGUAGES:
        for group, rows in _groups(language).items():
            if rows:
                counts, parts = _counted(language, rows)
                every.setdefault(group, Counter()).update(counts)
                yield f"{language}, {group}, {len(rows)} texts", _rates(counts)
                yield "  by part (right, false, missed)", _by_part(parts)
    for group, counts in every.items():
        yield f"all languages, {group}", _rates(counts)


def _groups(language: str) -> dict[str, list[Row]]:
    halves: tuple[list[Row], list[Row]] = ([], [])
    for row in texts_of(language):
        halves[int(re.sub(r"\D", "", row["id"])) % 2].append(row)
    return {
        "development (odd)": halves[1],
        "more development texts": texts_of(language, "_more"),
        "held out (even)": halves[0],
    }


def _counted(language: str, rows: Iterable[Row]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """How often a part was rightly found, falsely found, missed, and found where its label stands."""
    counts: Counter[str] = Counter()
    parts: dict[str, Counter[str]] = {}
    for row in rows:
        found = {e.name: e for e in read(row["text"], language=language, kind=row["kind"]).elements if e.found}
        for name, quote in row["labels"].items():
            element = found.get(name)
            outcome = ("right" if element else "missed") if quote else ("false" if element else "absent")
            counts[outcome] += 1
            parts.setdefault(name, Counter())[outcome] += 1
            if outcome == "right" and element is not None:
                at = row["text"].find(quote)
                counts["placed"] += at < 0 or (element.start < at + len(quote) and at < element.end)
    return counts, parts


def _rates(counts: Counter[str]) -> str:
    right, false, missed = counts["right"], counts["false"], counts["missed"]
    precision, recall = right / max(1, right + false), right / max(1, right + missed)
    return (
        f"precision {precision:.3f} (target {PRECISION}), recall {recall:.3f} (target {RECALL}), "
        f"on the labelled stretch {counts['placed'] / max(1, right):.3f}; {right} right, {false} false, {missed} missed"
    )


def _by_part(parts: dict[str, Counter[str]]) -> str:
    return ", ".join(f"{name} {c['right']}/{c['false']}/{c['missed']}" for name, c in parts.items())


# --- time ---

CASE = {
    "ja": Setting(
        names={
            "customer": "山田 太郎",
            "firm": "さくら家具",
            "desk": "お客様相談室",
            "item": "食器棚",
            "order": "A-1023",
        },
        nouns={
            "incident": ("食器棚", "傷"),
            "cause": ("検品", "出荷"),
            "remedy": ("交換", "返金"),
            "measure": ("検品",),
        },
        amounts=(3_960, 12_000),
        currency="JPY",
        today="2026-04-10",
        own_fault=True,
        gift_allowed=False,
        customer_words=("食器棚に傷がありました。楽しみにしていたのに残念です。早く引き取ってください。",) * 3,
    ),
    "ko": Setting(
        names={"customer": "김하늘", "firm": "한빛몰", "desk": "고객센터", "item": "식탁", "order": "A-1023"},
        nouns={
            "incident": ("식탁", "흠집"),
            "cause": ("검수", "출고"),
            "remedy": ("교환", "환불"),
            "measure": ("검수",),
        },
        amounts=(39_600, 120_000),
        currency="KRW",
        today="2026-04-10",
        own_fault=True,
        gift_allowed=False,
        customer_words=("식탁에 흠집이 있어요. 기다렸는데 실망했습니다. 빨리 교환해 주세요.",) * 3,
    ),
    "en": Setting(
        names={
            "customer": "Ann Lee",
            "firm": "Oak & Co",
            "desk": "Customer Care",
            "item": "cabinet",
            "order": "A-1023",
        },
        nouns={"incident": ("cabinet", "scratch"), "cause": ("inspection",), "remedy": ("replace", "refund")},
        amounts=(3_960, 12_000),
        currency="USD",
        today="2026-04-10",
        own_fault=True,
        gift_allowed=False,
        customer_words=("The cabinet is scratched. I was looking forward to it. Please collect it soon.",) * 3,
    ),
}


def long_texts(language: str) -> list[str]:
    """Letters and replies one after another, as long as a text gets."""
    texts: list[str] = []
    current = ""
    for row in texts_of(language):
        current = f"{current}\n{row['text']}" if current else row["text"]
        if len(current) >= SHORTEST:
            texts.append(current[:LONGEST])
            current = ""
    return texts


def of_time() -> Iterator[tuple[str, Any]]:
    for language in LANGUAGES:
        texts = long_texts(language)
        if not texts:
            continue
        sizes = f"{len(texts)} texts of {min(map(len, texts)):,} to {max(map(len, texts)):,} characters"
        ways: list[tuple[str, Callable[[], None]]] = [("read again", lambda: None)]
        if language == "ja":
            ways.insert(0, ("every sentence new", tokens.forget))
        for way, before in ways:
            for against, setting in (("no case", Setting()), ("a case", CASE[language])):
                yield f"{language}, {way}, against {against}, {sizes}", _timed(language, texts, setting, before)


def _timed(language: str, texts: list[str], setting: Setting, before: Callable[[], None]) -> str:
    for text in texts:
        read(text, language=language, kind="letter", setting=setting)
    worked: list[float] = []
    waited: list[float] = []
    for run in range(RUNS):
        before()
        cpu, wall = time.process_time(), time.perf_counter()
        read(texts[run % len(texts)], language=language, kind="letter", setting=setting)
        worked.append(1_000 * (time.process_time() - cpu))
        waited.append(1_000 * (time.perf_counter() - wall))
    return ", ".join(f"{name} {_quantiles(times)}" for name, times in (("CPU", worked), ("wall", waited))) + (
        f" (target p95 {P95:.0f} ms)"
    )


def _quantiles(times: list[float]) -> str:
    times = sorted(times)
    return f"median {times[len(times) // 2]:.1f} p95 {times[int(len(times) * 0.95)]:.1f} ms"


IMPORTS = """
import os, sys, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
import django
django.setup()
import helpdesk.urls
loaded = [name for name in ("sudachipy", "sudachidict_small") if name in sys.modules]
print(", ".join(loaded) or "nothing of the Japanese dictionary")
"""


def of_imports() -> Iterator[tuple[str, Any]]:
    run = subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, capture_output=True, text=True, check=False)
    last = run.stdout.strip().splitlines()[-1:] or run.stderr.strip().splitlines()[-1:]
    yield "the web application, imported, has loaded", last[0] if last else "nothing was said"


# --- all of it ---


def chapters() -> Iterator[tuple[str, Iterator[tuple[str, Any]]]]:
    if language_japanese.SHARED.exists():
        for figure in language_japanese.FIGURES:
            yield "Japanese", figure()
        for figure in (language_korean.of_the_corpus, language_korean.of_the_examples):
            yield "Korean", figure()
    else:
        yield "Corpora", iter([("shared/ is not beside this checkout", "left out")])
    yield "Parts of letters and replies", of_the_parts()
    yield "Time", of_time()
    yield "Import", of_imports()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    figures: dict[str, dict[str, Any]] = {}
    for chapter, rows in chapters():
        if not as_json and chapter not in figures:
            print(f"\n{chapter}")
        known = figures.setdefault(chapter, {})
        for name, value in rows:
            known[name.strip()] = value
            if not as_json:
                print(f"  {name}: {value}", flush=True)
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
