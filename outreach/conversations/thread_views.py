"""What is done with a thread beside answering it: whose it is, what it meant, what is written down for whom."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import acting, roles_required
from outreach.conversations import by_hand, owning
from outreach.conversations.corrections import correct_reading
from outreach.conversations.inbox_views import LOCK_TIMEOUT, WHO
from outreach.conversations.officers import exclude_officer
from outreach.conversations.replying import Handling, NotThereError, lock_waiting
from outreach.conversations.seeing import viewer_of
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.people.attaching import add_person, attach_number, find_people
from outreach.people.models import PersonNumber, PhoneNumber
from outreach.people.numbers import retire_number
from outreach.people.short_names import short_name
from outreach.process import current
from outreach.texting.models import Text
from outreach.texting.outbox import DRAIN
from outreach.trainings.models import RsvpStatus

pages = Blueprint("threads", __name__, url_prefix="/replies/<int:text_id>")

SNOOZES = {"tomorrow": timedelta(days=1), "three_days": timedelta(days=3), "week": timedelta(days=7)}
WAKE_HOUR = 9
SOURCE = "wrote to us"


@pages.post("/take")
@roles_required(*WHO)
def take(text_id: int) -> Response:
    """Take a thread over: the program is silent there."""
    return _act(
        text_id,
        lambda session, _text, number, now: owning.take_over(session, number, acting(), now),
        "You have taken this thread over: the program is silent here for 3 days, or until you give it back.",
    )


@pages.post("/give-back")
@roles_required(*WHO)
def give_back(text_id: int) -> Response:
    """Give a thread back to the program."""
    return _act(
        text_id,
        lambda session, _text, number, now: owning.give_back(session, number, acting(), now),
        "Given back: the program goes on where it stood.",
    )


@pages.post("/assign")
@roles_required(*WHO)
def assign(text_id: int) -> Response:
    """Say who looks after a thread."""
    to = request.form.get("to", "")

    def act(session: Session, _text: Text, number: PhoneNumber, now: datetime) -> None:
        if to and to not in owning.who_answers(session):
            raise OutreachError("There is nobody of this address who answers replies.")
        owning.assign(session, number, to or None, acting(), now)

    return _act(text_id, act, f"Assigned to {to}." if to else "It is nobody's in particular now.")


@pages.post("/snooze")
@roles_required(*WHO)
def snooze(text_id: int) -> Response:
    """Put a thread off."""
    delay = SNOOZES.get(request.form.get("until", ""))
    if delay is None:
        abort(400)

    def act(session: Session, _text: Text, number: PhoneNumber, now: datetime) -> None:
        day = (now + delay).astimezone(current().settings.zone)
        owning.put_off(session, number, day.replace(hour=WAKE_HOUR, minute=0, second=0, microsecond=0), acting(), now)

    return _act(text_id, act, "Put off. It comes back by itself.", to_inbox=True)


@pages.post("/reading")
@roles_required(*WHO)
def correct(text_id: int) -> Response:
    """Keep what a text really meant."""
    intent, opt_out = request.form.get("intent", ""), "opt_out" in request.form

    def act(session: Session, text: Text, _number: PhoneNumber, now: datetime) -> None:
        correct_reading(session, text, intent, opt_out=opt_out, by=acting(), now=now)

    return _act(text_id, act, "Kept: the program learns from it.")


@pages.post("/rsvp")
@roles_required(*WHO)
def rsvp(text_id: int) -> Response:
    """Write down an answer to a session."""
    status = request.form.get("status", "")
    if status not in by_hand.ANSWERS:
        abort(400)

    def act(session: Session, person_id: int, now: datetime) -> None:
        session_id = request.form.get("session_id", 0, int)
        by_hand.rsvp_by_hand(session, current().settings, person_id, session_id, RsvpStatus(status), acting(), now)

    return _act_for_person(text_id, act, "Written down.")


@pages.post("/need")
@roles_required(*WHO)
def need(text_id: int) -> Response:
    """Write down a need."""

    def act(session: Session, person_id: int, now: datetime) -> None:
        kind, words = request.form.get("kind", "other")[:32], request.form.get("words", "")
        session_id = request.form.get("session_id", 0, int) or None
        by_hand.need_by_hand(session, person_id, session_id, kind, words, acting(), now)

    return _act_for_person(text_id, act, "The need is written down, with an owner and a deadline.")


@pages.post("/availability")
@roles_required(*WHO)
def availability(text_id: int) -> Response:
    """Write down when somebody can come."""

    def act(session: Session, person_id: int, now: datetime) -> None:
        words = request.form.get("words", "")
        by_hand.availability_by_hand(session, current().settings, person_id, words, acting(), now)

    return _act_for_person(text_id, act, "Their times are written down.")


@pages.get("/who")
@roles_required(*WHO)
def who(text_id: int) -> str:
    """Show people whom this number may belong to."""
    words = request.args.get("name", "")
    with transaction() as session:
        try:
            _, number = lock_waiting(session, _handling(text_id))
        except NotThereError:
            abort(404)
        found = [(person, short_name(person)) for person in find_people(session, words)]
        here = set(_people_here(session, number))
    return render_template("conversations/who.html", text_id=text_id, words=words, found=found, here=here)


@pages.post("/attach")
@roles_required(*WHO)
def attach(text_id: int) -> Response:
    """Say whose number this is: somebody known, or somebody new."""

    def act(session: Session, text: Text, number: PhoneNumber, now: datetime) -> None:
        person_id = request.form.get("person_id", 0, int)
        if not person_id:
            first, last = request.form.get("first_name", ""), request.form.get("last_name", "")
            person_id = add_person(session, first, last, SOURCE, now).id
        person = attach_number(session, person_id, number.id, now)
        text.person_id = person.id

    return _act(text_id, act, "This number is theirs now. A text is no consent: campaigns still leave them out.")


@pages.post("/split")
@roles_required(*WHO)
def split(text_id: int) -> Response:
    """Say which one of several people a number belongs to."""

    def act(session: Session, text: Text, number: PhoneNumber, now: datetime) -> None:
        person_id = request.form.get("person_id", 0, int)
        by_hand.keep_for(session, number.id, person_id, acting(), now)
        text.person_id = person_id

    return _act(text_id, act, "The number is theirs alone now.")


@pages.post("/retire")
@roles_required(*WHO)
def retire(text_id: int) -> Response:
    """Say that a number is not somebody's; their other numbers stay."""

    def act(session: Session, _text: Text, number: PhoneNumber, now: datetime) -> None:
        person_id = request.form.get("person_id", 0, int)
        if not retire_number(session, person_id, number.id, "wrong number", now):
            raise OutreachError("They are not reached at this number.")

    return _act(text_id, act, "They are not reached at this number any more.")


