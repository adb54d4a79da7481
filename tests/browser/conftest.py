import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.desk import Desk, running_desk

CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
WIDTHS = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 900}}
PATIENCE = 15_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk of this test's own, with the demo's data."""
    with running_desk(database_url, tmp_path) as desk:
        yield desk


@pytest.fixture(params=WIDTHS)
def page(browser: Browser, desk: Desk, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page at a phone's and at a desktop's width; what a script of ours throws fails the test."""
    context = browser.new_context(viewport=WIDTHS[request.param], base_url=desk.url)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors
