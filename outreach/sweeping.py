"""The sweeps: what waits is found in PostgreSQL alone, whatever Redis forgot (law 1)."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach import clock, democlock
from outreach.campaigns.feeding import FEED
from outreach.campaigns.guarding import guard_campaigns
from outreach.campaigns.models import Campaign, CampaignState
from outreach.campaigns.telling import TELL_PAUSED, untold_pauses
from outreach.conversations.alerting import ALERT, alert_work, pass_on_unclaimed
from outreach.conversations.beginning import BEGIN, due_enrolments
from outreach.conversations.begins import enrol_who_is_due
from outreach.conversations.forgetting import forget_plans, forget_purged
from outreach.conversations.media import DELETE
from outreach.conversations.models import Timer
from outreach.conversations.open_sheets import remind_of_open_sheets
from outreach.conversations.owning import give_back_forgotten
from outreach.conversations.polling import POLL
from outreach.conversations.reminding import REMIND, people_to_remind
from outreach.conversations.ringing import RING, due_cases
from outreach.conversations.seats import tell_promoted
from outreach.conversations.tasks import drop_unwanted_calls
from outreach.conversations.telling import TELL
from outreach.conversations.telling_fits import enrol_who_wished, enrol_whom_fits
from outreach.conversations.timers import FIRE
from outreach.conversations.turn import RETRY
from outreach.conversations.welcoming import welcome_new_members
from outreach.database import transaction
from outreach.process import Process
from outreach.queues import JOB_VERSION, describe_error
from outreach.settings import Settings
from outreach.texting.deactivations import REST
from outreach.texting.deactivations import is_due as deactivations_due
from outreach.texting.delivery import APPLY
from outreach.texting.models import DeliveryEvent, Gate, Heartbeat, Text, TextStatus
from outreach.texting.outbox import DRAIN, adopt_texts
from outreach.texting.settling import IN_FLIGHT, SETTLE
from outreach.texting.spending import count_incoming
from outreach.trainings.changes import people_to_tell
from outreach.trainings.seats import fill_free_seats
from outreach.trainings.sensitive import purge_sensitive

log = structlog.get_logger()

CRON = "cron"
COUNT_AT_MOST = 1000
CHORES_SECONDS = 60.0


def _counted(waiting: Callable[[datetime], Select[int]]) -> Callable[[Session, Settings, datetime, int], int]:
    """Make a count, up to a limit, of what a select finds."""

    def count(session: Session, _settings: Settings, now: datetime, limit: int) -> int:
        found = select(func.count()).select_from(waiting(now).limit(limit).subquery())
        return session.scalar(found) or 0

    return count


def _due_texts(now: datetime) -> Select[int]:
    closed = select(Gate.name).where(Gate.closed_at.is_not(None), Gate.name.in_((Text.gate, "all"))).exists()
    return select(Text.id).where(Text.status == TextStatus.QUEUED, Text.due_at <= now, ~closed)


def _lost_claims(now: datetime) -> Select[int]:
    return select(Text.id).where(Text.status == TextStatus.SENDING, Text.claimed_at < now - IN_FLIGHT)


def _unknown_texts(now: datetime) -> Select[int]:
    return select(Text.id).where(Text.status == TextStatus.UNKNOWN, Text.settle_at <= now)


def _unhandled_inbound(now: datetime) -> Select[int]:
    return select(Text.id).where(Text.status == TextStatus.RECEIVED, Text.retry_at <= now)


def _due_timers(now: datetime) -> Select[int]:
    return select(Timer.id).where(Timer.done_at.is_(None), Timer.due_at <= now)


def _callbacks(now: datetime) -> Select[int]:
    return select(DeliveryEvent.id).where(DeliveryEvent.applied_at.is_(None), DeliveryEvent.received_at <= now)


def _campaigns(now: datetime) -> Select[int]:
    open_states = (CampaignState.SCHEDULED, CampaignState.RUNNING)
    closed = select(Gate.name).where(Gate.closed_at.is_not(None), Gate.name == func.concat("campaign:", Campaign.id))
    return select(Campaign.id).where(Campaign.state.in_(open_states), Campaign.starts_at <= now, ~closed.exists())


def _untold_pauses(_now: datetime) -> Select[int]:
    return untold_pauses()


def _reminders(session: Session, settings: Settings, now: datetime, limit: int) -> int:
    return len(people_to_remind(session, settings, now)[:limit])


def _changes(session: Session, _settings: Settings, now: datetime, limit: int) -> int:
    return len(people_to_tell(session, now, limit))


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of work that may wait: its name, how much of it waits (up to a limit), and the job that does it."""

    name: str
    waiting: Callable[[Session, Settings, datetime, int], int]
    job: str


