"""When a person is needed: two at one thread, take-over, closed hours, the on-call phone, officers, corrections."""

import json
import re
import time
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select, update

from outreach import clock, democlock
from outreach.conversations.corrections import labelled_lines
from outreach.conversations.models import Conversation, SensitiveCase, Timer
from outreach.demo.accounts import ADMIN, OFFICER, ORGANIZER, SECOND_ADMIN, SECOND_OFFICER
from outreach.demo.duties import DUTIES
from outreach.people.models import PersonNumber, PhoneNumber, Reach, Standing
from outreach.sandbox.inbound import Media
from outreach.settings import SANDBOX_ON_CALL
from outreach.text_hours import TextHours
from tests.browser.desk import Desk
from tests.browser.looking import faults_of
from tests.browser.test_replies import ask_and_hear, let_write
from tests.browser.walking import be_signed_in, eventually

pytestmark = pytest.mark.browser
at_one_width = pytest.mark.parametrize("page", ["desktop"], indirect=True)
RUNG = "an urgent reply is waiting"
PHONES = {email: phone for email, _, phone, _ in DUTIES}
ON_CALL, ADMINS_PHONE = PHONES[ORGANIZER], PHONES[SECOND_ADMIN]
OFFICERS_PHONE, SECOND_OFFICERS_PHONE = PHONES[OFFICER], PHONES[SECOND_OFFICER]


def a_member(desk: Desk) -> str:
    """Return the number of somebody who shares it with nobody."""
    alone = select(PersonNumber.number_id).group_by(PersonNumber.number_id).having(func.count() == 1)
    with desk.transaction() as session:
        reached = select(PhoneNumber.phone).join(Standing, Standing.number_id == PhoneNumber.id)
        mine = reached.where(Standing.reach == Reach.TEXTABLE, PhoneNumber.id.in_(alone))
        return session.scalars(mine.order_by(PhoneNumber.id.desc()).limit(1)).one()


def rings(desk: Desk, phone: str) -> int:
    return sum(RUNG in text.body for text in desk.texts_to(phone))


def open_first(page: Page) -> None:
    page.goto("/replies")
    page.locator(".waiting a").first.click()
    expect(page.get_by_role("region", name="Thread")).to_be_visible()


