"""Walk-ins: whoever stands at the door and is on no sheet, written down by name, with or without a phone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.errors import OutreachError
from outreach.people.attaching import add_person, attach_number
from outreach.people.consent import record_consent
from outreach.people.models import Membership, MembershipRecord, NumberKind, Person, PhoneNumber
from outreach.people.names import fold, split_name
from outreach.people.numbers import lock_number, people_on
from outreach.people.phones import BadPhone, normalise_phone
from outreach.trainings.attendance import sign_in
from outreach.trainings.models import Attendance
from outreach.trainings.refusals import RefusedError
from outreach.trainings.sign_in_sheet import sheet

SOURCE = "sign-in sheet"
Language = Literal["en", "es"]
# What the greeter reads out; who agrees, agrees to these words.
CONSENT: dict[Language, str] = {
    "en": "{org} may text me about trainings, about 4 texts a month. Msg & data rates may apply. HELP for help, "
    "STOP to opt out.",
    "es": "{org} me puede mandar textos de talleres, unos 4 al mes. Puede haber cargos por mensajes y datos. AYUDA o "
    "ALTO cuando quiera.",
}


@dataclass(frozen=True, slots=True)
class WalkIn:
    """Somebody at the door: `agreed` is the wording that they agreed to, empty when they agreed to nothing."""

    name: str
    phone: str = ""
    language: Language = "en"
    agreed: str = ""


def consent_wording(language: Language, org: str) -> str:
    """Return the words to read out, with the chapter's name."""
    return CONSENT[language].replace("{org}", org)


def read_phone(written: str) -> str:
    """Return the number in E.164, or nothing where nothing was written. Raises RefusedError."""
    try:
        return normalise_phone(written) if written.strip() else ""
    except BadPhone as error:
        raise RefusedError(f"Look at the phone again: {error.reason}.") from None


def add_walk_in(  # noqa: PLR0913, PLR0917 - one walk-in has these parts
    session: Session, session_id: int, walk_in: WalkIn, viewer: str, now: datetime, key: str
) -> bool:
    """Write somebody down and sign them in; return whether they may be texted as they agreed.

    Whoever we know by this phone and first name is signed in as themselves, and nobody twice. An opt-out of the number
    stands: only its holder lifts it. Raises RefusedError.
    """
    phone = read_phone(walk_in.phone)
    # The number before the session: the order in which everybody locks.
    number = lock_number(session, phone, now, key) if phone else None
    sheet(session, session_id, viewer)
    person = _known(session, session_id, walk_in, number) or _new(session, walk_in, number, now)
    sign_in(session, session_id, person.id, now)
    if number is None or not walk_in.agreed:
        return True
    return record_consent(session, number, wording=walk_in.agreed, source=SOURCE, by=viewer, now=now, key=key)


def _known(session: Session, session_id: int, walk_in: WalkIn, number: PhoneNumber | None) -> Person | None:
    """Return who this is, if we know: of those on their number, else of those who were just written down by name."""
    if number is not None:
        first = fold(walk_in.name).partition(" ")[0]
        theirs = ((one, fold(f"{one.first_name} {one.known_as}").split()) for one in people_on(session, number.id))
        return next((one for one, names in theirs if first in names or not names), None)
    here = select(Person).join(Attendance, Attendance.person_id == Person.id)
    mine = here.where(Attendance.session_id == session_id, Person.folded_name == fold(walk_in.name))
    return session.scalar(mine.where(Person.source == SOURCE).limit(1))


def _new(session: Session, walk_in: WalkIn, number: PhoneNumber | None, now: datetime) -> Person:
    first, last = split_name(walk_in.name.strip())
    try:
        person = add_person(session, first, last, SOURCE, now)
    except OutreachError:
        raise RefusedError("Write at least a first name.") from None
    person.source_since, person.language = now.date(), walk_in.language
    person.membership = MembershipRecord(standing=Membership.CONTACT)
    session.flush()
    if number is not None:
        # Whoever agrees to texts names the phone that gets them.
        kind = NumberKind.MOBILE if walk_in.agreed else NumberKind.UNKNOWN
        attach_number(session, person.id, number.id, now, kind)
    return person
