"""What counts as well done in Japanese and what only looks like it: no praise for names, refusals, vague words or pasting."""

from __future__ import annotations

import pytest

from playbooks.core.language.finding import Reading, Setting
from playbooks.core.language.japanese import read_japanese

CASE = Setting(
    names={"customer": "山田 太郎", "firm": "さくら家具", "desk": "お客様相談室", "agent": "佐藤", "item": "食器棚"},
    nouns={
        "incident": ("食器棚", "傷"),
        "cause": ("検品", "梱包"),
        "remedy": ("交換", "引き取り"),
        "measure": ("検品", "二人"),
    },
    today="2026-04-10",
    own_fault=True,
    gift_allowed=False,
    customer_words=("さくら家具の佐藤さんに電話しました。食器棚の扉に傷があり、とても残念です。",),
)
OWN = """山田様
食器棚の扉に傷があり、せっかくのご新居に残念な思いをおかけし、誠に申し訳ございません。
出荷前の検品を一人で済ませていたことが原因でございます。
4月14日に新しい食器棚と交換いたします。
検品は二人で行う手順に改めました。
さくら家具　お客様相談室　佐藤
"""
PASTED = """山田様
このたびはご迷惑をおかけし、誠に申し訳ございません。
社内で確認いたしましたところ、担当者の手違いがあったことが原因でございます。
4月14日に正しい料金へ訂正いたします。
今後は確認の手順を見直し、再発防止を徹底いたします。
さくら家具　お客様相談室　佐藤
"""


def found(reading: Reading) -> set[str]:
    return {element.name for element in reading.elements if element.found}


def rests(reading: Reading) -> set[str]:
    return {evidence.fact for evidence in reading.evidence}


def test_a_letter_with_the_facts_of_its_case_weighs_more_than_a_pasted_one():
    own, pasted = (read_japanese(text, setting=CASE).facts for text in (OWN, PASTED))

    assert set(own.apology) >= {"repair", "regret", "explanation", "repentance"}
    assert set(pasted.apology) == {"regret"}
    assert own.deeds == ("prevention",) and pasted.deeds == ()
    assert own.listening > pasted.listening == 0


def test_without_a_case_nothing_is_compared():
    assert set(read_japanese(PASTED).facts.apology) >= {"repair", "regret", "explanation", "repentance"}


def test_a_fact_of_the_case_in_another_sentence_does_not_carry_a_bare_claim():
    text = "食器棚に傷がございました。担当者の手違いがあったことが原因でございます。"

    assert "explanation" not in read_japanese(text, setting=CASE).facts.apology


@pytest.mark.parametrize(
    "text", ["さくら家具 佐藤", "さくら家具　お客様相談室　佐藤", "さくら家具の佐藤でございます。"]
)
def test_a_signature_takes_up_nobody_s_words(text: str):
    assert "listening" not in rests(read_japanese(f"誠に申し訳ございません。\n{text}", setting=CASE))


@pytest.mark.parametrize(
    "text",
    [
        "ただちに確認いたします。",
        "食器棚の件は、分かり次第ご連絡いたします。",
        "食器棚につきましては、速やかに対応いたします。",
        "いつまでにとは申し上げられません。",
    ],
)
def test_vague_words_name_no_time(text: str):
    reading = read_japanese(text, setting=CASE)

    assert reading.facts.concrete == 0
    assert not rests(reading) & {"concrete", "promises"}


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("お届けのご希望の日をお聞かせください。", True),
        ("ご都合のよい日をお知らせください。", True),
        ("お客様ご都合による返品はお受けいたしかねます。", False),
        ("お客様のご都合の場合は、送料をご負担いただきます。", False),
        ("ご希望には添いかねます。", False),
    ],
)
def test_a_choice_is_offered_and_not_refused(text: str, heard: bool):
    assert (read_japanese(text).facts.voice > 0.5) is heard


@pytest.mark.parametrize(
    ("text", "gift"),
    [
        ("新しい商品をお送りいたします。", False),
        ("代わりの品を本日お届けいたします。", False),
        ("ポイントの付与が遅れましたこと、お詫び申し上げます。", False),
        ("お詫びの品は固くご辞退なさいましたので、お送りすることは控えさせていただきます。", False),
        ("お詫びの品をお送りすることはいたしません。", False),
        ("お客様は「お詫びの品をお送りください」とおっしゃいました。", False),
        ("心ばかりの品を同封いたしました。", True),
        ("お詫びのしるしに、ギフト券をお送りいたします。", True),
        ("せめてもの気持ちに、当店の菓子を添えてお届けいたします。", True),
    ],
)
def test_a_replacement_is_no_gift_and_a_declined_one_neither(text: str, gift: bool):
    assert ("お詫びの品" in found(read_japanese(text, kind="letter"))) is gift


