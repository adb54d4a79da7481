from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import Engine, bindparam, func, insert, literal, select, text, true, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from outreach.conversations.models import Conversation
from outreach.database import make_engine
from outreach.people.models import Person, PhoneNumber
from outreach.prepared import Part, Prepared, entities
from tests.factories import NOW, make_person

ANA, BEN = "+12135550101", "+12135550102"
PEOPLE = Part(Person, without=(Person.folded_name, Person.tags))
NAMED = Prepared(select(*PEOPLE.columns()).where(Person.first_name == bindparam("name")))
RENAME = Prepared(
    update(Person.__table__)  # type: ignore[arg-type] # a mapped class's table is one
    .where(Person.__table__.c.id == bindparam("of"))
    .values(first_name=bindparam("to"), tags=bindparam("tagged", type_=Person.__table__.c.tags.type))
)
ADD_NUMBER = Prepared(
    insert(PhoneNumber.__table__).values(phone=bindparam("new"), kind="mobile", status="ok", created_at=NOW)  # type: ignore[arg-type] # as above
)


@pytest.fixture
def own_engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url, lock_timeout="50ms")
    yield engine
    engine.dispose()


def read_anew(session: Session, name: str) -> Person:
    ((person,),) = entities(session, NAMED.rows(session, {"name": name}), PEOPLE)
    assert isinstance(person, Person)
    return person


def test_what_is_read_is_the_session_s_own_and_what_was_left_out_is_read_when_it_is_asked_for(session: Session) -> None:
    made = make_person(session, tags=["steward"]).id
    session.flush()
    session.expunge_all()
    person = read_anew(session, "Ana")
    assert (person.id, person.last_name, person.tags) == (made, "Prueba", ["steward"])
    person.first_name = "Anabel"
    session.flush()
    assert session.scalar(select(Person.first_name).where(Person.id == made)) == "Anabel"


def test_an_object_that_the_session_has_becomes_what_was_read(session: Session) -> None:
    person = make_person(session, "Ben Prueba")
    session.flush()
    RENAME.run(session, {"of": person.id, "to": "Benito", "tagged": ["steward"]})
    assert person.first_name == "Ben"
    assert read_anew(session, "Benito") is person
    assert person.first_name == "Benito"
    assert person not in session.dirty


def test_rows_of_one_entity_are_one_object_and_what_was_not_joined_is_none(session: Session) -> None:
    make_person(session, "Ana Prueba")
    make_person(session, "Ben Prueba")
    conversations = Part(Conversation)
    both = Prepared(
        select(*PEOPLE.columns(), *conversations.columns())
        .outerjoin(Conversation, Conversation.person_id == Person.id)
        .join(func.generate_series(1, 2).table_valued("n"), true())
        .order_by(Person.id)
    )
    session.flush()
    first, again, other, _ = entities(session, both.rows(session, {}), PEOPLE, conversations)
    assert first[0] is again[0]
    assert other[0].first_name == "Ben"
    assert first[1] is None


def test_values_are_made_fit_for_the_database_as_sqlalchemy_does(session: Session) -> None:
    as_json = bindparam("given", type_=Person.__table__.c.tags.type)
    echo = Prepared(select(as_json, literal("constant")))
    assert echo.rows(session, {"given": ["ñ", {"a": None}]}) == [(["ñ", {"a": None}], "constant")]


def test_what_the_database_refuses_is_sqlalchemy_s_error(session: Session) -> None:
    make_person(session, phone=ANA)
    session.flush()
    with pytest.raises(IntegrityError) as refused, session.begin_nested():
        ADD_NUMBER.run(session, {"new": ANA})
    assert not refused.value.connection_invalidated
    ADD_NUMBER.run(session, {"new": BEN})


def test_a_wait_for_a_lock_that_takes_too_long_is_sqlalchemy_s_error(own_engine: Engine, database_url: str) -> None:
    with psycopg.connect(database_url) as other, Session(own_engine) as session:
        other.execute("LOCK TABLE phone_numbers")
        with pytest.raises(OperationalError) as refused:
            ADD_NUMBER.run(session, {"new": ANA})
    assert isinstance(refused.value.orig, LockNotAvailable)
    assert not refused.value.connection_invalidated


def test_a_connection_that_is_lost_is_said_to_be_and_the_next_one_is_new(own_engine: Engine, database_url: str) -> None:
    with Session(own_engine) as session:
        lost = session.scalar(text("SELECT pg_backend_pid()"))
        with psycopg.connect(database_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [lost])
        with pytest.raises(DBAPIError) as away:
            NAMED.rows(session, {"name": "Ana"})
        assert isinstance(away.value, OperationalError)
        assert away.value.connection_invalidated
        session.rollback()
        assert NAMED.rows(session, {"name": "Ana"}) == []


def test_a_statement_that_needs_defaults_filled_in_is_refused(session: Session) -> None:
    with pytest.raises(TypeError, match="default"):
        Prepared(insert(Person.__table__).values(first_name=bindparam("name"))).run(session, {"name": "Ana"})  # type: ignore[arg-type] # as above
