"""Guards that the database keeps: the consent ledger and the audit trail only grow; standings and seats stay true."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("consent_events", "audit_events")
STANDINGS = Path(__file__).parent.parent / "sql" / "standings.sql"
SEATS = Path(__file__).parent.parent / "sql" / "seats.sql"
FED = ("people", "memberships", "activities", "person_numbers", "phone_numbers")
STANDINGS_FUNCTIONS = (
    "refresh_people_of_number",
    "refresh_people_of_link",
    "refresh_person_of_fact",
    "refresh_this_person",
    "standings_wait",
    "refresh_standings",
)


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'lines of % are only ever added', TG_TABLE_NAME;
        END $$
        """
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute("INSERT INTO gates (name) VALUES ('all')")
    op.get_bind().exec_driver_sql(STANDINGS.read_text())
    op.get_bind().exec_driver_sql(SEATS.read_text())


def downgrade() -> None:
    op.execute("DROP TRIGGER rsvps_give_back_seats ON rsvps")
    op.execute("DROP FUNCTION give_back_seats")
    for table in FED:
        op.execute(f"DROP TRIGGER {table}_to_standings ON {table}")
    for function in STANDINGS_FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    for table in TABLES:
        op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")
    op.execute("DROP FUNCTION refuse_change")
    op.execute("DELETE FROM gates WHERE name = 'all'")
