"""What somebody tells one of ours on the phone: no more texts, no more calls, or both; and, later, yes again."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.models import Conversation, ConversationState, Task, TaskKind
from outreach.conversations.tasks import NO_CALLS, ToDo, add_task, call_task, drop_unwanted_calls
from outreach.conversations.told_wishes import RULE, NotToldError, Told, agree_as_told, stop_as_told
from outreach.people.consent import number_hash
from outreach.people.models import ConsentEvent, NumberKind, Person, PhoneNumber, Scope, Standing
from outreach.texting.claims import claim_due
from outreach.texting.models import Kind, Text, TextStatus
from tests.conversations.desk_factories import KEY, NOW, make_live_conversation, make_member, make_settings
from tests.people.factories import make_number, make_person
from tests.texting.factories import SENDER, make_text

SOON, LATER = NOW + timedelta(hours=2), NOW + timedelta(days=30)
WORDS = "please don't text me any more, I'm driving all day"


def told(*scopes: Scope, **changed: object) -> Told:
    given = {"scopes": scopes, "words": WORDS, "source": "phone", "by": "luz@example.org", "now": NOW}
    return Told(**{**given, **changed})  # type: ignore[arg-type] # each a part of it


def ledger(session: Session, number: PhoneNumber) -> list[ConsentEvent]:
    lines = select(ConsentEvent).where(ConsentEvent.number_hash == number_hash(number.phone, KEY))
    return list(session.scalars(lines.order_by(ConsentEvent.id)))


def standing(session: Session, person: Person) -> Standing:
    session.expire_all()
    return session.get_one(Standing, person.id)


def test_no_texts_said_on_the_phone_stands_in_the_ledger_and_nothing_more_leaves(session: Session) -> None:
    person, number = make_member(session)
    number.sender = SENDER
    conversation = make_live_conversation(session, person, number)
    queued = make_text(session, number, now=NOW, kind=Kind.REPLY)
    assert stop_as_told(session, make_settings(), person.id, told(Scope.TEXTS)) == 1

    [line] = ledger(session, number)
    assert (line.action, line.scope, line.source, line.rule) == ("opt_out", "texts", "phone", RULE)
    assert (line.raw_text, line.by, line.at) == (WORDS, "luz@example.org", NOW)
    assert (number.texts_opted_out_at, number.calls_opted_out_at) == (NOW, None)
    session.expire_all()
    assert queued.status == TextStatus.SUPPRESSED
    assert conversation.state == ConversationState.ENDED
    # They were told so to their ear: no text confirms it, and nobody's text leaves from now on.
    assert session.scalars(select(Text)).all() == [queued]
    make_text(session, number, now=NOW, kind=Kind.BULK)
    assert claim_due(session, make_settings(), NOW) == []


def test_no_calls_takes_them_off_every_list_of_calls_and_texts_go_on(session: Session) -> None:
    person, number = make_member(session)
    number.sender = SENDER
    other, _ = make_member(session, "Berta Prueba")
    due = call_task(session, person, "missed twice: ask why", SOON, NOW)
    stays = call_task(session, other, "missed twice: ask why", SOON, NOW)
    stop_as_told(session, make_settings(), person.id, told(Scope.CALLS))
    session.expire_all()

    assert not standing(session, person).callable
    assert (due.kind, due.because, due.done_at) == (TaskKind.OTHER, f"missed twice: ask why {NO_CALLS}", None)
    assert stays.kind == TaskKind.CALL
    assert call_task(session, person, "the session moved: tell them", SOON, NOW).kind == TaskKind.OTHER
    assert (number.texts_opted_out_at, number.calls_opted_out_at) == (None, NOW)
    make_text(session, number, now=NOW, kind=Kind.REPLY)
    assert len(claim_due(session, make_settings(), NOW)) == 1


def test_both_are_two_lines_and_every_number_of_theirs(session: Session) -> None:
    numbers = [make_number(session), make_number(session)]
    person = make_person(session, "Ana Prueba", numbers=numbers)
    assert stop_as_told(session, make_settings(), person.id, told(Scope.TEXTS, Scope.CALLS)) == 2
    for number in numbers:
        assert [(line.action, line.scope) for line in ledger(session, number)] == [
            ("opt_out", "texts"),
            ("opt_out", "calls"),
        ]


def test_who_has_another_number_that_may_ring_is_still_called(session: Session) -> None:
    quiet, loud = make_number(session), make_number(session)
    person = make_person(session, "Ana Prueba", numbers=[quiet, loud])
    quiet.calls_opted_out_at = NOW
    assert call_task(session, person, "ask them", SOON, NOW).kind == TaskKind.CALL


def test_a_call_that_they_ask_for_themselves_afterwards_is_a_call(session: Session) -> None:
    person, number = make_member(session)
    stop_as_told(session, make_settings(), person.id, told(Scope.CALLS))
    wish = ToDo(TaskKind.CALL, "asks for a call", SOON, person_id=person.id, number_id=number.id, asked_for=True)
    task = add_task(session, wish, NOW + timedelta(minutes=1))
    drop_unwanted_calls(session)
    session.expire_all()
    assert (task.kind, task.because) == (TaskKind.CALL, "asks for a call")
    stop_as_told(session, make_settings(), person.id, told(Scope.CALLS, now=NOW + timedelta(minutes=2)))
    session.expire_all()
    assert task.kind == TaskKind.OTHER


def test_a_wish_that_a_list_brought_takes_them_off_the_calls_at_the_next_chore(session: Session) -> None:
    person, number = make_member(session)
    due = call_task(session, person, "ask them", SOON, NOW)
    stranger = make_number(session)
    unknown = add_task(session, ToDo(TaskKind.CALL, "who is it?", SOON, number_id=stranger.id), NOW)
    number.calls_opted_out_at = stranger.calls_opted_out_at = NOW
    session.flush()
    drop_unwanted_calls(session)
    drop_unwanted_calls(session)
    session.expire_all()
    assert [(task.kind, task.because.count(NO_CALLS)) for task in (due, unknown)] == [(TaskKind.OTHER, 1)] * 2


def test_a_fresh_consent_told_to_one_of_ours_lifts_it_and_the_stop_stays_in_the_ledger(session: Session) -> None:
    person, number = make_member(session)
    settings = make_settings()
    stop_as_told(session, settings, person.id, told(Scope.TEXTS, Scope.CALLS))
    again = told(Scope.TEXTS, Scope.CALLS, words="yes, do text me again", source="in person", now=LATER)
    agree_as_told(session, settings, person.id, "The chapter may text me about trainings.", again)

    assert (number.texts_opted_out_at, number.calls_opted_out_at, number.consented_at) == (None, None, LATER)
    consent, calls = ledger(session, number)[2:]
    assert (consent.action, consent.wording) == ("consent", "The chapter may text me about trainings.")
    assert (calls.action, calls.scope, calls.source) == ("opt_in", "calls", "in person")
    assert {line.raw_text for line in (consent, calls)} == {"yes, do text me again"}
    assert standing(session, person).callable


def test_a_fresh_consent_touches_no_number_that_was_never_stopped(session: Session) -> None:
    stopped, home = make_number(session, opted_out=True), make_number(session, consented=False, kind=NumberKind.HOME)
    person = make_person(session, "Ana Prueba", numbers=[stopped, home])
    assert agree_as_told(session, make_settings(), person.id, "read out", told(Scope.TEXTS, Scope.CALLS)) == 1
    assert (stopped.texts_opted_out_at, home.consented_at, ledger(session, home)) == (None, None, [])
    with pytest.raises(NotToldError, match="nothing to lift"):
        agree_as_told(session, make_settings(), person.id, "read out", told(Scope.TEXTS))


@pytest.mark.parametrize("given", [{"words": "  "}, {"source": "a dream"}, {"scopes": ()}, {"words": "x" * 501}])
def test_a_wish_without_its_words_or_its_way_is_not_taken(given: dict[str, object]) -> None:
    with pytest.raises(NotToldError):
        told(Scope.TEXTS, **given)


def test_who_has_no_number_says_so(session: Session) -> None:
    person = make_person(session, "Ana Prueba", numbers=[])
    with pytest.raises(NotToldError, match="no number"):
        stop_as_told(session, make_settings(), person.id, told(Scope.TEXTS))
    assert session.scalars(select(Task)).all() == []
    assert session.scalars(select(Conversation)).all() == []
