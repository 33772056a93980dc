"""A cause or a measure told in words that no list foresaw: recognised by its place in the text and by who acts.

A cause is a sentence of the past about our own doings, after the trouble has been named and before what is done about
it. A measure is one about how we work from now on, after cause or remedy, that is addressed to nobody in particular.
Both only where no sentence says it outright, and never as ground for a reproach.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from playbooks.core.language.finding import Setting
from playbooks.core.language.japanese.elements import NOUNS_OF, Said, does

FEWEST = 4  # sentences below which no place tells anything

_NAMED = ("謝罪", "事実")
_OTHER = ("謝罪", "再発防止", "お詫びの品")
# To the customer or about the customer: what we asked, received, understood, wish.
_ADDRESSED = re.compile(
    r"いただ|頂[いき]|くださ|下さ|賜|(?<!前の)(?<!別の)(?<!他の)お客様|(?<!客)様(?:が|に|の|を|から|へ|は)|お待ち|伺[いっ]|承[りっ]|拝[見読]|存じ|思[いっ]|祈|願|お察し|申し上げ"
    r"|ご(?:連絡|報告|返金|請求|意見|指摘|心配|不便|迷惑|利用|注文|希望|用意|案内|説明|負担)|お(?:届け|送り|返し|渡し|電話(?!を受けた)|伺い|持ち|詫び)"
    r"|と申します|でしょうか|ますか"
)
_LOOKED_INTO = re.compile(r"調査|調べ(?:まし|て)|確認(?:中|いた|しまし|して(?:おり|い))|照会|問い合わせ|手配")
_PAST = re.compile(
    r"(?:ました|ませんでした|でした|でございました)。?$|(?:の|ため|もの|こと|私|者)で(?:す|ございます)。?$|(?:分|わ)かりました。?$"
)
_INSIDE = re.compile(
    r"担当|係|者が|者は|私|弊社|当社|当店|当院|当館|当校|当園|こちら|社内|店内|院内|工場|倉庫|窓口|受付|厨房|フロント|事務|現場|システム|機械|端末|画面|設定|伝票"
    r"|名簿|台帳|帳面|記録|控え|申し送り|引き継ぎ|連絡|手順|工程|作業|検品|検査|点検|確認|清掃|登録|入力|発注|仕入|在庫|配送|出荷|梱包|包装|配膳|配合|表示|札|棚|箱|袋|鍵"
    r"|職員|社員|従業員|店員|スタッフ|アルバイト|新人|業者|運転|乗務|配達|教員|看護|整備|部品|書類|稟議|予約|夜勤|日勤|シフト|料理長|店長|責任者"
)
_HABIT = re.compile(r"(?:ます|ました)。?$")
_FROM_NOW = re.compile(
    r"今後|これから|以降|以後|来月|来週|今月|今週|本日より|毎|ずつ|ごと|都度|前に|前には|際|とき|時に|場合|必ず|まで|回数|時間を|間隔|研修|全店|全員|二重|二人|二名|置き場|決ま|こと(?:に|と)|ように|備え|まとめ|増や|延ば|減ら|改め|見直"
)


def told(said: Sequence[Said], body: Mapping[str, Said], setting: Setting) -> dict[str, Said]:
    """Cause and measure where `body` has none, by place and by who acts."""
    spoken = [sentence for sentence in said if sentence.predicate]
    if len(spoken) < FEWEST:
        return {}
    found: dict[str, Said] = {}
    if "原因" not in body:
        _first(found, "原因", _causes(spoken, body), setting)
    if "再発防止" not in body:
        _first(found, "再発防止", _measures(spoken, {**body, **found}), setting)
    return found


def _first(found: dict[str, Said], name: str, among: Sequence[Said], setting: Setting) -> None:
    nouns = setting.nouns.get(NOUNS_OF[name], ())
    for sentence in among:
        if not nouns or any(noun in sentence.text for noun in nouns):
            found[name] = sentence
            return


def _causes(spoken: Sequence[Said], body: Mapping[str, Said]) -> list[Said]:
    named = [body[name].start for name in _NAMED if name in body]
    if not named:
        return []
    done = min((body[name].start for name in ("対応", "再発防止") if name in body), default=spoken[-1].end)
    return [
        s
        for s in spoken
        if min(named) < s.start < done
        and s is not body.get("事実")
        and _PAST.search(s.text)
        and _INSIDE.search(s.text)
        and not _ADDRESSED.search(s.text)
        and not _LOOKED_INTO.search(s.text)
        and not any(does(name, s.text) for name in _OTHER)
    ]


def _measures(spoken: Sequence[Said], body: Mapping[str, Said]) -> list[Said]:
    known = [body[name].start for name in ("原因", "対応") if name in body]
    if not known:
        return []
    taken = [body[name] for name in ("原因", "対応", "対応期限", "お詫びの品") if name in body]
    return [
        s
        for s in spoken
        if s.start > min(known)
        and not any(s is other for other in taken)
        and _HABIT.search(s.text)
        and _FROM_NOW.search(s.text)
        and _INSIDE.search(s.text)
        and not _ADDRESSED.search(s.text)
        and not any(does(name, s.text) for name in ("謝罪", "お詫びの品"))
        and not re.search(
            r"ござい(?:ます|ません)。?$|努め|気を(?:引|つけ|付け)|肝に銘|心がけ|心掛け|検討|話題|予定", s.text
        )
    ]
