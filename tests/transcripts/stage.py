"""What organizers and others do in a transcript, by name: each a function of the scene's stage.

Wherever a door of the program leads there, it is taken: an import, a campaign, the sign-in, a settled need.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.accounts.models import User
from outreach.conversations.models import DutyKind, Task, TaskKind
from outreach.conversations.officers import name_duty
from outreach.conversations.owning import give_back, take_over
from outreach.conversations.seats import tell_promoted
from outreach.conversations.settling_needs import settle_need
from outreach.conversations.tasks import finish_task
from outreach.conversations.welcoming import accept, welcome_new_members
from outreach.people.importing.run import Request, import_list
from outreach.people.models import Activity, Membership, MembershipRecord, Person, PersonNumber, PhoneNumber
from outreach.people.profile import add_to
from outreach.people.standings import refresh_standings
from outreach.trainings.attendance import close_sign_in, sign_in
from outreach.trainings.availability import note_availability
from outreach.trainings.models import Need, NeedState, Rsvp, RsvpStatus, SessionKind, Training, TrainingSession
from outreach.trainings.plans import SessionChange
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import cancel_session, move_session
from tests.factories import KEY, ORGANIZER, make_campaign, make_person, make_session
from tests.trainings.factories import make_training
from tests.transcripts.days import LA, PHONE, Days

SESSIONS: tuple[dict[str, Any], ...] = (
    {"starts_at": datetime(2026, 12, 12, 10, tzinfo=LA), "place": "Boyle Heights", "address": "1200 E Example St"},
    {"starts_at": datetime(2026, 12, 16, 18, 30, tzinfo=LA), "place": "", "link": "https://example.org/class"},
)
CONSENT = "I agree to texts from DSA-LA, about 4 a month"


@dataclass
class Stage:
    """Where a scene plays: the database, the days, the scene's sessions by number."""

    session: Session
    days: Days
    sessions: list[int]

    @property
    def now(self) -> datetime:
        return self.days.now

    def named(self, number: str) -> int:
        """Return the id of the scene's first, second, … session."""
        return self.sessions[int(number) - 1]

    @property
    def ana(self) -> Person:
        """Return Ana, who was on her number before anybody else."""
        hers = select(PersonNumber.person_id).join(PhoneNumber, PhoneNumber.id == PersonNumber.number_id)
        found = hers.where(PhoneNumber.phone == PHONE).order_by(PersonNumber.person_id).limit(1)
        return self.session.get_one(Person, self.session.scalars(found).one())

    @property
    def number(self) -> PhoneNumber:
        return self.session.scalars(select(PhoneNumber).where(PhoneNumber.phone == PHONE)).one()


def nobody_knows_her(_stage: Stage) -> None:
    """Ana is on no list: the player makes nobody. It can only be a scene's first line."""


def have_sessions(stage: Stage, count: str) -> None:
    stage.sessions += [make_session(stage.session, now=stage.now, **facts).id for facts in SESSIONS[: int(count)]]


def have_session(stage: Stage, at: str, *place: str) -> None:
    facts: dict[str, Any] = {"starts_at": _moment(at), "place": " ".join(place) or "Boyle Heights", "now": stage.now}
    stage.sessions.append(make_session(stage.session, **facts).id)


def hold_again(stage: Stage, number: str, at: str) -> None:
    """Plan another session of the same training."""
    training = stage.session.get_one(TrainingSession, stage.named(number)).training
    facts: dict[str, Any] = {"training": training, "starts_at": _moment(at), "now": stage.now}
    stage.sessions.append(make_session(stage.session, **facts).id)


def plan_an_action(stage: Stage, at: str) -> None:
    training = make_training(stage.session, "Tenants' canvass", title_es="Visitas a inquilinos")
    facts: dict[str, Any] = {
        "training": training,
        "kind": SessionKind.ACTION,
        "starts_at": _moment(at),
        "now": stage.now,
    }
    stage.sessions.append(make_session(stage.session, **facts).id)


