from datetime import timedelta

import pytest

from outreach.conversations.effects import Act, Finish, HandOff, Say, Wait
from outreach.conversations.engine import STEPS_A_TURN, TIMES_A_TEXT, advance
from outreach.conversations.signals import Expired, Replied, Silence
from outreach.understanding import Intent
from tests.conversations.factories import (
    NOW,
    SATURDAYS,
    act_of,
    chosen,
    ended,
    flow_from,
    handed_off,
    kinds,
    make_facts,
    offered,
    play,
    replied,
    result,
    said,
    shipped,
    start,
    waits,
)

INVITE = shipped("invite")
REMINDER = shipped("reminder")
TWO = make_facts(offered(1), offered(2))
ONE = make_facts(offered(1))


def test_the_start_asks_the_first_question_and_waits() -> None:
    move = start(INVITE, TWO)
    assert kinds(move) == [Say, Wait]
    assert move.state.step == "invite"
    assert said(move)[0].startswith("Hi Ana, Luz from DSA-LA. Members' organizing class: 1) Sat Dec 12 10am Boyle")
    assert waits(move)["expired"] == NOW + timedelta(days=14)


def test_a_branch_takes_the_first_case_that_holds() -> None:
    assert start(INVITE, ONE).state.step == "invite_to_one"
    assert ended(start(INVITE, make_facts(offered(1, is_open=False)))) == "no_sessions"
    assert start(REMINDER, make_facts(reminder="day_before")).state.step == "tomorrow"
    assert start(REMINDER, make_facts(reminder="evening_before")).state.step == "tomorrow_early"
    assert start(REMINDER, make_facts(reminder="today")).state.step == "today"


def test_a_number_ends_the_turn_with_an_act_whose_result_goes_on() -> None:
    _, booking = play(INVITE, TWO, chosen("2"))
    assert booking.unfinished
    assert kinds(booking) == [Act]
    assert act_of(booking) == Act("rsvp yes", (2,))
    asked = advance(INVITE, booking.state, TWO, result("booked", chosen=[2]), NOW)
    assert said(asked)[0].startswith("You're in: Sat Dec 13 10am, Boyle Heights. Do you need")
    assert waits(asked)["silence:0"] == NOW + timedelta(days=1)


def test_both_books_both() -> None:
    assert act_of(play(INVITE, TWO, chosen("1,2"))[-1]).sessions == (1, 2)


def test_of_two_booked_sessions_only_those_are_promised_that_were_booked() -> None:
    move = play(INVITE, TWO, chosen("1,2"), result("booked", chosen=[2]))[-1]
    assert said(move)[0].startswith("You're in: Sat Dec 13 10am, Boyle")


def test_either_takes_the_first_with_a_seat() -> None:
    facts = make_facts(offered(1, has_seats=False), offered(2))
    assert act_of(play(INVITE, facts, chosen("1|2"))[-1]).sessions == (2,)
    assert act_of(play(INVITE, TWO, chosen("1|2"))[-1]).sessions == (1,)
    full = make_facts(offered(1, has_seats=False), offered(2, has_seats=False))
    assert act_of(play(INVITE, full, chosen("1|2"))[-1]).sessions == (1,)


def test_yes_to_one_session_books_it() -> None:
    assert act_of(play(INVITE, ONE, replied("yes"))[-1]) == Act("rsvp yes", (1,))


def test_a_bare_yes_to_two_sessions_is_asked_which() -> None:
    move = play(INVITE, TWO, replied("yes", "yes"))[-1]
    assert move.state.step == "which_one"
    menu = "1) Sat Dec 12 10am Boyle Heights 2) Sat Dec 13 10am Boyle Heights"
    assert said(move) == [f"Great! Which one? {menu}. Text the number."]


def test_two_to_one_session_is_a_no() -> None:
    assert act_of(play(INVITE, ONE, chosen("2"))[-1]).name == "rsvp no"


