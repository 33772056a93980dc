"""English answers: the same facts as in the other languages, and wording to avoid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from playbooks.core.facts import Facts
from playbooks.core.language.english.reading import rules
from playbooks.core.language.finding import ERROR, GOOD, Setting
from playbooks.core.language.reading import read
from playbooks.core.language.rules import Rule

TOKYO = ZoneInfo("Asia/Tokyo")  # of a desk that writes in English
RULES = list(rules().rules.values())
WRONG = [(rule, text) for rule in RULES for text in rule.wrong]
RIGHT = [(rule, text) for rule in RULES for text in rule.right]

GOOD_REPLY = """Dear Alex Brown,
Thank you for telling us. A beige coat a week before the graduation must have been a shock, and I am sorry.
The cause was our packing table: nobody compared the order with the label.
I have booked a courier, and the navy coat will reach you by Friday at noon.
From today a scanner compares the order and the label, so that this does not happen again.
If anything is unclear, please write to me.
Kim Lee, Greenhouse Clothing
Customer Care"""
COAT = Setting(
    names={"firm": "Greenhouse Clothing", "agent": "Kim Lee", "customer": "Alex Brown", "item": "navy coat"},
    amounts=(8_900,),
    currency="USD",
    today="2026-07-01",  # a Wednesday
    own_fault=True,
    customer_words=("I ordered a navy coat and got a beige one. The graduation is next week.",),
)


def facts(text: str, setting: Setting = COAT) -> Facts:
    return read(text, language="en", setting=setting).facts


def found(text: str, setting: Setting | None = None) -> set[str]:
    return {f.rule for f in read(text, language="en", setting=setting).findings if f.severity != GOOD}


@pytest.mark.parametrize(("rule", "text"), WRONG, ids=[f"{rule.id}-{n}" for n, (rule, _) in enumerate(WRONG)])
def test_a_rule_catches_its_wrong_samples(rule: Rule, text: str):
    assert rule.id in found(text)


@pytest.mark.parametrize(("rule", "text"), RIGHT, ids=[f"{rule.id}-{n}" for n, (rule, _) in enumerate(RIGHT)])
def test_a_rule_spares_its_right_samples(rule: Rule, text: str):
    assert rule.id not in found(text)


def test_every_rule_of_wording_brings_samples_of_both_kinds():
    assert [rule.id for rule in RULES if rule.pattern is not None and not (rule.wrong and rule.right)] == []


def test_no_suggestion_fires_an_error_itself():
    for rule in RULES:
        if rule.suggestion and not rule.suggestion.startswith("("):
            assert [f.rule for f in read(rule.suggestion, language="en").findings if f.severity == ERROR] == []


def test_a_good_reply_holds_every_part_and_nothing_wrong():
    reading = read(GOOD_REPLY, language="en", setting=COAT)
    assert [e.name for e in reading.elements if not e.found] == []
    assert [f.rule for f in reading.findings if f.severity != GOOD] == []
    assert reading.facts.concrete > 0.8
    assert {"repair", "regret", "explanation", "repentance"} <= set(reading.facts.apology)


@pytest.mark.parametrize(
    ("component", "sentence"),
    [
        ("responsibility", "The mistake was entirely ours."),
        ("repair", "We will send you a new coat tomorrow."),
        ("regret", "I apologise for the wrong coat."),
        ("explanation", "The cause was a packing step where nobody compared the coat with the label."),
        ("repentance", "We have added a scanner to the packing table, so that no coat is mixed up again."),
        ("forgiveness", "I hope that you can forgive us."),
    ],
)
def test_a_component_of_an_apology_is_named(component: str, sentence: str):
    assert component in facts(f"I am sorry about the coat. {sentence}").apology


@pytest.mark.parametrize(
    "sentence",
    [
        "Sorry, but the coat is sold out.",
        "I am not sorry.",
        "We are sorry if the coat upset you.",
        "There is no need to apologise for asking about the coat.",
        "Sorry to hear about the coat.",
    ],
)
def test_what_only_sounds_like_an_apology_is_none(sentence: str):
    assert "regret" not in facts(sentence).apology


def test_denied_promises_are_no_repair():
    assert "repair" not in facts("I am sorry. We will not refund the coat.").apology
    assert "repair" not in facts("I am sorry. A refund of the coat is not possible.").apology


def test_i_owns_more_than_we_and_blame_owns_nothing():
    one = facts("I will look after the coat myself.").ownership
    we = facts("We have received the coat.").ownership
    assert one > we > facts("It was the courier's fault.").ownership == 0


def test_empathy_needs_more_than_a_phrase():
    assert facts("I understand.").empathy == 0
    assert facts("I understand how frustrating this must be.").empathy > 0


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("by 5 pm today", datetime(2026, 7, 1, 17, tzinfo=TOKYO)),
        ("by tomorrow at noon", datetime(2026, 7, 2, 12, tzinfo=TOKYO)),
        ("by Friday", datetime(2026, 7, 3, 23, 59, tzinfo=TOKYO)),
        ("by Friday, July 3, 3:30 PM UTC", datetime(2026, 7, 3, 15, 30, tzinfo=UTC)),
        ("within 3 business days", datetime(2026, 7, 6, 23, 59, tzinfo=TOKYO)),
    ],
)
def test_a_promise_is_a_time(said: str, at: datetime):
    assert facts(f"You will hear from me {said}.").promise_at == int(at.timestamp())


def test_looking_into_it_with_a_time_is_right_before_the_facts_are_known():
    unknown = replace(COAT, own_fault=None)
    text = "I am finding out how the coat was mixed up. You will hear from me by 5 pm tomorrow."
    reading = read(text, language="en", setting=unknown)
    assert "H08" in {f.rule for f in reading.findings}
    assert "H01" not in {f.rule for f in reading.findings}
    assert reading.facts.deeds == ("interim_report",)
    assert "H01" in found("The cause was a wrong label on the coat at our packing table.", unknown)


def test_amounts_names_and_firms_must_be_this_tickets():
    assert "H03" in found("We will refund $120.00 for the coat.", COAT)
    assert "H03" not in found("We will refund $89.00 for the coat.", COAT)
    assert "H05" in found("Dear John Smith, the coat is on its way.", COAT)
    assert "H05" not in found("Dear Alex, the coat is on its way.", COAT)
    assert "H04" in found("The coat is on its way.\nPat Jones of Bluebird Fashion", COAT)


def test_a_template_about_nothing_states_no_cause_and_no_remedy():
    text = (
        "Dear customer, we are sorry for what happened. The problem was caused by a technical error in our backend. "
        "You will get a refund within 3 days. We have updated our process so that it does not happen again."
    )
    reading = read(text, language="en", setting=COAT)
    assert "H07" in {f.rule for f in reading.findings}
    assert set(reading.facts.apology) <= {"regret", "responsibility"}


def test_quoted_words_of_the_customer_are_skipped():
    assert found("You wrote “calm down, it is your own fault??”, and I see why that hurt.") == set()


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Could you send me a photo of the coat?", True),
        ("Please send the order number.", True),
        ("If you need anything else, please write to me.", False),
        ("The coat is on its way.", False),
    ],
)
def test_asking_leaves_the_next_word_to_the_customer(text: str, asks: bool):
    assert facts(text).asks is asks


def test_curly_apostrophes_and_capitals_read_alike():
    assert found("We can’t refund this.") == found("WE CAN'T REFUND THIS.") == {"E08"}


@pytest.mark.parametrize(
    "said", ["I will put it right.", "We will refund you as soon as possible.", "We will send it immediately."]
)
def test_haste_names_no_time_and_no_amount(said: str):
    reading = read(said, language="en")
    assert reading.facts.concrete == 0
    assert "deadline" not in {e.name for e in reading.elements if e.found}


@pytest.mark.parametrize(
    "said",
    [
        "Thank you for waiting.",
        "Thank you for your patience, it was a long wait.",
        "It is hard to say when it will arrive.",
        "I would be happy to help you.",
    ],
)
def test_thanks_and_politeness_feel_nothing(said: str):
    assert facts(said).empathy == 0


@pytest.mark.parametrize(
    "said",
    [
        "I cannot promise that it arrives by Friday.",
        "I can't say it will be there on Monday.",
        "You wrote “refund me by Friday”, and I have read it.",
        "Please send it back by Friday.",
    ],
)
def test_what_is_denied_quoted_or_asked_is_no_deadline(said: str):
    assert "deadline" not in {e.name for e in read(said, language="en").elements if e.found}


def test_a_signature_takes_up_none_of_the_customers_words():
    said = replace(COAT, customer_words=("Greenhouse sold me a navy coat, Kim Lee told me so before the graduation.",))
    assert facts("I am sorry.\nKim Lee, Greenhouse Clothing\nNavy Coats and Graduation Wear", said).listening == 0
    assert (
        facts("I am sorry that the navy coat missed the graduation.\nKim Lee, Greenhouse Clothing", said).listening > 0
    )


CASE = replace(
    COAT,
    nouns={"incident": ("coat", "colour"), "cause": ("label",), "remedy": ("exchange",), "measure": ("scanner",)},
)
TEMPLATE = (
    "Dear customer, we are sorry for what happened. The problem was caused by a technical error in our system. You will "
    "get a refund within 3 days. We have updated our process so that it does not happen again."
)


@pytest.mark.parametrize("more", ["", " Navy coat.", " We value every coat.", " Dear Alex Brown."])
def test_a_template_with_the_right_words_beside_it_explains_and_mends_nothing(more: str):
    reading = read(TEMPLATE + more, language="en", setting=CASE)
    assert not {"cause", "remedy", "prevention"} & {e.name for e in reading.elements if e.found}
    assert set(reading.facts.apology) <= {"regret"}


def test_a_line_of_keywords_holds_nothing():
    line = "navy coat, label, exchange, courier, scanner, sorry, refund, by Friday, because, check, process, Greenhouse Clothing"
    reading = read(line, language="en", setting=CASE)
    assert [e.name for e in reading.elements if e.found] == []
    assert (reading.facts.apology, reading.facts.concrete, reading.facts.listening) == ((), 0, 0)


def test_to_apologise_again_adds_nothing():
    once, often = facts("I am sorry about the coat."), facts("I am so very sorry about the coat. " * 6)
    assert (often.apology, often.concrete, often.empathy) == (once.apology, once.concrete, once.empathy)


def test_a_good_answer_in_words_that_no_list_foresaw_is_not_rejected():
    text = (
        "Dear Alex Brown, what should have been the right shade for the big day turned out beige, and I can only imagine "
        "how that felt. I apologise. Somebody at our packing bench picked two boxes at once and taped the address of one "
        "onto the other. A rider is carrying the proper one to you and hands it over tomorrow before noon, at our "
        "expense. Each box is now opened and read aloud by a second pair of eyes before any tape goes on.\n"
        "If anything is unclear, ring me.\nKim Lee, Greenhouse Clothing"
    )
    reading = read(text, language="en", setting=CASE)
    assert [e.name for e in reading.elements if not e.found] == []
    assert {f.rule for f in reading.findings if f.severity != GOOD} == set()


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("sender", "Sam from Copper Kettle here."),
        ("sender", "Ann Grant, field operations lead at Oakline."),
        ("empathy", "Finding the wrong lamp two days before the party must have felt like a slap in the face."),
        ("remedy", "I'm paying the tailor's bill in full."),
        ("remedy", "The late fee has been struck off."),
        ("deadline", "The slot is 8.30 this Friday."),
        ("deadline", "Your bank will show it in 3 to 5 working days."),
        ("prevention", "Phone bookings now trigger a text, so a missing text tells us straight away."),
        ("closing", "Pop in or ring the shop, my door is always open."),
    ],
)
def test_a_part_is_found_in_words_that_no_list_foresaw(part: str, said: str):
    assert part in parts(f"Hello Ms Reed,\nThank you for writing about the lamp.\n{said}")


@pytest.mark.parametrize(
    "said",
    [
        "Refunds are handled by the billing department.",
        "I will ask my manager about a refund.",
        "We will consider an exchange.",
        "Unless you lodge an appeal by 30 June, this case will be closed.",
        "You have asked us for an apology, a full refund and a plan to prevent this in future.",
        "Someone did suggest more training for the desk.",
        "An apology would be out of place here.",
        "You said that you felt humiliated.",
    ],
)
def test_what_is_only_asked_for_weighed_or_reported_is_no_part(said: str):
    assert parts(f"Hello Ms Reed,\nThank you for writing about the lamp.\n{said}") <= {"greeting", "closing"}


def test_what_happened_is_a_reason_beside_the_apology_and_not_by_itself():
    happened = "The new barista topped the cup up with regular milk."
    assert "cause" in parts(f"Hello Ms Reed,\nI apologise.\n{happened}\nI will refund you tonight.")
    assert "cause" not in parts(f"Hello Ms Reed,\nI have read the letter.\nThank you for it.\n{happened}")


def parts(text: str) -> set[str]:
    return {e.name for e in read(text, language="en").elements if e.found}
