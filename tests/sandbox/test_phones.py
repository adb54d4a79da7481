import html
import re
from typing import Any

import requests
from werkzeug.wrappers import Response

from outreach.sandbox.server import RunningSandbox
from outreach.sandbox.wording import LANGUAGES, QUICK_ANSWERS, WORDS
from tests.sandbox.factories import MEMBER, SENDER, Listener, control, listening, make_config, sdk, wait_for

OTHER = "+13105550150"


def sandbox_for(app: Listener, **changes: Any) -> RunningSandbox:
    return RunningSandbox(make_config(inbound_url=f"{app.url}/twilio/message", **changes))


def clocked(app: Listener) -> RunningSandbox:
    return RunningSandbox(make_config(clock_url=f"{app.url}/clock", clock_token="secret"))


def page(sandbox: RunningSandbox, path: str = "/", **query: str) -> str:
    with requests.get(sandbox.url + path, params=query, timeout=5) as answer:
        assert answer.ok
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        return answer.text


def press(sandbox: RunningSandbox, path: str, **form: str) -> str:
    with requests.post(sandbox.url + path, form, timeout=5) as answer:
        assert answer.ok
        return html.unescape(answer.text)


def member_id(sandbox: RunningSandbox, phone: str = MEMBER) -> str:
    member = sandbox.sandbox.account.members.find_phone(phone)
    assert member is not None
    return str(member.id)


def test_an_empty_page_says_so_in_both_languages() -> None:
    with RunningSandbox(make_config()) as sandbox:
        assert WORDS["en"]["nobody"] in page(sandbox)
        assert WORDS["es"]["nobody"] in page(sandbox, lang="es")
        assert '<html lang="en">' in page(sandbox, lang="../../x")


def test_both_languages_have_every_word() -> None:
    assert WORDS["en"].keys() == WORDS["es"].keys()
    assert set(QUICK_ANSWERS) == set(LANGUAGES)


def test_the_thread_shows_texts_escaped_and_with_what_became_of_them() -> None:
    with RunningSandbox(make_config(instant=True)) as sandbox, sdk(sandbox) as client:
        control(sandbox, "PUT", "contacts", [{"phone": MEMBER, "name": "Ana <b>", "language": "es"}])
        client.messages.create(to=MEMBER, from_=SENDER, body="<script>1</script>")
        shown = page(sandbox, member=member_id(sandbox))
    assert "&lt;script&gt;1&lt;/script&gt;" in shown
    assert "Ana &lt;b&gt;" in shown
    assert "delivered" in shown
    assert "(323) 555-0123" in shown


def test_the_page_needs_no_inline_script_or_style() -> None:
    with RunningSandbox(make_config()) as sandbox:
        shown = page(sandbox)
        files = re.findall(r'(?:src|href)="(/static/[^"]+)"', shown)
        for path in files:
            with requests.get(sandbox.url + path, timeout=5) as answer:
                assert answer.ok
    assert len(files) == 2
    assert "<style" not in shown
    assert " style=" not in shown
    assert not re.search(r"<script(?! src)", shown)
    assert not re.search(r" on\w+=", shown)


def test_an_answer_reaches_the_application_and_the_thread_without_javascript() -> None:
    with listening() as app, sandbox_for(app) as sandbox, sdk(sandbox) as client:
        client.messages.create(to=MEMBER, from_=SENDER, body="hi")
        shown = press(sandbox, "/phones/reply", member=member_id(sandbox), lang="es", body="necesito cuidado de niños")
        assert "necesito cuidado de niños" in shown
        assert '<html lang="es">' in shown
        wait_for(lambda: bool(app.calls))
    assert app.calls[0].params["Body"] == "necesito cuidado de niños"
    assert app.calls[0].params["From"] == MEMBER
    assert app.calls[0].valid


