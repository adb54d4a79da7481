"""What RQ runs for campaigns. It may run twice, late or never: it only looks again."""

import time

from outreach import clock
from outreach.campaigns.feeding import FEED, campaigns_to_feed, feed_slice, finish_fed, fix_recipients
from outreach.campaigns.guarding import guard_campaigns
from outreach.campaigns.telling import TELL_PAUSED, tell_pauses
from outreach.database import transaction
from outreach.process import current
from outreach.queues import job
from outreach.texting.outbox import DRAIN

# The worker must come back soon to answers that wait to be sent.
SLICE_SECONDS = 0.5


@job
def feed(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Start conversations of running campaigns, some at a time, each campaign in turn."""
    process = current()
    process.begin(FEED)
    end, fed = time.monotonic() + SLICE_SECONDS, True
    while fed and time.monotonic() < end:
        fed = feed_each_once()
    if fed:
        process.wake(FEED)


def feed_each_once() -> bool:
    """Give each open campaign a slice; True when any of them had somebody to start with."""
    process, now = current(), clock.now()
    with transaction() as session:
        guard_campaigns(session, now)
        ids = campaigns_to_feed(session, now)
    fed = False
    for campaign_id in ids:
        with transaction() as session:
            fix_recipients(session, process.settings, campaign_id, now)
        with transaction() as session:
            taken = feed_slice(session, process.settings, campaign_id, now)
        if taken:
            process.wake(DRAIN)
            fed = True
        else:
            # On its own: two that feed at once share the campaign's lock, and neither would get it whole.
            with transaction() as session:
                finish_fed(session, campaign_id, now)
    return fed


@job
def tell_paused(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Tell somebody of ours of campaigns that have paused themselves."""
    process = current()
    now = process.begin(TELL_PAUSED)
    if tell_pauses(process.settings, now):
        process.wake(DRAIN)
