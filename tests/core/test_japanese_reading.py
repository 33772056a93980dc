"""Japanese letters and replies read wholly: level, whose act, parts, facts, honest content, and tricks."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from playbooks.core.language.finding import Element, Reading, Setting
from playbooks.core.language.japanese import read_japanese
from tickets.errors import Invalid

SHARED = Path(__file__).resolve().parents[3] / "shared"
REQUIRED = {
    "letter": "日付 宛名 署名 頭語 謝罪 事実 原因 対応 再発防止 お詫びの品 結び 結語 頭語結語の対応".split(),
    "reply": "謝罪 原因 対応 対応期限 署名".split(),
}

LETTER = """二〇二六年六月三日

大野　健二　様

　　　　　　　　海鮮処　なぎさ
　　　　　　　　店主　村上　浩

謹啓　過日はご家族おそろいでご来店くださり、誠にありがとうございました。
　その節は、お子様のお料理をお出しし忘れるという失礼がございました。せっかくのお祝いの席を台無しにいたしましたこと、幾重にもお詫び申し上げます。
　伝票を書き写す際に一品を抜かしてしまったことによるもので、ひとえに店主である私の目配りが足りなかったためでございます。
　お代は全額お返しいたしたく、本日、現金書留にてお送りいたしました。
　注文は復唱のうえ、配膳前に二人で照らし合わせることといたしました。
　お口汚しではございますが、当店の干物を別便にてお届けいたします。
　どうかまたお立ち寄りくださいますよう、伏してお願い申し上げます。
　　　　　　　　　　　　　　謹白
"""
REPLY = """佐々木様
ご請求の二重引き落としに、さぞ驚かれたことと存じます。誠に申し訳ございません。
システムへの入力が抜けていたためでございます。
余分にお支払いいただいた3,960円は、6月20日にご登録の口座へお戻しいたします。
同じ入力漏れを防ぐため、別の担当者が画面を照らし合わせるようにいたしました。
ひばりモバイル　お客様窓口　小野
"""
CASE = Setting(
    names={"customer": "佐々木 亮", "firm": "ひばりモバイル", "desk": "お客様窓口", "item": "料金プラン"},
    amounts=(3960,),
    currency="JPY",
    today="2026-06-18",
    own_fault=True,
    customer_words=("二重に引き落としされています。請求がおかしいです。驚きました。",),
)


def found(reading: Reading) -> set[str]:
    return {element.name for element in reading.elements if element.found}


def rules(reading: Reading) -> set[str]:
    return {finding.rule for finding in reading.findings}


# --- texts of the shared collection ---


def examples() -> list[dict[str, str]]:
    table = SHARED / "language/examples/expected.tsv"
    if not table.exists():
        return []
    with table.open(encoding="utf-8") as lines:
        return [row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row["lang"] == "ja"]


@pytest.mark.skipif(not examples(), reason="the shared example texts are not beside this checkout")
def test_the_shared_examples_read_as_expected():
    for row in examples():
        reading = read_japanese((SHARED / "language/examples" / row["file"]).read_text("utf-8"), kind=row["kind"])
        missing = {element.name for element in reading.elements if not element.found}
        if row["quality"] == "good":
            assert rules(reading) <= set(row["also_right"].split()), row["file"]
            assert not missing & set(REQUIRED[row["kind"]]), row["file"]
        else:
            assert set(row["findings"].split()) <= rules(reading), row["file"]
            assert set(row["missing"].split()) <= missing, row["file"]


# --- level ---


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("誠に恐れ入りますが、お名前をお聞かせいただけますでしょうか。", {1, 2}),
        ("明日、代わりの品をお届けいたします。", {1, 2}),
        ("明日、代わりの品を送ります。", {3}),
        ("荷物は明日届きますよ。", {3}),
        ("荷物は明日届くよ。", {4}),
        ("ちょっと待って。", {4}),
    ],
)
def test_the_level_of_a_sentence(text: str, level: set[int]):
    courtesy = read_japanese(text).courtesy

    assert courtesy.level in level
    assert courtesy.polite is (courtesy.level < 4)
    assert courtesy.markers


def test_a_letter_is_read_sentence_by_sentence():
    assert read_japanese(LETTER, kind="letter").courtesy.level in (1, 2)


def test_quoted_words_do_not_make_a_text_plain():
    assert read_japanese("「早く返せよ」とのお言葉を重く受け止めております。").courtesy.polite is True


# --- whose act it is ---


@pytest.mark.parametrize(
    ("text", "actor", "wrong"),
    [
        ("明日お届けします。", "us", False),
        ("明日お届けします。", "customer", True),
        ("明日お届けになります。", "us", True),
        ("明日お届けになりますか。", "customer", False),
        ("箱をご返送いたします。", "customer", True),
        ("資料を拝見しました。", "us", False),
        ("ご説明なさいました。", "us", True),
        ("どうぞご自由にお選びください。", "customer", False),
    ],
)
def test_who_acts_decides_what_is_misuse(text: str, actor: str, wrong: bool):
    assert bool(rules(read_japanese(text, actor=actor)) & {"J24", "J25"}) is wrong


@pytest.mark.parametrize(
    "text",
    [
        "色をお間違えする必要はありません。",
        "皆様、ご到着しましたか。",
        "お写真は確かにご返送なさっております。",
        "私が昨日ご説明になりました。",
        "お客様がご来店した日をお知らせください。",
    ],
)
def test_whose_act_it_is_often_shows_in_the_sentence(text: str):
    assert rules(read_japanese(text)) & {"J24", "J25"}


def test_an_actor_of_no_side_is_refused():
    with pytest.raises(Invalid):
        read_japanese("明日です。", actor="weather")


# --- parts ---


def test_a_good_letter_in_words_of_its_own_has_every_part():
    reading = read_japanese(LETTER, kind="letter")

    assert found(reading) >= set(REQUIRED["letter"])
    assert not [finding for finding in reading.findings if finding.severity == "error"]


def test_each_part_points_to_the_sentence_that_fulfils_it():
    parts = {element.name: element for element in read_japanese(REPLY).elements}

    def says(part: Element) -> str:
        return REPLY[part.start : part.end]

    assert says(parts["宛名"]) == "佐々木様"
    assert says(parts["原因"]).startswith("システムへの入力")
    assert "3,960円" in says(parts["対応"])
    assert says(parts["署名"]) == "ひばりモバイル　お客様窓口　小野"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("ご返金はいたしません。", "対応"),
        ("返金はいたしかねます。", "対応"),
        ("再発防止は行いません。", "再発防止"),
        ("対策を講じる予定はございません。", "再発防止"),
        ("原因は分かりません。", "原因"),
        ("現在、原因を調査しております。", "原因"),
        ("お詫びするつもりはございません。", "謝罪"),
        ("お詫びはいたしません。", "謝罪"),
        ("もしご不快でしたらお詫びいたします。", "謝罪"),
        ("お届けいたしました棚に傷がございましたこと、お詫び申し上げます。", "対応"),
        ("「誠に申し訳ございません」とだけ書かれていたそうです。", "謝罪"),
    ],
)
def test_what_is_denied_open_or_quoted_is_no_part(text: str, part: str):
    assert part not in found(read_japanese(text))


KEYWORDS = "\n".join(
    "2026年4月10日 山田様 株式会社 謹啓 お詫び申し上げ この度 原因 返金 4月14日までに 再発防止 "
    "お詫びのしるし 今後とも 敬白".split()
)


def test_keywords_one_a_line_are_no_letter():
    reading = read_japanese(KEYWORDS, kind="letter")

    assert not found(reading) & {"事実", "原因", "対応", "対応期限", "再発防止", "お詫びの品", "結び", "署名"}
    assert "JC16" in rules(reading)


@pytest.mark.parametrize(
    "text",
    [
        "お詫び申し上げ原因発送ます本日中に / 窓口",
        "申し訳ございません。原因です。発送します。本日中です。",
        "お詫び原因返金再発防止本日中窓口です。",
    ],
)
def test_keywords_in_a_row_are_no_reply(text: str):
    assert not found(read_japanese(text)) & {"原因", "対応", "対応期限", "再発防止"}


def test_a_letter_upside_down_is_out_of_order():
    reading = read_japanese("\n".join(reversed(LETTER.splitlines())), kind="letter")

    assert "JC08" in rules(reading)
    assert not found(reading) & {"頭語", "結語", "頭語結語の対応"}


@pytest.mark.parametrize(
    ("opening", "closing", "rule"),
    [
        ("拝啓", "草々", "JC12"),
        ("謹啓", "草々", "JC12"),
        ("謹啓", "敬具", "JC13"),
        ("拝啓", "敬具", None),
        ("謹啓", "謹白", None),
    ],
)
def test_opening_and_closing_word_belong_together(opening: str, closing: str, rule: str | None):
    text = LETTER.replace("謹啓", opening).replace("謹白", closing)

    assert rules(read_japanese(text, kind="letter")) & {"JC12", "JC13"} == ({rule} if rule else set())


def test_a_letter_without_its_closing_word_is_incomplete():
    assert "JC12" in rules(read_japanese(LETTER.replace("謹白", ""), kind="letter"))


def test_greetings_to_a_firm_are_disputed_and_to_a_person_wrong():
    greeting = "拝啓　時下ますますご清栄のこととお慶び申し上げます。\n納期が遅れ、深くお詫び申し上げます。\n敬具"

    def level(addressee: str) -> set[str]:
        reading = read_japanese(f"{addressee}\n{greeting}", kind="letter")
        return {finding.severity for finding in reading.findings if finding.rule == "J44"}

    assert level("山田様") == {"error"}
    assert level("株式会社みどり　御中") == {"advice"}


def test_blanks_of_a_template_are_seen():
    reading = read_japanese("○○様\n" + LETTER.replace("大野　健二　様", "〇〇〇〇様"), kind="letter")

    assert "JC01" in rules(reading)
    assert "宛名" not in found(reading)


def test_apologies_without_end_stop_counting_as_such():
    text = "誠に申し訳ございません。深くお詫び申し上げます。本当に申し訳ございません。重ねてお詫び申し上げます。"
    reading = read_japanese(text)

    assert [finding.rule for finding in reading.findings].count("JC11") == 2


# --- against a case ---


def test_a_reply_that_fits_its_case_has_nothing_wrong():
    reading = read_japanese(REPLY, setting=CASE)

    assert {finding.rule for finding in reading.findings if finding.severity != "good"} == set()
    assert found(reading) >= {"宛名", "署名", "謝罪", "原因", "対応", "対応期限", "再発防止"}
    assert "JG02" in rules(reading)


def test_names_of_another_case_are_no_addressee_and_no_signature():
    reading = read_japanese(REPLY.replace("佐々木様", "鈴木様").replace("ひばりモバイル", "つばめ通信"), setting=CASE)

    assert rules(reading) >= {"JC02", "JC03"}
    assert not found(reading) & {"宛名", "署名"}


def case(**changes: object) -> Setting:
    return Setting(**{**{name: getattr(CASE, name) for name in Setting.__dataclass_fields__}, **changes})


def test_a_cause_before_the_investigation_is_invented():
    assert rules(read_japanese(REPLY, setting=case(own_fault=None))) >= {"JC04", "JC06"}


def test_saying_that_it_is_looked_into_and_until_when_is_right():
    text = (
        "佐々木様\nご心配をおかけし、申し訳ございません。\n"
        "現在、原因を調査しており、6月20日までに私からご報告いたします。\nひばりモバイル　お客様窓口　小野"
    )
    reading = read_japanese(text, setting=case(own_fault=None))

    assert {finding.rule for finding in reading.findings if finding.severity == "error"} == set()
    assert "JG01" in rules(reading)
    assert reading.facts.deeds == ("interim_report",)


@pytest.mark.parametrize(
    "text",
    [
        "5,000円をご返金いたします。",
        "５千円をお返しいたします。",
        "五千円のクーポンを進呈いたします。",
        "1万5千円を補償いたします。",
    ],
)
def test_an_amount_that_nobody_authorised_is_refused(text: str):
    assert "JC05" in rules(read_japanese(text, setting=CASE))
    assert "JC05" in rules(read_japanese(text, setting=case(amounts=())))


@pytest.mark.parametrize(
    "text",
    ["3,960円をご返金いたします。", "三千九百六十円をお返しいたします。", "ご請求は5,000円でございました。"],
)
def test_an_authorised_amount_and_one_that_is_only_told_are_right(text: str):
    assert "JC05" not in rules(read_japanese(text, setting=CASE))


def test_a_fault_that_was_not_found_is_not_taken():
    assert "JC07" in rules(read_japanese("すべて弊社の責任でございます。", setting=case(own_fault=False)))


def test_a_gift_before_the_apology_is_accepted_is_too_early():
    text = "お詫びのしるしとして、心ばかりの品を同封いたしました。"

    assert "JC15" in rules(read_japanese(text, kind="letter", setting=case(gift_allowed=False)))
    assert "JC15" not in rules(read_japanese(text, kind="letter", setting=case(gift_allowed=True)))


def test_a_part_needs_a_noun_of_the_case_where_the_case_names_them():
    nouns = {"cause": ("入力", "システム"), "remedy": ("口座", "返金")}

    assert "原因" in found(read_japanese(REPLY, setting=case(nouns=nouns)))
    assert "原因" not in found(read_japanese(REPLY, setting=case(nouns={"cause": ("検品",)})))


def test_a_letter_of_another_day_is_pointed_out():
    letter = case(names={}, today="2026-06-03")

    assert "JC14" not in rules(read_japanese(LETTER, kind="letter", setting=letter))
    assert "JC14" in rules(read_japanese(LETTER, kind="letter", setting=case(names={}, today="2026-06-05")))


# --- facts ---


def test_the_facts_of_a_good_reply():
    facts = read_japanese(REPLY, setting=CASE).facts

    assert set(facts.apology) == {"repair", "regret", "explanation", "repentance"}
    assert facts.listening >= 0.5
    assert facts.concrete >= 0.67
    assert facts.register > 0.9
    assert facts.ng == 0
    assert facts.deeds == ("prevention",)
    assert facts.promise_at is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("責任はすべて弊社にございます。", "responsibility"),
        ("代わりの品を本日発送いたします。", "repair"),
        ("深くお詫び申し上げます。", "regret"),
        ("出荷時の検品が不十分であったことが原因でございます。", "explanation"),
        ("今後は二名で検品し、再発防止に努めてまいります。", "repentance"),
        ("何卒ご容赦くださいますようお願い申し上げます。", "forgiveness"),
    ],
)
def test_the_six_parts_of_an_apology(text: str, part: str):
    reading = read_japanese(text)

    assert reading.facts.apology == (part,)
    assert [(e.start, e.end) for e in reading.evidence if e.fact == f"apology.{part}"] == [(0, len(text))]


def test_denied_responsibility_is_none():
    assert read_japanese("弊社の責任ではございません。").facts.apology == ()


def test_a_cold_reply_has_few_facts_and_counts_its_errors():
    facts = read_japanese("当社の規定ですので返金はできません。あなたの確認不足です。").facts

    assert facts.apology == ()
    assert facts.empathy == facts.ownership == 0
    assert facts.ng >= 2


def test_asking_and_inviting_to_ask_are_not_the_same():
    assert read_japanese("お届け日のご希望をお聞かせください。").facts.asks is True
    assert read_japanese("ご不明な点がございましたら、お気軽にお問い合わせください。").facts.asks is False


def test_a_promise_with_its_time_is_pointed_out():
    text = "確認いたしました。四月十四日までに私からご連絡いたします。"
    reading = read_japanese(text)

    promises = [text[e.start : e.end] for e in reading.evidence if e.fact == "promises"]
    assert promises == ["四月十四日までに私からご連絡いたします。"]


def test_a_note_inside_the_desk_is_not_corrected():
    assert read_japanese("とりあえず保留。明日また電話する。", kind="note").findings == ()


def test_a_kind_of_text_that_does_not_exist_is_refused():
    with pytest.raises(Invalid) as refusal:
        read_japanese("はい。", kind="poem")

    assert refusal.value.field == "kind"


def test_a_reading_is_plain_json():
    shape = read_japanese(REPLY, setting=CASE).to_dict()

    assert shape["courtesy"]["level"] in (1, 2)
    assert shape["elements"]["謝罪"]["found"] is True
    assert set(shape) == {"language", "kind", "courtesy", "findings", "elements", "facts"}


def test_what_is_still_being_looked_into_is_no_remedy():
    assert "対応" not in found(read_japanese("ご返金の遅れにつきましては、ただいま確認を進めております。"))
    assert "対応" not in found(read_japanese("このメッセージは自動でお送りしております。"))


def test_asking_how_it_went_is_a_check_in():
    assert read_japanese("その後、お困りのことはございませんでしょうか。").facts.deeds == ("check_in",)
