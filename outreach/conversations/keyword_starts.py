"""Starting a flow because somebody texted its keyword: members, and with some flows anyone."""

import re
from typing import NamedTuple

from outreach.conversations.gaps import NotStartedError
from outreach.conversations.models import FlowKeyword
from outreach.conversations.situation import Situation
from outreach.conversations.starting import Opening, start_conversation
from outreach.people.models import Person
from outreach.people.strangers import add_contact
from outreach.texting.models import Kind, TextStatus

# A keyword and, for some flows, a code: `TRAINING`, `here 12`.
SHAPE = re.compile(r"\W*(?P<word>[^\W\d_]{2,20})(?:\W+(?P<code>[A-Za-z0-9-]{1,12}))?\W*")


class Called(NamedTuple):
    """A keyword that was texted, and the code that came with it."""

    keyword: FlowKeyword
    code: str


def begin_by_keyword(situation: Situation) -> bool:
    """Start the flow whose keyword this text is; False when it is none, or not for this sender."""
    called = _called(situation) if situation.number.taken_at is None else None
    if called is None or (not called.keyword.anyone and not situation.people):
        return False
    person = situation.person or _somebody(situation, called.keyword)
    if person.speaks is None:
        person.written_language = called.keyword.language
    opening = Opening(
        flow=called.keyword.flow,
        offer={"code": called.code} if called.code else {},
        kind=Kind.REPLY,
        answering=situation.text,
        memory={"words": situation.text.body, "code": called.code} if called.code else {"words": situation.text.body},
    )
    status = situation.text.status
    # Whatever the reader makes of it, the word is understood; the flow may still hand it to a person.
    situation.text.status = TextStatus.HANDLED
    try:
        with situation.session.begin_nested():
            conversation = start_conversation(
                situation.session, situation.settings, person, situation.number, opening, situation.now
            )
    except NotStartedError:
        situation.text.status = status
        return False
    situation.text.person_id, situation.text.conversation_id = person.id, conversation.id
    return True


def _called(situation: Situation) -> Called | None:
    match = SHAPE.fullmatch(situation.text.body)
    keyword = situation.session.get(FlowKeyword, match["word"].casefold()) if match else None
    if keyword is None or match is None or (match["code"] and not keyword.with_code):
        return None
    return Called(keyword, match["code"] or "")


def _somebody(situation: Situation, keyword: FlowKeyword) -> Person:
    """Return who writes, as far as we know: the first of those who share the number, else somebody new."""
    if situation.people:
        return situation.people[0]
    return add_contact(situation.session, situation.number, keyword.word.upper(), keyword.language, situation.now)
