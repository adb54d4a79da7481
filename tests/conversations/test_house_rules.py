from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.people.deleting import delete_person
from outreach.people.models import ConsentAction, ConsentEvent, Person, PersonNumber
from outreach.texting.models import Direction, Text, TextStatus
from outreach.understanding import Intent
from tests.conversations.factories import reading
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, make_settings

ANA, BEN, STRANGER = "+12135550101", "+12135550102", "+12135550199"
SPANISH_STOP = reading(Intent.STOP, opt_out=True, suppress="all", language="es")


def invited(session: Session, *, keywords: str = "default", **facts: Any) -> Talk:
    make_person(session, phone=ANA, **facts)
    talk = Talk(make_settings(twilio_keywords=keywords))
    talk.invite(make_session(session).id)
    assert len(talk.heard(ANA)) == 1
    return talk


def ledger(session: Session) -> list[ConsentAction]:
    return list(session.scalars(select(ConsentEvent.action).order_by(ConsentEvent.id)))


@pytest.mark.parametrize("body", ["STOP", "stop", " Stop ", "UNSUBSCRIBE", "END", "quit", "CANCEL"])
def test_by_default_twilio_confirms_its_stop_words_and_we_stay_silent(session: Session, body: str) -> None:
    talk = invited(session)
    assert talk.write(ANA, body).status == TextStatus.HANDLED
    assert talk.heard(ANA) == []
    assert talk.number(ANA).texts_opted_out_at == NOW
    assert talk.conversation(ANA).outcome == "opted_out"
    assert ledger(session) == [ConsentAction.OPT_OUT]


def test_a_stop_in_other_words_is_confirmed_once_within_five_minutes(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "please stop", reading(Intent.STOP, opt_out=True, suppress="all"))
    confirmation = talk.newest(ANA, Direction.OUT)
    assert confirmation.exempt_from_opt_out
    assert confirmation.expires_at == NOW + timedelta(minutes=5)
    assert talk.heard(ANA) == [
        "Done. DSA-LA won't text this number again. If you change your mind, text START.",
    ]
    talk.write(ANA, "please stop", reading(Intent.STOP, opt_out=True, suppress="all"))
    assert talk.heard(ANA) == []
    assert ledger(session) == [ConsentAction.OPT_OUT] * 2


def test_alto_is_confirmed_in_spanish(session: Session) -> None:
    talk = invited(session, language="es")
    talk.write(ANA, "ALTO")
    assert talk.heard(ANA) == ["Listo. DSA-LA ya no enviará textos a este número. Si cambia de idea, mande START."]


def test_a_stranger_who_stops_in_spanish_is_confirmed_in_spanish(session: Session) -> None:
    del session
    talk = Talk()
    talk.write(STRANGER, "ya no me escriban", SPANISH_STOP)
    assert talk.heard(STRANGER)[0].startswith("Listo.")


def test_without_twilios_words_we_confirm_stop_ourselves(session: Session) -> None:
    talk = invited(session, keywords="off")
    talk.write(ANA, "STOP")
    assert talk.heard(ANA)[0].startswith("Done.")


def test_with_words_set_at_twilio_it_tells_us_what_it_answered(session: Session) -> None:
    talk = invited(session, keywords="advanced")
    talk.write(ANA, "adios", reading(), OptOutType="STOP")
    assert talk.heard(ANA) == []
    assert talk.number(ANA).texts_opted_out_at is not None
    talk.write(ANA, "hola otra vez", reading(), OptOutType="START")
    assert talk.number(ANA).texts_opted_out_at is None
    assert talk.heard(ANA) == []
    lines = session.scalars(select(ConsentEvent).order_by(ConsentEvent.id)).all()
    assert [(line.action, line.rule, line.raw_text) for line in lines] == [
        ("opt_out", "a keyword set at Twilio", "adios"),
        ("opt_in", "a keyword set at Twilio", "hola otra vez"),
    ]


def test_what_was_queued_does_not_leave_after_a_stop(session: Session) -> None:
    make_person(session, phone=ANA)
    talk = Talk()
    talk.invite(make_session(session).id)
    talk.write(ANA, "STOP")
    assert talk.newest(ANA, Direction.OUT).status == TextStatus.SUPPRESSED


def test_after_a_stop_nothing_is_ever_started_or_nudged(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "STOP")
    talk.wait(days=9)
    talk.invite(make_session(session, starts_at=NOW + timedelta(days=30)).id)
    assert talk.heard(ANA) == []


def test_whoever_stopped_hears_nothing_whatever_they_write(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "STOP")
    for body in ("1", "hello?", "thanks", "", "yes please"):
        assert talk.write(ANA, body).status == TextStatus.NEEDS_PERSON
    assert talk.heard(ANA) == []


def test_start_lifts_the_stop_and_counts_as_consent(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "STOP")
    talk.now += timedelta(days=1)
    assert talk.write(ANA, " Start ").status == TextStatus.HANDLED
    assert talk.number(ANA).texts_opted_out_at is None
    assert talk.number(ANA).consented_at == talk.now
    assert talk.heard(ANA) == []
    assert ledger(session) == [ConsentAction.OPT_OUT, ConsentAction.OPT_IN]


