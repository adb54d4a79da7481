import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent, Role
from outreach.accounts.users import add_user, change_password, find_user
from outreach.errors import OutreachError
from tests.accounts.factories import NOW, make_user

LONG = "correct horse battery"


def test_a_user_is_added_with_a_role_and_a_hash(session: Session) -> None:
    user = add_user(session, " Luz@Example.org ", LONG, "campaign_organizer", "somebody", NOW)
    assert user.email == "luz@example.org"
    assert user.password.startswith("$argon2id$")
    assert LONG not in user.password
    assert [role.name for role in user.roles] == [Role.CAMPAIGN_ORGANIZER]
    assert session.scalars(select(AuditEvent.details)).one()["role"] == "campaign_organizer"


@pytest.mark.parametrize(
    ("email", "password", "role", "said"),
    [
        ("luz", LONG, "admin", "no e-mail address"),
        ("luz@example.org", "short", "admin", "fewer than 12"),
        ("luz@example.org", "x" * 201, "admin", "more than 200"),
        ("luz@example.org", LONG, "boss", "admin, data_steward, campaign_organizer, branch_organizer, phone_banker"),
    ],
)
def test_what_is_wrong_is_named(session: Session, email: str, password: str, role: str, said: str) -> None:
    with pytest.raises(OutreachError, match=said):
        add_user(session, email, password, role, "somebody", NOW)


def test_an_address_signs_in_one_user(session: Session) -> None:
    make_user(session, "luz@example.org")
    with pytest.raises(OutreachError, match="already"):
        add_user(session, "LUZ@example.org", LONG, "admin", "somebody", NOW)


def test_a_new_password_ends_the_sessions_of_the_old_one(session: Session) -> None:
    before = make_user(session, "luz@example.org")
    old_hash, old_mark = before.password, before.fs_uniquifier
    change_password(session, "Luz@example.org", "another long password", "somebody", NOW)
    after = find_user(session, "luz@example.org")
    assert after is not None
    assert after.password != old_hash
    assert after.fs_uniquifier != old_mark
    with pytest.raises(OutreachError, match="no user"):
        change_password(session, "nobody@example.org", "another long password", "somebody", NOW)
