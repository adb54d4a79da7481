"""One inbound text's turn: stored, understood, answered, in one transaction (law 2)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from outreach.conversations.answers import LATER
from outreach.conversations.forgetting import PLANNED
from outreach.conversations.gathering import gather_facts, open_question
from outreach.conversations.house_rules import apply_house_rules, asks_to_stop, record_opt_out
from outreach.conversations.late_answers import takes_a_late_no
from outreach.conversations.models import BOT, Conversation
from outreach.conversations.overtaking import heard_since, spoken_since
from outreach.conversations.questions import taken_as_story
from outreach.conversations.runner import Turn
from outreach.conversations.signals import Replied
from outreach.conversations.situation import Situation
from outreach.conversations.starting import follow_on
from outreach.conversations.turn_loading import Scene, load_scene
from outreach.conversations.versions import flow_of
from outreach.database import ROW, transaction
from outreach.people.models import Person, PhoneNumber
from outreach.people.numbers import lock_number
from outreach.queues import describe_error
from outreach.settings import Settings
from outreach.texting.inbound import as_row, store, take_in
from outreach.texting.models import Text, TextStatus
from outreach.understanding import Context, Intent, MenuOption, Reading, read

log = structlog.get_logger()

LOCK_TIMEOUT = "5s"
RETRY = "outreach.conversations.jobs.retry_inbound"
TRIES = 4
FIRST_RETRY = timedelta(seconds=5)
# Beside a yes or no, these are still to be answered by somebody.
ASKS_A_PERSON = frozenset({Intent.QUESTION, Intent.WHO, Intent.CALLBACK})


def receive_text(
    settings: Settings, form: Mapping[str, str], now: datetime, *, sent_at: datetime | None = None
) -> bool:
    """Store a text that Twilio posted and let it take its turn; False when it was stored before.

    `sent_at` is when it was written, where that was long before it came to us: what was said since has overtaken it.
    Whatever the turn raises, the text stays, for another try and then for a person.
    """
    with transaction() as session:
        inbound = take_in(session, settings, form, sent_at or now)
        if inbound is None:
            return False
        overtaken = sent_at is not None and spoken_since(session, inbound.text)
        take_turn(session, settings, inbound.number, inbound.text, now, overtaken=overtaken)
    return True


def take_turn(  # noqa: PLR0913 - one turn has these parts
    session: Session, settings: Settings, number: PhoneNumber, text: Text, now: datetime, *, overtaken: bool = False
) -> None:
    """Let a text take its turn inside a savepoint, so that an error in it cannot lose the text.

    A new one is stored with what was understood of it, in one statement; without any of that when the turn raises.
    """
    as_it_came, is_new = as_row(text), text not in session
    try:
        with session.begin_nested():
            _step(session, settings, number, text, now, overtaken=overtaken)
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise  # nothing can be stored any more: Twilio must ask again
        log.error("turn_failed", text=as_it_came["id"], error=describe_error(error))  # noqa: TRY400 - its words may name somebody
        if is_new:
            text = _anew(session, text, as_it_came)
        _put_off(text, now)
        session.flush()
        _heed_opt_out(session, settings, number, text, now)


def _anew(session: Session, text: Text, as_it_came: dict[str, Any]) -> Text:
    """Return a text as it was before its turn, which took its row away again."""
    if text in session:
        session.expunge(text)
    anew = Text(**as_it_came)
    session.add(anew)
    return anew


def _heed_opt_out(session: Session, settings: Settings, number: PhoneNumber, text: Text, now: datetime) -> None:
    """Stop texts at once to who asks for it, though their conversation's step failed: opt-outs beat everything."""
    try:
        with session.begin_nested():
            reading = read(text.body, now=now.astimezone(settings.zone))
            if number.texts_opted_out_at is None and asks_to_stop(reading, text):
                record_opt_out(session, settings, number, text, reading, now)
    except Exception as error:  # noqa: BLE001 - as above: the text must stay stored
        log.error("opt_out_failed", text=text.id, error=describe_error(error))  # noqa: TRY400 - as above


def _put_off(text: Text, now: datetime) -> None:
    text.attempts += 1
    if text.attempts >= TRIES:
        text.status, text.retry_at = TextStatus.NEEDS_PERSON, None
        return
    text.retry_at = now + FIRST_RETRY * 2 ** (text.attempts - 1)


