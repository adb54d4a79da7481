"""`outreach doctor`: is everything set up as it must be? A line each: ✓, or what to do."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click
from redis import Redis
from redis.exceptions import RedisError
from requests import RequestException
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from twilio.base.exceptions import TwilioException

from outreach import clock, process
from outreach.conversations.approved import PLAIN, approved_words
from outreach.conversations.duties import officers, on_call
from outreach.conversations.flow_files import FlowFileError, load_flows
from outreach.conversations.officers import complaints_that_nobody_sees
from outreach.database import is_current, transaction
from outreach.errors import OutreachError
from outreach.queues import HINT_TIMEOUT
from outreach.settings import Settings
from outreach.sweeping import heartbeat_age
from outreach.texting.gates import ALL, BY_TWILIO, closed_gate
from outreach.texting.models import Gate
from outreach.texting.pace import campaigns_rest
from outreach.texting.reacting import unlisted_codes
from outreach.texting.reactions import CODES, MEANINGS
from outreach.texting.spending import segments_left
from outreach.texting.twilio import make_client

HEARTBEAT_SECONDS = 30
CLOCK_SECONDS = 5
WEB_SECONDS = 5
LATELY, A_DAY = timedelta(minutes=10), timedelta(days=1)
UNLISTED_SINCE = timedelta(days=7)
FEWEST_OFFICERS = 2
CHECK_AGAIN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: nothing to mend, or what to do."""

    about: str
    mend: str | None = None


@click.command()
@click.option("--codes", is_flag=True, help="List Twilio's error codes and what we do about each.")
@click.pass_context
def doctor(ctx: click.Context, *, codes: bool) -> None:
    """Check that everything is set up as it must be; exit status 1 if something is to be done."""
    if codes:
        for line in _code_lines():
            click.echo(line)
        return
    with process.connected() as running:
        findings = [finding for check in CHECKS for finding in check(running.settings)]
    for finding in findings:
        click.echo(f"✗ {finding.about}: {finding.mend}" if finding.mend else f"✓ {finding.about}")
    ctx.exit(1 if any(finding.mend for finding in findings) else 0)


def _code_lines() -> Iterator[str]:
    for row in CODES:
        yield f"{row.code}  {row.reaction:<7}  {row.meaning}{f' ({row.but})' if row.but else ''}"
    yield ""
    for reaction, meaning in MEANINGS.items():
        yield f"{reaction:<7}  {meaning}"


def _settings(_settings: Settings) -> Iterator[Finding]:
    yield Finding("settings")


def _database(_settings: Settings) -> Iterator[Finding]:
    try:
        with transaction() as session:
            good = is_current(session)
    except SQLAlchemyError:
        yield Finding("database", "it does not answer. Start it, or mend DATABASE_URL")
        return
    yield Finding("database and schema", None if good else "the schema is old. Run `outreach migrate`")


def _redis(settings: Settings) -> Iterator[Finding]:
    try:
        Redis.from_url(settings.redis_url, socket_timeout=HINT_TIMEOUT * 5, socket_connect_timeout=1).ping()
    except (RedisError, OSError):
        yield Finding("Redis", "it does not answer. Start it, or mend REDIS_URL; until then texts wait for cron")
        return
    yield Finding("Redis")


def _twilio(settings: Settings) -> Iterator[Finding]:
    client = make_client(settings)
    try:
        client.api.v2010.accounts(settings.twilio_account_sid).fetch()
    except (TwilioException, RequestException):
        yield Finding("Twilio credentials", "Twilio refuses them or is away. Check TWILIO_ACCOUNT_SID and the token")
        return
    yield Finding("Twilio credentials")
    if settings.real_twilio and settings.twilio_phone_numbers:
        yield from _senders(settings)


def _senders(settings: Settings) -> Iterator[Finding]:
    client = make_client(settings)
    for number in settings.twilio_phone_numbers:
        owned = client.incoming_phone_numbers.list(phone_number=number, limit=1)
        ours = bool(owned)
        about = f"sender ending in {number[-4:]}"
        yield Finding(about, None if ours else "the account does not own it. Mend TWILIO_PHONE_NUMBERS")
        address = f"{settings.public_url}/twilio/message"
        if ours and not str(owned[0].sms_url or "").startswith(address):
            yield Finding(about, f"set its webhook for messages to {address}#rc=3&rp=ct,rt,5xx")


def _webhook(settings: Settings) -> Iterator[Finding]:
    about = "webhook address"
    if settings.real_twilio and not settings.public_url.startswith("https://"):
        yield Finding(about, "PUBLIC_URL must begin with https:// for Twilio to reach it safely")
        return
    try:
        with urllib.request.urlopen(f"{settings.public_url}/health/live", timeout=WEB_SECONDS):  # noqa: S310 - settings allow http and https alone
            yield Finding(about)
    except (urllib.error.URLError, OSError):
        yield Finding(about, "nobody answers at PUBLIC_URL. Start `outreach web`, or mend PUBLIC_URL")


