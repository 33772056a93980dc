"""All figures of the Japanese reader on the development data beside this checkout. Run from the checkout:

    python tests/benchmarks/language_japanese.py

The weights of the level were fitted on the same part of KeiCO, so its figures are those of folds by field.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from fit_japanese_courtesy import cross_validated  # noqa: E402 - a neighbour, found through the path above

from playbooks.core.language.japanese import read_japanese, warm  # noqa: E402

SHARED = ROOT.parent / "shared"
MISUSE = {"J24", "J25", "J26", "J27", "J28", "J73"}
DISPUTED_LABELS = {"J10", "J51"}  # right to flag, though the corpus counts these sentences as polite


def rows(name: str) -> list[dict[str, str]]:
    with (SHARED / "data" / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def errors(text: str, actor: str | None = None) -> set[str]:
    return {finding.rule for finding in read_japanese(text, actor=actor).findings if finding.severity == "error"}


def level() -> None:
    names = ("KeiCO, four levels", "KeiCO, three levels", "KeiCO, polite/plain")
    folds = cross_validated()
    for name, column, target in zip(names, zip(*folds, strict=True), (0.71, 0.82, 0.96), strict=True):
        mean = sum(column) / len(column)
        print(f"{name}: {mean:.3f} (folds by field {min(column):.3f} to {max(column):.3f}; target {target})")


def misuse() -> None:
    pairs = rows("keicot_dev.tsv")
    for name, given, target in (("actor given", True, 0.91), ("actor inferred", False, 0.36)):
        actors = [{"sh": "customer", "oh": "us"}[row["honorific_type"]] if given else None for row in pairs]
        both = list(zip(pairs, actors, strict=True))
        caught = sum(bool(errors(row["error_sentence"], who) & MISUSE) for row, who in both)
        false = sum(bool(errors(row["honorific_sentence"], who) & MISUSE) for row, who in both)
        print(f"KeiCOT, {name}: {caught}/{len(both)} caught (target {target:.0%}), {false}/{len(both)} false")


def false_alarms() -> None:
    polite = [row["text"] for row in rows("keico_dev.tsv") if row["level"] in ("1", "2")]
    seen = [errors(text) for text in polite]
    counts = Counter(rule for found in seen for rule in found)
    every = sum(bool(found) for found in seen) / len(seen)
    without = sum(bool(found - DISPUTED_LABELS) for found in seen) / len(seen)
    print(f"Errors in polite sentences: {without:.2%} without J10 and J51, {every:.2%} with them (target 1 %)")
    print("  " + ", ".join(f"{rule} {times}" for rule, times in counts.most_common()))


def examples() -> None:
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
    print(f"Examples: {found}/{wanted} findings, {absent}/{lacking} missing parts, {wrong} findings on good texts")


def speed() -> None:
    """Target: p95 of 10 ms up to 2,000 characters. On a busy machine the fastest run tells more than the wall clock."""
    texts = [path.read_text("utf-8") for path in sorted((SHARED / "language/examples").glob("ja_good_0*.txt"))]
    long = "\n".join(texts)[:2_000]
    for name, text in (("a letter", texts[0]), (f"{len(long):,} characters", long)):
        read_japanese(text, kind="letter")
        took = []
        for _ in range(200):
            began, worked = time.perf_counter(), time.process_time()
            read_japanese(text, kind="letter")
            took.append(((time.perf_counter() - began) * 1_000, (time.process_time() - worked) * 1_000))
        for clock, column in zip(("wall", "CPU"), map(sorted, zip(*took, strict=True)), strict=True):
            print(f"{clock} time, {name}: fastest {column[0]:.1f}, median {column[100]:.1f}, p95 {column[190]:.1f} ms")


def main() -> None:
    if not SHARED.exists():
        raise SystemExit("The development data is not beside this checkout.")
    began = time.perf_counter()
    warm()
    print(f"Dictionary, rules and tables loaded in {(time.perf_counter() - began) * 1_000:.0f} ms")
    for figure in (level, misuse, false_alarms, examples, speed):
        figure()


if __name__ == "__main__":
    main()
