"""Figures of the text readers on corpora that the product may not carry, measured where they lie on somebody's disk."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from playbooks.core.language.reading import read
from tickets.errors import Invalid

Rows = list[dict[str, str]]


def measured(folder: Path) -> dict[str, float]:
    """Percent by row of the table of published figures, for each corpus found in the folder."""
    if not folder.is_dir():
        raise Invalid("no_folder", f"There is no folder '{folder}'.", field="corpora")
    found = {}
    for key, (names, measure) in _CORPORA.items():
        file = next((path for name in names for path in sorted(folder.rglob(name))), None)
        if file is not None:
            found[key] = 100 * measure(_rows(file))
    return found


def _rows(file: Path) -> Rows:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        if file.suffix == ".csv":
            return list(csv.DictReader(lines))
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _keico(rows: Rows) -> float:
    """Share judged rightly polite or plain; level 4 is the plain one."""
    told = [(row.get("text") or row.get("本文") or "", row["level"].strip()) for row in rows]
    return _share(_polite(text, "ja") == (level != "4") for text, level in told)


def _smilestyle(rows: Rows) -> float:
    """Share of the formal sentences recognised."""
    return _share(_formal(row["formal"]) for row in rows if row.get("formal"))


def _stylekqc(rows: Rows) -> float:
    return _share(_formal(row["text"]) for row in rows if row["formality"] == "formal")


def _polite(text: str, language: str) -> bool:
    try:
        return bool(read(text, language=language).courtesy.polite)
    except Invalid:  # a line in no language at all
        return False


def _formal(text: str) -> bool:
    try:
        return read(text, language="ko").courtesy.style == "formal"
    except Invalid:
        return False


def _share(right: Iterator[bool]) -> float:
    judged = list(right)
    if not judged:
        raise Invalid("empty_corpus", "A corpus without a sentence.", field="corpora")
    return sum(judged) / len(judged)


_CORPORA: Mapping[str, tuple[tuple[str, ...], Callable[[Rows], float]]] = {
    "keico.polite": (("keico*.tsv", "keico*.csv"), _keico),
    "smilestyle.recall": (("smilestyle*.tsv",), _smilestyle),
    "stylekqc.recall": (("stylekqc*.tsv",), _stylekqc),
}
