"""What RQ runs for conversations. Each may run twice, late or never: it only looks again."""

from outreach.conversations.alerting import ALERT, tell_at_once, tell_digest
from outreach.conversations.beginning import BEGIN, begin_enrolment, due_enrolments
from outreach.conversations.firing import fire_timer
from outreach.conversations.media import DELETE, delete_old_media
from outreach.conversations.models import Enrolment
from outreach.conversations.polling import POLL
from outreach.conversations.polling import poll_inbound as poll_missed
from outreach.conversations.reminding import BATCH as REMINDERS
from outreach.conversations.reminding import REMIND, people_to_remind
from outreach.conversations.reminding import remind as remind_person
from outreach.conversations.ringing import RING, cases_to_ring
from outreach.conversations.ringing import ring as ring_for
from outreach.conversations.telling import TELL, tell_change
from outreach.conversations.timers import FIRE, due_timer_ids
from outreach.conversations.turn import RETRY, retry_text, waiting_inbound
from outreach.database import transaction
from outreach.process import current
from outreach.queues import job
from outreach.texting.outbox import DRAIN
from outreach.texting.twilio import make_client
from outreach.trainings.changes import people_to_tell

BATCH = 100


@job
def fire_timers(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Fire the timers that are due, some at a time, so that answers to members never wait long."""
    process = current()
    now = process.begin(FIRE)
    with transaction() as session:
        due = due_timer_ids(session, now, BATCH)
    for timer_id in due:
        fire_timer(process.settings, timer_id, now)
    if due:
        process.wake(DRAIN)
    if len(due) == BATCH:
        process.wake(FIRE)


@job
def begin_enrolled(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Begin flows that people were enrolled in, some at a time."""
    process = current()
    now = process.begin(BEGIN)
    with transaction() as session:
        due = list(session.scalars(due_enrolments(now).order_by(Enrolment.due_at).limit(BATCH)))
    for enrolment_id in due:
        begin_enrolment(process.settings, enrolment_id, now)
    if due:
        process.wake(DRAIN)
    if len(due) == BATCH:
        process.wake(BEGIN)


@job
def retry_inbound(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Let texts whose turn failed, or never came, take it now."""
    process = current()
    now = process.begin(RETRY)
    with transaction() as session:
        waiting = waiting_inbound(session, now, BATCH)
    for text_id, phone in waiting:
        retry_text(process.settings, text_id, phone, now)
    if waiting:
        process.wake(DRAIN)


@job
def remind(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Remind people of sessions that come up, some at a time."""
    process = current()
    now = process.begin(REMIND)
    with transaction() as session:
        due = people_to_remind(session, process.settings, now)
    for each in due:
        remind_person(process.settings, each, now)
    if due:
        process.wake(DRAIN)
    if len(due) == REMINDERS:
        process.wake(REMIND)


@job
def tell_changes(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Tell people of sessions that were moved or cancelled, some at a time."""
    process = current()
    now = process.begin(TELL)
    with transaction() as session:
        untold = people_to_tell(session, now, BATCH)
    for each in untold:
        tell_change(process.settings, each, now)
    if untold:
        process.wake(DRAIN)
    if len(untold) == BATCH:
        process.wake(TELL)


@job
def poll_inbound(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Take in texts whose webhook never came."""
    process = current()
    now = process.begin(POLL)
    if poll_missed(process.settings, make_client(process.settings), now):
        process.wake(DRAIN)


@job
def ring_on_call(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Ring whoever is next for sensitive texts that nobody has opened."""
    process = current()
    now = process.begin(RING)
    with transaction() as session:
        due = cases_to_ring(session, now, BATCH)
    for case_id in due:
        ring_for(process.settings, case_id, now)
    if due:
        process.wake(DRAIN)


@job
def alert_owners(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Tell whoever looks after replies that some wait: at once for what presses, else once a day."""
    process = current()
    now = process.begin(ALERT)
    if tell_at_once(process.settings, now, BATCH) + tell_digest(process.settings, now):
        process.wake(DRAIN)


@job
def delete_media(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Delete photos and recordings that have been kept long enough, at Twilio and here."""
    process = current()
    now = process.begin(DELETE)
    delete_old_media(make_client(process.settings), now)
