"""Every rule about Japanese expressions in both directions: what it finds, and what looks like it and is right."""

from __future__ import annotations

import pytest

from playbooks.core.language.finding import ADVICE, ERROR
from playbooks.core.language.japanese import read_japanese
from playbooks.core.language.japanese.expressions import built_in, rules_from
from playbooks.core.language.japanese.patterns import compiled
from tickets.errors import Invalid


def rules_in(text: str, *, kind: str = "reply") -> set[str]:
    return {finding.rule for finding in read_japanese(text, kind=kind).findings}


WRONG = [
    ("J01", "reply", "ご依頼の件、了解しました。"),
    ("J02", "letter", "お待たせしてすみませんでした。"),
    ("J03", "reply", "お手間をかけてすみません。"),
    ("J04", "reply", "遅くなってごめんなさい。"),
    ("J05", "reply", "お電話、ご苦労様でした。"),
    ("J06", "reply", "数日かかりますことをご了承ください。"),
    ("J07", "reply", "どうかご容赦ください。"),
    ("J08", "reply", "先ほどおっしゃられた内容を承りました。"),
    ("J09", "reply", "お写真をご覧になられましたか。"),
    ("J10", "reply", "先日お買い求めになられた鞄をお送りください。"),
    ("J11", "reply", "お料理は召し上がられましたか。"),
    ("J12", "reply", "受付にいらっしゃられたお客様にお渡ししました。"),
    ("J13", "reply", "明日お伺いいたします。"),
    ("J14", "reply", "お手紙を拝読させていただきました。"),
    ("J15", "reply", "店頭でご説明させていただいております。"),
    ("J16", "reply", "係の者に読まさせていただきます。"),
    ("J16", "reply", "本日、荷物を送らさせていただきます。"),
    ("J17", "reply", "画面はこちらから見れます。"),
    ("J17", "reply", "夕方には届けれます。"),
    ("J18", "reply", "ご住所はこちらでよろしかったでしょうか。"),
    ("J19", "reply", "こちらが保証書になります。"),
    ("J20", "reply", "五千円からお預かりいたします。"),
    ("J21", "reply", "お荷物のほうをお届けいたします。"),
    ("J22", "reply", "交換とかできますので、お申し付けください。"),
    ("J23", "reply", "とんでもございません。"),
    ("J24", "reply", "お客様が申しました件を調べました。"),
    ("J24", "reply", "貴社の部長が拝見した資料でございます。"),
    ("J25", "reply", "弊社の店長がおっしゃいました。"),
    ("J25", "reply", "私がご覧になりました。"),
    ("J26", "reply", "箱をご返送してください。"),
    ("J27", "reply", "詳しくは売り場で伺ってください。"),
    ("J28", "reply", "この券は来月もご利用できます。"),
    ("J29", "letter", "雪のため仕方がございませんでした。"),
    ("J30", "reply", "年末で忙しかったので、確認が遅れました。"),
    ("J30", "reply", "人手不足のため、お返事が遅れました。"),
    ("J31", "reply", "担当者に悪気はございませんでした。"),
    ("J32", "reply", "言い訳になりますが、在庫がありませんでした。"),
    ("J33", "reply", "店の規則ですので、お待ちください。"),
    ("J34", "reply", "破れたのはお客様の扱い方が原因です。"),
    ("J34", "reply", "お客様の入力ミスでございます。"),
    ("J35", "reply", "説明書を確認すれば分かります。"),
    ("J36", "reply", "内容を誤解されているようです。"),
    ("J37", "reply", "本当に届いていないのですか。"),
    ("J38", "reply", "返品はできません。"),
    ("J38", "reply", "修理は対応いたしかねます。"),
    ("J39", "reply", "今後の課題として検討いたします。"),
    ("J40", "reply", "結果は後ほどご連絡いたします。"),
    ("J41", "reply", "おそらく配送の途中で割れたものでございます。"),
    ("J42", "reply", "もし失礼がございましたらお詫び申し上げます。"),
    ("J43", "letter", "このような結果となり遺憾に存じます。"),
    ("J44", "letter", "時下ますますご清栄のことと存じます。"),
    ("J45", "letter", "略儀ながら書中にて申し上げます。"),
    ("J46", "letter", "前略\n先日は失礼いたしました。"),
    ("J47", "reply", "それは困りますよね。昨日届いたんだよね。"),
    ("J48", "reply", "申し訳ございません！！"),
    ("J48", "reply", "ご確認ください😊"),
    ("J49", "reply", "なので、返金いたします。"),
    ("J50", "reply", "今度はちゃんと見ます。"),
    ("J51", "reply", "あなたの注文を調べました。"),
    ("J52", "reply", "うちの商品に傷がありました。"),
    ("J52", "reply", "当社の手違いでございます。"),
    ("J53", "letter", "佐藤さんのご注文を調べました。"),
    ("J54", "reply", "部長様にもお伝えください。"),
    ("J55", "reply", "ご意見は参考になりました。"),
    ("J56", "reply", "なるほどですね。"),
    ("J57", "reply", "とりあえず代わりの品を送ります。"),
    ("J58", "reply", "もう少しお待ちくださいね。"),
    ("J59", "reply", "ほんの小さなミスでございます。"),
    ("J60", "reply", "他のお客様からはそのようなご指摘はございません。"),
    ("J61", "reply", "こちらにございますです。"),
    ("J62", "reply", "中身をご確認下さい。"),
    ("J63", "reply", "このたびのクレームについてお答えいたします。"),
    ("J64", "reply", "箱が潰れていたそうですが、確認いたします。"),
    ("J65", "reply", "お叱りをいただきました。"),
    ("J66", "letter", "何卒ご海容のほどお願い申し上げます。"),
    ("J67", "reply", "改めてご連絡させていただきたく存じます。"),
    ("J68", "reply", "返金という形になります。"),
    ("J69", "reply", "どうかお許しください。"),
    ("J70", "reply", "荷物は明日届くよ。"),
    ("J71", "reply", "しかし、期限は過ぎております。"),
    ("J72", "reply", "紛失の責任は負いかねます。"),
    ("J73", "reply", "どうぞ心配し申し上げないでください。"),
]


