from datetime import timedelta

from sqlalchemy.orm import Session

from outreach.campaigns.audience import Audience, describe_audience
from outreach.conversations.models import Conversation, ConversationState
from outreach.conversations.versions import newest_version
from outreach.people.segments import Segment
from outreach.trainings.models import Rsvp, RsvpStatus
from tests.campaigns.desk import NOW, SETTINGS, ask, seed, two_sessions
from tests.people.factories import make_number, make_person


def audience_of(session: Session, sessions: tuple[int, ...] = ()) -> Audience:
    return describe_audience(session, SETTINGS, Segment.EVERYONE, sessions, NOW)


def test_an_empty_list_has_nobody(session: Session) -> None:
    nobody = audience_of(session)
    assert (nobody.people, nobody.left_out, nobody.members) == (0, {}, ())
    assert nobody.by_language == {"en": 0, "es": 0}


def test_people_are_counted_by_the_language_they_are_written_in(session: Session) -> None:
    make_person(session, "Ana García", language="es")
    make_person(session, "Luis Paz", written_language="es")
    make_person(session, "Eve Stone", language="en", written_language="es")
    make_person(session, "Kim Park", language="ko")
    make_person(session, "Joe Doe")
    found = audience_of(session)
    assert found.by_language == {"en": 3, "es": 2}
    assert found.people == 5


def test_who_is_left_out_is_counted_by_reason(session: Session) -> None:
    make_person(session, "In Side")
    make_person(session, "Opted Out", numbers=[make_number(session, opted_out=True)])
    make_person(session, "No Consent", numbers=[make_number(session, consented=False)])
    make_person(session, "No Number", numbers=[])
    found = audience_of(session)
    assert found.people == 1
    assert found.left_out == {"opted_out": 1, "no_consent": 1, "no_number": 1}


def test_who_was_asked_lately_is_left_out_and_who_was_asked_long_ago_is_not(session: Session) -> None:
    for hours_ago in (1, 100):
        number = make_number(session)
        ask(session, make_person(session, f"Asked {hours_ago}", numbers=[number]), number, hours_ago)
    found = audience_of(session)
    assert found.people == 1
    assert found.left_out == {"asked_recently": 1}
    assert [member.shown_as for member in found.samples] == ["Asked 1."]


def test_a_campaign_for_later_asks_who_will_have_been_left_in_peace_long_enough(session: Session) -> None:
    number = make_number(session)
    ask(session, make_person(session, "Asked Today", numbers=[number]), number, 1)
    assert describe_audience(session, SETTINGS, Segment.EVERYONE, (), NOW + timedelta(hours=72)).people == 1


def test_who_answered_about_every_session_is_left_out(session: Session) -> None:
    offered = two_sessions(session)
    answers = {"All Said": offered, "Half Said": offered[:1]}
    for name, answered in answers.items():
        person = make_person(session, name)
        for one in answered:
            session.add(Rsvp(person_id=person.id, session_id=one, status=RsvpStatus.NO, answered_at=NOW))
    session.flush()
    found = audience_of(session, offered)
    assert found.left_out == {"already_answered": 1}
    assert [member.first_name for member in found.samples] == ["Half"]


def test_who_talks_with_an_organizer_is_left_out(session: Session) -> None:
    seed(session)
    version = newest_version(session, "invite")
    assert version is not None
    number = make_number(session)
    make_person(session, "Busy Bee", numbers=[number])
    session.add(
        Conversation(
            number_id=number.id, flow_version_id=version.id, flow="invite", state=ConversationState.LIVE,
            owner="luz@example.org", step="invite", started_at=NOW,
        )
    )  # fmt: skip
    session.flush()
    assert audience_of(session).left_out == {"with_a_person": 1}


def test_samples_are_few_and_show_no_more_than_first_name_and_initial(session: Session) -> None:
    for _ in range(7):
        make_person(session, "Robin Sommerfeld", preferred_name="Rob")
    make_person(session, "")
    found = audience_of(session)
    assert [member.shown_as for member in found.samples] == ["Rob S."] * 5
    assert found.members[-1].shown_as == "no name"


def test_a_shared_number_is_one_text_and_known_to_be_shared(session: Session) -> None:
    number = make_number(session)
    make_person(session, "Ana Uno", numbers=[number])
    make_person(session, "Bea Dos", numbers=[number])
    found = audience_of(session)
    assert (found.people, found.left_out) == (1, {"shared_number": 1})
    assert found.members[0].shared