def _cron(_settings: Settings) -> Iterator[Finding]:
    with transaction() as session:
        age = heartbeat_age(session, clock.now())
    beats = age is not None and age < HEARTBEAT_SECONDS
    yield Finding("cron heartbeat", None if beats else "cron does not run. Start `outreach cron`")


def _on_call(settings: Settings) -> Iterator[Finding]:
    with transaction() as session:
        called = on_call(session, settings, clock.now())
        grievance, unseen = len(officers(session)), complaints_that_nobody_sees(session)
        kept = approved_words(session)
    mend = "nobody is at this hour. Set ON_CALL_NUMBERS, or name somebody on the page Duty"
    yield Finding("someone on call", None if called else mend)
    if unseen:
        yield Finding("complaints", f"{unseen} that no officer may see, being about them. Name another officer")
    if settings.sandbox:
        return
    enough = "name two on the page Duty, so that a complaint about one goes to the other"
    yield Finding(f"grievance officers ({grievance})", None if grievance >= FEWEST_OFFICERS else enough)
    said = "no admin has approved what answers a cry for help. Do it on the page Duty"
    yield Finding("words for sensitive texts", None if PLAIN in kept else said)
    old = [name for name, words in kept.items() if clock.now().date() - words.checked_on > CHECK_AGAIN]
    if old:
        yield Finding("hotlines and words", f"checked more than 90 days ago: {', '.join(old)}. Call them and say so")


def _clock(settings: Settings) -> Iterator[Finding]:
    with transaction() as session:
        server = float(
            session.connection().exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one()
        )
    apart = abs(server - time.time())
    mend = None if apart < CLOCK_SECONDS else "this machine's clock and the database's disagree. Set both by NTP"
    yield Finding(f"clock ({settings.org_timezone})", mend)


def _flows(settings: Settings) -> Iterator[Finding]:
    try:
        flows = load_flows(settings.flows_dir)
    except FlowFileError as error:
        yield Finding("flow files", str(error))
        return
    yield Finding(f"flow files ({len(flows)})")


def _jobs(_settings: Settings) -> Iterator[Finding]:
    waker, now = process.current().waker, datetime.now(UTC)
    lately, today = waker.failed_jobs(now - LATELY), waker.failed_jobs(now - A_DAY)
    if lately is not None:
        mend = f"{lately} failed in the last ten minutes. Look for `JobFailedError` in the workers' logs"
        yield Finding(f"jobs ({today} failed within a day)", mend if lately else None)


def _stopped(settings: Settings) -> Iterator[Finding]:
    with transaction() as session:
        now = clock.now()
        gate, rest, left = closed_gate(session), campaigns_rest(session, now), segments_left(session, settings, now)
        by_code = select(Gate).where(Gate.closed_at.is_not(None), Gate.closed_by == BY_TWILIO, Gate.name != ALL)
        paused = session.scalars(by_code.order_by(Gate.name)).all()
    yield Finding(
        "texts may leave", f"all are stopped: {gate.because}. Mend it, then `outreach resume-all`" if gate else None
    )
    for campaign in paused:
        yield Finding(
            f"{campaign.name} is paused by {campaign.closed_by}", f"{campaign.because}. Mend it, then resume it"
        )
    if rest is not None:
        until = rest.astimezone(settings.zone).strftime("%H:%M")
        yield Finding("daily cap", f"campaigns rest until {until}: the carriers' cap is used up, or nearly. Wait")
    if left is not None:
        mend = "it is used up and nothing leaves. Raise MONTHLY_BUDGET, or wait for the next month"
        yield Finding(f"month's budget ({left} segments left)", None if left else mend)


def _unlisted_codes(_settings: Settings) -> Iterator[Finding]:
    with transaction() as session:
        codes = unlisted_codes(session, clock.now() - UNLISTED_SINCE)
    found = ", ".join(f"{code} ({texts} texts)" for code, texts in codes)
    mend = f"{found}: look them up at https://www.twilio.com/docs/api/errors, and have them put in the table"
    yield Finding("error codes that `outreach doctor --codes` does not list", mend if codes else None)


def _safely(check: Callable[[Settings], Iterator[Finding]]) -> Callable[[Settings], list[Finding]]:
    """Let the other checks go on when one of them cannot be made."""

    def run(settings: Settings) -> list[Finding]:
        try:
            return list(check(settings))
        except (SQLAlchemyError, OutreachError, TwilioException, RequestException) as error:
            return [Finding(check.__name__.strip("_"), f"could not be checked ({type(error).__name__})")]

    return run


CHECKS = tuple(
    _safely(check)
    for check in (
        _settings,
        _database,
        _redis,
        _twilio,
        _webhook,
        _cron,
        _jobs,
        _stopped,
        _unlisted_codes,
        _on_call,
        _clock,
        _flows,
    )
)