@pytest.mark.parametrize("choice", ["0", "3", "9", "x", ""])
def test_a_number_that_is_not_on_the_menu_is_not_taken(choice: str) -> None:
    move = play(INVITE, TWO, chosen(choice))[-1]
    assert said(move)[0].startswith("Sorry, I didn't get that.")


def test_yes_and_a_need_skips_the_question_of_needs() -> None:
    yes = replied("yes", "yes, I need childcare", needs=("childcare",))
    *_, noting = play(INVITE, ONE, yes, result("booked", chosen=[1]))
    assert act_of(noting).name == "note need"
    assert not said(noting)
    assert noting.state.memory["needs"] == ["childcare"]


def test_what_came_with_a_yes_is_still_known_after_the_next_reply() -> None:
    yes = replied("yes", "yes, two of us, childcare please", needs=("childcare",), party_size=2)
    *_, noting = play(INVITE, TWO, yes, chosen("2"), result("booked", chosen=[2]))
    assert noting.state.memory["party_size"] == 2
    assert noting.state.memory["need_words"] == "yes, two of us, childcare please"


def test_a_maybe_with_a_need_notes_the_need_instead_of_asking_what_would_help() -> None:
    maybe = replied("maybe", "maybe, with childcare", needs=("childcare",))
    assert act_of(play(INVITE, TWO, maybe, result("noted"))[-1]).name == "note need"
    assert play(INVITE, TWO, replied("maybe"), result("noted"))[-1].state.step == "would_help"


def test_a_no_with_times_notes_the_times_instead_of_asking_for_them() -> None:
    no = replied("no", "no, but Saturdays", availability=SATURDAYS)
    assert act_of(play(INVITE, TWO, no, result("noted"))[-1]).name == "note availability"
    assert play(INVITE, TWO, replied("no"), result("noted"))[-1].state.step == "why_not"


def test_what_is_not_understood_is_asked_once_in_other_words_and_then_given_to_a_person() -> None:
    _, again, person = play(INVITE, TWO, replied(), replied())
    assert said(again)[0].startswith("Sorry")
    assert "silence:0" in waits(again)
    assert not said(person)
    assert handed_off(person)
    assert set(waits(person)) == {"expired"}
    assert person.state.step == "invite"


def test_after_a_person_was_called_a_clear_answer_still_counts() -> None:
    assert act_of(play(INVITE, TWO, replied(), replied(), chosen("1"))[-1]).sessions == (1,)


def test_a_question_goes_to_a_person_at_once() -> None:
    assert kinds(play(INVITE, TWO, replied("question"))[-1]) == [HandOff, Wait]


def test_silence_nudges_once_and_then_ends() -> None:
    _, nudge, over = play(INVITE, TWO, Silence(0), Silence(1))
    (say,) = [effect for effect in nudge.effects if isinstance(effect, Say)]
    assert say.nudge
    assert "again" in say.body
    assert waits(nudge)["silence:1"] == NOW + timedelta(days=5)
    assert kinds(over) == [Finish]
    assert ended(over) == "no_answer"


def test_a_rung_that_is_not_there_leaves_the_end_in_sight() -> None:
    assert set(waits(play(INVITE, TWO, Silence(7))[-1])) == {"expired"}


def test_nobody_is_nudged_about_sessions_that_are_over() -> None:
    moves = play(INVITE, TWO)
    over = make_facts(offered(1, is_open=False), offered(2, is_open=False))
    move = advance(INVITE, moves[-1].state, over, Silence(0), NOW)
    assert kinds(move) == [Wait]
    assert "silence:1" in waits(move)


def test_a_nudge_leaves_out_what_is_over_and_keeps_the_numbers() -> None:
    moves = play(INVITE, TWO)
    move = advance(INVITE, moves[-1].state, make_facts(offered(1, is_open=False), offered(2)), Silence(0), NOW)
    assert "again: 2) Sat Dec 13 10am Boyle Heights. Text" in said(move)[0]


