"""Steps that walks through the pages have in common."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Cookie, Page, expect

from tests.browser.desk import Desk
from tests.browser.looking import at_the_other_width

PATIENCE_SECONDS = 60.0
_cookies: dict[str, list[Cookie]] = {}


def sign_in(page: Page, desk: Desk, email: str = "admin@example.org") -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(desk.passwords[email])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def be_signed_in(page: Page, desk: Desk, email: str = "admin@example.org") -> None:
    """Be signed in on any page: by the form the first time, later by the cookie that it gave then."""
    if email in _cookies:
        page.context.add_cookies(_cookies[email])  # type: ignore[arg-type] # the same, read and written
    else:
        sign_in(page, desk, email)
        _cookies[email] = page.context.cookies()


def sign_out(page: Page) -> None:
    page.locator(".account summary").click()
    with at_the_other_width(page):
        page.get_by_role("button", name="Sign out").click(trial=True)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def launch(page: Page, segment: str = "everyone", sender: str = "Luz") -> None:
    """Launch a campaign with what the form proposes, and end on its page."""
    page.goto("/campaigns/new")
    page.get_by_label("Segment").select_option(segment)
    page.get_by_label("Who signs").fill(sender)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name=re.compile("^Launch")).click()
    expect(page.get_by_role("heading", name="First texts")).to_be_visible()


def figure(page: Page, words: str) -> int:
    shown = page.locator(f'.figures div:has(dt:text-is("{words}")) dd').inner_text()
    return int(shown.replace(",", ""))


def eventually(holds: Callable[[], bool], page: Page) -> None:
    """Wait until something holds; the page goes on meanwhile."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        page.wait_for_timeout(100)
