import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.accounts.factories import cheap_passwords
from tests.browser.desk import Desk, running_desk, seed_desk
from tests.browser.looking import DESKTOP, PHONE
from tests.servers import Servers, clone_database, drop_database

CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
WIDTHS = {"phone": PHONE, "desktop": DESKTOP}
PATIENCE = 15_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo(
    servers: Servers, template: str, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """The name of a database with the demo's data, which nobody is connected to, and the folder with its passwords."""
    name, folder = f"{servers.run}_demo{worker_number}", tmp_path_factory.mktemp("demo")
    with cheap_passwords():
        seed_desk(clone_database(servers, template, name), folder)
    return name, folder


@pytest.fixture
def desk(servers: Servers, demo: tuple[str, Path], tmp_path: Path, worker_number: int) -> Iterator[Desk]:
    """A desk of this test's own, with the demo's data."""
    seeded, folder = demo
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    name = f"{servers.run}_desk{worker_number}"
    with running_desk(clone_database(servers, seeded, name), tmp_path) as desk:
        yield desk
    drop_database(servers, name)


@pytest.fixture
def page(browser: Browser, desk: Desk, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page as wide as a phone, or as the test says; what a script of ours throws fails the test.

    A walk is long and goes the same way at any width: it is walked at one, and its pages are looked at at both.
    """
    width = WIDTHS[getattr(request, "param", "phone")]
    context = browser.new_context(viewport=width, base_url=desk.url)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors
