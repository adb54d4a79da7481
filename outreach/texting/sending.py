"""The drainer: claim, commit, call, record. The one place from which texts leave."""

import secrets
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta

import structlog
from twilio.rest import Client

from outreach import clock, failpoints
from outreach.database import transaction
from outreach.settings import Settings
from outreach.texting.claims import Claim, claim_due, release, stopped_claims
from outreach.texting.crowding import Crowding
from outreach.texting.leases import give_back_lease, take_lease
from outreach.texting.models import TextStatus
from outreach.texting.outbox import next_due
from outreach.texting.pace import seconds_until_ready
from outreach.texting.recording import Sent, record
from outreach.texting.spending import note_spent, segments_left
from outreach.texting.twilio import Outcome, Outgoing, send_text

log = structlog.get_logger()

LEASE = "drain"
LEASE_LENGTH = timedelta(seconds=6)
SLICE_SECONDS = 10.0
# An opt-out or stop-all must hold within a second of its commit: claims are checked so often, and no call begins on
# a check that is older than FRESH_SECONDS, however slow the database is.
CHECK_SECONDS = 0.2
FRESH_SECONDS = 0.8
RECORD_SECONDS = 0.2
RECORD_AT_MOST = 100
# A claim that waited longer goes back unsent: `settling` may by then look for it at Twilio.
CLAIM_SECONDS_TO_CALL = 10.0
LONGEST_NAP = 1.0


class Drainer:
    """Hands due texts of all senders to Twilio, in slices of at most ten seconds."""

    def __init__(self, settings: Settings, client: Client, failpoint: Callable[[str], None] | None = None) -> None:
        self._settings = settings
        self._client = client
        self._holder = secrets.token_hex(8)
        self._pool = ThreadPoolExecutor(settings.twilio_concurrency, thread_name_prefix="twilio")
        self._crowding = Crowding(settings.twilio_concurrency)
        self._failpoint = failpoint or failpoints.reach

    def run_slice(self) -> bool:
        """Send what is due; return True when there is soon more to do."""
        end = time.monotonic() + SLICE_SECONDS
        while time.monotonic() < end:
            looked = time.monotonic()
            claims = self._claim()
            if claims is None:
                return False
            if claims:
                self._failpoint("claimed")
                self._send(claims, looked)
                continue
            nap = self._seconds_to_wait()
            if nap is None or nap > LONGEST_NAP:
                # The next sweep comes sooner than that; coming back at once would be a busy loop.
                self._give_back()
                return False
            time.sleep(nap)
        self._give_back()
        return True

    def _claim(self) -> list[Claim] | None:
        with transaction() as session:
            now = clock.now()
            if not take_lease(session, LEASE, self._holder, LEASE_LENGTH, now):
                return None
            return claim_due(session, self._settings, now)

    def _seconds_to_wait(self) -> float | None:
        """Return how long until something may be due, 0.01 at least; None when nothing is in sight."""
        with transaction() as session:
            now = clock.now()
            if segments_left(session, self._settings, now) == 0:
                return None
            dues = next_due(session, self._settings.senders, now)
            paces = seconds_until_ready(session, tuple(dues), self._settings.sender_rate, now)
            waits = [max(paces[sender], (due - now).total_seconds()) for sender, due in dues.items()]
            return max(0.01, min(waits)) if waits else None

    def _give_back(self) -> None:
        with transaction() as session:
            give_back_lease(session, LEASE, self._holder, clock.now())

    def _send(self, claims: list[Claim], checked: float) -> None:
        """Call Twilio for each claim that still may leave; `checked` is when they were last looked at (monotonic)."""
        pending, running, done = deque(claims), dict[Future[Outcome], Claim](), list[Sent]()
        recorded = time.monotonic()
        try:
            while pending or running:
                if pending and time.monotonic() - checked >= CHECK_SECONDS:
                    checked = time.monotonic()
                    pending = self._keep_allowed(pending)
                self._submit(pending, running, checked)
                finished, _ = wait(running, timeout=CHECK_SECONDS, return_when=FIRST_COMPLETED)
                for future in finished:
                    done.append(Sent(running.pop(future), future.result()))
                    self._crowding.learn(future.result(), len(running))
                if len(done) >= RECORD_AT_MOST or time.monotonic() - recorded >= RECORD_SECONDS:
                    self._record(done)
                    done, recorded = [], time.monotonic()
        finally:
            # When the database went away in the middle: the next slice must find every thread free, else its calls
            # would begin long after their last check.
            wait(running)
        self._record(done)

    def _keep_allowed(self, pending: deque[Claim]) -> deque[Claim]:
        """Give back the claims that may not leave any more, or waited too long, in one transaction; return the rest."""
        with transaction() as session:
            now = clock.now()
            take_lease(session, LEASE, self._holder, LEASE_LENGTH, now)
            stopped = stopped_claims(session, [claim.id for claim in pending])
            late = [claim.id for claim in pending if (now - claim.claimed_at).total_seconds() > CLAIM_SECONDS_TO_CALL]
            given_back = dict.fromkeys(late, TextStatus.QUEUED) | stopped
            for claim in pending:
                if claim.id in given_back:
                    release(session, claim, given_back[claim.id], now)
            unspent = sum(claim.segments for claim in pending if claim.id in given_back)
            note_spent(session, self._settings, -unspent, now)
        return deque(claim for claim in pending if claim.id not in given_back)

    def _submit(self, pending: deque[Claim], running: dict[Future[Outcome], Claim], checked: float) -> None:
        """Start as many calls as there are free threads, so that no text waits in a queue behind the last check."""
        while pending and len(running) < self._crowding.at_once:
            if time.monotonic() - checked > FRESH_SECONDS:
                return
            claim = pending.popleft()
            running[self._pool.submit(self._call, claim)] = claim

    def _call(self, claim: Claim) -> Outcome:
        self._failpoint("calling")
        outcome = send_text(
            self._client,
            Outgoing(
                to=claim.phone,
                sender=claim.sender,
                body=claim.body,
                status_callback=f"{self._settings.public_url}/twilio/status?text={claim.id}",
                valid_seconds=claim.valid_seconds,
            ),
        )
        self._failpoint("called")
        return outcome

    def _record(self, done: list[Sent]) -> None:
        if not done:
            return
        with transaction() as session:
            record(session, done, self._settings, clock.now())
        self._failpoint("recorded")
