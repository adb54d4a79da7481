import socket

import psycopg
import pytest
import redis
from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach import database


@pytest.mark.parametrize("_again", [1, 2])
def test_what_a_test_writes_is_rolled_back(session: Session, _again: int) -> None:
    session.execute(text("CREATE TABLE left_over (id int)"))
    with database.transaction() as inner:
        inner.execute(text("INSERT INTO left_over VALUES (1)"))
    session.commit()
    assert session.scalar(text("SELECT count(*) FROM left_over")) == 1


@pytest.mark.parametrize("_again", [1, 2])
def test_a_database_of_its_own_is_fresh(database_url: str, _again: int) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE left_over (id int)")
        assert connection.execute("SELECT version_num FROM alembic_version").rowcount >= 0


@pytest.mark.parametrize("_again", [1, 2])
def test_redis_is_empty_at_the_start(redis_url: str, _again: int) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "over")


def test_nothing_but_loopback_is_reached() -> None:
    with pytest.raises(AssertionError, match="loopback"):
        socket.create_connection(("192.0.2.1", 80))
