import psycopg
import pytest
from sqlalchemy import event, text

from outreach import database


def test_a_connection_that_the_server_closed_is_replaced_before_it_is_used(database_url: str) -> None:
    engine = database.make_engine(database_url)
    with engine.connect() as connection:
        closed = connection.scalar(text("SELECT pg_backend_pid()"))
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [closed])
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != closed
    engine.dispose()


def test_a_connection_that_is_well_is_used_again_without_a_word(database_url: str) -> None:
    engine, statements = database.make_engine(database_url), list[str]()
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    for _ in range(2):
        with engine.connect() as connection:
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
    assert pid
    assert statements == ["SELECT pg_backend_pid()"] * 2
    engine.dispose()


def test_a_web_process_waits_for_no_lock_for_ever(database_url: str) -> None:
    engine = database.make_engine(database_url, lock_timeout="50ms")
    with psycopg.connect(database_url) as other, engine.connect() as connection:
        other.execute("LOCK TABLE texts")
        with pytest.raises(Exception, match="lock timeout"):
            connection.execute(text("SELECT count(*) FROM texts"))
    engine.dispose()
