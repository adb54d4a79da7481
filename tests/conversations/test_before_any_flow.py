"""Everything that is heard before any flow, in both languages, wherever a conversation stands: its own text, once."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.flow_files import shipped_flows
from outreach.conversations.house import house_wording
from outreach.conversations.models import FlowVersion, TaskKind
from outreach.conversations.owning import take_over
from outreach.conversations.starting import Opening, start_conversation
from outreach.people.models import Membership, Person, PhoneNumber
from outreach.texting.models import TextStatus
from tests.conversations.talk import Talk
from tests.factories import NOW, ORGANIZER, make_person, make_session, seed

ANA = "+12135550101"


class Case(NamedTuple):
    """What they write in English and in Spanish, the house's text that answers it, and what one of ours is to do."""

    en: str
    es: str
    answer: str
    task: TaskKind | None = None


CASES = {
    "stop": Case("STOP", "STOP", ""),  # Twilio confirms it
    "stop in other words": Case("please stop texting me", "ya no me escriban", "opted_out"),
    "alto": Case("alto", "ALTO", "opted_out"),
    "start": Case("START", "START", ""),
    "help": Case("HELP", "HELP", ""),
    "ayuda": Case("AYUDA", "ayuda", "help"),
    "who": Case("who is this?", "¿quién es?", "who"),
    "how": Case("how did you get my number", "¿cómo consiguieron mi número?", "who"),
    "bot": Case("is this a bot?", "¿es un robot?", "bot"),
    "not until": Case("not until June", "pregúnteme en junio", "not_before", TaskKind.ASK_AGAIN),
    "not before": Case("not before June 1", "no antes de junio", "not_before", TaskKind.ASK_AGAIN),
    "delete": Case("delete my data", "borren mis datos", "deletion", TaskKind.DELETE_DATA),
    "borrar": Case("DELETE", "BORRAR", "deletion", TaskKind.DELETE_DATA),
    "call at a time": Case("call me tomorrow at 5pm", "llámeme mañana a las 5pm", "call_then", TaskKind.CALL),
    "call": Case("CALL", "LLAMAR", "callback/when"),
    "language": Case("español por favor", "in english please", "language"),
    "other language": Case("한국어로 해주세요", "한국어로 해주세요", "other_language"),
    "sensitive": Case("my landlord is evicting us tomorrow", "mi casero nos va a desalojar mañana", "sensitive"),
}


def nowhere(session: Session, talk: Talk) -> None:
    del session, talk


def at_a_choice(session: Session, talk: Talk) -> None:
    talk.invite(make_session(session).id)


def at_needs(session: Session, talk: Talk) -> None:
    at_a_choice(session, talk)
    talk.write(ANA, "1")


def at_free_text(session: Session, talk: Talk) -> None:
    del session
    talk.write(ANA, "WG")


def at_times(session: Session, talk: Talk) -> None:
    del session
    talk.write(ANA, "call me please")


def at_coming(session: Session, talk: Talk) -> None:
    at_needs(session, talk)
    talk.write(ANA, "0")
    talk.wait(days=7, hours=2)


def at_a_wait(session: Session, talk: Talk) -> None:
    """Stand where a flow waits and asks nothing."""
    flow = {
        "title": "Say hello", "purpose": "answer", "expires": "9 days", "start": "hello",
        "steps": {
            "hello": {"say": {"en": "Hello.", "es": "Hola."}, "then": "wait"},
            "wait": {"wait": "5 days", "on": {"thanks": {"end": "thanked"}}, "end": "over"},
        },
    }  # fmt: skip
    session.add(FlowVersion(flow="hello", checksum="0" * 64, definition=flow, created_at=NOW))
    person, number = session.scalars(select(Person)).one(), session.scalars(select(PhoneNumber)).one()
    start_conversation(session, talk.settings, person, number, Opening("hello", {"sender": "Luz"}), NOW)


def with_a_person(session: Session, talk: Talk) -> None:
    at_a_choice(session, talk)
    take_over(session, session.scalars(select(PhoneNumber)).one(), ORGANIZER, NOW)
    session.flush()


def snoozed(session: Session, talk: Talk) -> None:
    del talk
    session.scalars(select(Person)).one().snoozed_until = date(2027, 3, 1)


def opted_out(session: Session, talk: Talk) -> None:
    at_a_choice(session, talk)
    talk.write(ANA, "please stop texting me")


def in_flow(flow: str, step: str) -> str:
    """Name a text of a flow, where the open question answers by itself."""
    return f"{flow}/{step}"


ASKED_AGAIN = {"at_a_choice": in_flow("invite", "invite_to_one"), "at_needs": in_flow("invite", "needs"),
               "at_free_text": in_flow("working_group", "which"), "at_times": in_flow("callback", "when"),
               "at_coming": in_flow("reminder", "tomorrow")}  # fmt: skip
