"""Words that organizers write: a campaign's own, and those of a conversation, changed on its page."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from outreach import clock
from outreach.conversations.flow_files import load_flow, shipped_flows
from outreach.conversations.versions import seed_flows
from tests.browser.desk import Desk
from tests.browser.looking import faults_of
from tests.browser.walking import be_signed_in

pytestmark = pytest.mark.browser
TAKE_PART = """
title: Ask to take part
needs: {first_action: words}
expires: 9 days
start: ask
steps:
  ask:
    ask: yes or no
    text:
      en: "Hi {first_name}, {who}: {first_action}? 1 or 2. STOP ends"
      es: "{first_name}: {who}. ¿{first_action}? 1 o 2. ALTO"
    on: {yes: {end: in}, no: {end: out}}
    unclear: {then: person}
    silence: [{after: 1 day, end: no_answer}]
"""


def test_words_are_asked_for_shown_as_they_are_typed_and_changed_on_the_page_of_a_conversation(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "take_part.yaml").write_text(TAKE_PART, encoding="utf-8")
    with desk.transaction() as session:
        seed_flows(session, {**shipped_flows(), "take_part": load_flow(tmp_path / "take_part.yaml")}, clock.now())
    be_signed_in(page, desk)
    page.goto("/campaigns/new")
    english = page.get_by_label("First action, in English")
    expect(english).to_have_count(0)
    page.get_by_label("Conversation", exact=True).select_option("take_part")
    english.fill("phone bank on Dec 17")
    page.get_by_label("Who signs").fill("Luz")
    expect(page.locator(".bubble").first).to_contain_text("Luz from DSA-LA: phone bank on Dec 17? 1 or 2.")
    page.get_by_role("button", name="Continue").click()
    spanish = page.get_by_label("First action, in Spanish")
    expect(spanish).to_have_attribute("aria-invalid", "true")
    expect(english).to_have_value("phone bank on Dec 17")
    assert faults_of(page) == []
    spanish.fill("llamadas el 17 dic")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Look once more")).to_be_visible()
    expect(page.get_by_text("¿llamadas el 17 dic?")).to_be_visible()
    assert faults_of(page) == []

    page.goto("/flows/take_part")
    assert faults_of(page) == []
    page.get_by_role("link", name="Change the words of ask, what it says").click()
    page.get_by_label("English").fill("Hi {first_name}, {who}: {first_action}? Reply YES. STOP ends")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The text asks for YES")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_label("English").fill("Hello {first_name}, {who}: {first_action}? 1 or 2. STOP ends")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("Hello María")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Changed here")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_role("link", name="Change the words of ask, what it says").click()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Changed here")).to_have_count(0)