def be_advanced(stage: Stage, number: str) -> None:
    """Make a session's training one that people come to after others."""
    training_id = stage.session.get_one(TrainingSession, stage.named(number)).training_id
    stage.session.execute(update(Training).where(Training.id == training_id).values(level="advanced"))


def speak_spanish(stage: Stage) -> None:
    stage.ana.language = "es"


def be_unnamed(stage: Stage) -> None:
    stage.ana.first_name = ""


def share_the_number(stage: Stage) -> None:
    make_person(stage.session, "Ben Prueba", phone=PHONE)


def never_have_agreed(stage: Stage) -> None:
    stage.number.consented_at = None
    stage.session.flush()
    refresh_standings(stage.session, [stage.ana.id])


def have_a_zip(stage: Stage, zip_code: str) -> None:
    stage.ana.zip = zip_code


def have_a_tag(stage: Stage, *tag: str) -> None:
    add_to(stage.session, stage.ana.id, "tags", [" ".join(tag)], stage.now)


def stand_as(stage: Stage, standing: str) -> None:
    """Let the list say how Ana stands: `lapsed`, `expired`, `contact`."""
    stage.session.get_one(MembershipRecord, stage.ana.id).standing = Membership(standing)
    stage.session.flush()
    refresh_standings(stage.session, [stage.ana.id])


def last_be_active(stage: Stage, day: str) -> None:
    stage.session.add(Activity(person_id=stage.ana.id, last_active_on=date.fromisoformat(day), attended_count=1))
    stage.session.flush()
    refresh_standings(stage.session, [stage.ana.id])


def have_a_failed_card(stage: Stage) -> None:
    stage.session.get_one(MembershipRecord, stage.ana.id).billing = "2mo_plus_failed"


def have_time(stage: Stage, *cells: str) -> None:
    note_availability(stage.session, stage.ana.id, {"available": list(cells)}, " ".join(cells), stage.now)


def campaign(stage: Stage, flow: str, segment: str = "everyone", sender: str = "Luz") -> None:
    """Let a campaign of any flow reach Ana, with all sessions of the scene."""
    facts: dict[str, Any] = {"flow": flow, "segment": segment, "sender": sender.replace("nobody", "")}
    launched = make_campaign(stage.session, sessions=tuple(stage.sessions), now=stage.now, **facts)
    stage.session.flush()
    stage.days.feed(launched.id)


def invite(stage: Stage) -> None:
    campaign(stage, "invite")


def import_her(stage: Stage, language: str = "English") -> None:
    """Import a list that names Ana as a member since three days; the next minute somebody on duty is given her."""
    header = "id,first_name,last_name,cell_phone,language,join_date,membership_status"
    row = f"A-1,Ana,Prueba,{PHONE},{language},2026-12-01,Member in good standing"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "members.csv"
        path.write_text(f"{header}\n{row}\n", encoding="utf-8")
        day = stage.now.astimezone(LA).date()
        import_list(stage.session, Request(path, stage.now, day, KEY, source="members", consent=CONSENT))
    welcome_new_members(stage.session, stage.days.settings, stage.now)


def have_an_organizer(stage: Stage, name: str = "Luz", language: str = "en") -> None:
    """Put somebody on duty for new members."""
    email = f"{name.lower()}@example.org"
    stage.session.add(User(email=email, password="x", created_at=stage.now))
    stage.session.flush()
    name_duty(
        stage.session,
        email,
        DutyKind.WELCOME,
        phone="+12135550134",
        known_as=name,
        language=language,
        by=email,
        now=stage.now,
    )


def accept_her(stage: Stage, name: str = "Luz") -> None:
    """The organizer takes Ana on: their name signs."""
    accept(stage.session, stage.ana.id, f"{name.lower()}@example.org", stage.now)