@pytest.mark.parametrize(("rule", "kind", "text"), WRONG)
def test_what_a_rule_is_about_is_found(rule: str, kind: str, text: str):
    assert rule in rules_in(text, kind=kind)


RIGHT = [
    ("J01", "ご了解を賜りまして、ありがとうございます。"),
    ("J06", "ご理解を賜り、ありがとうございます。"),
    ("J07", "ご容赦くださいますようお願い申し上げます。"),
    ("J10", "お元気になられたと伺い、安心いたしました。"),
    ("J14", "お写真を拝見いたしました。"),
    ("J15", "担当者が内容をご説明しております。"),
    ("J16", "本日、係の者に話させていただきます。"),
    ("J16", "代金はお返しさせていただきます。"),
    ("J17", "お写真はメールでも送れますでしょうか。"),
    ("J17", "夜間窓口でも受け取れます。"),
    ("J17", "明日中には帰れます。"),
    ("J17", "届いていないかもしれませんので、お調べいたします。"),
    ("J17", "係がお電話をくれました。"),
    ("J18", "よろしかったら、お写真をお送りください。"),
    ("J19", "こちらのご返金は来週になります。"),
    ("J21", "受付の方をお呼びいたします。"),
    ("J22", "何とか本日中にお届けいたします。"),
    ("J24", "お客様のご期待に沿えず、申し訳なく存じます。"),
    ("J24", "お客様にお送りした箱に傷がありました。"),
    ("J24", "お客様からお預かりした靴をお返しいたします。"),
    ("J24", "お客様のお荷物をお調べいたします。"),
    ("J25", "私からお客様がおっしゃったことを係に伝えました。"),
    ("J25", "貴社のご担当者がいらっしゃいましたら、お知らせください。"),
    ("J25", "お客様がお求めになった椅子は、私がお届けいたします。"),
    ("J26", "中身をご確認ください。"),
    ("J26", "少々お電話してくださいますか。"),
    ("J28", "弊社から夕方までにご連絡できます。"),
    ("J28", "この券は来月もご利用いただけます。"),
    ("J30", "お忙しいところ、お電話をいただきありがとうございました。"),
    ("J30", "混雑の様子をお知らせするため、掲示を増やしました。"),
    ("J32", "弁解の余地もございません。"),
    ("J33", "規定により、送料も含めてご返金いたします。"),
    ("J34", "お客様の責任ではございません。"),
    ("J34", "お客様に落ち度はございません。"),
    ("J36", "誤解を招く書き方となり、申し訳ございません。"),
    ("J37", "本当に申し訳ございません。"),
    ("J38", "ご返金できませんでした分は、明日お振り込みいたします。"),
    ("J38", "返金はいたしかねますが、代わりに新しい品をお送りいたします。"),
    ("J39", "検討いたしました結果を四月三日にご報告いたします。"),
    ("J40", "後ほど、本日十七時までにご連絡いたします。"),
    ("J42", "ご不快な思いをおかけし、深くお詫び申し上げます。"),
    ("J46", "早々にお調べいたします。"),
    ("J47", "まっすぐお届けいたします。"),
    ("J48", "詳しくは www.example.jp をご覧ください。"),
    ("J48", "どうぞご笑納ください。"),
    ("J49", "お荷物は破損しておりました。そのため、交換いたします。"),
    ("J52", "このうちの二点をお取り替えいたします。"),
    ("J53", "たくさんのご意見をいただきました。"),
    ("J54", "ご担当者様にお渡しいたしました。"),
    ("J55", "ご参考になりましたら幸いです。"),
    ("J59", "些細なことでもお知らせください。"),
    ("J60", "他のお客様にもご迷惑のないよう努めてまいります。"),
    ("J62", "中身をご確認ください。"),
    ("J64", "素晴らしいお品をお選びいただきました。"),
    ("J70", "荷物は明日届きます。"),
    ("J72", "お客様に責任はございません。"),
]


