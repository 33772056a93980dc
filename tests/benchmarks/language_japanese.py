"""The figures of the Japanese reader on the development data beside this checkout. Run from the checkout:

    python tests/benchmarks/language_japanese.py

The weights of the level were fitted on the same part of KeiCO, so its figures are those of folds by field.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from fit_japanese_courtesy import cross_validated  # noqa: E402 - a neighbour, found through the path above

from playbooks.core.language.japanese import read_japanese  # noqa: E402

SHARED = ROOT.parent / "shared"
MISUSE = {"J24", "J25", "J26", "J27", "J28", "J73"}
DISPUTED_LABELS = {"J10", "J51"}  # right to flag, though the corpus counts these sentences as polite


def rows(name: str) -> list[dict[str, str]]:
    with (SHARED / "data" / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def errors(text: str, actor: str | None = None) -> set[str]:
    return {finding.rule for finding in read_japanese(text, actor=actor).findings if finding.severity == "error"}


def of_the_level() -> Iterator[tuple[str, Any]]:
    names = ("KeiCO, four levels", "KeiCO, three levels", "KeiCO, polite against plain")
    folds = cross_validated()
    for name, column, target in zip(names, zip(*folds, strict=True), (0.71, 0.82, 0.96), strict=True):
        mean = sum(column) / len(column)
        yield name, f"{mean:.3f} (folds by field {min(column):.3f} to {max(column):.3f}; target {target})"


def of_misuse() -> Iterator[tuple[str, Any]]:
    pairs = rows("keicot_dev.tsv")
    for name, given, target in (("actor given", True, 0.91), ("actor inferred", False, 0.36)):
        actors = [{"sh": "customer", "oh": "us"}[row["honorific_type"]] if given else None for row in pairs]
        both = list(zip(pairs, actors, strict=True))
        caught = sum(bool(errors(row["error_sentence"], who) & MISUSE) for row, who in both)
        false = sum(bool(errors(row["honorific_sentence"], who) & MISUSE) for row, who in both)
        share = f"{caught}/{len(both)} caught = {caught / len(both):.0%} (target {target:.0%})"
        yield f"KeiCOT, {name}", f"{share}, {false}/{len(both)} false (at most 3 %)"


def of_false_alarms() -> Iterator[tuple[str, Any]]:
    polite = [row["text"] for row in rows("keico_dev.tsv") if row["level"] in ("1", "2")]
    seen = [errors(text) for text in polite]
    counts = Counter(rule for found in seen for rule in found)
    every = sum(bool(found) for found in seen) / len(seen)
    without = sum(bool(found - DISPUTED_LABELS) for found in seen) / len(seen)
    yield (
        "KeiCO levels 1 and 2, sentences with an error",
        f"{without:.2%} without J10 and J51 (target 1 %), {every:.2%}",
    )
    yield "  by rule", ", ".join(f"{rule} {times}" for rule, times in counts.most_common())


def of_the_examples() -> Iterator[tuple[str, Any]]:
    found = wanted = absent = lacking = wrong = 0
    with (SHARED / "language/examples/expected.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["lang"] != "ja":
                continue
            text = (SHARED / "language/examples" / row["file"]).read_text("utf-8")
            reading = read_japanese(text, kind=row["kind"])
            ids = {finding.rule for finding in reading.findings}
            missing = {element.name for element in reading.elements if not element.found}
            wanted, found = wanted + len(row["findings"].split()), found + len(ids & set(row["findings"].split()))
            lacking, absent = lacking + len(row["missing"].split()), absent + len(missing & set(row["missing"].split()))
            if row["quality"] == "good":
                wrong += len(ids - set(row["also_right"].split()))
    yield "expected.tsv", f"{found}/{wanted} findings, {absent}/{lacking} missing parts, {wrong} findings on good texts"


FIGURES = (of_the_level, of_misuse, of_false_alarms, of_the_examples)


def main() -> None:
    if not SHARED.exists():
        raise SystemExit("The development data is not beside this checkout.")
    for figure in FIGURES:
        for name, value in figure():
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
