"""The words that start a flow."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_keywords",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("anyone", sa.Boolean(), nullable=False),
        sa.Column("with_code", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_flow_keywords")),
    )


def downgrade() -> None:
    op.drop_table("flow_keywords")