def test_expiry_ends_wherever_it_stands() -> None:
    for signals in ((), (replied("yes"),), (replied(), replied())):
        assert ended(play(INVITE, TWO, *signals, Expired())[-1]) == "expired"


def test_a_full_session_offers_the_other_date_and_keeps_what_was_offered() -> None:
    three = make_facts(offered(1, has_seats=False), offered(2), offered(3))
    *_, offer = play(INVITE, three, chosen("1"), result("waitlisted", chosen=[1], position=3))
    assert "number 3 on the waitlist" in said(offer)[0]
    assert "Sat Dec 13 10am. 1 = I'm in" in said(offer)[0]
    filled_since = make_facts(offered(1, has_seats=False), offered(2, has_seats=False), offered(3))
    move = advance(INVITE, offer.state, filled_since, chosen("1"), NOW)
    assert act_of(move) == Act("rsvp other", (2,), instead_of=(1,))


def test_a_full_session_without_another_date_ends_on_the_waitlist() -> None:
    *_, move = play(
        INVITE, make_facts(offered(1, has_seats=False)), replied("yes"), result("waitlisted", chosen=[1], position=1)
    )
    assert ended(move) == "waitlisted"


def test_an_unknown_result_goes_to_a_person() -> None:
    assert handed_off(play(INVITE, TWO, chosen("1"), result("struck by lightning"))[-1])


def test_zero_means_no_needs() -> None:
    booked = (chosen("1"), result("booked", chosen=[1]))
    for nothing in (replied(words="0"), replied(words=" 0. "), replied("no", "no thanks"), replied(words="cero")):
        assert ended(play(INVITE, TWO, *booked, nothing)[-1]) == "booked"


@pytest.mark.parametrize("words", ["sorry, I can't come after all", "no puedo ir", "I won\u2019t make it", "ya no voy"])
def test_a_no_to_the_question_of_needs_may_be_a_no_to_coming(words: str) -> None:
    move = play(INVITE, TWO, chosen("1"), result("booked", chosen=[1]), replied("no", words))[-1]
    assert act_of(move) == Act("rsvp no", (1,))


def test_a_need_is_noted_and_promised_by_its_deadline() -> None:
    booked = (chosen("1"), result("booked", chosen=[1]))
    asked = replied("need", "childcare", needs=("childcare",))
    *_, noting, noted = play(INVITE, TWO, *booked, asked, result("noted", deadline="2026-12-09T18:00:00+00:00"))
    assert act_of(noting).sessions == (1,)
    assert "by Wed Dec 9 10am, so you can plan. Luz" in said(noted)[0]
    assert ended(noted) == "booked"


def test_who_asks_for_the_other_language_is_asked_again_in_it() -> None:
    begun = play(INVITE, TWO)[-1]
    spanish = make_facts(offered(1), offered(2), language="es", who="Luz de DSA-LA")
    wish = replied("language", "en español por favor", facts={"language": "es"})
    move = advance(INVITE, begun.state, spanish, wish, NOW)
    assert said(move)[0].startswith("Hola Ana, Luz de DSA-LA. Taller")
    assert handed_off(advance(INVITE, begun.state, TWO, replied("language", facts={"language": "ko"}), NOW))


def test_each_text_is_worded_in_their_language() -> None:
    facts = make_facts(offered(1), offered(2), language="es", who="Luz de DSA-LA")
    menu = "1) Sat Dec 12 10am Boyle Heights 2) Sat Dec 13 10am Boyle Heights"
    assert said(start(INVITE, facts)) == [
        f"Hola Ana, Luz de DSA-LA. Taller: cómo organizar. {menu}. ¿Cuál? ALTO = salir"
    ]


@pytest.mark.parametrize("name", ["{menu}", "{{7*7}}", "$&", "%s", "{zip}", "\\1", "{first_name}", "${jndi}", "<b>"])
def test_a_name_is_never_a_template(name: str) -> None:
    assert said(start(INVITE, make_facts(first_name=name)))[0].startswith(f"Hi {name}, Luz from DSA-LA.")


