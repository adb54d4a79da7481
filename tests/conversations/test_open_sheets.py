"""Whoever hosts a session is reminded of a sign-in that is still open; it is a task until it is closed."""

from datetime import timedelta

from sqlalchemy.orm import Session

from outreach.conversations.models import DutyKind
from outreach.conversations.open_sheets import remind_of_open_sheets
from outreach.conversations.seeing import Viewer
from outreach.conversations.task_list import task_lines
from outreach.trainings.attendance import close_sign_in
from tests.conversations.talk import Talk
from tests.conversations.test_sensitive import on_duty
from tests.factories import NOW, make_session, make_settings

LUZ, MARCO = "luz@example.org", "marco@example.org"
LUZ_PHONE, MARCO_PHONE = "+12135550171", "+12135550172"


def test_the_host_is_texted_once_and_without_one_who_is_on_duty(session: Session) -> None:
    on_duty(session, LUZ, LUZ_PHONE, DutyKind.REPLIES)
    on_duty(session, MARCO, MARCO_PHONE, DutyKind.ON_CALL)
    hosted = make_session(session, starts_at=NOW + timedelta(hours=1), minutes=60, host=MARCO)
    other = make_session(session, starts_at=NOW + timedelta(hours=1), minutes=60)
    make_session(
        session, starts_at=NOW - timedelta(days=3), now=NOW - timedelta(days=9)
    )  # long over: nobody is texted of it any more
    session.commit()
    talk = Talk(make_settings(text_hours="09:00-20:00", text_hours_sunday="12:00-20:00"))
    over = NOW + timedelta(hours=2, minutes=31)
    assert remind_of_open_sheets(session, talk.settings, NOW + timedelta(hours=2, minutes=20)) == 0
    assert remind_of_open_sheets(session, talk.settings, over) == 2
    assert remind_of_open_sheets(session, talk.settings, over + timedelta(hours=1)) == 0
    [text] = talk.heard(MARCO_PHONE)
    assert text.startswith("DSA-LA: the sign-in of Fri Dec 4 11am is still open.")
    assert len(talk.heard(LUZ_PHONE)) == 1
    lines = {line.session_id: line for line in task_lines(session, Viewer(LUZ), over)}
    assert lines[hosted.id].owner == MARCO
    assert lines[hosted.id].page == "sign_in_sheet.show"
    close_sign_in(session, hosted.id, over)
    close_sign_in(session, other.id, over)
    left = {line.session_id for line in task_lines(session, Viewer(LUZ), over)}
    assert not left & {hosted.id, other.id}


def test_nobody_is_texted_of_a_sheet_at_night(session: Session) -> None:
    on_duty(session, MARCO, MARCO_PHONE, DutyKind.ON_CALL)
    make_session(session, starts_at=NOW + timedelta(hours=8), minutes=120, host=MARCO)  # until 8 in the evening
    session.commit()
    settings = make_settings(text_hours="09:00-20:00", text_hours_sunday="12:00-20:00")
    assert remind_of_open_sheets(session, settings, NOW + timedelta(hours=11)) == 0
    assert remind_of_open_sheets(session, settings, NOW + timedelta(hours=23)) == 1
