"""When a seat was last offered to who waited for it; conversations that hold a plan are found to be forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rsvps", sa.Column("seat_offered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_conversations_planned", "conversations", ["ended_at"], postgresql_where=sa.text("outcome = 'planned'")
    )


def downgrade() -> None:
    op.drop_index("ix_conversations_planned", table_name="conversations")
    op.drop_column("rsvps", "seat_offered_at")
