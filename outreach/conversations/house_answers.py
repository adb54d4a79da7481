"""Questions and wishes that belong to no flow: who we are, a bot or not, data, a call, later, another language."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from outreach.conversations.answers import until_named
from outreach.conversations.asking_again import ask_again_on
from outreach.conversations.facts import day_words
from outreach.conversations.fitting import moment_named
from outreach.conversations.flow import PERSON, Step
from outreach.conversations.models import BOT, TaskKind
from outreach.conversations.opting_out import opt_out
from outreach.conversations.runner import OPTED_OUT, end_all
from outreach.conversations.situation import Situation
from outreach.conversations.starting import Opening, start_conversation
from outreach.conversations.tasks import CALLBACK, ON_CALL, ToDo, add_task
from outreach.conversations.versions import flow_of, newest_version
from outreach.people.models import Membership, Person
from outreach.people.profile import how_we_know
from outreach.people.strangers import TEXTED
from outreach.texting.models import Direction, Kind, Text, TextStatus
from outreach.understanding import Intent

SAID_WITHIN = timedelta(hours=24)
ERASE_WITHIN = timedelta(days=10)
CALL_WITHIN = timedelta(hours=24)
NOT_NOW = "not_now"
MEMBERS = frozenset({Membership.MEMBER, Membership.GOOD_STANDING, Membership.LAPSED})
# Our own texts offer these two words.
DELETE = re.compile(r"\W*(?:delete|borrar)\W*", re.IGNORECASE)
CALL = re.compile(r"\W*(?:call|llamar)\W*", re.IGNORECASE)
# What may come along with a question for the house without being an answer to a flow's question.
BESIDE = frozenset({Intent.QUESTION, Intent.WHO, Intent.THANKS, Intent.OTHER})
TIMES = frozenset({Intent.AVAILABILITY, Intent.MAYBE})
GUESSED = frozenset({Intent.OTHER, Intent.AVAILABILITY, Intent.FEEDBACK})


def asks_for_deletion(situation: Situation) -> bool:
    """Take a wish to have one's data deleted: no more texts at once, and somebody of ours deletes it."""
    if not (situation.reading.facts.get("delete_request") or DELETE.fullmatch(situation.text.body)):
        return False
    was_opted_out = situation.number.texts_opted_out_at is not None
    opt_out(
        situation.session,
        situation.settings,
        situation.number,
        "" if situation.text.restricted else situation.text.body,
        situation.reading.rule,
        situation.now,
    )
    end_all(situation.session, situation.number.id, OPTED_OUT, situation.now)
    _ask_us(situation, TaskKind.DELETE_DATA, "asks us to delete their data", situation.now + ERASE_WITHIN, ON_CALL)
    if situation.text.status == TextStatus.RECEIVED:
        situation.text.status = TextStatus.HANDLED
    if not was_opted_out and not situation.silent:
        situation.say("deletion", despite_opt_out=True)
    return True


def answer_for_the_house(situation: Situation) -> bool:
    """Answer what is asked of the house; True when nothing is left for a flow to take."""
    number, conversation = situation.number, situation.conversation
    with_a_person = number.taken_at is not None or (conversation is not None and conversation.owner != BOT)
    if with_a_person or not situation.people:
        return False
    return any(answer(situation) for answer in (_who, _call_me, _not_before, _language))


def _who(situation: Situation) -> bool:
    intents = {situation.reading.intent, *situation.reading.also}
    topics = set(situation.reading.question_topics)
    # What the chapter is and does is for a person to tell, where nothing else is asked.
    if Intent.WHO not in intents or ("about" in topics and not topics & {"bot", "privacy"}):
        return False
    name = "bot" if "bot" in topics else "who"
    values = {} if name == "bot" else {"signed": _signed(situation), "known": _known(situation)}
    if "" in values.values() or _said_lately(situation, name, values):
        return False
    situation.say(name, values)
    rest = [each for each in (situation.reading.intent, *situation.reading.also) if each not in BESIDE]
    if rest:
        # What else they say is for the open question.
        situation.reading = replace(situation.reading, intent=rest[0], also=tuple(rest[1:]))
        return False
    situation.text.status = TextStatus.NEEDS_PERSON if situation.reading.human_review else TextStatus.HANDLED
    return True


def _call_me(situation: Situation) -> bool:
    """Take a wish for a call: at the time that they name; else they are asked when, or called within a day."""
    intents = {situation.reading.intent, *situation.reading.also}
    # Whether the call or its time is read first says nothing.
    pure = Intent.CALLBACK in intents and not intents - BESIDE - TIMES - {Intent.CALLBACK}
    if not (pure or CALL.fullmatch(situation.text.body)) or _is_taken_by_flow(situation, "callback"):
        return False
    said = situation.reading.availability
    at = moment_named(said.as_dict() if said else None, situation.settings.zone, situation.now)
    if at is None and _start_callback(situation):
        return True
    _ask_us(situation, TaskKind.CALL, "asks for a call", at or situation.now + CALL_WITHIN, _organizer(situation))
    if at is None:
        situation.say("call_soon")
    else:
        situation.say("call_then", {"until": situation.moment(at)})
    situation.text.status = TextStatus.NEEDS_PERSON
    return True


