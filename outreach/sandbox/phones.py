"""The phones page: see what members get, and answer as they would."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from outreach.sandbox.answers import choose_answers
from outreach.sandbox.api import the_sandbox
from outreach.sandbox.democlock import ClockError
from outreach.sandbox.inbound import Media
from outreach.sandbox.loopback import refuse_foreign_pages
from outreach.sandbox.media import PICTURE_TYPE
from outreach.sandbox.members import Member
from outreach.sandbox.messages import Direction, Message
from outreach.sandbox.wording import LANGUAGES, QUICK_ANSWERS, WORDS

phones = Blueprint("phones", __name__)

MOST_MEMBERS = 200
LONGEST_THREAD = 80
MOST_ANSWERS = 60
ANSWERS_PER_SECOND = 20
SKIPS = {"hour": 3600, "day": 86_400}
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Bubble:
    """A text as the phone shows it; `trouble` is why it did not get where it should."""

    mine: bool
    body: str
    time: str
    iso: str
    status: str
    trouble: str


@phones.before_request
def check_caller() -> None:
    """Keep other sites' pages from answering for members."""
    refuse_foreign_pages(request)


@phones.after_request
def harden(response: Response) -> Response:
    """Allow nothing but the page's own script and style."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


@phones.get("/")
def show_phones() -> str:
    """Show the members, one phone, and what can be done with it."""
    return render_template("sandbox/phones.html", **_page(request.args))


@phones.get("/phones/live")
def show_news() -> Response:
    """Return what has changed since `version`: the member list and the thread, as HTML."""
    version = the_sandbox().account.version
    if request.args.get("version", 0, int) == version:
        return jsonify(version=version, clock=_clock_face())
    page = _page(request.args)
    return jsonify(
        version=version,
        members=render_template("sandbox/_members.html", **page),
        thread=render_template("sandbox/_thread.html", **page),
        clock=_clock_face(),
    )


@phones.post("/phones/reply")
def reply() -> AnyResponse:
    """Answer as a member; the application is told in the background."""
    sandbox = the_sandbox()
    member = sandbox.account.members.find(request.form.get("member", 0, int))
    body = request.form.get("body", "")[:1600]
    if member is not None and body:
        sandbox.inbound.deliver_soon(sandbox.inbound.receive(member.phone, body))
    return _back(request.form)


@phones.post("/phones/picture")
def send_picture() -> AnyResponse:
    """Send a picture as a member."""
    sandbox = the_sandbox()
    member = sandbox.account.members.find(request.form.get("member", 0, int))
    if member is not None:
        received = sandbox.inbound.receive(member.phone, "", media=[Media(content_type=PICTURE_TYPE)])
        sandbox.inbound.deliver_soon(received)
    return _back(request.form)


@phones.post("/phones/call")
def call() -> AnyResponse:
    """Call as a member; what the application has read out to callers is nothing that a page could play."""
    sandbox = the_sandbox()
    member = sandbox.account.members.find(request.form.get("member", 0, int))
    if member is None:
        return _back(request.form)
    return _back(request.form, notice="called" if sandbox.inbound.ring(member.phone).succeeded else "not_answered")


@phones.post("/phones/answers")
def let_members_answer() -> AnyResponse:
    """Have members whose last text waits for an answer write back, fast."""
    sandbox, start = the_sandbox(), time.time()
    opted_out = sandbox.account.opt_outs.phones()
    waiting = [
        member for member in sandbox.account.members.unanswered(10 * MOST_ANSWERS) if member.phone not in opted_out
    ]
    chosen = list(choose_answers(waiting[:MOST_ANSWERS]))
    for index, (member, body) in enumerate(chosen):
        sandbox.inbound.receive_at(start + index / ANSWERS_PER_SECOND, member.phone, body)
    return _back(request.form, notice="answering" if chosen else "nobody_waits", count=len(chosen))


@phones.post("/phones/skip")
def skip_time() -> AnyResponse:
    """Move the demo's clock ahead by an hour or a day."""
    seconds = SKIPS.get(request.form.get("by", ""), 0)
    try:
        the_sandbox().clock.skip(seconds)
    except ClockError:
        return _back(request.form, notice="not_skipped")
    the_sandbox().account.changed()
    return _back(request.form, notice="skipped")


def _back(form: Mapping[str, str], notice: str | None = None, count: int | None = None) -> AnyResponse:
    where = url_for(
        "phones.show_phones",
        member=form.get("member"),
        lang=form.get("lang"),
        search=form.get("search") or None,
        notice=notice,
        count=count,
    )
    return redirect(where, 303)


def _page(asked: Mapping[str, str]) -> dict[str, object]:
    account, clock = the_sandbox().account, the_sandbox().clock
    language = asked.get("lang", "") if asked.get("lang") in LANGUAGES else LANGUAGES[0]
    search = asked.get("search", "").strip()
    members = account.members.latest(MOST_MEMBERS, search)
    wanted = asked.get("member", "")
    chosen = account.members.find(int(wanted)) if wanted.isascii() and wanted.isdigit() else None
    member = chosen or next(iter(members), None)
    words = WORDS[language]
    return {
        "words": words,
        "language": language,
        "other_language": LANGUAGES[1 - LANGUAGES.index(language)],
        "search": search,
        "version": account.version,
        "members": members,
        "member": member,
        "name": name_of(member) if member else "",
        "thread": [_bubble(message, words) for message in _thread(member)],
        "opted_out": account.opt_outs.phones(),
        "quick_answers": QUICK_ANSWERS[language],
        "movable": clock.movable,
        "clock": _clock_face(),
        "notice": _notice(asked, words),
        "name_of": name_of,
        "spaced": spaced,
    }


def _thread(member: Member | None) -> list[Message]:
    return the_sandbox().account.messages.of_member(member.phone, LONGEST_THREAD) if member else []


def _notice(asked: Mapping[str, str], words: dict[str, str]) -> str:
    notice = asked.get("notice", "")
    if notice not in {"answering", "nobody_waits", "skipped", "not_skipped", "called", "not_answered"}:
        return ""
    return words[notice].format(count=asked.get("count", ""))


def _moment(seconds: float) -> datetime:
    sandbox = the_sandbox()
    return datetime.fromtimestamp(sandbox.clock.shown(seconds), ZoneInfo(sandbox.account.config.timezone))


def _clock_face() -> str:
    return _moment(time.time()).strftime("%Y-%m-%d %H:%M")


def _bubble(message: Message, words: dict[str, str]) -> Bubble:
    mine, moment = message.direction == Direction.INBOUND, _moment(message.created)
    trouble = f"{words[message.status]} {message.error_code}" if message.error_code else ""
    if mine and message.webhook is not None and not message.webhook.startswith("2"):
        trouble = words["not_taken"].format(answer=message.webhook)
    status = "" if mine else words[message.status]
    day = words["days"].split()[moment.weekday()]
    body = message.body or (words["picture"] if message.media != "[]" else "")
    return Bubble(mine, body, f"{day} {moment.day}, {moment:%H:%M}", moment.isoformat(), status, trouble)


def name_of(member: Member) -> str:
    """Return a member's name, or the number when the application told none."""
    return member.name or spaced(member.phone)


def spaced(phone: str) -> str:
    """Write a number as people do: (213) 555-0123."""
    if phone.startswith("+1") and len(phone) == 12:
        return f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}"
    return phone