def test_no_phone_number_stands_in_an_address() -> None:
    with RunningSandbox(make_config(instant=True)) as sandbox, sdk(sandbox) as client:
        client.messages.create(to=MEMBER, from_=SENDER, body="hi")
        shown = page(sandbox)
        addresses = re.findall(r'(?:href|action|data-live)="([^"]*)"', shown)
    assert not any("5550123" in address for address in addresses)


def test_news_come_when_something_changed_and_only_then() -> None:
    with RunningSandbox(make_config(instant=True)) as sandbox, sdk(sandbox) as client:
        client.messages.create(to=MEMBER, from_=SENDER, body="first")
        member = member_id(sandbox)
        with requests.get(f"{sandbox.url}/phones/live", {"member": member}, timeout=5) as answer:
            news = answer.json()
        assert "first" in news["thread"]
        with requests.get(
            f"{sandbox.url}/phones/live", {"member": member, "version": news["version"]}, timeout=5
        ) as answer:
            assert "thread" not in answer.json()
        client.messages.create(to=MEMBER, from_=SENDER, body="second")
        with requests.get(
            f"{sandbox.url}/phones/live", {"member": member, "version": news["version"]}, timeout=5
        ) as answer:
            assert "second" in answer.json()["thread"]


def test_an_answer_that_the_application_did_not_take_is_marked() -> None:
    with listening(Response(status=503)) as app, sandbox_for(app) as sandbox:
        control(sandbox, "POST", "inbound", {"from": MEMBER, "body": "1"})
        assert "the application did not take it: 503" in page(sandbox)


def test_members_answer_once_and_only_those_whose_last_text_waits() -> None:
    with listening() as app, sandbox_for(app, instant=True) as sandbox, sdk(sandbox) as client:
        for n in range(70):
            client.messages.create(to=f"+1323555{100 + n:04d}", from_=SENDER, body="hi")
        control(sandbox, "POST", "inbound", {"from": "+13235550100", "to": SENDER, "body": "STOP"})
        control(sandbox, "POST", "inbound", {"from": "+13235550101", "to": SENDER, "body": "1"})
        assert "60 members are answering" in press(sandbox, "/phones/answers", lang="en")
        wait_for(lambda: len(app.calls) == 62, 20)
        assert "8 members are answering" in press(sandbox, "/phones/answers", lang="en")
        wait_for(lambda: len(app.calls) == 70, 20)
        assert WORDS["en"]["nobody_waits"] in press(sandbox, "/phones/answers", lang="en")
    writers = [call.params["From"] for call in app.calls]
    assert len(set(writers)) == 70


def test_who_is_shown_can_be_searched() -> None:
    with RunningSandbox(make_config()) as sandbox:
        contacts = [{"phone": MEMBER, "name": "Ana Ruiz"}, {"phone": OTHER, "name": "Luis Paz"}]
        control(sandbox, "PUT", "contacts", contacts)
        assert "Luis" not in page(sandbox, search="ana")
        assert "Ana" not in page(sandbox, search="0150")


def test_time_is_skipped_through_the_applications_door() -> None:
    answer = Response('{"now": "2030-01-02T03:04:05+00:00"}', content_type="application/json")
    with listening(answer) as app, clocked(app) as sandbox:
        shown = press(sandbox, "/phones/skip", by="day", lang="en")
        assert WORDS["en"]["skipped"] in shown
        assert "2030-01-02 03:0" in shown
    assert app.calls[0].headers["X-Sandbox-Token"] == "secret"


def test_a_clock_that_does_not_move_is_told() -> None:
    with listening(Response(status=500)) as app, clocked(app) as sandbox:
        assert WORDS["en"]["not_skipped"] in press(sandbox, "/phones/skip", by="hour", lang="en")


def test_without_a_clock_no_time_can_be_skipped() -> None:
    with RunningSandbox(make_config()) as sandbox:
        assert WORDS["en"]["day"] not in page(sandbox)
        assert WORDS["en"]["not_skipped"] in press(sandbox, "/phones/skip", by="hour", lang="en")
