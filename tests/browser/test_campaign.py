import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk import Desk
from tests.browser.looking import at_the_other_width, faults_of, is_focus_visible
from tests.browser.walking import be_signed_in, eventually, figure, launch, sign_in, sign_out

pytestmark = pytest.mark.browser


def test_from_sign_in_to_texts_that_arrive_to_stop_all(page: Page, desk: Desk) -> None:
    sign_in(page, desk)
    page.goto("/campaigns/new")
    expect(page.get_by_text("people get a text")).to_be_visible()
    page.get_by_label("Segment").select_option("new")
    page.get_by_label("Who signs").fill("Luz")
    # Worded and counted anew while one types.
    expect(page.locator(".bubble").first).to_contain_text("Luz from DSA-LA")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Look once more")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_role("button", name="Change something").click()
    expect(page.get_by_label("Who signs")).to_have_value("Luz")
    expect(page.get_by_label("Segment")).to_have_value("new")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name=re.compile("^Launch: text")).click()
    # The page keeps itself current.
    eventually(lambda: figure(page, "Delivered") > 0 and figure(page, "Queued") == 0, page)
    assert figure(page, "People") == sum(
        figure(page, words) for words in ("Queued", "Sent", "Delivered", "Failed", "Not known yet", "Left out")
    )
    assert len(desk.texts_to()) == figure(page, "Delivered") + figure(page, "Sent") + figure(page, "Failed")
    page.locator(".stop-all summary").click()
    page.get_by_label("Why?").first.fill("Enough for today")
    with at_the_other_width(page):
        page.get_by_role("button", name="Stop all texts now").click(trial=True)
    page.get_by_role("button", name="Stop all texts now").click()
    banner = page.get_by_role("region", name="All texts are stopped")
    expect(banner).to_contain_text("admin@example.org")
    expect(banner).to_contain_text("Enough for today")
    assert faults_of(page) == []
    assert page.get_by_role("button", name="Start texts again").count() == 0
    sign_out(page)
    sign_in(page, desk, "second@example.org")
    assert faults_of(page) == []
    page.get_by_role("button", name="Start texts again").click()
    expect(page.get_by_text("Texts are leaving again.")).to_be_visible()


def test_a_reply_on_a_phone_is_counted_on_the_page(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    launch(page)
    eventually(lambda: figure(page, "Delivered") > 0, page)
    inbound = desk.sandbox.inbound
    inbound.deliver(inbound.receive(desk.texts_to()[0].member, "1"))
    eventually(lambda: figure(page, "Yes") == 1, page)
    assert figure(page, "Replied") == 1
    page.get_by_role("link", name="Yes").click()
    expect(page.locator(".people li")).to_have_count(1)
    assert faults_of(page) == []


def test_pausing_and_resuming_from_the_page(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    launch(page)
    page.get_by_label("Why?").last.fill("The room flooded")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("The room flooded")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("link", name="Cancel this campaign").click()
    page.get_by_role("button", name="Cancel this campaign").click()
    expect(page.get_by_text("cancelled", exact=True)).to_be_visible()


def test_a_refused_form_says_why_and_keeps_what_was_typed(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    page.goto("/campaigns/new")
    page.get_by_label("Name of the campaign").fill("My own name")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Missing: who signs")
    expect(page.get_by_label("Name of the campaign")).to_have_value("My own name")
    assert faults_of(page) == []


def test_a_test_to_oneself_reaches_the_phone(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    page.goto("/campaigns/new")
    page.get_by_label("Who signs").fill("Luz")
    page.get_by_label("Your own number").fill("(805) 555-0177")
    page.get_by_role("button", name="Send a test to myself").click()
    expect(page.get_by_text("2 texts are on their way to you")).to_be_visible()
    assert faults_of(page) == []
    eventually(lambda: len(desk.texts_to("+18055550177")) == 2, page)


def test_every_page_of_the_desk_keeps_the_rules(page: Page, desk: Desk) -> None:
    page.goto("/login")
    assert faults_of(page) == []
    sign_in(page, desk)
    launch(page)
    campaign = page.url
    words = "/flows/invite/words/needs/text"
    pages = ("/", "/campaigns", "/campaigns/new", campaign, f"{campaign}/cancel", "/stop-all", "/nowhere", words)
    for address in pages:
        page.goto(address)
        assert faults_of(page) == [], address


def from_key_to_key_through_the_form(page: Page) -> None:
    page.goto("/campaigns/new")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Segment")).to_be_focused()
    for _ in range(5):
        assert is_focus_visible(page)
        page.keyboard.press("Tab")


def test_the_keyboard_alone_is_enough(page: Page, desk: Desk) -> None:
    be_signed_in(page, desk)
    with at_the_other_width(page):
        from_key_to_key_through_the_form(page)
    from_key_to_key_through_the_form(page)
    page.get_by_label("Who signs").fill("Luz")
    page.get_by_label("Who signs").press("Enter")
    expect(page.get_by_role("heading", name="New campaign")).to_be_visible()
    page.get_by_role("button", name="Continue").press("Enter")
    expect(page.get_by_role("heading", name="Look once more")).to_be_visible()


def test_nothing_needs_a_script(browser: Browser, desk: Desk) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=desk.url)
    page = context.new_page()
    sign_in(page, desk)
    page.goto("/campaigns/new")
    page.get_by_label("Segment").select_option("new")
    page.get_by_label("Who signs").fill("Marco")
    page.get_by_role("button", name="Update preview").last.click()
    expect(page.locator(".bubble").first).to_contain_text("Marco from DSA-LA")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name=re.compile("^Launch")).click()
    expect(page.get_by_role("heading", name="First texts")).to_be_visible()
    page.locator(".stop-all summary").click()
    page.get_by_label("Why?").first.fill("Enough")
    page.get_by_role("button", name="Stop all texts now").click()
    expect(page.get_by_role("region", name="All texts are stopped")).to_be_visible()
    context.close()
