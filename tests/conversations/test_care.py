"""Owning threads, telling owners, duties and officers, what is written down by hand, corrections, media."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach import doctor
from outreach.accounts.models import Role
from outreach.conversations import by_hand, officers, owning
from outreach.conversations.alerting import pass_on_unclaimed, tell_at_once, tell_digest
from outreach.conversations.approved import NotApprovedError, approve
from outreach.conversations.corrections import correct_reading, labelled_lines
from outreach.conversations.duties import is_on_duty
from outreach.conversations.media import NotFetchedError, Wanted, delete_old_media, fetch, keep_media
from outreach.conversations.models import BOT, Duty, DutyKind, MediaFile, Note, TaskKind
from outreach.conversations.seeing import Viewer
from outreach.conversations.task_list import count_overdue, task_lines
from outreach.conversations.tasks import ToDo, add_task
from outreach.conversations.timeline import person_page
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.people.attaching import add_person, attach_number, find_people
from outreach.people.models import Person, PhoneNumber
from outreach.people.numbers import people_on
from outreach.sandbox.inbound import Media as Picture
from outreach.sandbox.server import RunningSandbox
from outreach.settings import SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN
from outreach.texting.models import ProviderId, Text
from outreach.texting.twilio import make_client
from outreach.trainings.models import AvailabilityNote, Need, NeedState, Rsvp, RsvpStatus
from tests.accounts.factories import make_user
from tests.conversations.desk_factories import make_reading, make_waiting
from tests.conversations.talk import Talk
from tests.conversations.test_sensitive import on_duty
from tests.factories import KEY, NOW, make_person, make_session, make_settings
from tests.people.factories import make_number
from tests.sandbox.factories import make_config

ANA, BEN = "+12135550111", "+12135550112"
LUZ, MARCO = "luz@example.org", "marco@example.org"
LUZ_PHONE, MARCO_PHONE = "+12135550171", "+12135550172"
SETTINGS = make_settings()


def invited(session: Session) -> tuple[Talk, PhoneNumber]:
    talk = Talk()
    make_person(session, phone=ANA)
    gathering = make_session(session)
    session.commit()
    talk.invite(gathering.id)
    talk.heard(ANA)
    return talk, session.scalars(select(PhoneNumber).where(PhoneNumber.phone == ANA)).one()


def test_while_somebody_has_a_thread_the_program_is_silent_and_then_goes_on_where_it_stood(session: Session) -> None:
    talk, number = invited(session)
    talk.now += timedelta(days=1)
    owning.take_over(session, number, LUZ, talk.now)
    session.commit()
    talk.write(ANA, "1")
    talk.wait(days=2)
    assert talk.heard(ANA) == []
    assert talk.conversation(ANA).owner == LUZ
    owning.give_back(session, number, LUZ, talk.now)
    session.commit()
    assert talk.conversation(ANA).owner == BOT
    talk.wait(hours=23)
    assert talk.heard(ANA) == []
    # The first nudge was two days after the invitation: one had passed when the thread was taken over.
    talk.wait(days=1)
    assert len(talk.heard(ANA)) == 1


def test_a_thread_that_somebody_forgot_goes_back_after_three_days(session: Session) -> None:
    talk, number = invited(session)
    owning.take_over(session, number, LUZ, talk.now)
    assert owning.give_back_forgotten(session, talk.now + timedelta(days=2, hours=23)) == 0
    assert owning.give_back_forgotten(session, talk.now + timedelta(days=3)) == 1
    assert talk.conversation(ANA).owner == BOT
    assert number.owner == LUZ


def test_somebody_is_told_at_once_of_who_wants_a_call_and_of_todays_people(session: Session) -> None:
    on_duty(session, LUZ, LUZ_PHONE, DutyKind.REPLIES)
    talk = Talk()
    make_person(session, phone=ANA)
    ben = make_person(session, "Ben Prueba", phone=BEN)
    on_duty(session, MARCO, MARCO_PHONE, DutyKind.ON_CALL)
    today = make_session(session, starts_at=NOW + timedelta(hours=5), host=MARCO)
    by_hand.rsvp_by_hand(session, SETTINGS, ben.id, today.id, RsvpStatus.YES, LUZ, NOW)
    for phone, intent in ((ANA, "callback"), (ANA, "question"), (BEN, "question")):
        number = session.scalars(select(PhoneNumber).where(PhoneNumber.phone == phone)).one()
        make_waiting(session, number, "a secret", reading=make_reading(intent), at=NOW)
    session.commit()
    assert tell_at_once(SETTINGS, NOW, 10) == 2
    told = talk.heard(LUZ_PHONE)
    assert len(told) == 2
    # The host of the session hears of Ben alone.
    assert len(talk.heard(MARCO_PHONE)) == 1
    assert not any("secret" in body or "Ana" in body or "Ben" in body for body in told)
    assert tell_at_once(SETTINGS, NOW, 10) == 0


def test_at_five_whoever_is_on_duty_hears_how_many_wait_once_a_day(session: Session) -> None:
    on_duty(session, LUZ, LUZ_PHONE, DutyKind.REPLIES)
    talk = Talk()
    for phone in (ANA, BEN):
        make_waiting(session, make_number(session, phone), at=NOW)
    session.commit()
    tell_digest(SETTINGS, NOW)
    assert talk.heard(LUZ_PHONE) == []
    for hours in (7, 8):
        tell_digest(SETTINGS, NOW + timedelta(hours=hours))
    (told,) = talk.heard(LUZ_PHONE)
    assert "2 replies wait" in told


def test_what_nobody_answers_for_a_day_goes_to_the_next_on_duty(session: Session) -> None:
    for place, (email, phone) in enumerate(((LUZ, LUZ_PHONE), (MARCO, MARCO_PHONE))):
        on_duty(session, email, phone, DutyKind.REPLIES).place = place
    number = make_number(session, ANA)
    make_waiting(session, number, at=NOW)
    session.commit()
    owners = []
    for hours in (23, 25, 30, 50):
        pass_on_unclaimed(session, SETTINGS, NOW + timedelta(hours=hours))
        session.refresh(number)
        owners.append(number.owner)
    assert owners == [None, LUZ, LUZ, MARCO]


@pytest.mark.parametrize(
    ("days", "minutes", "there"),
    [("0123456", (0, 1440), True), ("4", (540, 660), True), ("3", (540, 660), False), ("3", (1380, 660), True)],
)
def test_duty_has_days_and_hours_which_may_go_past_midnight(
    days: str,
    minutes: tuple[int, int],
    there: bool,  # noqa: FBT001 - a column of the table
) -> None:
    duty = Duty(days=days, start_minute=minutes[0], end_minute=minutes[1])
    assert is_on_duty(duty, NOW, SETTINGS.zone) is there


def test_nobody_makes_themselves_a_grievance_officer_alone(session: Session) -> None:
    for email in (LUZ, MARCO):
        make_user(session, email, Role.ADMIN)
    facts: Any = {"phone": LUZ_PHONE, "known_as": "Luz", "by": MARCO, "now": NOW}
    duty = officers.name_duty(session, LUZ, DutyKind.GRIEVANCE, **facts)
    for by in (LUZ, MARCO):
        with pytest.raises(OutreachError, match="second admin"):
            officers.confirm_officer(session, duty.id, by, NOW)
    officers.confirm_officer(session, duty.id, "third@example.org", NOW)
    assert duty.confirmed_by == "third@example.org"
    with pytest.raises(OutreachError, match="names that members call them"):
        officers.name_duty(session, LUZ, DutyKind.GRIEVANCE, **{**facts, "known_as": ""})


def test_an_officer_is_kept_from_a_case_about_them_and_the_others_are_rung_anew(session: Session) -> None:
    for email, phone in ((LUZ, LUZ_PHONE), (MARCO, MARCO_PHONE)):
        on_duty(session, email, phone, DutyKind.GRIEVANCE)
    talk, number = invited(session)
    talk.write(ANA, "someone at the last meeting harassed me")
    officers.exclude_officer(session, number, LUZ, MARCO, NOW)
    with pytest.raises(OutreachError, match="No officer would be left"):
        officers.exclude_officer(session, number, MARCO, MARCO, NOW)


def test_words_are_approved_in_both_languages_with_their_placeholder_and_a_day(session: Session) -> None:
    for en, day, complaint in (("call us", NOW.date(), "hotline"), ("{hotline}", date(2027, 1, 1), "ahead")):
        with pytest.raises(NotApprovedError, match=complaint):
            approve(session, "sensitive_hotline", en, "{hotline}", day, LUZ, NOW)


def test_what_is_written_down_by_hand_counts_and_stands_in_the_line_of_time(session: Session) -> None:
    ana = make_person(session, phone=ANA)
    number = session.scalars(select(PhoneNumber).where(PhoneNumber.phone == ANA)).one()
    gathering = make_session(session)
    by_hand.rsvp_by_hand(session, SETTINGS, ana.id, gathering.id, RsvpStatus.YES, LUZ, NOW)
    by_hand.need_by_hand(session, ana.id, gathering.id, "ride", "from work", LUZ, NOW)
    by_hand.availability_by_hand(session, SETTINGS, ana.id, "Saturday mornings", LUZ, NOW)
    by_hand.add_note(session, ana.id, " likes maps ", LUZ, NOW)
    add_task(session, ToDo(TaskKind.CALL, "ring them", NOW - timedelta(hours=1), owner=LUZ, person_id=ana.id), NOW)
    secret = make_waiting(session, number, "a complaint", person=ana)
    secret.restricted = True
    session.commit()

    assert session.scalars(select(Rsvp.status)).one() == RsvpStatus.YES
    assert session.scalars(select(Need.owner)).one() == LUZ
    assert session.scalars(select(Need.state)).one() == NeedState.ASKED
    assert session.scalars(select(AvailabilityNote)).one().cells["available"] == ["sat_morning"]
    assert session.scalars(select(Note.body)).one() == "likes maps"
    page = person_page(session, ana.id, Viewer(LUZ), KEY)
    assert page is not None
    assert {each.kind for each in page.happenings} >= {"RSVP", "Need", "Note", "Task"}
    assert "a complaint" not in {each.words for each in page.happenings}
    assert page.next_step is not None
    assert [line.kind for line in task_lines(session, Viewer(LUZ), NOW, LUZ)] == ["call", "need"]
    assert count_overdue(session, NOW, 10) == 1
    for words, complaint in (("", "Write a note"), ("x" * 2001, "at most")):
        with pytest.raises(OutreachError, match=complaint):
            by_hand.add_note(session, ana.id, words, LUZ, NOW)
    with pytest.raises(OutreachError, match="No day or hour"):
        by_hand.availability_by_hand(session, SETTINGS, ana.id, "hello", LUZ, NOW)


def test_the_list_of_tasks_holds_waitlists_and_unknown_numbers_too(session: Session) -> None:
    gathering = make_session(session, capacity=1)
    for name in ("Ana Prueba", "Ben Prueba"):
        person = make_person(session, name)
        by_hand.rsvp_by_hand(session, SETTINGS, person.id, gathering.id, RsvpStatus.YES, LUZ, NOW)
    text = make_waiting(session, make_number(session, ANA), at=NOW)
    lines = {line.kind: line for line in task_lines(session, Viewer(LUZ), NOW)}
    assert lines["waitlist"].name == "1 waiting"
    assert lines["waitlist"].session_id == gathering.id
    assert lines["unknown"].text_id == text.id


def test_doctor_says_when_nobody_is_on_call(session: Session) -> None:
    assert session.is_active
    (nobody,) = doctor._on_call(make_settings(on_call_numbers=","))
    assert nobody.mend is not None
    (somebody,) = doctor._on_call(make_settings())
    assert somebody.mend is None


def test_a_death_counts_once_two_people_say_so(session: Session) -> None:
    ana = make_person(session, phone=ANA)
    assert [by_hand.say_deceased(session, ana.id, by, NOW) for by in (LUZ, LUZ, MARCO)] == [False, False, True]
    assert ana.deceased


def test_a_number_is_attached_to_who_wrote_and_a_shared_one_split(session: Session) -> None:
    number = make_number(session, ANA)
    ana = make_person(session, "Ana Prueba", phone=BEN)
    new = add_person(session, "Rosa", "Nueva", "wrote to us", NOW)
    assert [found.id for found in find_people(session, "ana pru")] == [ana.id]
    assert [found.id for found in find_people(session, "nueva")] == [new.id]
    for person in (ana, new):
        attach_number(session, person.id, number.id, NOW)
    assert people_on(session, number.id) == [ana, new]
    by_hand.keep_for(session, number.id, new.id, LUZ, NOW)
    assert people_on(session, number.id) == [new]
    attach_number(session, ana.id, number.id, NOW)
    assert people_on(session, number.id) == [ana, new]
    assert session.get_one(Person, ana.id).numbers


def test_a_corrected_reading_is_a_labelled_line_but_not_of_what_is_for_officers(session: Session) -> None:
    number = make_number(session, ANA)
    texts = [make_waiting(session, number, body) for body in ("¿mañana?", "a complaint")]
    texts[1].restricted = True
    for text in texts:
        correct_reading(session, text, "availability", opt_out=False, by=LUZ, now=NOW)
    (line,) = map(json.loads, labelled_lines(session))
    assert (line["text"], line["intent"], line["read_as"], line["opt_out"]) == (
        "¿mañana?",
        "availability",
        "question",
        False,
    )


class Store(BaseHTTPRequestHandler):
    """Twilio's store of media, which asks for credentials."""

    files: dict[str, bytes] = {}  # noqa: RUF012 - one store for the tests of this file

    def do_GET(self) -> None:
        content = self.files.get(self.path)
        self.send_response(401 if not self.headers.get("Authorization") else 404 if content is None else 200)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_args: object) -> None: ...