@at_one_width
def test_two_organizers_on_one_thread_do_not_both_answer_and_nothing_typed_is_lost(
    browser: Browser, page: Page, desk: Desk
) -> None:
    be_signed_in(page, desk)
    phone = ask_and_hear(page, desk, "is there parking?")
    other = browser.new_context(base_url=desk.url).new_page()
    be_signed_in(other, desk, ORGANIZER)
    for each in (page, other):
        open_first(each)
    page.get_by_label("Your answer").fill("Yes, behind the house.")
    other.get_by_label("Your answer").fill("I think so, let me ask!")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Your answer is on its way.")).to_be_visible()
    other.get_by_role("button", name="Send", exact=True).click()
    expect(other.get_by_text("Somebody has handled this")).to_be_visible()
    expect(other.get_by_text("I think so, let me ask!")).to_be_visible()
    eventually(lambda: "Yes, behind the house." in [text.body for text in desk.texts_to(phone)], page)
    assert "I think so, let me ask!" not in [text.body for text in desk.texts_to(phone)]
    let_write(desk, phone, "and is there a bus?")
    open_first(other)
    other.get_by_role("button", name="Take over").click()
    open_first(page)
    page.get_by_label("Your answer").fill("The 720 stops there.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_label("Your answer")).to_have_value("The 720 stops there.")
    expect(page.get_by_text(f"{ORGANIZER} has taken this thread over").first).to_be_visible()
    assert faults_of(page) == []
    other.context.close()


def timers_of(desk: Desk, phone: str) -> list[datetime]:
    """Return when the timers of a phone's conversation go off."""
    mine = select(Timer.due_at).join(Conversation, Conversation.id == Timer.conversation_id)
    mine = mine.join(PhoneNumber, PhoneNumber.id == Conversation.number_id)
    with desk.transaction() as session:
        return list(session.scalars(mine.where(PhoneNumber.phone == phone, Timer.done_at.is_(None)).order_by(Timer.id)))


@at_one_width
def test_a_thread_taken_over_stops_its_timers_and_gives_them_back(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    phone = ask_and_hear(page, desk, "is there parking?")
    before = timers_of(desk, phone)
    assert before
    open_first(page)
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_text("The program is silent until")).to_be_visible()
    assert timers_of(desk, phone) == [due + timedelta(days=3) for due in before]
    page.get_by_role("button", name="Give back to the program").click()
    expect(page.get_by_text("Given back: the program goes on where it stood.")).to_be_visible()
    # What a timer had left, it has left now: only the seconds in between have been added.
    later = [after - due for after, due in zip(timers_of(desk, phone), before, strict=True)]
    assert all(timedelta(0) < each < timedelta(minutes=2) for each in later)


@at_one_width
def test_an_answer_after_hours_waits_and_says_so(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    ask_and_hear(page, desk, "is there parking?")
    # Hours that are over or to come, within those in which anybody may be texted at all.
    early = clock.now().astimezone(desk.settings.zone).hour < 14
    closed = TextHours(18 * 60, 20 * 60) if early else TextHours(9 * 60, 11 * 60)
    for name in ("text_hours", "text_hours_sunday"):
        object.__setattr__(desk.settings, name, closed)
    with desk.transaction() as session:
        session.execute(update(PhoneNumber).values(last_inbound_at=PhoneNumber.last_inbound_at - timedelta(hours=2)))
    open_first(page)
    expect(page.get_by_text("Text hours are closed: it leaves")).to_be_visible()
    page.get_by_label("Your answer").fill("Yes, behind the house.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text(re.compile(r"Your answer leaves \w{3} "))).to_be_visible()


@at_one_width
def test_a_cry_for_help_rings_within_five_seconds_and_goes_on_ringing_others(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    phone = a_member(desk)
    begun = time.monotonic()
    let_write(desk, phone, "I want to kill myself")
    eventually(lambda: rings(desk, ON_CALL) == 1, page)
    assert time.monotonic() - begun < 5
    assert rings(desk, SANDBOX_ON_CALL) == 0
    assert [text.body for text in desk.texts_to(phone)][-1].count("988") == 1
    assert "kill" not in desk.texts_to(ON_CALL)[-1].body
    page.goto("/")
    expect(page.get_by_text("At least one must not wait.")).to_be_visible()
    skip(page, desk, 15 * 60)
    eventually(lambda: rings(desk, SANDBOX_ON_CALL) == 1, page)
    let_write(desk, SANDBOX_ON_CALL, "PASS")
    eventually(lambda: rings(desk, SANDBOX_ON_CALL) == 2 and rings(desk, ADMINS_PHONE) == 1, page)
    open_first(page)
    expect(page.get_by_text("This is about a crisis.")).to_be_visible()
    assert faults_of(page) == []
    with desk.transaction() as session:
        assert session.scalars(select(SensitiveCase.seen_by)).one() == ADMIN


def skip(page: Page, desk: Desk, seconds: int) -> None:
    with desk.transaction() as session:
        democlock.skip(session, seconds)
    page.wait_for_timeout(300)


def test_an_officer_sees_what_an_admin_cannot_and_the_accused_one_neither(
    browser: Browser, page: Page, desk: Desk
) -> None:
    phone = a_member(desk)
    let_write(desk, phone, "Derek from the committee keeps touching me at meetings")
    eventually(lambda: rings(desk, OFFICERS_PHONE) == 1, page)
    assert [rings(desk, each) for each in (SECOND_OFFICERS_PHONE, ON_CALL, SANDBOX_ON_CALL)] == [0, 0, 0]
    be_signed_in(page, desk, OFFICER)
    open_first(page)
    expect(page.get_by_role("region", name="Thread")).to_contain_text("Derek from the committee")
    expect(page.get_by_text("Nothing automatic was sent")).to_be_visible()
    assert faults_of(page) == []
    address = page.url.removeprefix(desk.url)
    for email in (ADMIN, SECOND_OFFICER):
        other = browser.new_context(base_url=desk.url).new_page()
        be_signed_in(other, desk, email)
        other.goto("/replies")
        expect(other.get_by_text("Nobody waits for an answer.")).to_be_visible()
        answer = other.goto(address)
        assert answer is not None
        assert answer.status == 404
        assert other.get_by_text("Derek").count() == 0
        other.context.close()
    assert desk.texts_to(phone) == []


@at_one_width
def test_a_corrected_reading_is_exported_as_a_labelled_line(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    ask_and_hear(page, desk, "is there parking?")
    open_first(page)
    page.get_by_label(re.compile("^Read as")).select_option("callback")
    page.get_by_role("button", name="Correct").click()
    expect(page.get_by_text("corrected to: Wants a call")).to_be_visible()
    page.goto("/readings")
    expect(page.get_by_text("is there parking?")).to_be_visible()
    assert faults_of(page) == []
    with desk.transaction() as session:
        (line,) = map(json.loads, labelled_lines(session))
    assert (line["text"], line["intent"], line["read_as"]) == ("is there parking?", "callback", "question")


@at_one_width
def test_a_picture_is_out_of_sight_until_somebody_opens_it(page: Page, desk: Desk) -> None:
    inbound = desk.sandbox.inbound
    inbound.deliver(inbound.receive(a_member(desk), "", media=[Media(content_type="image/png")]))
    be_signed_in(page, desk)
    open_first(page)
    assert page.locator("img").count() == 0
    page.get_by_role("button", name="Open the photo").click()
    shown = page.get_by_role("img", name="Photo 1 of this text")
    expect(shown).to_be_visible()
    eventually(lambda: shown.evaluate("picture => picture.naturalWidth") == 96, page)
    assert str(shown.get_attribute("src")).startswith("/replies/")
    assert faults_of(page) == []


def test_what_is_heard_is_written_down_for_the_person_and_stands_in_their_line_of_time(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    ask_and_hear(page, desk, "is there parking?")
    open_first(page)
    page.locator("summary", has_text="A need").click()
    page.get_by_label("In their words").fill("two kids")
    assert faults_of(page) == []
    page.get_by_role("button", name="Write the need down").click()
    expect(page.get_by_text("The need is written down")).to_be_visible()
    page.locator("summary", has_text="When they can come").click()
    page.get_by_label(re.compile("^Days and hours")).fill("Saturday mornings")
    assert faults_of(page) == []
    page.get_by_role("button", name="Write the times down").click()
    expect(page.get_by_text("Their times are written down.")).to_be_visible()
    page.get_by_role("link", name="Everything with this person").click()
    expect(page.get_by_role("region", name="What happened")).to_contain_text("childcare: asked")
    page.get_by_label("Your note").fill("Prefers calls after six.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_role("region", name="What happened")).to_contain_text("Prefers calls after six.")
    page.locator("summary", has_text="no more texts, or no more calls").click()
    page.get_by_label("What it is about").select_option("Calls")
    page.get_by_label("In their words").fill("text me, I can't talk at work")
    assert faults_of(page) == []
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("region", name="What they wish")).to_contain_text("They want no calls from us.")
    page.locator("summary", has_text="welcome again").click()
    assert faults_of(page) == []
    page.goto("/tasks")
    expect(page.get_by_role("region", name="What is to be done")).to_contain_text("childcare")
    assert faults_of(page) == []
    page.goto("/duty")
    expect(page.get_by_role("region", name="On call now")).to_contain_text(ORGANIZER)
    assert faults_of(page) == []
