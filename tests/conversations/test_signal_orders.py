"""Whatever comes in whatever order, through the real database: what must hold of every number holds.

100 orders in `make test`, ten times as many in `make soak`. Each is a seed: `ORDER=17 pytest …` plays one again.
"""

import contextlib
import os
import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.conversations.models import Conversation, ConversationState
from outreach.conversations.owning import give_back, take_over
from outreach.errors import OutreachError
from outreach.people.models import ConsentAction, ConsentEvent, PhoneNumber
from outreach.texting.models import Direction, Text
from outreach.trainings.plans import SessionChange
from outreach.trainings.refusals import RefusedError
from outreach.trainings.sessions import cancel_session, move_session
from tests.conversations.talk import Talk, a_sid
from tests.factories import NOW, ORGANIZER, make_person, make_session, make_settings, seed
from tests.laws import SOAK

ORDERS, ROUNDS, SIGNALS = 100 * SOAK, 10, 8
PHONE = "+12135550101"
WORDS = (
    "1", "2", "1,2", "0", "yes", "no", "maybe", "sí, voy", "yes but I need childcare", "saturday mornings", "LATER",
    "not until June", "who is this?", "is this a bot", "call me", "STOP", "START", "ALTO", "please stop texting me",
    "delete my data", "wrong number", "en español por favor", "the dodgers won", "I can't make it", "3", "thanks!",
    "TRAINING", "HELP", "👍", "",
)  # fmt: skip
WAITS = (timedelta(minutes=20), timedelta(hours=5), timedelta(days=1), timedelta(days=3), timedelta(days=9))


class World:
    """One member, two sessions, and whatever a seed lets happen to them."""

    def __init__(self, session: Session, seed_: int) -> None:
        self.session, self.dice = session, random.Random(seed_)
        make_person(session, phone=PHONE)
        self.sessions = [
            make_session(session, starts_at=NOW + timedelta(days=8 + 4 * n), capacity=2).id for n in (0, 1)
        ]
        self.talk = Talk(make_settings(text_hours="09:00-20:00", text_hours_sunday="12:00-20:00"))
        self.taken = False

    @property
    def number(self) -> PhoneNumber:
        return self.session.scalars(select(PhoneNumber).where(PhoneNumber.phone == PHONE)).one()

    def play(self) -> None:
        self.talk.invite(*self.sessions)
        happenings: tuple[Callable[[], None], ...] = (
            self.write, self.write, self.write, self.wait, self.wait, self.repeat, self.own, self.change, self.invite,
        )  # fmt: skip
        for _ in range(SIGNALS):
            before = self.newest_text()
            silent = self.is_silent()
            self.dice.choice(happenings)()
            self.check(before, silent=silent and self.is_silent())
        if self.taken:
            give_back(self.session, self.number, ORGANIZER, self.talk.now)
        self.talk.wait(days=40)

    def write(self) -> None:
        self.talk.write(PHONE, self.dice.choice(WORDS))

    def wait(self) -> None:
        self.talk.wait(seconds=self.dice.choice(WAITS).total_seconds())

    def repeat(self) -> None:
        """Let Twilio post the same text twice: the second time nothing changes."""
        sid, words = a_sid(), self.dice.choice(WORDS)
        self.talk.write(PHONE, words, MessageSid=sid)
        as_it_stood = self.figures()
        self.talk.write(PHONE, words, MessageSid=sid)
        assert self.figures() == as_it_stood

    def own(self) -> None:
        act = give_back if self.taken else take_over
        act(self.session, self.number, ORGANIZER, self.talk.now)
        self.session.flush()
        self.taken = not self.taken

    def change(self) -> None:
        one, now = self.dice.choice(self.sessions), self.talk.now
        try:
            if self.dice.random() < 0.3:
                cancel_session(self.session, one, now)
            else:
                move_session(self.session, one, SessionChange(starts_at=now + timedelta(days=6)), now)
        except RefusedError:
            return
        self.talk.work()

    def invite(self) -> None:
        with contextlib.suppress(OutreachError):  # of a session that is past or cancelled nothing is asked any more
            self.talk.invite(*self.sessions)

    def newest_text(self) -> int:
        return self.session.scalar(select(func.max(Text.id))) or 0

    def is_silent(self) -> bool:
        self.session.expire_all()
        return self.number.texts_opted_out_at is not None or self.taken

    def figures(self) -> tuple[object, ...]:
        self.session.expire_all()
        counts = [
            self.session.scalar(select(func.count()).select_from(table)) for table in (Text, Conversation, ConsentEvent)
        ]
        standing = self.session.execute(select(Conversation.step, Conversation.turn, Conversation.state)).all()
        return (*counts, *map(tuple, standing))

    def check(self, before: int, *, silent: bool) -> None:
        self.session.expire_all()
        live = select(func.count()).where(Conversation.state == ConversationState.LIVE)
        assert (self.session.scalar(live) or 0) <= 1
        said = self.session.scalars(
            select(Text).where(Text.id > before, Text.direction == Direction.OUT, Text.exempt_from_opt_out.is_(False))
        ).all()
        if silent and not self.consented_meanwhile():
            assert [text.body for text in said if text.automated and text.kind != "to_staff"] == []

    def consented_meanwhile(self) -> bool:
        newest = self.session.scalar(select(ConsentEvent.action).order_by(ConsentEvent.id.desc()).limit(1))
        return newest == ConsentAction.OPT_IN


@pytest.mark.parametrize("part", range(ROUNDS))
def test_what_must_hold_holds_in_every_order(session: Session, part: int) -> None:
    seed(session)
    first = os.environ.get("ORDER")
    seeds = [int(first)] if first else range(part, ORDERS, ROUNDS)
    for seed_ in seeds:
        with session.begin_nested() as attempt:
            session.connection()  # the savepoint is set when the connection is first asked for
            world = World(session, seed_)
            try:
                world.play()
                left = session.scalars(
                    select(Conversation.flow).where(Conversation.state != ConversationState.ENDED)
                ).all()
                assert left == [], "a conversation that never ends"
            except AssertionError as error:
                raise AssertionError(f"ORDER={seed_}: {error}") from error
            attempt.rollback()
