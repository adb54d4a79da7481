"""A number that takes no texts may still be called; one that does not exist may not."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STANDINGS = Path(__file__).parent.parent / "sql" / "standings.sql"
END = "END $$;"


def upgrade() -> None:
    function = STANDINGS.read_text().partition(END)[0] + END
    op.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    op.execute(
        """
        SELECT refresh_standings(array_agg(DISTINCT l.person_id)) FROM person_numbers l
        JOIN phone_numbers t ON t.id = l.number_id WHERE t.status = 'bad'
        """
    )


def downgrade() -> None:
    """Nothing to take back: the older function read the same rows."""
