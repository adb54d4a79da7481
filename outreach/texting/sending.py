"""The drainer: claim, commit, call, record. The one place from which texts leave."""

import secrets
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
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
from outreach.texting.twilio import TIMEOUT_SECONDS, Outcome, Outgoing, send_text

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
# A call that lasts longer is waited for beside other work.
HANGS_SECONDS = 1.0


@dataclass(frozen=True)
class Call:
    """A call to Twilio under way: for which claim, and when it began (monotonic)."""

    claim: Claim
    began: float


class Drainer:
    """Hands due texts of all senders to Twilio, in slices of about ten seconds.

    A call that hangs holds nobody else up: what is due meanwhile is claimed and sent beside it.
    """

    def __init__(self, settings: Settings, client: Client, failpoint: Callable[[str], None] | None = None) -> None:
        self._settings = settings
        self._client = client
        self._holder = secrets.token_hex(8)
        self._pool = ThreadPoolExecutor(settings.twilio_concurrency, thread_name_prefix="twilio")
        self._crowding = Crowding(settings.twilio_concurrency)
        self._failpoint = failpoint or failpoints.reach
        self._running: dict[Future[Outcome], Call] = {}

    def run_slice(self) -> bool:
        """Send what is due; return True when there is soon more to do."""
        try:
            more = self._drain(time.monotonic() + SLICE_SECONDS)
        finally:
            # Also when the database went away in the middle: the next slice must find every thread free, else its
            # calls would begin long after their last check.
            wait(self._running)
            ended, self._running = self._running, {}
        self._record([Sent(call.claim, future.result()) for future, call in ended.items()])
        return more

    def _drain(self, end: float) -> bool:
        while (now := time.monotonic()) < end or (self._running and now < end + TIMEOUT_SECONDS):
            claims = self._claim()
            if claims is None:
                return False
            if claims:
                self._failpoint("claimed")
            if claims or self._running:
                self._send(claims, now)
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
        """Call Twilio for each claim that still may leave; `checked` is when they were last looked at (monotonic).

        Returns when every claim was called for and no call but those that hang is under way; with nothing to call for,
        after a moment.
        """
        pending, done = deque(claims), list[Sent]()
        recorded = time.monotonic()
        while True:
            if pending and time.monotonic() - checked >= CHECK_SECONDS:
                checked = time.monotonic()
                pending = self._keep_allowed(pending)
            self._submit(pending, checked)
            finished, _ = wait(self._running, timeout=CHECK_SECONDS, return_when=FIRST_COMPLETED)
            for future in finished:
                call = self._running.pop(future)
                done.append(Sent(call.claim, future.result()))
                self._crowding.learn(future.result(), len(self._running))
            if len(done) >= RECORD_AT_MOST or time.monotonic() - recorded >= RECORD_SECONDS:
                self._record(done)
                done, recorded = [], time.monotonic()
            if not pending and not self._awaited():
                break
        self._record(done)

    def _awaited(self) -> bool:
        """Tell whether a call is under way that may end any moment: one that has lasted longer hangs."""
        began = time.monotonic() - HANGS_SECONDS
        return any(call.began > began for call in self._running.values())

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

    def _submit(self, pending: deque[Claim], checked: float) -> None:
        """Start as many calls as there are free threads, so that no text waits in a queue behind the last check."""
        while pending and len(self._running) < self._crowding.at_once:
            began = time.monotonic()
            if began - checked > FRESH_SECONDS:
                return
            claim = pending.popleft()
            self._running[self._pool.submit(self._call, claim)] = Call(claim, began)

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