def fill_up(stage: Stage, number: str) -> None:
    stage.session.get_one(TrainingSession, stage.named(number)).capacity = 1
    stage.session.flush()
    answer(stage.session, make_person(stage.session).id, stage.named(number), RsvpStatus.YES, now=stage.now)


def let_others_wait(stage: Stage, number: str) -> None:
    """Put somebody on the waitlist, behind whoever waits already."""
    answer(stage.session, make_person(stage.session).id, stage.named(number), RsvpStatus.YES, now=stage.now)


def open_a_seat(stage: Stage, number: str) -> None:
    """Let whoever has a seat, Ana aside, say no to it: the next in line gets it."""
    seats = select(Rsvp.person_id).where(Rsvp.session_id == stage.named(number), Rsvp.status == RsvpStatus.YES)
    somebody = stage.session.scalars(seats.where(Rsvp.person_id != stage.ana.id).limit(1)).one()
    freed = answer(stage.session, somebody, stage.named(number), RsvpStatus.NO, now=stage.now)
    tell_promoted(stage.session, stage.days.settings, freed.promoted, stage.now)


def have_said_yes(stage: Stage, number: str) -> None:
    answer(stage.session, stage.ana.id, stage.named(number), RsvpStatus.YES, now=stage.now)


def be_cancelled(stage: Stage, number: str) -> None:
    cancel_session(stage.session, stage.named(number), stage.now)


def move(stage: Stage, number: str, to: str) -> None:
    move_session(stage.session, stage.named(number), SessionChange(starts_at=_moment(to)), stage.now)


def come(stage: Stage, number: str) -> None:
    sign_in(stage.session, stage.named(number), stage.ana.id, stage.now)


def close(stage: Stage, number: str) -> None:
    close_sign_in(stage.session, stage.named(number), stage.now)


def settle(outcome: NeedState) -> Callable[[Stage], None]:
    def run(stage: Stage) -> None:
        """Somebody of ours says what became of Ana's newest need."""
        newest = select(Need.id).where(Need.person_id == stage.ana.id).order_by(Need.id.desc()).limit(1)
        need_id = stage.session.scalars(newest).one()
        settle_need(stage.session, stage.days.settings, need_id, outcome, ORGANIZER, stage.now)

    return run


def be_called(stage: Stage) -> None:
    """Somebody of ours makes the calls that are still to be made to Ana."""
    still = select(Task.id).where(Task.person_id == stage.ana.id, Task.kind == TaskKind.CALL, Task.done_at.is_(None))
    for task_id in stage.session.scalars(still).all():
        finish_task(stage.session, task_id, stage.now, ORGANIZER)


def take_the_thread(stage: Stage) -> None:
    take_over(stage.session, stage.number, ORGANIZER, stage.now)


def give_the_thread_back(stage: Stage) -> None:
    give_back(stage.session, stage.number, ORGANIZER, stage.now)


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=LA)


ARRANGEMENTS: dict[str, Callable[..., None]] = {
    "stranger": nobody_knows_her,
    "sessions": have_sessions,
    "session": have_session,
    "again": hold_again,
    "action": plan_an_action,
    "advanced": be_advanced,
    "spanish": speak_spanish,
    "unnamed": be_unnamed,
    "shared": share_the_number,
    "unasked": never_have_agreed,
    "zip": have_a_zip,
    "tag": have_a_tag,
    "standing": stand_as,
    "active": last_be_active,
    "card": have_a_failed_card,
    "times": have_time,
    "campaign": campaign,
    "invite": invite,
    "import": import_her,
    "organizer": have_an_organizer,
    "accept": accept_her,
    "full": fill_up,
    "wait": let_others_wait,
    "seat": open_a_seat,
    "yes": have_said_yes,
    "cancel": be_cancelled,
    "move": move,
    "came": come,
    "close": close,
    "arranged": settle(NeedState.ARRANGED),
    "cannot": settle(NeedState.CANNOT),
    "called": be_called,
    "takes": take_the_thread,
    "gives": give_the_thread_back,
}