def _start_callback(situation: Situation) -> bool:
    """Begin the flow that asks when to call, where there is one."""
    if newest_version(situation.session, CALLBACK) is None:
        return False
    offer = dict(situation.conversation.offer) if situation.conversation else {}
    opening = Opening(CALLBACK, offer, kind=Kind.REPLY, answering=situation.text, memory={"words": situation.text.body})
    start_conversation(
        situation.session, situation.settings, _writer(situation), situation.number, opening, situation.now
    )
    return True


def _not_before(situation: Situation) -> bool:
    """Keep a day before which not to ask, where no open question does."""
    until = until_named(situation.reading)
    if not until or not _asks_to_wait(situation) or _is_taken_by_flow(situation, "snooze"):
        return False
    day = date.fromisoformat(until[:10])
    for person in situation.people:
        person.snoozed_until = day
    conversation = situation.conversation
    ask_again_on(
        situation.session,
        situation.settings,
        _writer(situation),
        day,
        situation.number.id,
        _organizer(situation),
        situation.now,
        conversation_id=conversation.id if conversation else None,
        text_id=situation.text.id,
    )
    end_all(situation.session, situation.number.id, NOT_NOW, situation.now)
    situation.say("not_before", {"until": day_words(until, situation.language)})
    situation.text.status = TextStatus.HANDLED
    return True


def _asks_to_wait(situation: Situation) -> bool:
    """Tell whether a text that names a day asks for nothing but to wait: not where a question takes times, or a no."""
    intents = {situation.reading.intent, *situation.reading.also}
    if _open_step(situation) is None:
        return not intents - BESIDE - TIMES - {Intent.SNOOZE, Intent.NO}
    if situation.reading.intent is Intent.AVAILABILITY and _is_taken_by_flow(situation, "availability"):
        return False
    return not intents - BESIDE - TIMES - {Intent.SNOOZE}


def _organizer(situation: Situation) -> str:
    """Return whose task it is: who launched the campaign that the conversation is of, else whoever is on call."""
    conversation = situation.conversation
    return str((conversation.offer.get("organizer") if conversation else None) or ON_CALL)


def _language(situation: Situation) -> bool:
    """Say that we change to the language they ask for; what we do not speak goes to a person."""
    reading = situation.reading
    if reading.intent is Intent.LANGUAGE and reading.facts.get("language") in {"en", "es"}:
        step = _open_step(situation)
        if step is not None and step.kind == "ask":
            # It is asked again in the other language.
            return False
        situation.say("language")
        situation.text.status = TextStatus.HANDLED
        return True
    # What is read into words that we do not speak is a guess.
    guessed = reading.intent in GUESSED and not (reading.availability and any(reading.availability.as_dict().values()))
    foreign = reading.intent is Intent.LANGUAGE or (reading.language == "other" and guessed)
    if not foreign:
        return False
    situation.for_a_person()
    if not _said_lately(situation, "other_language", {}):
        situation.say("other_language")
    return True


def _writer(situation: Situation) -> Person:
    """Return who writes, as far as we know: where several share the number, the first of them."""
    return situation.person or situation.people[0]


def _signed(situation: Situation) -> str:
    """Say who has signed the texts that they got: a person of ours, else the chapter."""
    sender = str(situation.conversation.offer.get("sender") or "") if situation.conversation else ""
    if not sender:
        return situation.words_of("signed_by_chapter")
    return situation.words_of("signed_by_person", sender=sender)


def _known(situation: Situation) -> str:
    """Say where their number is from, as it was noted; empty where nobody noted it: then a person answers."""
    person = _writer(situation)
    known = how_we_know(person)
    since = str(known.since.year) if known.since else ""
    if known.source.startswith(TEXTED):
        return situation.words_of("known_texted", word=known.source.removeprefix(TEXTED))
    if person.membership is not None and person.membership.standing in MEMBERS:
        return situation.words_of("known_member", since=since)
    return situation.words_of("known_list", since=since, list=known.source) if known.source else ""


def _open_step(situation: Situation) -> Step | None:
    """Return the question that is open, or the wait that hears answers, if one is."""
    conversation = situation.conversation
    if conversation is None:
        return None
    step = flow_of(situation.session, conversation.flow_version_id).steps.get(conversation.step)
    return step if step is not None and step.kind in {"ask", "wait"} else None


def _is_taken_by_flow(situation: Situation, kind: str) -> bool:
    """Tell whether the open question leads on from such an answer by itself."""
    step = _open_step(situation)
    return step is not None and step.on.get(kind, PERSON) != PERSON


def _said_lately(situation: Situation, name: str, values: dict[str, str]) -> bool:
    """Tell whether they have had this answer within a day: asked again, a person answers."""
    said = select(Text.id).where(
        Text.number_id == situation.number.id,
        Text.direction == Direction.OUT,
        Text.body == situation.words_of(name, **values),
        Text.created_at > situation.now - SAID_WITHIN,
    )
    return situation.session.scalar(said.limit(1)) is not None


def _ask_us(situation: Situation, kind: TaskKind, because: str, due_at: datetime, owner: str) -> None:
    todo = ToDo(
        kind=kind,
        because=because,
        due_at=due_at,
        owner=owner,
        person_id=situation.person.id if situation.person else None,
        number_id=situation.number.id,
        conversation_id=situation.conversation.id if situation.conversation else None,
        text_id=situation.text.id,
        asked_for=kind == TaskKind.CALL,
    )
    add_task(situation.session, todo, situation.now)
