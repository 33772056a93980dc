"""Korean reading against texts of others, where they lie beside the checkout; skipped, saying so, where they do not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from playbooks.core.language.finding import GOOD
from playbooks.core.language.korean.reading import rules
from playbooks.core.language.reading import read

SHARED = Path(__file__).resolve().parents[3] / "shared"
EXAMPLES = SHARED / "language/examples"
CORPUS = SHARED / "data/stylekqc_dev.tsv"
EXPRESSIONS = SHARED / "language/expressions_ko.tsv"
EVERY = 10  # of the corpus: the whole of it is measured by tests/benchmarks/language_korean.py


def table(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def needs(path: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not path.exists(), reason=f"{path.name} is not beside this checkout")


KOREAN = [row for row in table(EXAMPLES / "expected.tsv") if row["lang"] == "ko"]


@needs(EXAMPLES / "expected.tsv")
@pytest.mark.parametrize("row", KOREAN, ids=[row["file"] for row in KOREAN])
def test_an_example_reads_as_labelled(row: dict[str, str]):
    reading = read((EXAMPLES / row["file"]).read_text("utf-8"), language="ko", kind=row["kind"])
    found = {finding.rule for finding in reading.findings if finding.severity != GOOD}
    missing = {element.name for element in reading.elements if not element.found}
    labelled = set(row["findings"].split())
    assert labelled <= found
    assert set(row["missing"].split()) <= missing
    assert reading.courtesy.speech_level == row["speech_level"]
    if row["quality"] == "good":
        assert found <= labelled | set(row["also_right"].split())
        assert missing == set()


@needs(CORPUS)
def test_polite_and_plain_are_told_apart():
    rows = table(CORPUS)[::EVERY]
    right = sum(read(row["text"], language="ko").courtesy.style == row["formality"] for row in rows)
    assert right / len(rows) >= 0.99


@needs(CORPUS)
def test_polite_sentences_are_rarely_called_wrong():
    polite = [row["text"] for row in table(CORPUS)[::EVERY] if row["formality"] == "formal"]
    errors = sum(f.severity == "error" for text in polite for f in read(text, language="ko").findings)
    assert errors / len(polite) <= 0.01


# Words that say nothing alone: "곧" without what will be done, "듯합니다" without what seems so, marks without a word.
BARE = {"곧", "^^", ";;", "!!", "??", "~~"}


@needs(EXPRESSIONS)
def test_every_listed_expression_is_found_and_as_severe_as_listed():
    missed = []
    for row in table(EXPRESSIONS):
        for words in row["expression"].split(" | "):
            text = words.replace("…", " ")
            if words not in BARE and row["id"] not in {f.rule for f in read(text, language="ko").findings}:
                missed.append((row["id"], words))
        assert rules().rules[row["id"]].severity == row["level"]
    assert missed == []
