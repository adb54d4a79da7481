from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from outreach import clock
from outreach.demo.tour import TOUR
from outreach.democlock import DemoClock
from outreach.people.models import PersonNumber, PhoneNumber
from outreach.trainings.models import Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.sessions import list_sessions
from tests.browser.desk import Desk
from tests.browser.looking import faults_of, out_of_reach
from tests.browser.walking import eventually, figure, launch, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def present_again() -> Iterator[None]:
    """The demo's clock is this process's: what a test moves is moved back."""
    yield
    clock.set_offset(timedelta(0))


def coming(desk: Desk) -> list[TrainingSession]:
    with desk.transaction() as session:
        return list_sessions(session, clock.now())


def skip(page: Page, desk: Desk, by: str) -> None:
    """Move the demo's clock as its viewers do: by a button of the phones page."""
    page.goto(desk.phones_url)
    page.locator(f'button[name="by"][value="{by}"]').click()
    expect(page.locator(".notice")).to_be_visible()


def shown(desk: Desk, zone: ZoneInfo) -> datetime:
    """Read the demo's clock by its row: a thread that looked before the last skip may set this process's back."""
    with desk.transaction() as session:
        ahead = session.scalar(select(DemoClock.ahead)) or timedelta(0)
    return datetime.now(zone) + ahead


def skip_to_the_day_before(page: Page, desk: Desk, gathering: TrainingSession) -> None:
    """Skip days, then hours, until it is noon on the day before a session."""
    zone = ZoneInfo(gathering.timezone)
    while gathering.starts_at - shown(desk, zone) > timedelta(days=2):
        skip(page, desk, "day")
    while gathering.starts_at.astimezone(zone).date() - shown(desk, zone).date() > timedelta(days=1):
        skip(page, desk, "hour")
    while shown(desk, zone).hour < 12:
        skip(page, desk, "hour")


def test_the_demo_goes_as_the_home_page_says(page: Page, desk: Desk) -> None:
    small = coming(desk)[0]
    sign_in(page, desk)
    expect(page.get_by_role("region", name="What to try").get_by_role("listitem")).to_have_count(len(TOUR))
    assert faults_of(page) == []
    launch(page)
    campaign = page.url
    eventually(lambda: figure(page, "Queued") == 0 and figure(page, "Delivered") > 200, page)
    page.goto("/")
    page.get_by_role("link", name="Let members answer").click()
    assert out_of_reach(page) == []
    page.get_by_role("button", name="Let members answer").click()
    expect(page.locator(".notice")).to_contain_text("60")
    page.goto(campaign)
    eventually(lambda: figure(page, "Replied") == 60 and figure(page, "Yes") > 20, page)
    page.goto(f"/sessions/{small.id}")
    eventually(lambda: bool(page.reload()) and "20 / 20" in page.locator(".tops").inner_text(), page)
    assert faults_of(page) == []
    skip_to_the_day_before(page, desk, small)
    said_yes = phones_of_yes(desk, small)
    eventually(lambda: len(reminders(desk)) >= len(said_yes), page)
    assert sorted(reminders(desk)) == said_yes


def reminders(desk: Desk) -> list[str]:
    return [text.member for text in desk.texts_to() if text.body.startswith(("Tomorrow", "Mañana"))]


def phones_of_yes(desk: Desk, gathering: TrainingSession) -> list[str]:
    coming = (
        select(PhoneNumber.phone)
        .join(PersonNumber, PersonNumber.number_id == PhoneNumber.id)
        .join(Rsvp, Rsvp.person_id == PersonNumber.person_id)
        .where(Rsvp.session_id == gathering.id, Rsvp.status == RsvpStatus.YES)
    )
    with desk.transaction() as session:
        return sorted(session.scalars(coming))