@pages.post("/deceased")
@roles_required(*WHO)
def deceased(text_id: int) -> Response:
    """Note that somebody has died; a second person confirms it."""

    def act(session: Session, person_id: int, now: datetime) -> None:
        second = by_hand.say_deceased(session, person_id, acting(), now)
        flash("Confirmed." if second else "Noted: all contact is frozen. A second person has to confirm it.")

    return _act_for_person(text_id, act, "")


@pages.post("/about-officer")
@roles_required(*WHO)
def about_officer(text_id: int) -> Response:
    """Keep a case from the officer whom it is about."""

    def act(session: Session, _text: Text, number: PhoneNumber, now: datetime) -> None:
        if not viewer_of(session, acting()).officer:
            abort(404)
        exclude_officer(session, number, request.form.get("email", ""), acting(), now)

    return _act(text_id, act, "They do not see this thread any more, and are not rung for it.")


def _handling(text_id: int) -> Handling:
    return Handling(text_id, text_id, acting(), clock.now())


def _act(
    text_id: int,
    act: Callable[[Session, Text, PhoneNumber, datetime], None],
    done: str,
    *,
    to_inbox: bool = False,
) -> Response:
    """Do something with a locked thread, say so, and go back to it; what is refused is said too."""
    handling = _handling(text_id)
    try:
        with transaction(LOCK_TIMEOUT) as session:
            text, number = lock_waiting(session, handling)
            act(session, text, number, handling.now)
        if done:
            flash(done)
    except NotThereError:
        abort(404)
    except OutreachError as error:
        flash(str(error))
        to_inbox = False
    current().wake(DRAIN)
    return redirect(url_for("replies.show_inbox") if to_inbox else url_for("replies.show_reply", text_id=text_id))


def _act_for_person(text_id: int, act: Callable[[Session, int, datetime], None], done: str) -> Response:
    """Do something for the person who writes: the one named in the form, who must be reached at this number."""

    def run(session: Session, _text: Text, number: PhoneNumber, now: datetime) -> None:
        person_id = request.form.get("person_id", 0, int)
        if person_id not in _people_here(session, number):
            raise OutreachError("Say first whose number this is.")
        act(session, person_id, now)

    return _act(text_id, run, done)


def _people_here(session: Session, number: PhoneNumber) -> list[int]:
    links = session.query(PersonNumber.person_id).filter(
        PersonNumber.number_id == number.id, PersonNumber.retired_at.is_(None)
    )
    return [person_id for (person_id,) in links]