WORK = (
    Work("unhandled_inbound", _counted(_unhandled_inbound), RETRY),
    Work("cases_to_ring", _counted(due_cases), RING),
    Work("callbacks", _counted(_callbacks), APPLY),
    Work("due_texts", _counted(_due_texts), DRAIN),
    Work("due_timers", _counted(_due_timers), FIRE),
    Work("enrolments", _counted(due_enrolments), BEGIN),
    Work("campaigns", _counted(_campaigns), FEED),
    Work("reminders", _reminders, REMIND),
    Work("changes_to_tell", _changes, TELL),
    Work("owners_to_alert", alert_work, ALERT),
    Work("pauses_to_tell", _counted(_untold_pauses), TELL_PAUSED),
    Work("lost_claims", _counted(_lost_claims), SETTLE),
    Work("unknown_texts", _counted(_unknown_texts), SETTLE),
)


def sweep(process: Process) -> None:
    """Look once for work that waits and wake a worker for it; where Redis is away, do it here."""
    if process.settings.sandbox:
        democlock.refresh()
    now = clock.now()
    for work in WORK:
        try:
            with transaction() as session:
                found = work.waiting(session, process.settings, now, 1)
            if found and not process.wake(work.job):
                _do_here(work.job)
        except Exception as error:  # noqa: BLE001 - one sweep that fails must not keep the others from looking
            log.error("sweep_failed", work=work.name, error=describe_error(error))  # noqa: TRY400 - its words may name somebody
    _guard(now)
    beat(now)


def _do_here(job: str) -> None:
    module, _, name = job.rpartition(".")
    getattr(importlib.import_module(module), name)(JOB_VERSION)


def beat(now: datetime) -> None:
    """Say that cron lives."""
    with transaction() as session:
        row = insert(Heartbeat).values(name=CRON, at=now)
        session.execute(row.on_conflict_do_update(index_elements=[Heartbeat.name], set_={"at": now}))


def heartbeat_age(session: Session, now: datetime) -> float | None:
    """Return how many seconds ago cron last looked; None when it never did."""
    at = session.scalar(select(Heartbeat.at).where(Heartbeat.name == CRON))
    return None if at is None else (now - at) / timedelta(seconds=1)


def waiting_counts(session: Session, settings: Settings, now: datetime) -> dict[str, int]:
    """Count the work that waits, each kind up to a thousand."""
    return {work.name: work.waiting(session, settings, now, COUNT_AT_MOST) for work in WORK}


def _guard(now: datetime) -> None:
    """Pause campaigns that too many people answer with an opt-out."""
    with transaction() as session:
        guard_campaigns(session, now)


def do_chores(process: Process) -> None:
    """Do once a minute what nothing wakes: free seats, what must not be kept, texts never told of."""
    now = clock.now()
    with transaction() as session:
        tell_promoted(session, process.settings, fill_free_seats(session, now), now)
    with transaction() as session:
        welcome_new_members(session, process.settings, now)
    with transaction() as session:
        enrol_whom_fits(session, now)
        enrol_who_wished(session, now)
    with transaction() as session:
        enrol_who_is_due(session, process.settings, now)
    with transaction() as session:
        forget_plans(session, now)
        purge_sensitive(session, now)
        forget_purged(session)
    with transaction() as session:
        pass_on_unclaimed(session, process.settings, now)
    with transaction() as session:
        remind_of_open_sheets(session, process.settings, now)
    with transaction() as session:
        give_back_forgotten(session, now)
        # A list that was imported may have brought the wish.
        drop_unwanted_calls(session)
    with transaction() as session:
        adopt_texts(session, process.settings.senders)
    with transaction() as session:
        count_incoming(session, process.settings, now)
    with transaction() as session:
        if deactivations_due(session, process.settings, now):
            process.wake(REST)
    process.wake(DRAIN)
    process.wake(POLL)
    process.wake(DELETE)
