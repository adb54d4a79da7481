"""A failed text's second try is a text of its own; campaigns rest at a daily cap; a month's spending is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("texts", sa.Column("is_change", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("texts", sa.Column("retry_of", sa.BigInteger(), nullable=True))
    op.add_column("texts", sa.Column("tries", sa.SmallInteger(), nullable=False, server_default=sa.text("0")))
    op.create_index(
        "ix_texts_retry_of", "texts", ["retry_of"], unique=True, postgresql_where=sa.text("retry_of IS NOT NULL")
    )
    op.add_column("sender_paces", sa.Column("campaigns_rest_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "month_spends",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("out", sa.BigInteger(), nullable=False),
        sa.Column("incoming", sa.BigInteger(), nullable=False),
        sa.Column("counted_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_month_spends")),
    )


def downgrade() -> None:
    op.drop_table("month_spends")
    op.drop_column("sender_paces", "campaigns_rest_until")
    for column in ("tries", "retry_of", "is_change"):
        op.drop_column("texts", column)