@pytest.mark.parametrize(("rule", "text"), RIGHT)
@pytest.mark.parametrize("kind", ["letter", "reply"])
def test_what_only_looks_like_it_is_left_alone(rule: str, text: str, kind: str):
    assert rule not in rules_in(text, kind=kind)


CORRECT = [
    "写真を送れますでしょうか。",
    "写真を受け取れます。",
    "こちらのお届けは明日になります。",
    "私がお客様のおっしゃるとおりに手配いたします。",
    "貴社のご担当者がご覧になれる資料をお送りいたします。",
    "弊社から本日中にご連絡できます。",
    "混雑状況をご案内するため、掲示を改めました。",
    "規定により、全額をご返金いたします。",
    "お客様の責任ではございません。",
    "誤解を招く説明となり、申し訳ございません。",
    "ご返金できませんでした分は、本日お振り込みいたします。",
    "早々に対応いたします。",
    "まっすぐお届けいたします。",
    "www.example.jp",
    "このうちの二点をお取り替えいたします。",
    "たくさんのご意見",
    "些細なことでもお申し付けください。",
    "他のお客様にはご迷惑のないよう努めてまいります。",
]


@pytest.mark.parametrize("text", CORRECT)
def test_correct_phrases_that_naive_rules_flag_have_no_finding(text: str):
    assert rules_in(text) == set()


KOREAN_SPEAKERS = [
    ("JK01", "佐藤部長は本日会社にいらっしゃいません。"),
    ("JK02", "弊社の佐藤部長からご連絡いたします。"),
    ("JK03", "使い方を教えてあげます。"),
    ("JK04", "新しい品を送って差し上げます。"),
    ("JK05", "ご返金を差し上げます。"),
    ("JK06", "返金を進行いたします。"),
    ("JK06", "交換の手続きを進行させていただきます。"),
    ("JK07", "訪問の約束を取りたいと存じます。"),
    ("JK08", "新しいの商品をお送りいたします。"),
    ("JK09", "内容の確認お願いいたします。"),
    ("JK10", "明日のお届けで大丈夫でしょうか。"),
    ("JK11", "お疲れ様です。"),
    ("JK12", "ご連絡に感謝します。"),
    ("JK13", "心より謝罪申し上げます。"),
    ("JK14", "ご不便を与えて申し訳ございません。"),
    ("JK15", "了解をお願いいたします。"),
    ("JK16", "早い時日内にご返金いたします。"),
    ("JK17", "確認してみましたところ、在庫がございました。"),
    ("JK18", "すぐに返金するようにいたします。"),
    ("JK19", "顧客様のお名前をお知らせください。"),
    ("JK20", "ご注文の商品は品切れでいらっしゃいます。"),
    ("JK21", "昨日、係がお客様をお会いしました。"),
    ("JK22", "発送が遅延されました。"),
    ("JK23", "即刻措置いたします。"),
]


