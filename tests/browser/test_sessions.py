import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from outreach import clock, democlock
from outreach.people.models import Person, PersonNumber, PhoneNumber
from outreach.trainings.models import RsvpStatus, TrainingSession
from outreach.trainings.needs import note_need
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import list_sessions
from tests.browser.desk import Desk
from tests.browser.looking import faults_of
from tests.browser.walking import be_signed_in, eventually

pytestmark = pytest.mark.browser
# What does not depend on the width is walked at one.
at_one_width = pytest.mark.parametrize("page", ["phone"], indirect=True)


@pytest.fixture
def after_the_start(desk: Desk) -> Iterator[TrainingSession]:
    """The first session, ten minutes after it has begun; three have said yes to it."""
    with desk.transaction() as session:
        gathering = list_sessions(session, clock.now())[0]
    say_yes(desk, gathering.id, 3)
    with desk.transaction() as session:
        democlock.skip(session, int((gathering.starts_at + timedelta(minutes=10) - clock.now()).total_seconds()))
    yield gathering
    clock.set_offset(timedelta(0))


def first_session(desk: Desk) -> int:
    with desk.transaction() as session:
        return list_sessions(session, clock.now())[0].id


def say_yes(desk: Desk, session_id: int, people: int) -> list[int]:
    """Let this many members who can be texted say yes; return who."""
    with desk.transaction() as session:
        textable = (
            select(Person.id)
            .join(PersonNumber, PersonNumber.person_id == Person.id)
            .join(PhoneNumber, PhoneNumber.id == PersonNumber.number_id)
            .where(PhoneNumber.consented_at.is_not(None), PhoneNumber.texts_opted_out_at.is_(None))
        )
        ids = list(session.scalars(textable.where(Person.language == "es").order_by(Person.id).limit(people)))
        for person_id in ids:
            answer(session, person_id, session_id, RsvpStatus.YES, now=clock.now())
    return ids


def phone_of(desk: Desk, person_id: int) -> str:
    with desk.transaction() as session:
        link = select(PersonNumber.number_id).where(PersonNumber.person_id == person_id)
        return session.get_one(PhoneNumber, session.scalars(link).one()).phone


def test_a_need_is_settled_and_the_member_hears_it_in_their_language(page: Page, desk: Desk) -> None:
    session_id = first_session(desk)
    [person_id] = say_yes(desk, session_id, 1)
    with desk.transaction() as session:
        note_need(session, person_id, session_id, "childcare", "dos niños", clock.now())
    be_signed_in(page, desk)
    page.goto(f"/sessions/{session_id}")
    needs = page.get_by_role("region", name="Needs")
    expect(needs).to_contain_text("second@example.org")
    assert faults_of(page) == []
    needs.get_by_role("button", name=re.compile("^Arranged")).click()
    expect(page.get_by_text("The member is told by text.")).to_be_visible()
    expect(page.get_by_role("region", name="Needs")).to_contain_text("Told: arranged")
    assert faults_of(page) == []
    phone = phone_of(desk, person_id)
    eventually(lambda: any("sí habrá cuidado de niños" in text.body for text in desk.texts_to(phone)), page)


def test_a_full_session_shows_its_waitlist_in_order_and_its_roster_is_a_file(page: Page, desk: Desk) -> None:
    session_id = first_session(desk)
    say_yes(desk, session_id, 22)
    be_signed_in(page, desk)
    page.goto("/sessions")
    expect(page.get_by_role("cell", name="20 / 20")).to_be_visible()
    assert faults_of(page) == []
    page.goto(f"/sessions/{session_id}")
    expect(page.get_by_role("region", name="Waitlist").get_by_role("listitem")).to_have_count(2)
    assert faults_of(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Roster (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert len(rows) == 22
    assert {row["status"] for row in rows} == {"yes", "waitlisted"}
    assert "555" not in "".join("".join(row.values()) for row in rows)


def test_a_session_is_added_after_a_refusal_that_kept_what_was_typed(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    page.goto("/sessions")
    page.get_by_role("link", name="Add a session").click()
    page.get_by_label("Starts").fill("2020-01-04T10:00")
    page.get_by_label("Length in minutes").fill("90")
    page.get_by_label("Place, as everybody is told").fill("Library")
    page.get_by_label("Spanish").check()
    page.get_by_role("button", name="Add the session").click()
    expect(page.locator("#starts-error")).to_contain_text("is past")
    expect(page.get_by_label("Place, as everybody is told")).to_have_value("Library")
    expect(page.get_by_label("Starts")).to_have_value("2020-01-04T10:00")
    expect(page.get_by_label("Spanish")).to_be_checked()
    assert faults_of(page) == []
    page.get_by_label("Starts").fill("2027-06-05T10:00")
    page.get_by_role("button", name="Add the session").click()
    expect(page.get_by_text("The session is added.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Organizing conversations")
    assert faults_of(page) == []


@at_one_width
def test_a_session_that_moves_tells_who_is_coming_and_one_that_is_cancelled_too(page: Page, desk: Desk) -> None:
    session_id = first_session(desk)
    [person_id] = say_yes(desk, session_id, 1)
    phone = phone_of(desk, person_id)
    be_signed_in(page, desk)
    page.goto(f"/sessions/{session_id}/move")
    assert faults_of(page) == []
    page.get_by_label("Neighbourhood (public)").fill("Pico-Union")
    page.get_by_role("button", name="Change the session").click()
    expect(page.get_by_text("whoever is coming is told")).to_be_visible()
    eventually(lambda: any("Pico-Union" in text.body for text in desk.texts_to(phone)), page)
    page.get_by_role("link", name="Cancel it").click()
    expect(page.get_by_role("button", name="Cancel the session")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_role("button", name="Cancel the session").click()
    expect(page.get_by_text("This session is cancelled.")).to_be_visible()
    eventually(lambda: any("Se cancela" in text.body for text in desk.texts_to(phone)), page)
    with desk.transaction() as session:
        assert session.get_one(TrainingSession, session_id).sequence == 2


@at_one_width
def test_the_sheet_is_kept_at_the_door_on_a_phone(page: Page, desk: Desk, after_the_start: TrainingSession) -> None:
    be_signed_in(page, desk)
    page.goto(f"/sessions/{after_the_start.id}/sign-in")
    assert faults_of(page) == []
    page.locator(".form-check-input").first.check()
    page.get_by_role("button", name="Save the sheet").click()
    expect(page.get_by_role("heading", name="1 here")).to_be_visible()
    walk_in = page.get_by_role("region", name="Walk-in")
    walk_in.get_by_label("Name").fill("Rosa Luna")
    walk_in.get_by_label(re.compile("agree to texts")).check()
    walk_in.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("it is what they agree to texts on")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_label(re.compile("^Phone")).fill("213 555 0188")
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_role("heading", name="2 here")).to_be_visible()
    page.get_by_role("button", name="Close the sign-in").click()
    expect(page.get_by_text("2 came, 2 were missed")).to_be_visible()
