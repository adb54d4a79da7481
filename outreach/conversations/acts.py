"""Doing what the engine asks, each act in the turn's transaction. RSVPs, needs and availability stand here."""

from collections.abc import Callable

from outreach.conversations.acting import NOTED, ActContext, Done
from outreach.conversations.acts_of_flows import FLOW_ACTS
from outreach.conversations.acts_of_people import PEOPLE_ACTS
from outreach.conversations.acts_of_sessions import SESSION_ACTS, next_session, offer_sessions
from outreach.conversations.acts_of_tasks import TASK_ACTS
from outreach.conversations.effects import Act
from outreach.conversations.signals import ActResult
from outreach.trainings.availability import note_availability
from outreach.trainings.first_answers import Said
from outreach.trainings.models import RsvpStatus
from outreach.trainings.needs import note_need
from outreach.trainings.rsvps import LARGEST_PARTY, RsvpKind, RsvpResult, answer, answer_each, pass_on
from outreach.trainings.seats import lock_session
from outreach.trainings.wishes import wish_for_dates


def perform(act: Act, context: ActContext) -> Done:
    """Do one act and return what came of it."""
    return _ACTS[act.name](act, context)


def _say_yes(act: Act, context: ActContext) -> Done:
    # Sessions are locked in rising order, here as everywhere, so that two turns never wait for each other.
    several = sorted({*act.sessions, *act.instead_of})
    for one in several if len(several) > 1 else ():
        lock_session(context.session, one)
    answers = {one: _answer(context, one, RsvpStatus.YES) for one in sorted(act.sessions)}
    promoted = tuple(moved for each in answers.values() for moved in each.promoted)
    # Of several sessions only those are spoken of that it went the same way for.
    booked = [one for one, each in answers.items() if each.kind == RsvpKind.BOOKED]
    if booked:
        promoted += tuple(
            moved for one in act.instead_of for moved in _answer(context, one, RsvpStatus.CANCELLED).promoted
        )
        return Done(ActResult("booked", {"chosen": booked}), promoted)
    waiting = [one for one, each in answers.items() if each.kind == RsvpKind.WAITLISTED]
    if waiting:
        values = {"chosen": waiting, "position": answers[waiting[0]].position}
        return Done(ActResult("waitlisted", values), promoted)
    return Done(ActResult("closed"), promoted)


def _say_yes_to_next(act: Act, context: ActContext) -> Done:
    """Book the soonest session with a seat of the same training, in place of the one that they cannot come to."""
    found = next_session(context, act.sessions)
    if found is None:
        return Done(ActResult("closed"))
    offer_sessions(context, [found])
    return _say_yes(Act(act.name, (found,), instead_of=act.sessions), context)


def _say_other(status: RsvpStatus) -> Callable[[Act, ActContext], Done]:
    def run(act: Act, context: ActContext) -> Done:
        answers = answer_each(context.session, act.sessions, Said(context.person.id, status, context.now))
        closed = bool(answers) and all(each.kind == RsvpKind.CLOSED for each in answers)
        promoted = tuple(moved for each in answers for moved in each.promoted)
        return Done(ActResult("closed" if closed else "noted"), promoted)

    return run


def _pass_on(act: Act, context: ActContext) -> Done:
    """Let the next in line have a seat that was kept for this person and that they did not take in time."""
    for one in act.sessions[:1]:
        passed = pass_on(context.session, context.person.id, one, context.now)
        result = {RsvpKind.WAITLISTED: "passed_on", RsvpKind.BOOKED: "kept"}.get(passed.kind, "closed")
        return Done(ActResult(result, {"position": passed.position}), passed.promoted)
    return Done(ActResult("closed"))


def _answer(context: ActContext, session_id: int, status: RsvpStatus) -> RsvpResult:
    size = context.memory.get("party_size")
    party = min(int(size), LARGEST_PARTY) if size and status == RsvpStatus.YES else None
    return answer(context.session, context.person.id, session_id, status, party_size=party, now=context.now)


def _note_needs(act: Act, context: ActContext) -> Done:
    words = str(context.memory.get("need_words") or context.memory.get("words", ""))
    session_id = act.sessions[0] if act.sessions else None
    needs = [
        note_need(context.session, context.person.id, session_id, kind, words, context.now)
        for kind in context.memory.get("needs", ["other"])
    ]
    for need in needs:
        # The member is promised an answer, so somebody must owe it: else whoever launched the campaign.
        need.owner = need.owner or context.organizer
    return Done(ActResult("noted", {"deadline": min(need.due_at for need in needs).isoformat()}))


def _note_times(_act: Act, context: ActContext) -> Done:
    said = context.memory.get("availability") or {}
    note_availability(context.session, context.person.id, said, context.words, context.now)
    return NOTED


def _note_wish(act: Act, context: ActContext) -> Done:
    """Keep the promise of the next dates: of the training that was spoken of."""
    offered = context.conversation.offer.get("sessions", [])
    wish_for_dates(context.session, context.person.id, act.sessions or offered, context.now)
    return NOTED


_ACTS: dict[str, Callable[[Act, ActContext], Done]] = {
    "rsvp yes": _say_yes,
    "rsvp other": _say_yes,
    "rsvp next": _say_yes_to_next,
    "rsvp maybe": _say_other(RsvpStatus.MAYBE),
    "rsvp no": _say_other(RsvpStatus.NO),
    "rsvp cancel": _say_other(RsvpStatus.CANCELLED),
    "pass seat on": _pass_on,
    "note need": _note_needs,
    "note availability": _note_times,
    "note wish": _note_wish,
    **SESSION_ACTS,
    **PEOPLE_ACTS,
    **TASK_ACTS,
    **FLOW_ACTS,
}