@pytest.mark.parametrize(("rule", "text"), KOREAN_SPEAKERS)
def test_what_korean_speakers_carry_over_is_found(rule: str, text: str):
    assert rule in rules_in(text)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("JK01", "貴社の佐藤部長はいらっしゃいますか。"),
        ("JK01", "部長の佐藤は本日不在にしております。"),
        ("JK02", "弊社のお客様に限り、お使いいただけます。"),
        ("JK03", "深くお詫び申し上げます。"),
        ("JK04", "記念品を差し上げます。"),
        ("JK05", "改めてお電話を差し上げます。"),
        ("JK06", "症状が進行しております。"),
        ("JK06", "返金の手続きを進めてまいります。"),
        ("JK07", "四月三日までのお届けをお約束いたします。"),
        ("JK08", "新しい商品をお送りいたします。"),
        ("JK08", "お送りしたのは赤い箱でございます。"),
        ("JK09", "内容のご確認をお願いいたします。"),
        ("JK14", "ご不便をおかけし、申し訳ございません。"),
        ("JK18", "同じことが起こらないようにいたします。"),
        ("JK19", "お客様のお名前をお知らせください。"),
        ("JK20", "お客様は商品をお持ちでいらっしゃいます。"),
        ("JK21", "お客様にお会いいたしました。"),
        ("JK22", "発送が遅延いたしました。"),
    ],
)
def test_the_natural_form_beside_it_is_left_alone(rule: str, text: str):
    assert rule not in rules_in(text)


def test_reasons_for_korean_speakers_name_the_korean_form_they_come_from():
    rules = [rule for rule in built_in().rules if rule.id.startswith("JK")]

    assert len({rule.id for rule in rules}) >= 20
    assert [rule.id for rule in rules if "'" not in rule.reason["ko"]] == []


def test_every_rule_speaks_three_languages_and_an_error_rests_on_an_authority():
    for rule in built_in().rules:
        assert set(rule.reason) == {"ko", "ja", "en"}
        assert rule.level == ADVICE or rule.authority


def test_no_suggestion_is_an_error_itself():
    for rule in built_in().rules:
        if rule.suggestion and rule.suggestion not in ("謹啓", "。"):
            found = read_japanese(rule.suggestion, kind="reply").findings
            assert [f.rule for f in found if f.severity == ERROR] == [], rule.id


def test_the_shared_numbers_one_to_sixty_two_are_all_there():
    ids = {rule.id for rule in built_in().rules} | {"J17", "J24", "J25"}

    assert {f"J{number:02}" for number in range(1, 63)} <= ids


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ('level = "error"', "authority"),
        ('level = "loud"', "level"),
        ('level = "advice"\nscope = "poem"', "scope"),
        ('level = "advice"\nauthority = "grandmother"', "authority"),
        ('level = "advice"\npatterns = [":名詞 :動詞"]', "patterns"),
        ('level = "advice"\npatterns = ["返金 ..99 です"]', "patterns"),
        ('level = "advice"\ntext = "(返金"', "text"),
        ('level = "advice"\ncolour = "red"', "colour"),
    ],
)
def test_a_trainers_rule_that_makes_no_sense_is_refused_by_field(change: str, field: str):
    table = f'[[rule]]\nid = "X1"\n{change}\nreason = {{ ko = "가", ja = "あ", en = "a" }}\n'

    with pytest.raises(Invalid) as refusal:
        rules_from(table, name="house")

    assert refusal.value.field == f"house.rule[0].{field}"


def test_a_pattern_without_a_word_to_look_for_is_refused():
    with pytest.raises(Invalid, match="names no word"):
        compiled(":動詞 :助動詞")


def test_what_others_said_is_not_held_against_the_writer():
    assert rules_in("「ちゃんと見てよ！！」とのご指摘を重く受け止めております。") == set()
    assert rules_in("> あなたの店はひどい\nご指摘をありがとうございます。") == set()
    assert "J50" in rules_in("「確認中」です。ちゃんと見ます。")
