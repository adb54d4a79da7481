"""Who was told that the sign-in of a session is still open."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("owner_alerts", sa.Column("session_id", sa.BigInteger(), nullable=True))
    op.create_unique_constraint(op.f("uq_owner_alerts_email_session_id"), "owner_alerts", ["email", "session_id"])


def downgrade() -> None:
    op.drop_constraint(op.f("uq_owner_alerts_email_session_id"), "owner_alerts")
    op.drop_column("owner_alerts", "session_id")