@pytest.fixture
def store() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Store)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_is_fetched_with_credentials_and_only_as_what_it_says_it_is(store: str) -> None:
    settings = make_settings(twilio_api_url=store, twilio_auth_token=SANDBOX_AUTH_TOKEN)
    photo = b"\xff\xd8\xff" + b"x" * 100
    Store.files = {"/photo": photo, "/page": b"<html><script>", "/large": b"\xff\xd8\xff" + b"x" * 5_000_001}
    assert fetch(settings, Wanted(f"{store}/photo", "image/jpeg")) == photo
    for path, content_type, complaint in (
        ("/photo", "text/html", "kind of file"),
        ("/page", "image/jpeg", "not what it says"),
        ("/large", "image/jpeg", "larger than 5 MB"),
        ("/gone", "image/jpeg", "does not have it"),
    ):
        with pytest.raises(NotFetchedError, match=complaint):
            fetch(settings, Wanted(f"{store}{path}", content_type))
    with pytest.raises(NotFetchedError, match="somewhere else"):
        fetch(settings, Wanted("http://169.254.169.254/latest", "image/jpeg"))


def test_after_thirty_days_a_file_is_deleted_at_twilio_and_here(session: Session) -> None:
    with RunningSandbox(make_config(account_sid=SANDBOX_ACCOUNT_SID, auth_token=SANDBOX_AUTH_TOKEN)) as twilio:
        client = make_client(make_settings(twilio_api_url=twilio.url))
        number, sids = make_number(session, ANA), []
        for days in (31, 29, 32):
            sent = twilio.sandbox.inbound.receive(ANA, "", media=[Picture(content_type="image/png")]).message
            sids.append(sent.sid)
            text = make_waiting(session, number, at=NOW - timedelta(days=days))
            text.media = [{"url": "https://api.twilio.com/x", "type": "image/png"}]
            session.add(ProviderId(sid=sent.sid if days < 32 else "MMgone", text_id=text.id))
            session.flush()
            keep_media(session, text.id, 0, "image/png", b"photo", LUZ, NOW)
        session.commit()
        assert delete_old_media(client, NOW) == 2
        assert [len(client.messages(sid).media.list()) for sid in sids[:2]] == [0, 1]
        assert delete_old_media(client, NOW) == 0
    with transaction() as looking:
        assert looking.scalars(select(MediaFile.content).order_by(MediaFile.text_id)).all() == [None, b"photo", None]
        assert [bool(media) for media in looking.scalars(select(Text.media).order_by(Text.id))] == [False, True, False]
