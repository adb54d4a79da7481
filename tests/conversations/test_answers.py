from typing import get_args

import pytest

from outreach.conversations.answers import Answer, answers_of
from outreach.conversations.flow import AskKind
from outreach.conversations.questions import QUESTIONS
from outreach.conversations.signals import Replied
from outreach.conversations.vocabulary import ANSWERS
from outreach.understanding import Availability, Context, Intent, MenuOption, read
from tests.conversations.factories import chosen, replied
from tests.factories import NOW

MENU = (11, 12, 13)


def first(ask: AskKind, reply: object, menu: tuple[int, ...] = MENU) -> Answer:
    return next(answers_of(ask, reply, menu, menu))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("choice", "sessions"),
    [("1", (11,)), ("3", (13,)), ("1,3", (11, 13)), ("3,1", (13, 11)), ("2,2", (12,)), ("1|2", (11,))],
)
def test_numbers_choose_from_the_menu(choice: str, sessions: tuple[int, ...]) -> None:
    assert first("choice of sessions", chosen(choice)) == Answer("choice", sessions)


def test_either_prefers_a_free_seat() -> None:
    assert next(answers_of("choice of sessions", chosen("1|3"), MENU, (13,))) == Answer("choice", (13,))


@pytest.mark.parametrize("choice", ["4", "0", "99", "²", "", "-1"])
def test_other_numbers_choose_nothing(choice: str) -> None:
    assert first("choice of sessions", chosen(choice)).kind == "other"


def test_yes_chooses_where_there_is_but_one() -> None:
    assert first("choice of sessions", replied("yes"), (11,)) == Answer("choice", (11,))
    assert first("choice of sessions", replied("yes")) == Answer("yes")


@pytest.mark.parametrize(
    ("ask", "choice", "kind"),
    [
        ("yes or no", "1", "yes"),
        ("yes or no", "2", "no"),
        ("coming", "1", "yes"),
        ("coming", "2", "no"),
        ("coming", "3", "other_date"),
    ],
)
def test_digits_answer_what_was_asked(ask: AskKind, choice: str, kind: str) -> None:
    assert first(ask, chosen(choice)).kind == kind


@pytest.mark.parametrize("words", ["0", " 0 ", "0.", "cero", "Zero", "O"])
def test_nothing_is_said_in_several_ways(words: str) -> None:
    assert first("needs", replied(words=words)).kind == "none"


def test_a_need_is_heard_whatever_else_is_said() -> None:
    assert first("needs", replied("yes", needs=("ride",))).kind == "need"
    assert first("needs", replied("need")).kind == "need"


def test_further_intents_follow_the_main_one_and_other_comes_last() -> None:
    reply = replied("no", also=(Intent.AVAILABILITY,), availability=Availability(available=("sat_morning",)))
    assert [answer.kind for answer in answers_of("free text", reply, (), ())] == ["no", "availability", "other"]


def test_a_guess_at_times_that_names_none_is_no_answer_about_times() -> None:
    for guess in (replied("availability"), replied("availability", availability=Availability())):
        assert first("free text", guess).kind == "other"


FROM_FEBRUARY = Availability(not_before="2027-02-01")
FEBRUARY_MORNINGS = Availability(not_before="2027-02-01", available=("mon_morning",))


@pytest.mark.parametrize(
    ("reply", "kind", "until"),
    [
        (replied("snooze", suppress="until:2027-02-01"), "snooze", "2027-02-01"),
        (replied("snooze"), "snooze", ""),
        (replied("availability", availability=FROM_FEBRUARY), "snooze", "2027-02-01"),
        (replied("availability", availability=FEBRUARY_MORNINGS), "availability", ""),
    ],
)
def test_a_month_alone_is_when_to_ask_again(reply: Replied, kind: str, until: str) -> None:
    assert first("free text", reply) == Answer(kind, until=until)


def test_every_question_has_an_answer_for_what_nobody_understands() -> None:
    for ask in get_args(AskKind):
        assert [each.kind for each in answers_of(ask, replied(), MENU, MENU)] == ["other"]
        assert "other" in ANSWERS[ask]


@pytest.mark.parametrize("ask", ["choice of sessions", "choice", "yes or no", "coming"])
def test_a_number_that_comes_with_a_maybe_chooses_nothing(ask: AskKind) -> None:
    assert first(ask, replied("maybe", "maybe the second one", choice="2")).kind == "maybe"


def test_a_maybe_to_one_session_is_to_that_one_alone() -> None:
    assert first("choice of sessions", replied("maybe", choice="2")) == Answer("maybe", (12,))


def test_a_month_alone_is_no_time_to_wait_for_a_class_with() -> None:
    march = replied("availability", availability=Availability(not_before="2027-03-01"))
    assert first("choice", march) == Answer("snooze", until="2027-03-01")


def test_later_in_the_week_is_a_time() -> None:
    weeknights = replied("snooze", availability=Availability(available=("mon_evening",)))
    assert first("choice of sessions", weeknights).kind == "availability"


@pytest.mark.parametrize("words", ["0", "nothing", "None yet", "nada.", "ninguno todavía"])
@pytest.mark.parametrize("ask", ["free text", "name", "zip", "email"])
def test_nothing_is_a_no_where_it_need_not_be_given(ask: AskKind, words: str) -> None:
    assert first(ask, replied(words=words)).kind == "no"


def test_a_question_that_holds_the_word_of_an_option_chooses_nothing() -> None:
    asks = replied("question", "what would the texts be about?", choice="3")
    assert next(answers_of("choice", asks, (), (), ("keep", "later", "out"))).kind == "question"


@pytest.mark.parametrize(
    ("words", "name"), [("yes please, I'm Ana", "Ana"), ("sí, me llamo Ana", "Ana"), ("yes", ""), ("sure, I'm in", "")]
)
def test_a_name_may_come_with_a_yes(words: str, name: str) -> None:
    assert first("consent", replied("yes", words)).said == ({"name": name} if name else {})


@pytest.mark.parametrize(
    ("ask", "words", "kind"),
    [
        ("coming", "i need childcare that day", "need"),  # a no that is only guessed takes no seat
        ("coming", "I can't come, I have no childcare", "no"),
        ("choice", "yo sí fui!", "attended"),
        ("free text", "I did come", "attended"),
        ("free text", "no fui", "other"),
        ("free text", "another time", "another_time"),
        ("free text", "otro día por favor", "another_time"),
        ("choice", "ahora solo los domingos", "availability"),
        ("free text", "no, I was sick all week", "no"),
        ("availability", "call me, weeknights after 6", "callback"),
        ("choice of sessions", "entre semana después de las 6", "availability"),
        ("choice of sessions", "LUEGO", "snooze"),
        ("choice of sessions", "ask me in march", "snooze"),
        ("choice of sessions", "pregúnteme en marzo", "snooze"),
    ],
)
def test_what_is_meant_comes_before_what_merely_sounds_like_it(ask: AskKind, words: str, kind: str) -> None:
    light, menu = QUESTIONS.get(ask, (Context.INVITE, ()))
    if ask == "choice":
        light, menu = Context.ANY, (MenuOption("1", "voy"), MenuOption("2", "otra hora"), MenuOption("3", "ahora no"))
    reading = read(words, context=light, menu=list(menu), now=NOW)
    assert next(answers_of(ask, Replied(reading, words), (11,), (11,), ("in", "other", "not_now"))).kind == kind
