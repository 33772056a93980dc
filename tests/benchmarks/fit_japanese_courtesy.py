"""Fits the weights of playbooks/core/language/japanese/courtesy.toml on the development part of KeiCO alone.

Multinomial logistic regression over named markers (an L2 penalty, markers seen often enough). Folds are by `field`,
because the corpus rewrites one sentence at several levels. Run from the checkout:

    python tests/benchmarks/fit_japanese_courtesy.py [--folds-only]
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from playbooks.core.language.japanese.courtesy import markers_of
from playbooks.core.language.japanese.tokens import sentences_of

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared/data/keico_dev.tsv"
TABLE = ROOT / "playbooks/core/language/japanese/courtesy.toml"
LEVELS, SEEN, PENALTY, FOLDS = 4, 25, 3.0, 5


def corpus() -> tuple[list[set[str]], np.ndarray, list[str]]:
    with CORPUS.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    texts = [sentences_of(row["text"]) for row in rows]
    markers = [markers_of(text) or markers_of(text, quoted=True) for text in texts]
    return markers, np.array([int(row["level"]) - 1 for row in rows]), [row["field"] for row in rows]


def matrix(markers: Sequence[set[str]], names: Sequence[str]) -> csr_matrix:
    column = {name: place for place, name in enumerate(names)}
    cells = [(row, column[name]) for row, found in enumerate(markers) for name in found if name in column]
    rows, columns = ([cell[0] for cell in cells], [cell[1] for cell in cells])
    return csr_matrix((np.ones(len(cells)), (rows, columns)), shape=(len(markers), len(names)))


def fit(markers: Sequence[set[str]], levels: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, weights (names x levels, two decimals) and bias."""
    seen = Counter(name for found in markers for name in found)
    names = sorted(name for name, times in seen.items() if times >= SEEN)
    cells, wanted = matrix(markers, names), np.eye(LEVELS)[levels]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights, bias = flat[:-LEVELS].reshape(-1, LEVELS), flat[-LEVELS:]
        share = softmax(cells @ weights + bias)
        miss = share - wanted
        slope = np.concatenate([(cells.T @ miss + PENALTY * weights).ravel(), miss.sum(0)])
        of_data = -float(np.log(share[wanted.astype(bool)] + 1e-12).sum())
        return of_data + PENALTY / 2 * float((weights**2).sum()), slope

    found = minimize(loss, np.zeros((len(names) + 1) * LEVELS), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return names, np.round(found.x[:-LEVELS].reshape(-1, LEVELS), 2), np.round(found.x[-LEVELS:], 2)


def softmax(sums: np.ndarray) -> np.ndarray:
    raised = np.exp(sums - sums.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def decided(share: np.ndarray) -> np.ndarray:
    """As courtesy.level_of: plain or not, then honorific or not, then which of the two."""
    honorific = share[:, 0] + share[:, 1]
    level = np.where(share[:, 0] >= share[:, 1], 0, 1)
    level = np.where(share[:, 2] > honorific, 2, level)
    return np.where(share[:, 3] >= 0.5, 3, level)


def figures(levels: np.ndarray, found: np.ndarray) -> tuple[float, float, float]:
    """Four levels, three (1 and 2 as one), polite against plain."""
    three = np.maximum(levels - 1, 0) == np.maximum(found - 1, 0)
    return float((levels == found).mean()), float(three.mean()), float(((levels == 3) == (found == 3)).mean())


def folds_by_field(fields: Sequence[str]) -> np.ndarray:
    """Whole fields in a fold, the largest first, each to the smallest fold."""
    sizes, of_field = [0] * FOLDS, {}
    for field, size in sorted(Counter(fields).items(), key=lambda item: (-item[1], item[0])):
        fold = sizes.index(min(sizes))
        of_field[field] = fold
        sizes[fold] += size
    return np.array([of_field[field] for field in fields])


def cross_validated() -> list[tuple[float, float, float]]:
    markers, levels, fields = corpus()
    folds, found = folds_by_field(fields), []
    for fold in range(FOLDS):
        learn, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        names, weights, bias = fit([markers[place] for place in learn], levels[learn])
        share = softmax(matrix([markers[place] for place in held], names) @ weights + bias)
        found.append(figures(levels[held], decided(share)))
    return found


def write(names: Sequence[str], weights: np.ndarray, bias: np.ndarray) -> None:
    lines = [
        "# Weights of the named markers for the levels 1 (highest) to 4 (plain), fitted on the development part of the",
        "# KeiCO corpus (Liu and Kobayashi 2022, CC BY 4.0) by tests/benchmarks/fit_japanese_courtesy.py.",
        "# 'れる' is a word, '…て＋下さる' how a sentence ends, 'お〜になる' a construction,",
        "# '敬語≥2' a number of honorifics.",
        "",
        f"bias = [{', '.join(f'{value:g}' for value in bias)}]",
        "",
        "[weights]",
    ]
    for name, row in zip(names, weights, strict=True):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'"{quoted}" = [{", ".join(repr(float(value)) for value in row)}]')
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--folds-only", action="store_true", help="print the figures, write nothing")
    given = arguments.parse_args()
    names = ("four levels", "three levels", "polite/plain")
    for name, column in zip(names, zip(*cross_validated(), strict=True), strict=True):
        print(f"{name}: {np.mean(column):.3f} (sd {np.std(column):.3f}, {FOLDS} folds by field)")
    if not given.folds_only:
        markers, levels, _ = corpus()
        names, weights, bias = fit(markers, levels)
        write(names, weights, bias)
        print(f"{len(names)} markers written to {TABLE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
