"""What comes before any flow: opt-outs, START, HELP, wrong numbers, holds, strangers."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from outreach.conversations.cancelling import free_cancelled_seat
from outreach.conversations.house_answers import answer_for_the_house, asks_for_deletion
from outreach.conversations.keyword_starts import begin_by_keyword
from outreach.conversations.keywords import HELP_WORDS, START_WORDS, exact_word, is_start
from outreach.conversations.no_calls import heed_no_calls, refuses_calls, welcomes_texts, write_down
from outreach.conversations.opting_out import BY_TEXT, opt_out
from outreach.conversations.overtaking import give_to_a_person
from outreach.conversations.ringing import pass_on
from outreach.conversations.runner import OPTED_OUT, end_all
from outreach.conversations.sensitive import heed_sensitive
from outreach.conversations.situation import Situation
from outreach.people.consent import opt_in_number
from outreach.people.models import PhoneNumber
from outreach.people.numbers import retire_number
from outreach.settings import Settings
from outreach.texting.models import Text, TextStatus
from outreach.texting.outbox import cancel_queued
from outreach.understanding import Reading

GREET_AGAIN_AFTER = timedelta(days=30)
# A keyword that was entered at Twilio's console, and that we read as something else.
SET_AT_TWILIO = "a keyword set at Twilio"
SPANISH_HELP = frozenset({"ayuda"})


def apply_house_rules(situation: Situation) -> bool:
    """Do what comes before any flow; True when the text is dealt with."""
    if situation.overtaken:
        return _heed_overtaken(situation)
    return any(
        rule(situation)
        for rule in (
            _pass_on,
            heed_sensitive,
            asks_for_deletion,
            _opt_out,
            heed_no_calls,
            _start,
            _while_opted_out,
            _help,
            # A word that starts a flow is that, whatever else it could mean.
            begin_by_keyword,
            _wrong_number,
            _hold,
            answer_for_the_house,
            _stranger,
        )
    )


def _heed_overtaken(situation: Situation) -> bool:
    """Heed what must be heeded however late it comes, and leave the rest to a person, who sees what was said since."""
    heeded = (heed_sensitive, asks_for_deletion, _opt_out, heed_no_calls, _wrong_number, _hold)
    next((rule for rule in heeded if rule(situation)), None)
    give_to_a_person(situation.text)
    return True


def _pass_on(situation: Situation) -> bool:
    return pass_on(situation.session, situation.number, situation.text.body, situation.now)


def _opt_out(situation: Situation) -> bool:
    if not asks_to_stop(situation.reading, situation.text):
        return False
    opted_out_before = situation.number.texts_opted_out_at is not None
    twilio_answered = situation.twilio_answered
    record_opt_out(
        situation.session, situation.settings, situation.number, situation.text, situation.reading, situation.now
    )
    if refuses_calls(situation.text.body):
        write_down(situation)
    free_cancelled_seat(situation.session, situation.settings, situation.text, situation.now)
    end_all(situation.session, situation.number.id, OPTED_OUT, situation.now)
    if not opted_out_before and not twilio_answered and not situation.silent:
        situation.say("opted_out", despite_opt_out=True)
    return True


def asks_to_stop(reading: Reading, text: Text) -> bool:
    """Tell whether a text revokes consent: as we read it, or as Twilio has taken it."""
    return (reading.opt_out and not welcomes_texts(text.body)) or text.opt_out_type == "STOP"


def record_opt_out(  # noqa: PLR0913, PLR0917 - one turn has these parts
    session: Session, settings: Settings, number: PhoneNumber, text: Text, reading: Reading, now: datetime
) -> None:
    """Write down an opt-out that came by text."""
    # A complaint that also asks for no more texts is for the grievance officers alone, in the ledger too.
    words = "" if text.restricted else text.body
    opt_out(session, settings, number, words, reading.rule if reading.opt_out else SET_AT_TWILIO, now)


def _start(situation: Situation) -> bool:
    if not is_start(situation.text.body, situation.text.opt_out_type):
        return False
    twilio_answered = situation.twilio_answered
    opt_in_number(
        situation.session,
        situation.number,
        source=BY_TEXT,
        rule=situation.reading.rule if exact_word(situation.text.body) in START_WORDS else SET_AT_TWILIO,
        raw_text=situation.text.body,
        now=situation.now,
        key=situation.key,
    )
    if not twilio_answered:
        situation.say("opted_in")
    if not situation.people:
        situation.for_a_person()
    return True


def _while_opted_out(situation: Situation) -> bool:
    """Stay silent to whoever opted out, whatever they write; a person looks."""
    if situation.number.texts_opted_out_at is None:
        return False
    if exact_word(situation.text.body) in HELP_WORDS | SPANISH_HELP:
        return _help(situation)
    situation.for_a_person()
    return True


def _help(situation: Situation) -> bool:
    if exact_word(situation.text.body) not in HELP_WORDS | SPANISH_HELP and situation.text.opt_out_type != "HELP":
        return False
    if not situation.twilio_answered:
        situation.say("help", despite_opt_out=situation.number.texts_opted_out_at is not None)
    return True


def _wrong_number(situation: Situation) -> bool:
    """Retire the number for whoever we took it for; nothing more is sent there, and a person looks."""
    if situation.reading.suppress != "number":
        return False
    for person in [situation.person] if situation.person else situation.people:
        retire_number(situation.session, person.id, situation.number.id, "wrong number", situation.now)
    end_all(situation.session, situation.number.id, "wrong_number", situation.now)
    cancel_queued(situation.session, situation.number.id, TextStatus.SUPPRESSED, situation.now)
    situation.for_a_person()
    return True


def _hold(situation: Situation) -> bool:
    """Stop automation for a number where a person must decide first."""
    held = situation.reading.suppress == "hold"
    if held:
        situation.number.automation_held_at = situation.now
        cancel_queued(situation.session, situation.number.id, TextStatus.CANCELED, situation.now)
    if held or situation.number.automation_held_at is not None:
        situation.for_a_person()
        return True
    return False


def _stranger(situation: Situation) -> bool:
    """Keep an unknown sender's text for a person; answer once in 30 days."""
    if situation.people:
        return False
    situation.for_a_person()
    greeted = situation.number.greeted_at
    if situation.number.taken_at is not None:
        return True
    if greeted is None or situation.now - greeted >= GREET_AGAIN_AFTER:
        situation.number.greeted_at = situation.now
        situation.say("stranger")
    return True
