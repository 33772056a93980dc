"""Reads Korean on the development data and prints the figures: level, false alarms, examples, time.

    python tests/benchmarks/language_korean.py [--json]

The data lie beside the checkout in `shared/`; what is missing is said and left out. Speech levels of the corpus were
read while the ending rules were written, so its accuracy is that of a development part, not of unseen text; the
folds show how even it is over the corpus.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playbooks.core.language.finding import GOOD
from playbooks.core.language.reading import read

SHARED = Path(__file__).resolve().parents[3] / "shared"
CORPUS, EXAMPLES = SHARED / "data/stylekqc_dev.tsv", SHARED / "language/examples"
FOLDS, REPEATS, LONG = 5, 100, 2_000


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def of_the_corpus() -> Iterator[tuple[str, Any]]:
    rows = table(CORPUS)
    readings = [read(row["text"], language="ko") for row in rows]
    right = [reading.courtesy.style == row["formality"] for row, reading in zip(rows, readings, strict=True)]
    yield "StyleKQC dev: sentences", len(rows)
    yield "StyleKQC dev: formal against informal", round(sum(right) / len(right), 4)
    size = len(right) // FOLDS
    yield (
        "StyleKQC dev: by fifth of the corpus",
        [round(sum(right[n * size : (n + 1) * size]) / size, 4) for n in range(FOLDS)],
    )
    polite = [reading for row, reading in zip(rows, readings, strict=True) if row["formality"] == "formal"]
    for severity in ("error", "advice"):
        fired = Counter(f.rule for reading in polite for f in reading.findings if f.severity == severity)
        yield f"StyleKQC dev formal: {severity} per 100 sentences", round(100 * sum(fired.values()) / len(polite), 2)
        yield f"StyleKQC dev formal: {severity} by rule", dict(fired.most_common())


def of_the_examples() -> Iterator[tuple[str, Any]]:
    findings, parts, false, levels = [0, 0], [0, 0], 0, [0, 0]
    for row in table(EXAMPLES / "expected.tsv"):
        if row["lang"] != "ko":
            continue
        reading = read((EXAMPLES / row["file"]).read_text("utf-8"), language="ko", kind=row["kind"])
        found = {f.rule for f in reading.findings if f.severity != GOOD}
        absent = {e.name for e in reading.elements if not e.found}
        wanted, lacking = set(row["findings"].split()), set(row["missing"].split())
        findings = [findings[0] + len(wanted & found), findings[1] + len(wanted)]
        parts = [parts[0] + len(lacking & absent), parts[1] + len(lacking)]
        levels = [levels[0] + (reading.courtesy.speech_level == row["speech_level"]), levels[1] + 1]
        if row["quality"] == "good":
            false += len(found - wanted - set(row["also_right"].split())) + len(absent)
    yield "examples: findings that were to be found", f"{findings[0]} of {findings[1]}"
    yield "examples: missing parts reported", f"{parts[0]} of {parts[1]}"
    yield "examples: speech level", f"{levels[0]} of {levels[1]}"
    yield "examples: false findings and parts on the good texts", false


def of_time() -> Iterator[tuple[str, Any]]:
    """Warm, on a text as long as it gets: good and bad examples one after another."""
    text = " ".join(path.read_text("utf-8") for path in sorted(EXAMPLES.glob("ko_*.txt")))[:LONG]
    taken = []
    for _ in range(REPEATS):
        begun = time.process_time()
        read(text, language="ko")
        taken.append(1_000 * (time.process_time() - begun))
    taken.sort()
    yield f"time of {len(text)} characters, ms: median", round(taken[len(taken) // 2], 2)
    yield f"time of {len(text)} characters, ms: 95th percentile", round(taken[int(len(taken) * 0.95)], 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    figures: dict[str, Any] = {}
    for path, part in ((CORPUS, of_the_corpus), (EXAMPLES / "expected.tsv", of_the_examples), (EXAMPLES, of_time)):
        figures.update(part() if path.exists() else {f"{path.name} is not beside this checkout": "left out"})
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
        return
    for name, value in figures.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
