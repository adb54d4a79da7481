"""Find the next recipients of a campaign in the order in which their numbers are locked, however many wait."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.drop_index("ix_recipients_waiting", "recipients")
    op.create_index("ix_recipients_waiting", "recipients", ["campaign_id", "number_id"], postgresql_where=WAITING)


def downgrade() -> None:
    op.drop_index("ix_recipients_waiting", "recipients")
    op.create_index("ix_recipients_waiting", "recipients", ["campaign_id", "person_id"], postgresql_where=WAITING)
