"""Acts about the person: what they told us, tags, wishes, consent."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from outreach.conversations.acting import NOTED, ActContext, Done
from outreach.conversations.asking_again import ask_again_on
from outreach.conversations.effects import Act
from outreach.conversations.house import house_text
from outreach.conversations.models import NotedAnswer
from outreach.conversations.opting_out import CONFIRM_WITHIN, opt_out
from outreach.conversations.seat_map import committees
from outreach.conversations.tasks import ON_CALL
from outreach.people.consent import record_consent
from outreach.people.profile import add_to, remove_from, rename
from outreach.texting.models import Kind
from outreach.texting.outbox import Draft, put_in_outbox

BY_TEXT = "text"
COMMITMENT = "commitment"
RATING = "rating"
LONGEST_WORDS = 2000
WORDS_OF_A_COMMITTEE = 4
NONE_YET = frozenset({"none", "no", "not", "nothing", "ninguno", "ninguna", "nada", "todavía", "aún"})


def _note(name: str | None, *, with_mark: bool = False) -> Callable[[Act, ActContext], Done]:
    def run(act: Act, context: ActContext) -> Done:
        answer = NotedAnswer(
            person_id=context.person.id,
            conversation_id=context.conversation.id,
            session_id=act.sessions[0] if act.sessions else None,
            flow=context.conversation.flow,
            name=str(act.given.get("as") or name or ""),
            words=context.words[:LONGEST_WORDS],
            mark=context.memory.get("rating") if with_mark else None,
            at=context.now,
        )
        context.session.add(answer)
        context.session.flush()
        return NOTED

    return run


def _tag(act: Act, context: ActContext) -> Done:
    add_to(context.session, context.person.id, "tags", [str(act.given["tag"])], context.now)
    return NOTED


def _untag(act: Act, context: ActContext) -> Done:
    remove_from(context.session, context.person.id, "tags", str(act.given["tag"]), context.now)
    return NOTED


def _set_fact(act: Act, context: ActContext) -> Done:
    fact = str(act.given["fact"])
    value = str(act.given.get("to") or context.memory.get(REMEMBERED_AS.get(fact, fact)) or "").strip()
    if value:
        _SETTERS[fact](context, value)
    return NOTED


def _set_name(context: ActContext, name: str) -> None:
    person = context.person
    if not person.first_name:
        first, _, last = name.partition(" ")
        rename(context.session, person.id, first, last or person.last_name, context.now)
        return
    person.preferred_name, person.updated_at = name, context.now


def _set_column(column: str) -> Callable[[ActContext, str], None]:
    def run(context: ActContext, value: str) -> None:
        setattr(context.person, column, value)
        context.person.updated_at = context.now

    return run


def _join_committee(context: ActContext, words: str) -> None:
    """Add the committees that their words name; a few words that name none of ours are a name themselves."""
    named = [each for each in committees(context.session) if each.casefold() in words.casefold()]
    said = re.findall(r"[^\W\d_]+", words)
    if not named and 0 < len(said) <= WORDS_OF_A_COMMITTEE and said[0].casefold() not in NONE_YET:
        named = [words.strip(" .,!?")]
    add_to(context.session, context.person.id, "committees", named, context.now)


_SETTERS: dict[str, Callable[[ActContext, str], None]] = {
    "name": _set_name,
    "zip": _set_column("zip"),
    "email": _set_column("email"),
    "language": _set_column("language"),
    "committee": _join_committee,
}
# What a question about a fact leaves in memory, where it is not named like the fact.
REMEMBERED_AS = {"language": "spoken", "committee": "words"}


def _snooze(act: Act, context: ActContext) -> Done:
    until = context.memory.get("until")
    if until:
        ask_again_on(
            context.session,
            context.settings,
            context.person,
            date.fromisoformat(str(until)[:10]),
            context.number.id,
            context.organizer or ON_CALL,
            context.now,
            conversation_id=context.conversation.id,
            text_id=context.text.id if context.text else None,
        )
    elif "for" in act.given:
        return _rest(act, context)
    return NOTED


def _rest(act: Act, context: ActContext) -> Done:
    """Ask nothing of somebody for so long; a longer rest that they asked for themselves stays."""
    until = (context.now + duration_of(act.given["for"])).astimezone(context.settings.zone).date()
    context.person.snoozed_until = max(until, context.person.snoozed_until or until)
    return Done(NOTED.result.with_values(until=context.person.snoozed_until.isoformat()))


def _opt_out(_act: Act, context: ActContext) -> Done:
    """Stop all texts to the number, as they chose, and confirm it once."""
    if context.number.texts_opted_out_at is None:
        language = context.person.speaks if context.person.speaks == "es" else "en"
        written_at = context.text.created_at if context.text else context.now
        opt_out(context.session, context.settings, context.number, context.words, "chose no more texts", context.now)
        draft = Draft(
            body=house_text("opted_out", language, context.settings),
            kind=Kind.REPLY,
            person_id=context.person.id,
            answers_at=written_at,
            expires_at=written_at + CONFIRM_WITHIN,
            exempt_from_opt_out=True,
        )
        put_in_outbox(context.session, context.number, draft, context.now)
    return NOTED


def _consent(_act: Act, context: ActContext) -> Done:
    """Write down that they agreed, in the words that they were asked with."""
    record_consent(
        context.session,
        context.number,
        wording=str(context.memory.get("consent_wording") or ""),
        source=BY_TEXT,
        by=None,
        now=context.now,
        key=context.settings.suppression_key.get_secret_value(),
    )
    return NOTED


def duration_of(written: object) -> timedelta:
    """Return a duration as a flow writes it, which was checked when the file was read: `90 days`."""
    amount, _, unit = str(written).partition(" ")
    return timedelta(**{f"{unit.removesuffix('s')}s": int(amount)})


PEOPLE_ACTS: dict[str, Callable[[Act, ActContext], Done]] = {
    "note words": _note(None),
    "note rating": _note(RATING, with_mark=True),
    "note commitment": _note(COMMITMENT),
    "tag": _tag,
    "untag": _untag,
    "set fact": _set_fact,
    "snooze": _snooze,
    "rest": _rest,
    "opt out": _opt_out,
    "record consent": _consent,
}
