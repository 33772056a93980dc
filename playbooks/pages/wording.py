"""What codes are called on a page. One table for each closed set; the code itself is for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from playbooks.core.conditions import reason_text, reasons
from playbooks.core.draft import Unsendable
from tickets.errors import HelpdeskError

Words = dict[str, "str | Promise"]

STATUS: Words = {
    "new": _("New"),
    "open": _("Open"),
    "pending": _("Waiting for the customer"),
    "on_hold": _("On hold"),
    "solved": _("Solved"),
    "closed": _("Closed"),
}

CHANNEL: Words = {
    "email": _("Email"),
    "web": _("Web form"),
    "app": _("App"),
    "chat": _("Chat"),
    "chatbot": _("Chatbot"),
    "kakaotalk": _("KakaoTalk"),
    "line": _("LINE"),
    "phone": _("Phone"),
    "in_person": _("At the counter"),
    "letter": _("Letter"),
    "api": _("API"),
}

COMPLAINT: Words = {
    "delivery_delay": _("Late delivery"),
    "defective_item": _("Defective item"),
    "wrong_item": _("Wrong item"),
    "rude_service": _("Rude service"),
    "double_charge": _("Charged twice"),
    "refund_delay": _("Late refund"),
    "other": _("Other complaint"),
}

LANGUAGE: Words = {"ko": _("Korean"), "ja": _("Japanese"), "en": _("English")}

AUTHOR: Words = {
    "customer": _("Customer"),
    "agent": _("Agent"),
    "bot": _("Bot"),
    "system": pgettext_lazy("author of an automatic message", "The desk"),
}

REMEDY: Words = {
    "refund": _("Refund"),
    "exchange": _("Exchange"),
    "coupon": _("Coupon"),
    "repair": _("Repair"),
    "partial_refund": _("Partial refund"),
    "reissue": _("Issue again"),
    "re_examination": _("Examine again"),
    "correction": _("Correct the record"),
}
WITH_AMOUNT = ("refund", "partial_refund", "coupon")

# How a gift is wrapped, and what is asked in return.
KNOT: Words = {
    "musubikiri": _("Red and white knot that cannot be undone (紅白結び切り)"),
    "bow": _("Bow (蝶結び)"),
    "black_white": _("Black and white knot (黒白結び切り)"),
    "double_silver": _("Silver knot (双銀結び切り)"),
    "none": _("No cord, or a blank slip (無地短冊)"),
}
CONDITION: Words = {
    "purchase": _("Buying again"),
    "review": _("Taking a review down, or writing one"),
}
TRAIT: Words = {
    "trendy": _("In fashion just now"),
    "chilled": _("Chilled"),
    "frozen": _("Frozen"),
    "bought_nearby": _("Bought next to the customer's home"),
    "long_life": _("Keeps for very long"),
}
BASIS: Words = {
    "seen": pgettext_lazy("how a source is known", "read"),
    "recalled": pgettext_lazy("how a source is known", "from memory, not checked"),
    "assumed": pgettext_lazy("how a source is known", "our assumption"),
}

# What a message may contain, as it is read in it.
CONTENTS: Words = {
    "regret": _("Says sorry"),
    "responsibility": _("Takes responsibility"),
    "explanation": _("Explains what happened"),
    "repair": _("Offers to put it right"),
    "repentance": _("Promises it will not happen again"),
    "empathy": _("Shows understanding of feelings"),
    "concrete": _("Names a time or an amount"),
    "asks": _("Asks the customer something"),
    "interim_report": _("Reports how far we are"),
    "prevention": _("Reports what was changed"),
    "check_in": _("Asks how it went afterwards"),
    "promise": _("Promises something by a time"),
}

SEVERITY: Words = {"error": _("To mend"), "advice": _("Advice"), "good": _("Good")}

COURTESY: Words = {
    "ja_honorific": _("Honorific: 尊敬語 and 謙譲語"),
    "ja_polite": _("Polite: です・ます"),
    "ja_plain": _("Plain: no form of courtesy"),
    "ko_hasipsio": _("Formal and polite: 하십시오체"),
    "ko_haeyo": _("Friendly and polite: 해요체"),
    "ko_banmal": _("Plain: 반말"),
    "ko_mixed": _("Polite: 하십시오체 and 해요체 mixed"),
    "en_formal": _("Formal"),
    "en_informal": _("Informal"),
}

# The parts of a letter, by their names in each reader.
LETTER_PARTS = {
    "ja": (
        "日付", "宛名", "署名", "頭語", "時候", "謝罪", "事実", "原因", "対応", "対応期限", "再発防止", "お詫びの品",
        "結び", "結語", "文体",
    ),
    "ko": ("인사", "소속", "공감", "사과", "원인", "해결", "기한", "재발방지", "마무리"),
    "en": ("greeting", "sender", "empathy", "apology", "cause", "remedy", "deadline", "prevention", "closing"),
}  # fmt: skip
_GREETING, _SENDER, _FEELING = _("Greeting"), _("Who writes, and for whom"), _("Understanding of feelings")
_SORRY, _CAUSE, _REMEDY = _("Apology"), _("Cause"), _("How it is put right")
_BY_WHEN, _PREVENTION, _ENDING = _("By when"), _("How it will not happen again"), _("Ending words")
ELEMENT: Words = {
    "日付": _("Date"),
    "宛名": _("Name of the customer"),
    "署名": _("Firm and name of the writer"),
    "頭語": _("Opening word, such as 謹啓"),
    "時候": _("No greeting of the season"),
    "謝罪": _SORRY,
    "事実": _("What happened"),
    "原因": _CAUSE,
    "対応": _REMEDY,
    "対応期限": _BY_WHEN,
    "再発防止": _PREVENTION,
    "お詫びの品": _("Token of apology, where one is given"),
    "結び": _ENDING,
    "結語": _("Closing word that fits the opening word"),
    "文体": _("Honorific throughout"),
    **dict.fromkeys(("인사", "greeting"), _GREETING),
    **dict.fromkeys(("소속", "sender"), _SENDER),
    **dict.fromkeys(("공감", "empathy"), _FEELING),
    **dict.fromkeys(("사과", "apology"), _SORRY),
    **dict.fromkeys(("원인", "cause"), _CAUSE),
    **dict.fromkeys(("해결", "remedy"), _REMEDY),
    **dict.fromkeys(("기한", "deadline"), _BY_WHEN),
    **dict.fromkeys(("재발방지", "prevention"), _PREVENTION),
    **dict.fromkeys(("마무리", "closing"), _ENDING),
}

KIND: Words = {
    "acknowledgement": _("Receipt confirmed"),
    "interim_report": _("Interim report"),
    "letter": _("Apology letter"),
    "gift": _("Gift"),
    "check_in": _("Check-in"),
    "survey": _("Survey"),
    "reminder": _("Reminder to the agent"),
    "close": _("Closing"),
    "message": _("Message"),
}

FOLLOW_UP_STATE: Words = {
    "pending": pgettext_lazy("a follow-up", "Planned"),
    "sent": pgettext_lazy("a follow-up", "Sent"),
    "skipped": pgettext_lazy("a follow-up", "Skipped"),
    "failed": pgettext_lazy("a follow-up", "Failed"),
}

# Texts the desk offers, in the order of a handling.
TEMPLATES: Words = {
    "apologise": _("Apologise"),
    "answer": pgettext_lazy("a text of the desk", "Answer"),
    "ask": _("Ask for details"),
    "interim_report": _("Interim report"),
    "remedy": _("Announce the remedy"),
    "prevention": _("Report the prevention"),
    "check_in": _("Check in"),
    "solve": _("Close with thanks"),
    "hand_over": _("Hand over"),
}

# Where a step of the playbook is done, by its deed: the box on the page, and what its link says.
BOX = {
    **dict.fromkeys(("apologise", "answer", "interim_report", "prevention", "check_in"), "body"),
    "confirm_facts": "deed-investigate",
    "remedy": "deed-remedy",
    "gift": "deed-gift",
    "solve": "deed-solve",
}
DOES: Words = {
    "body": _("Write it in the reply"),
    "deed-investigate": _("To the investigation"),
    "deed-remedy": _("To the remedy"),
    "deed-gift": _("To the gift"),
    "deed-solve": _("To the end of the ticket"),
}

STEP_STATE: Words = {
    "waiting": pgettext_lazy("a step", "Waiting"),
    "open": pgettext_lazy("a step", "Open"),
    "done": pgettext_lazy("a step", "Done"),
    "missed": pgettext_lazy("a step", "Missed"),
    "left_out": pgettext_lazy("a step", "Left out"),
}

ANCHOR: Words = {
    "opened": _("the complaint came in"),
    "facts_confirmed": _("the facts were confirmed"),
    "apology_accepted": _("the apology was accepted"),
    "remedy": _("the remedy was given"),
    "solved": _("the ticket was solved"),
}

STRETCH: Words = {
    "counted": _("counted"),
    "break": _("break"),
    "closed_hours": _("closed"),
    "weekend": _("weekend"),
    "closed_day": _("day off"),
    "paused": _("waiting for the customer"),
    "holiday": _("public holiday"),
}

# Sentences for people, by the code of a refusal. A code without one keeps its own English sentence.
REFUSAL: Words = {
    "clock_paused": _("The clock is paused. Let it run to send this; your draft is kept."),
    "clock_busy": _("The clock is being brought forward right now. Try again in a moment."),
    "main_clock": _("The main desk runs on real time; only a shift's clock can jump."),
    "nothing_due": _("Nothing more will happen on this clock by itself."),
    "changed_meanwhile": _("Somebody else has just acted on this ticket. Look again; your draft is kept."),
    "ticket_closed": _("This ticket is closed. Nothing more can be sent on it."),
    "transition_refused": _("This is not possible in the ticket's present state."),
    "required": _("Write something here first."),
    "too_long": _("This text is too long."),
    "unfit_character": _("The text holds a character that cannot be stored."),
    "amount_not_a_number": _("Write the amount in figures."),
    "amount_too_fine": _("This currency has no such fraction."),
    "amount_required": _("Say how much."),
    "not_a_number": _("Write a whole number."),
    "out_of_range": _("This number is out of range."),
    "unknown_choice": _("Choose one of the list."),
    "no_such_agent": _("Choose somebody from the list."),
    "already_investigated": _("The facts of this case are confirmed already."),
    "unknown_remedy": _("Choose what the customer gets."),
    "over_price": _("A refund cannot be more than the price."),
    "letter_promised": _("An apology letter is on its way on this ticket already."),
    "no_gift": _("This playbook gives no gift on this case."),
    "over_budget": _("This is not within the budget for a gift on this case."),
    "apology_not_accepted": _("A gift comes after the apology was accepted; the customer has not accepted it yet."),
    "gift_promised": _("A gift is on its way on this ticket already."),
    "same_status": _("The ticket is in this state already."),
    "in_the_past": _("This moment lies in the past."),
    "too_far": _("This lies more than 400 days ahead."),
    "not_an_amount": _("Write the amount in figures, 0 or more."),
    "unknown_scenario": _("There is no such scenario."),
    "unknown_playbook": _("There is no such playbook."),
    "unknown_version": _("This playbook has no such version."),
    "playbook_hidden": _("This playbook is no longer offered. Choose another one."),
    "unknown_language": _("Choose Korean, Japanese or English."),
    "unknown_speed": _("Choose one of the speeds."),
    "not_an_agent": _("This person handles no tickets."),
    "not_text": _("Write text here."),
    "unknown_rule": _("There is no such rule."),
    "led_clock": _("A rehearsal leads this clock; nobody turns it by hand."),
    "no_clock": _("There is no such clock, or none that you may see."),
    "no_ticket": _("There is no such ticket, or none that you may see."),
    "no_run": _("This ticket has no playbook yet; it gets one within a minute."),
    "no_letter": _("There is no such letter on this ticket."),
    "no_apology": _("Nobody has apologised on this ticket yet."),
    "not_over": _("The debrief comes once the ticket is solved or closed."),
    "not_a_duration": _("The working time must be a number of seconds, 0 or more."),
    "not_an_instant": _("Choose a moment."),
    "jump_out_of_range": _("A clock can jump between one second and 400 days."),
    "end_of_calendar": _("No clock of this desk goes beyond the year 2090."),
    "external_id_taken": _("There is a ticket with this number of yours already."),
    "not_updatable": _("This cannot be changed on a ticket."),
    "unknown_status": _("There is no such state of a ticket."),
    "unknown_kind": _("There is no text of this kind."),
    "unknown_text": _("There is no such text among the templates."),
    "unknown_style": _("There is no such style of writing."),
    "unknown_fact": _("This is nothing that a text can contain."),
    "fact_out_of_range": _("This share must lie between 0 and 1."),
    "wrong_type": _("This value is of the wrong kind."),
    "wrong_language": _("This is not the customer's language. Write to them in it."),
    "empty_text": _("Write something here first."),
    "text_too_long": _("This text is too long to be read."),
    "alimtalk_korean_only": _("알림톡 reaches customers who write in Korean only."),
    "alimtalk_channel": _("알림톡 goes out by KakaoTalk."),
}


# To whom a ticket is handed over, where that is a post and not a person, and why.
HANDED_TO: Words = {
    "second_line": _("the second line"),
    "supervisor": _("a supervisor"),
    "legal": _("the legal team"),
    "safety": _("the safety officer"),
    "head_office": _("head office"),
}
HAND_OVER_REASON: Words = {
    "asked_for_superior": _("the customer asked for somebody in charge"),
    "needs_second_line": _("it needs those who know more"),
    "under_pressure": _("the customer puts pressure on the desk"),
}

ICON = {
    "case.facts_confirmed": "magnifying-glass",
    "remedy.given": "arrow-path",
    "gift.given": "gift",
    "follow_up.promised": "calendar",
    "ticket.solved": "check-circle",
    "ticket.closed": "archive-box",
    "ticket.reopened": "arrow-uturn-left",
    "ticket.pending": "pause-circle",
    "ticket.held": "pause-circle",
    "ticket.handed_over": "user-group",
    "ticket.assigned": "user",
    "step.missed": "exclamation-circle",
    "customer.reviewed": "star",
    "survey.answered": "clipboard-document-check",
    "customer.accepted": "hand-thumb-up",
    "customer.declined": "hand-raised",
    "customer.left": "arrow-right-start-on-rectangle",
    "customer.repurchased": "shopping-bag",
    "customer.told": "megaphone",
}


def happened(name: str, data: Mapping[str, Any], *, step: str, amount: str) -> str:
    """One line of the log as a sentence."""
    match name:
        case "case.facts_confirmed":
            return (
                gettext("Facts confirmed: our own fault")
                if data.get("own_fault")
                else gettext("Facts confirmed: not our fault")
            )
        case "remedy.given":
            return _with(say(REMEDY, str(data.get("kind", ""))), amount)
        case "gift.given":
            return _with(gettext("Gift delivered"), " · ".join(filter(None, (amount, *manners(data)))))
        case "follow_up.promised":
            kind = str(data.get("kind", ""))
            what = " · ".join(filter(None, (say(KIND, kind), *((amount, *manners(data)) if kind == "gift" else ()))))
            return gettext("Planned: {what}").format(what=what)
        case "ticket.handed_over":
            return _handed_over(str(data.get("to") or "–"), str(data.get("reason") or ""))
        case "ticket.assigned":
            return gettext("Assigned to {name}").format(name=data.get("to") or "–")
        case "step.missed":
            return gettext("Hard limit missed: {step}").format(step=step or data.get("step", ""))
        case "customer.reviewed":
            return gettext("Public review: {stars} of 5 stars").format(stars=data.get("stars", "–"))
        case "survey.answered":
            return gettext("Survey answered: {metric} {score}").format(
                metric=say(METRIC, str(data.get("metric"))), score=data.get("score", "–")
            )
        case "customer.repurchased":
            return gettext("Bought again") if data.get("bought") else gettext("Did not buy again")
        case "customer.told":
            people = int(data.get("people", 0))
            sentence = (
                ngettext("Told {people} other good things", "Told {people} others good things", people)
                if data.get("tone") == "good"
                else ngettext("Told {people} other bad things", "Told {people} others bad things", people)
            )
            return sentence.format(people=people)
    return say(HAPPENED, name)


def _handed_over(to: str, reason: str) -> str:
    reason = str(HAND_OVER_REASON.get(reason, reason))  # what a person gave as the reason stays as it is
    if to in HANDED_TO:
        return gettext("Handed over to {who}: {reason}").format(who=HANDED_TO[to], reason=reason)
    return gettext("Handed over to {name}: {reason}").format(name=to, reason=reason)


def manners(data: Mapping[str, Any]) -> list[str]:
    """How a gift was wrapped, and what was asked in return."""
    said = [say(KNOT, data["knot"])] if data.get("knot") else []
    said += [gettext("with のし")] if data.get("noshi") else []
    said += [f"「{data['inscription']}」"] if data.get("inscription") else []
    said += [say(TRAIT, trait) for trait in data.get("traits", ())]
    if data.get("condition"):
        said.append(gettext("in return for: {what}").format(what=say(CONDITION, data["condition"])))
    return said


def rests_on(source: str, basis: str) -> str:
    """A source, and how it is known."""
    return f"{source} ({say(BASIS, basis)})"


HAPPENED: Words = {
    "ticket.solved": _("Solved"),
    "ticket.closed": _("Closed"),
    "ticket.reopened": _("Reopened"),
    "ticket.pending": _("Waiting for the customer"),
    "ticket.held": _("On hold"),
    "customer.accepted": _("Accepted the apology"),
    "customer.declined": _("Polite words, but no acceptance"),
    "customer.left": _("Left without a word"),
}

METRIC: Words = {"csat": _("CSAT"), "ces": _("CES"), "nps": _("NPS"), "repurchase": _("Would buy again")}


def _with(words: str, amount: str) -> str:
    return f"{words}: {amount}" if amount else words


def since(names: Sequence[str], moment: str) -> str:
    """The first line of an explained deadline: what its time runs from."""
    return gettext("From {moment}, when: {what}").format(moment=moment, what=", ".join(names))


def around_the_clock() -> str:
    return gettext("Counted around the clock")


def stretch(reason: str, start: str, end: str) -> str:
    """One stretch of business time: from, to, and why it counts or not."""
    kind, _sep, name = reason.partition(":")
    words = f"{say(STRETCH, kind)} ({name})" if name else say(STRETCH, kind)
    return f"{start} – {end}: {words}"


def reason(code: str) -> str:
    """Why a step was left out or a follow-up skipped, in the language of the page."""
    if code not in reasons():
        return code.replace("_", " ")
    return reason_text(code, (get_language() or "en")[:2])


def say(words: Words, code: str) -> str:
    """The word for a code; an unknown code reads as plain words rather than as nothing."""
    word = words.get(code)
    return str(word) if word is not None else code.replace("_", " ").replace("-", " ")


def refusal(error: HelpdeskError) -> str:
    """The sentence for a person. A code without one keeps its own, which is written for programs, in English."""
    if isinstance(error, Unsendable):
        return error.texts[(get_language() or "en")[:2]]
    if error.code == "required" and error.field == "amount":
        return str(REFUSAL["amount_required"])
    return str(REFUSAL.get(error.code, error.message))


def not_their_language(language: str) -> str:
    """Said of a text that the customer cannot read."""
    return gettext("This is not the customer's language. They read {language}: write to them in it.").format(
        language=say(LANGUAGE, language)
    )
