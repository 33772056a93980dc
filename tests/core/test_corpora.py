"""Figures on corpora that lie on somebody's disk: measured where they are found, left out where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from playbooks.core.corpora import measured
from playbooks.core.reproduce import rows
from tickets.errors import Invalid

KEICO = "text\tlevel\n承知いたしました。\t1\n明日までにお届けします。\t3\nもう知らない。\t4\n行くよ。\t4\n"
STYLEKQC = "text\tformality\n내일까지 보내 드리겠습니다.\tformal\n내일 보낼게.\tinformal\n"


def test_a_corpus_that_is_there_is_measured_and_the_others_stay_missing(tmp_path: Path):
    (tmp_path / "keico_dev.tsv").write_text(KEICO, "utf-8")
    (tmp_path / "stylekqc_dev.tsv").write_text(STYLEKQC, "utf-8")
    figures = measured(tmp_path)
    assert figures == {"keico.polite": 100.0, "stylekqc.recall": 100.0}
    verdicts = {row.key: row.verdict for row in rows(tests=[16], measured=figures)}
    assert verdicts == {"keico.polite": "holds", "smilestyle.recall": "missing", "stylekqc.recall": "holds"}


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(Invalid) as refused:
        measured(tmp_path / "nowhere")
    assert refused.value.field == "corpora"


def test_a_corpus_without_a_sentence_is_refused(tmp_path: Path):
    (tmp_path / "keico.tsv").write_text("text\tlevel\n", "utf-8")
    with pytest.raises(Invalid):
        measured(tmp_path)