CALLED_THEN = (in_flow("callback", "then"), TaskKind.CALL)
SILENCE = ("", None)
# Where a question hears it in its own light: the text, and what one of ours is to do.
ELSEWHERE: dict[str, dict[str, tuple[str, TaskKind | None]]] = {
    "at_free_text": {"call at a time": CALLED_THEN},
    "at_times": {"not until": CALLED_THEN, "not before": CALLED_THEN, "call at a time": CALLED_THEN},
    # Tomorrow is before that day: their seat goes back too.
    "at_coming": dict.fromkeys(("not until", "not before"), (in_flow("reminder", "see_you_then"), TaskKind.ASK_AGAIN)),
    # A person has the thread: they answer. What stops texts is confirmed all the same, and help is the law's.
    "with_a_person": dict.fromkeys(
        ("who", "how", "bot", "not until", "not before", "call at a time", "call", "language", "other language"),
        SILENCE,
    ),
    # Nobody who opted out hears anything; who asks for help does.
    "opted_out": {
        **dict.fromkeys(CASES, SILENCE),
        "ayuda": ("help", None),
        "delete": ("", TaskKind.DELETE_DATA),
        "borrar": ("", TaskKind.DELETE_DATA),
    },
}
STOPS = frozenset({"stop in other words", "alto"})


def literal(name: str, language: str) -> str:
    """Return the longest part of a text that is the same for everybody."""
    flow, _, step = name.partition("/")
    wording = (shipped_flows()[flow].flow.steps[step].text or {}) if step else house_wording(name)
    return max(re.split(r"\{\w+\}", wording[language]), key=len).strip()


def expected(name: str, state: str) -> tuple[str, TaskKind | None]:
    case = CASES[name]
    if name == "language" and state in ASKED_AGAIN:
        return ASKED_AGAIN[state], None
    return ELSEWHERE.get(state, {}).get(name, (case.answer, case.task))


STATES: list[Callable[[Session, Talk], None]] = [
    nowhere, at_a_choice, at_needs, at_free_text, at_times, at_coming, at_a_wait, with_a_person, snoozed, opted_out,
]  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_each_is_answered_with_its_own_text_in_their_language(
    session: Session, state: Callable[[Session, Talk], None]
) -> None:
    seed(session)
    ana = make_person(
        session, phone=ANA, standing=Membership.GOOD_STANDING, source="members.csv", source_since=date(2019, 5, 1)
    )
    talk = Talk()
    state(session, talk)
    talk.heard(ANA)
    for language in ("en", "es"):
        ana.language = ana.written_language = language
        session.flush()
        for name, case in CASES.items():
            with session.begin_nested() as attempt:
                session.connection()  # the savepoint is set when the connection is first asked for
                before = {task.id for task in talk.tasks()}
                text = talk.write(ANA, getattr(case, language))
                answer, task = expected(name, state.__name__)
                heard = talk.heard(ANA)
                spoken = {"en": "es", "es": "en"}[language] if name == "language" else language
                here = (name, language, heard)
                assert len(heard) == bool(answer), here
                assert not answer or literal(answer, spoken) in heard[0], here
                assert [each.kind for each in talk.tasks() if each.id not in before] == [task] * bool(task), here
                assert heard or case.answer == "" or text.status == TextStatus.NEEDS_PERSON or task or name in STOPS
                attempt.rollback()
            session.expire_all()


def test_on_the_day_that_they_named_somebody_of_ours_asks_them_again(session: Session) -> None:
    ana = make_person(session, phone=ANA)
    talk = Talk()
    session_id = make_session(session).id
    talk.invite(session_id)
    talk.heard(ANA)
    talk.write(ANA, "not until January 15")
    talk.write(ANA, "not before January 20")
    [task] = talk.tasks()
    assert (task.kind, task.owner, task.person_id) == (TaskKind.ASK_AGAIN, ORGANIZER, ana.id)
    assert task.due_at == datetime(2027, 1, 20, 10, tzinfo=talk.settings.zone)
    session.refresh(ana)
    assert ana.snoozed_until == date(2027, 1, 20)
    talk.heard(ANA)
    later = make_session(session, starts_at=NOW + timedelta(days=60)).id
    talk.now = NOW + timedelta(days=40)
    talk.invite(later)
    assert talk.heard(ANA) == []
    talk.now = NOW + timedelta(days=47)  # the day itself
    talk.invite(later)
    assert talk.heard(ANA)[0].startswith("Hi Ana")


def test_who_opts_out_is_not_to_be_asked_again(session: Session) -> None:
    make_person(session, phone=ANA)
    talk = Talk()
    talk.write(ANA, "not until June")
    assert [task.done_at for task in talk.tasks()] == [None]
    talk.write(ANA, "STOP")
    assert [task.done_at for task in talk.tasks()] == [NOW]