def test_without_twilios_words_we_welcome_them_back(session: Session) -> None:
    talk = invited(session, keywords="off")
    talk.write(ANA, "STOP")
    talk.write(ANA, "UNSTOP")
    assert [words[:12] for words in talk.heard(ANA)] == ["Done. DSA-LA", "Welcome back"]


def test_yes_from_a_blocked_number_stays_blocked_and_silent_and_goes_to_a_person(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "STOP")
    forms: list[dict[str, Any]] = [{}, {"OptOutType": "START"}]
    for form in forms:
        assert talk.write(ANA, "YES", **form).status == TextStatus.NEEDS_PERSON
    assert talk.number(ANA).texts_opted_out_at is not None
    assert talk.heard(ANA) == []
    assert ledger(session) == [ConsentAction.OPT_OUT]


def test_ayuda_is_answered_by_us_and_help_by_twilio(session: Session) -> None:
    talk = invited(session, language="es")
    talk.write(ANA, "HELP")
    assert talk.heard(ANA) == []
    talk.write(ANA, " ayuda ")
    (words,) = talk.heard(ANA)
    assert words.startswith("DSA-LA: talleres para miembros")
    assert talk.settings.org_contact in words
    assert talk.conversation(ANA).state == "live"


def test_help_is_answered_also_after_a_stop(session: Session) -> None:
    talk = invited(session, keywords="off")
    talk.write(ANA, "STOP")
    talk.write(ANA, "HELP")
    assert talk.heard(ANA)[-1].startswith("DSA-LA: trainings for members")


def test_a_wrong_number_is_retired_for_that_person_only(session: Session) -> None:
    talk = invited(session)
    ben = make_person(session, "Ben Prueba", phone=ANA)
    text = talk.write(ANA, "wrong number", reading(Intent.WRONG_NUMBER, suppress="number"))
    links = session.execute(select(PersonNumber.person_id, PersonNumber.retired_because))
    retired = {person_id: because for person_id, because in links}  # noqa: C416 - rows are no pairs to mypy
    assert retired.pop(ben.id) is None
    assert list(retired.values()) == ["wrong number"]
    assert text.status == TextStatus.NEEDS_PERSON
    assert talk.conversation(ANA).outcome == "wrong_number"
    assert talk.number(ANA).texts_opted_out_at is None
    assert talk.heard(ANA) == []


def test_what_a_person_must_decide_stops_automation_on_the_number(session: Session) -> None:
    talk = invited(session)
    assert talk.write(ANA, "…", reading(Intent.NO, suppress="hold")).status == TextStatus.NEEDS_PERSON
    assert talk.number(ANA).automation_held_at == NOW
    assert talk.write(ANA, "1").status == TextStatus.NEEDS_PERSON
    talk.wait(days=6)
    assert talk.heard(ANA) == []
    talk.wait(days=9)
    assert talk.conversation(ANA).outcome == "expired"


def test_a_stranger_is_kept_for_a_person_and_answered_once_in_thirty_days(session: Session) -> None:
    talk = Talk()
    assert talk.write(STRANGER, "hi, who is this?").status == TextStatus.NEEDS_PERSON
    assert talk.heard(STRANGER)[0].startswith("This is DSA-LA's text line.")
    talk.now += timedelta(days=29)
    assert talk.write(STRANGER, "hello?").status == TextStatus.NEEDS_PERSON
    assert talk.heard(STRANGER) == []
    talk.now += timedelta(days=2)
    talk.write(STRANGER, "hello??")
    assert len(talk.heard(STRANGER)) == 1
    assert session.scalar(select(func.count()).where(Text.direction == Direction.IN)) == 3


def test_a_deleted_person_who_writes_again_hears_nothing_and_a_person_looks(session: Session) -> None:
    talk = invited(session)
    person = session.scalars(select(Person)).one()
    delete_person(session, person.id, now=NOW, key=talk.settings.suppression_key.get_secret_value(), by="tester")
    session.commit()
    text = talk.write(ANA, "hello, are you still there?")
    assert (text.status, text.person_id) == (TextStatus.NEEDS_PERSON, None)
    assert talk.number(ANA).texts_opted_out_at is not None
    assert talk.heard(ANA) == []


def test_a_stop_of_a_stranger_is_kept_for_the_day_that_we_know_them(session: Session) -> None:
    talk = Talk()
    talk.write(STRANGER, "STOP")
    make_person(session, phone=STRANGER)
    talk.invite(make_session(session).id)
    assert talk.heard(STRANGER) == []


def test_a_text_from_a_person_in_no_conversation_is_kept_for_a_person(session: Session) -> None:
    ana = make_person(session, phone=ANA)
    text = Talk().write(ANA, "when is the next class?")
    assert (text.status, text.person_id, text.conversation_id) == (TextStatus.NEEDS_PERSON, ana.id, None)
    assert Talk().heard(ANA) == []
