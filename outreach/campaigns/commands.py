"""`outreach campaign`: launch, show, pause, resume, cancel."""

import json
from datetime import datetime

import click

from outreach import clock
from outreach.accounts.audit import operator
from outreach.campaigns import launching
from outreach.campaigns.feeding import FEED
from outreach.campaigns.results import results_of
from outreach.conversations.flow import LANGUAGES, Wording
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.process import connected
from outreach.settings import Settings
from outreach.texting.outbox import DRAIN


@click.group()
def campaign() -> None:
    """Ask people of a segment, and see how it goes."""


@campaign.command()
@click.argument("flow")
@click.option("--to", "segment", required=True, help="The segment to ask, such as everyone or new.")
@click.option("--session", "sessions", type=int, multiple=True, help="A session to offer; may be given several times.")
@click.option("--at", "at", help="When to begin, such as 2026-12-01T17:30; now when left out.")
@click.option("--name", default=None, help="What to call this campaign.")
@click.option("--sender", "sender_name", default="", help="Who signs the texts.")
@click.option(
    "--words",
    multiple=True,
    metavar="NAME=WORDS",
    help="What the flow's texts hold besides; NAME.es=WORDS is for Spanish alone.",
)
def launch(  # noqa: PLR0913 - each is an option of the command
    *,
    flow: str,
    segment: str,
    sessions: tuple[int, ...],
    at: str | None,
    name: str | None,
    sender_name: str,
    words: tuple[str, ...],
) -> None:
    """Launch a campaign and print its id."""
    with connected() as process:
        now = clock.now()
        starts_at = _moment(at, process.settings) if at else now
        unique = tuple(dict.fromkeys(sessions))
        plan = launching.Plan(
            flow, segment, unique, sender_name, name or f"{flow} to {segment}", starts_at, _words(words)
        )
        with transaction() as session:
            launched = launching.launch(session, plan, operator(), now)
            campaign_id = launched.id
        process.wake(FEED)
    click.echo(campaign_id)


def _words(written: tuple[str, ...]) -> dict[str, Wording]:
    """Read `first_action=…` for both languages and `first_action.es=…` for one of them, which counts for more."""
    given = dict[str, dict[str, str]]()
    for each in sorted(written, key=lambda one: "." in one.partition("=")[0]):
        name, equals, words = each.partition("=")
        name, dot, language = name.strip().partition(".")
        if not equals or (dot and language not in LANGUAGES):
            example = "first_action=“phone bank on Thursday”, first_action.es=… for Spanish alone"
            raise OutreachError(f"--words is not NAME=WORDS. Write it as {example}")
        given.setdefault(name, {}).update(dict.fromkeys([language] if dot else LANGUAGES, words.strip()))
    return dict(given)


def _moment(written: str, settings: Settings) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise OutreachError("--at is not a time. Write it as 2026-12-01T17:30") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=settings.zone)


@campaign.command()
@click.argument("campaign_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
def show(*, campaign_id: int, as_json: bool) -> None:
    """Show how a campaign goes."""
    with connected(), transaction() as session:
        figures = results_of(session, campaign_id).as_dict()
    if as_json:
        click.echo(json.dumps(figures))
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        click.echo(f"{name:<{width}}  {'' if value is None else value}")


@campaign.command()
@click.argument("campaign_id", type=int)
def pause(*, campaign_id: int) -> None:
    """Pause a campaign: nothing more of it leaves."""
    with connected(), transaction() as session:
        launching.pause(session, campaign_id, operator(), "paused by hand", clock.now())


@campaign.command()
@click.argument("campaign_id", type=int)
def resume(*, campaign_id: int) -> None:
    """Let a paused campaign go on."""
    with connected() as process:
        with transaction() as session:
            launching.resume(session, campaign_id, operator(), clock.now())
        process.wake(FEED)
        process.wake(DRAIN)


@campaign.command()
@click.argument("campaign_id", type=int)
def cancel(*, campaign_id: int) -> None:
    """End a campaign for good."""
    with connected(), transaction() as session:
        launching.cancel(session, campaign_id, operator(), clock.now())