@pytest.mark.parametrize(
    "text",
    [
        "ただいま原因を調査しておりますので、配送業者へ照会の手配をいたしました。",
        "配送業者に確認中のため、今しばらくお待ちください。",
        "調査の途中でございます。",
        "手配に時間を要しているためでございます。",
    ],
)
def test_what_is_under_way_is_no_cause(text: str):
    assert "原因" not in found(read_japanese(text))


@pytest.mark.parametrize(
    "text",
    [
        "注文票の文字がにじんでいたのに、電話での確認を省いてしまったのです。",
        "倉庫へ渡す名簿から、お名前が抜け落ちておりました。",
        "係が札を見落としたまま、通常のお食事をお出ししてしまいました。",
        "厨房には口頭で告げただけで、伝票を書き換えておりませんでした。",
        "私どもの引き継ぎの甘さでございます。",
    ],
)
def test_a_cause_may_be_told_as_a_story(text: str):
    assert "原因" in found(read_japanese(text))


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("名簿は発車の一時間前に自動で更新し、乗り場には係員を立たせます。", True),
        ("棚は今朝、部屋の端と端に分けました。", True),
        ("声に出して錠数を確かめることを、今日から始めました。", True),
        ("このようなことが二度とないよう、気を引き締めてまいります。", False),
        ("再発防止という言葉を軽々しく使える立場にはございません。", False),
        ("再発防止策は、会議で検討する予定でございます。", False),
    ],
)
def test_a_measure_is_told_by_what_is_done(text: str, measure: bool):
    assert ("再発防止" in found(read_japanese(text))) is measure


@pytest.mark.parametrize(
    ("opening", "closing", "mended"),
    [("拝啓", "草々", "敬具"), ("謹啓", "草々", "謹白"), ("前略", "草々", "謹白"), ("", "草々", "敬具")],
)
def test_a_closing_word_is_mended_to_the_one_that_fits(opening: str, closing: str, mended: str):
    text = (
        f"山田様\n{opening}\n食器棚に傷がございましたこと、深くお詫び申し上げます。\n本日、交換いたします。\n{closing}"
    )
    reading = read_japanese(text, kind="letter")
    at = text.rindex(closing)

    assert {f.suggestion for f in reading.findings if f.rule in ("J46", "JC12") and f.start >= at} == {mended}


TOLD = """このたびはご不快な思いをさせてしまい、誠に申し訳ございません。
六月分のご請求に誤りがございました。
{cause}
代金は明日、全額をお戻しいたします。
{measure}
今後とも何卒よろしくお願い申し上げます。"""
PLAIN_CAUSE, PLAIN_MEASURE = "入力の誤りが原因でございます。", "入力を二人で行う手順に改めました。"


@pytest.mark.parametrize(
    "cause",
    [
        "検品台の照明が切れかけており、細かな数字が見えにくくなっておりました。",
        "料理長の私が味見を省きました。",
        "端末の設定が、切り替えの晩に旧い税率へ戻っておりました。",
    ],
)
def test_a_cause_in_words_of_its_own_is_known_by_its_place(cause: str):
    text = TOLD.format(cause=cause, measure=PLAIN_MEASURE)
    element = next(e for e in read_japanese(text).elements if e.name == "原因")

    assert text[element.start : element.end] == cause
    assert "JC04" not in {f.rule for f in read_japanese(text, setting=Setting(today="2026-04-10")).findings}


@pytest.mark.parametrize(
    "measure",
    [
        "鍵の置き場所を一か所にまとめ、持ち出す者が名を書く帳面を備えました。",
        "税率の切り替えは、開店前に店長が一台ずつ確かめます。",
        "点検の回数を年二回から四回といたします。",
    ],
)
def test_a_measure_in_words_of_its_own_is_known_by_its_place(measure: str):
    text = TOLD.format(cause=PLAIN_CAUSE, measure=measure)
    element = next(e for e in read_japanese(text).elements if e.name == "再発防止")

    assert text[element.start : element.end] == measure


@pytest.mark.parametrize(
    "text",
    [
        "お怪我がなかったことに安堵いたしました。",
        "現在、原因を調査しております。",
        "お客様からは十日にお電話を頂いておりました。",
        "ご不明な点がございましたら、お気軽にお問い合わせください。",
    ],
)
def test_not_everything_between_apology_and_remedy_is_a_cause(text: str):
    assert not found(read_japanese(TOLD.format(cause=text, measure=""))) & {"原因", "再発防止"}