def test_a_missing_name_or_place_leaves_no_hole() -> None:
    bare = make_facts(offered(1, place=""), offered(2, place=""), first_name="")
    assert said(start(INVITE, bare)) == [
        "Hi, Luz from DSA-LA. Members' organizing class: 1) Sat Dec 12 10am 2) Sat Dec 13 10am. Which? STOP to opt out"
    ]
    booked = play(INVITE, bare, chosen("1"), result("booked", chosen=[1]))[-1]
    assert said(booked)[0].startswith("You're in: Sat Dec 12 10am. Do you need")


LOOPS = """
    start: which
    steps:
      which:
        ask: yes or no
        text: {en: "This is {org}. Well? STOP", es: "Es {org}. ¿Y? ALTO"}
        on: {yes: again, no: {end: done}}
        unclear: {then: which}
        silence: [{after: 1 day, end: done}]
      again:
        say: {en: "Again.", es: "Otra vez."}
        then: which
"""


def test_no_question_is_asked_more_than_twice() -> None:
    moves = play(flow_from(LOOPS), TWO, *[replied("yes")] * 4)
    asked = [words for move in moves for words in said(move) if "Well?" in words]
    assert len(asked) == TIMES_A_TEXT
    assert handed_off(moves[-1])


def test_a_turn_takes_at_most_twenty_steps() -> None:
    endless = flow_from("""
        start: a
        steps:
          a: {say: {en: "a", es: "a"}, then: b}
          b: {say: {en: "b", es: "b"}, then: a}
    """)
    move = start(endless, TWO)
    assert len(said(move)) == STEPS_A_TURN
    assert ended(move) == "stuck"


def test_needs_told_before_never_go_round_in_circles() -> None:
    circle = flow_from("""
        start: first
        steps:
          first:
            ask: needs
            text: {en: "This is {org}. Needs? STOP", es: "Es {org}. ¿Algo? ALTO"}
            on: {need: second, none: {end: done}}
            unclear: {then: person}
            silence: [{after: 1 day, end: done}]
          second:
            ask: needs
            text: {en: "More?", es: "¿Más?"}
            on: {need: second}
            unclear: {then: person}
            silence: [{after: 1 day, end: done}]
    """)
    assert ended(play(circle, TWO, replied("need", needs=("ride",)))[-1]) == "stuck"


def test_a_reply_to_a_step_that_asks_nothing_goes_to_a_person() -> None:
    begun = play(INVITE, TWO, chosen("1"))[-1]
    assert handed_off(advance(INVITE, begun.state, TWO, Replied(replied().reading, "hm"), NOW))


@pytest.mark.parametrize(("words", "step"), [("1", "see_you"), ("2", "free_seat"), ("3", "free_seat_for_other")])
def test_a_reminder_is_answered_by_digits(words: str, step: str) -> None:
    reminded = make_facts(offered(1), reminder="day_before", time="10am", where="1200 E Example St")
    move = play(REMINDER, reminded, chosen(words))[-1]
    if step == "see_you":
        assert ended(move) == "coming"
    else:
        assert act_of(move) == Act("rsvp no", (1,))
        assert move.state.step == step


def test_a_reminder_hears_another_date_in_words() -> None:
    reminded = make_facts(offered(1), reminder="day_before")
    move = play(REMINDER, reminded, replied(Intent.RESCHEDULE))[-1]
    assert move.state.step == "free_seat_for_other"


def test_an_unclear_answer_after_a_nudge_does_not_bring_the_nudge_again() -> None:
    moves = play(INVITE, TWO, Silence(0), replied(), Silence(0))
    assert len(said(moves[1])) == 1
    assert kinds(moves[3]) == [Wait]
    assert "silence:1" in waits(moves[3])
