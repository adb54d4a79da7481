"""Wordings of flows that were changed in the web."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "edited_wordings",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("flow", "step", "part", "en", "es", "file_en", "file_es", "edited_by")
        ),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("flow", "step", "part", name=op.f("pk_edited_wordings")),
    )


def downgrade() -> None:
    op.drop_table("edited_wordings")