def _step(  # noqa: PLR0913 - as above
    session: Session, settings: Settings, number: PhoneNumber, text: Text, now: datetime, *, overtaken: bool
) -> None:
    scene = load_scene(session, number.id)
    reading = _understand(session, settings, text, scene, now)
    conversation, person = scene.conversation, scene.person
    text.reading = reading.as_dict()
    text.person_id = person.id if person else None
    text.conversation_id = conversation.id if conversation else None
    text.campaign_id = conversation.campaign_id if conversation else None
    text.status = TextStatus.NEEDS_PERSON if _needs_person(reading, text) else TextStatus.HANDLED
    text.retry_at = None
    written_in = _learn_language(person, reading) if person else None
    if text not in session:
        store(session, text, person, written_in)
    elif person is not None and written_in is not None:
        person.written_language = written_in
    situation = Situation(
        session, settings, number, text, reading, scene.people, person, conversation, now, overtaken=overtaken
    )
    if not apply_house_rules(situation):
        _converse(situation, scene)
    session.flush()


def _needs_person(reading: Reading, text: Text) -> bool:
    """Tell whether a person should see a text that was answered: a question came along, or a photo."""
    asks = ASKS_A_PERSON.intersection({reading.intent, *reading.also})
    return bool(reading.human_review or asks or text.media)


def _understand(session: Session, settings: Settings, text: Text, scene: Scene, now: datetime) -> Reading:
    context, menu, step = Context.ANY, list[MenuOption](), None
    if (conversation := scene.conversation) is not None:
        facts = gather_facts(
            session, conversation, scene.person, settings, now, shared=scene.shared, offered=scene.offered
        )
        flow = flow_of(session, conversation.flow_version_id)
        context, menu = open_question(flow, conversation, facts)
        step = flow.steps.get(conversation.step)
    local_now = now.astimezone(settings.zone)
    return taken_as_story(read(text.body, context=context, menu=menu, now=local_now), step)


def _learn_language(person: Person, reading: Reading) -> str | None:
    """Keep the language that somebody asks for; else return the one that they write in, where that is news."""
    asked_for = reading.facts.get("language")
    if asked_for in {"en", "es"}:
        person.language = str(asked_for)
        return None
    news = reading.language in {"en", "es"} and reading.language != person.written_language
    return reading.language if news else None


def _converse(situation: Situation, scene: Scene) -> None:
    """Let the live conversation take the text; without one, or where a person has taken over, it waits for a person.

    A photo or voice note alone is nothing that a machine could answer; nor is abuse.
    """
    conversation, person, text = situation.conversation, situation.person, situation.text
    speechless = (text.media and not text.body.strip()) or situation.reading.intent is Intent.HOSTILE
    if conversation is None and person is not None and not speechless and takes_a_late_no(situation, person):
        return
    if conversation is None or person is None or conversation.owner != BOT or speechless:
        situation.text.status = TextStatus.NEEDS_PERSON
        return
    turn = Turn(
        session=situation.session,
        settings=situation.settings,
        conversation=conversation,
        person=person,
        number=situation.number,
        now=situation.now,
        shared=scene.shared,
        answering=situation.text,
        offered=scene.offered,
    )
    stood = (conversation.step, conversation.state)
    turn.take(Replied(situation.reading, text.body))
    follow_on(turn)
    if turn.handed_off:
        text.status = TextStatus.NEEDS_PERSON
    elif (
        _heard(situation.reading, conversation, text.body)
        and not text.media
        and stood != (conversation.step, conversation.state)
    ):
        text.status = TextStatus.HANDLED


def _heard(reading: Reading, conversation: Conversation, words: str) -> bool:
    """Tell whether the open question understood what the reader alone could not: a “0.”, a plan, a LUEGO of ours."""
    known = LATER.fullmatch(words) is not None or conversation.outcome == PLANNED
    return known or reading.intent in {Intent.OTHER, Intent.FEEDBACK}


def waiting_inbound(session: Session, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Return texts that still wait for their turn, with the number that each came from, the oldest first."""
    waiting = (
        select(Text.id, PhoneNumber.phone)
        .join(PhoneNumber, PhoneNumber.id == Text.number_id)
        .where(Text.status == TextStatus.RECEIVED, Text.retry_at <= now)
        .order_by(Text.retry_at)
        .limit(limit)
    )
    return [(text_id, phone) for text_id, phone in session.execute(waiting)]


def retry_text(settings: Settings, text_id: int, phone: str, now: datetime) -> None:
    """Let a text that waits take its turn once more; harmless when it has had it."""
    with transaction(LOCK_TIMEOUT) as session:
        number = lock_number(session, phone, now)
        text = session.get_one(Text, text_id, with_for_update=ROW)
        if text.status == TextStatus.RECEIVED:
            take_turn(session, settings, number, text, now, overtaken=heard_since(session, text))
