import re

import pytest
from playwright.sync_api import Browser, Page, expect

from outreach.texting.segments import count_segments
from tests.browser.desk import Desk
from tests.browser.looking import faults_of
from tests.browser.walking import be_signed_in, eventually, launch, sign_in

pytestmark = pytest.mark.browser
# What does not depend on the width is walked at one.
at_one_width = pytest.mark.parametrize("page", ["desktop"], indirect=True)


def let_write(desk: Desk, phone: str, *bodies: str) -> None:
    """Let a member write: the webhook has answered when this returns."""
    inbound = desk.sandbox.inbound
    for body in bodies:
        inbound.deliver(inbound.receive(phone, body))


def ask_and_hear(page: Page, desk: Desk, body: str) -> str:
    """Launch a campaign to new members, let the first of them write, and return their number."""
    launch(page, "new")
    eventually(lambda: len(desk.texts_to()) > 0, page)
    phone = desk.texts_to()[0].member
    let_write(desk, phone, body)
    return phone


def test_a_question_is_answered_by_hand_and_the_answer_reaches_the_phone(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    phone = ask_and_hear(page, desk, "is there parking?")
    page.goto("/")
    expect(page.get_by_role("region", name="Replies")).to_contain_text("1 waits for a person")
    assert faults_of(page) == []
    page.get_by_role("link", name="Answer them").click()
    expect(page.locator(".waiting")).to_contain_text("parking")
    assert faults_of(page) == []
    page.locator(".waiting a").first.click()
    expect(page.get_by_role("region", name="Thread")).to_contain_text("Read as: Question: parking")
    expect(page.get_by_text("It leaves at once.")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_label("Your answer").fill("Yes, behind the house.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Your answer is on its way.")).to_be_visible()
    expect(page.get_by_text("Nobody waits for an answer.")).to_be_visible()
    eventually(lambda: "Yes, behind the house." in [text.body for text in desk.texts_to(phone)], page)


@pytest.mark.parametrize(
    "body", ["Hello", "ñ" * 160, "[x]" * 54, "ó" * 71, "😀" * 40, "a" * 152 + "€" + "b" * 10, "é" * 161]
)
def test_segments_are_counted_while_one_types_as_the_server_counts_them(browser: Browser, body: str) -> None:
    counted = count_segments(body)
    page = browser.new_page()
    page.set_content("<p data-count></p><textarea id=body></textarea>")
    page.add_script_tag(path="outreach/static/reply.js")
    page.locator("#body").fill(body)
    words = f"{counted.segments} {'segment' if counted.segments == 1 else 'segments'}, {counted.encoding}, room for "

    expect(page.locator("[data-count]")).to_have_text(re.compile(re.escape(words) + r"\d+ more"))
    page.close()


@at_one_width
def test_a_quick_reply_is_added_to_what_is_typed(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    ask_and_hear(page, desk, "is there parking?")
    page.goto("/replies")
    page.locator(".waiting a").first.click()
    page.get_by_label("Your answer").fill("Good question!")
    page.get_by_role("link", name="Offer a call (en)").click()

    expect(page.get_by_label("Your answer")).to_have_value(re.compile("^Good question! Thank you for telling me"))
    expect(page.locator("[data-count]")).to_have_text("1 segment, GSM-7, room for 3 more")


def test_a_number_is_opted_out_by_hand_and_hears_nothing_more(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    phone = ask_and_hear(page, desk, "is there parking?")
    heard = len(desk.texts_to(phone))
    page.goto("/replies")
    page.locator(".waiting a").first.click()
    page.get_by_role("button", name="Opt out this number").click()
    expect(page.get_by_text("This number gets no more texts.")).to_be_visible()
    page.wait_for_load_state()
    let_write(desk, phone, "ok")
    page.goto("/replies")
    page.locator(".waiting a").first.click()
    expect(page.get_by_text("opted out, so it cannot be answered by text")).to_be_visible()
    expect(page.get_by_label("Your answer")).to_have_count(0)
    assert faults_of(page) == []
    page.get_by_role("button", name="Done, nothing to send").click()
    expect(page.get_by_text("Nobody waits for an answer.")).to_be_visible()
    assert len(desk.texts_to(phone)) == heard


@at_one_width
def test_what_comes_in_while_somebody_types_still_waits(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    phone = ask_and_hear(page, desk, "is there parking?")
    page.goto("/replies")
    page.locator(".waiting a").first.click()
    let_write(desk, phone, "and is there a bus?")
    page.get_by_label("Your answer").fill("Yes, parking.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".waiting")).to_contain_text("and is there a bus?")


@at_one_width
def test_answering_needs_no_script(browser: Browser, page: Page, desk: Desk) -> None:
    sign_in(page, desk)
    phone = ask_and_hear(page, desk, "is there parking?")
    context = browser.new_context(java_script_enabled=False, base_url=desk.url)
    plain = context.new_page()
    sign_in(plain, desk, "organizer@example.org")
    plain.goto("/replies")
    plain.locator(".waiting a").first.click()
    plain.get_by_role("link", name="Offer a call (en)").click()
    expect(plain.get_by_label("Your answer")).to_have_value(re.compile("^Thank you for telling me"))
    plain.get_by_role("button", name="Send", exact=True).click()
    expect(plain.get_by_text("Your answer is on its way.")).to_be_visible()
    context.close()
    eventually(lambda: any("Can I call you" in text.body for text in desk.texts_to(phone)), page)
