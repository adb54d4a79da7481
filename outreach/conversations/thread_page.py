"""Everything that the page of one waiting text shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations import replying
from outreach.conversations.desk_texts import QuickReply, quick_replies
from outreach.conversations.gathering import language_of
from outreach.conversations.inbox import is_urgent, names_on, thread_of
from outreach.conversations.models import Correction, MediaFile, SensitiveCase
from outreach.conversations.owning import TAKEN_FOR, who_answers
from outreach.conversations.replying import Handling, NotSentError
from outreach.conversations.seeing import viewer_of
from outreach.conversations.sensitive import open_cases
from outreach.people.models import Person, PersonNumber, PhoneNumber
from outreach.people.phones import mask_phone
from outreach.people.short_names import short_name
from outreach.settings import Settings
from outreach.texting.models import Direction, Text, TextStatus
from outreach.trainings.models import TrainingSession
from outreach.trainings.overview import coming_sessions
from outreach.understanding import Kind

SESSIONS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ReplyPage:
    """A text, its thread and what can be done. `unreachable` says why no text may go there."""

    text: Text
    number: PhoneNumber
    names: tuple[str, ...]
    people: Sequence[tuple[int, str]]
    person_id: int | None
    masked: str
    language: str
    thread: Sequence[Text]
    corrections: dict[int, Correction]
    opened_media: frozenset[tuple[int, int]]
    cases: Sequence[SensitiveCase]
    sessions: Sequence[TrainingSession]
    owners: Sequence[str]
    leaves: datetime | None
    unreachable: str
    quick: Sequence[QuickReply]
    viewer: str
    officer: bool

    @property
    def waits(self) -> bool:
        """Tell whether it still waits for a person."""
        return self.text.status == TextStatus.NEEDS_PERSON

    @property
    def urgent(self) -> bool:
        """Tell whether it must not wait."""
        return is_urgent(self.text)

    @property
    def acknowledgements(self) -> frozenset[int]:
        """Return the texts of this thread that nobody typed: the fixed words for sensitive texts."""
        return frozenset(case.acknowledgement_id for case in self.cases if case.acknowledgement_id)

    @property
    def taken_until(self) -> datetime | None:
        """Return until when the program is silent here."""
        return self.number.taken_at + TAKEN_FOR if self.number.taken_at else None

    @property
    def taken_by_another(self) -> bool:
        """Tell whether somebody else answers here."""
        return self.number.taken_at is not None and self.number.owner != self.viewer

    @property
    def for_officers(self) -> bool:
        """Tell whether this thread is with the grievance officers."""
        return any(case.kind == Kind.HARASSMENT for case in self.cases)


def reply_page(session: Session, settings: Settings, handling: Handling) -> ReplyPage:
    """Gather what the page of one text shows. Raises NotThereError where there is none for these eyes."""
    text, number = replying.find_waiting(session, handling)
    if text.direction != Direction.IN:
        raise replying.NotThereError("There is no such text.")
    viewer = viewer_of(session, handling.by)
    person = session.get(Person, text.person_id) if text.person_id else None
    people = _people(session, number)
    thread = thread_of(session, number.id, viewer)
    shown = [each.id for each in thread]
    media = session.execute(
        select(MediaFile.text_id, MediaFile.place).where(MediaFile.text_id.in_(shown), MediaFile.content.is_not(None))
    )
    return ReplyPage(
        text=text,
        number=number,
        names=names_on(session, [number.id]).get(number.id, ()),
        people=people,
        person_id=text.person_id or (people[0][0] if len(people) == 1 else None),
        masked=mask_phone(number.phone),
        language=language_of(person),
        thread=thread,
        corrections={
            each.text_id: each for each in session.scalars(select(Correction).where(Correction.text_id.in_(shown)))
        },
        opened_media=frozenset((text_id, place) for text_id, place in media),
        cases=[case for case in open_cases(session, number.id) if viewer.officer or case.kind != Kind.HARASSMENT],
        sessions=coming_sessions(session, handling.now)[:SESSIONS_SHOWN],
        owners=who_answers(session),
        leaves=replying.leaves_at(settings, number, person, number.last_inbound_at or text.created_at, handling.now),
        unreachable=_unreachable(number),
        quick=quick_replies(language_of(person)),
        viewer=handling.by,
        officer=viewer.officer,
    )


def _people(session: Session, number: PhoneNumber) -> list[tuple[int, str]]:
    mine = (
        select(Person)
        .join(PersonNumber, PersonNumber.person_id == Person.id)
        .where(PersonNumber.number_id == number.id, PersonNumber.retired_at.is_(None))
        .where(Person.merged_into_id.is_(None))
        .order_by(Person.id)
    )
    return [(person.id, short_name(person)) for person in session.scalars(mine)]


def _unreachable(number: PhoneNumber) -> str:
    try:
        replying.refuse_unreachable(number)
    except NotSentError as error:
        return str(error)
    return ""
