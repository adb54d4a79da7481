"""Who looks after each new member, and which branch somebody on duty is of."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "welcomes",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organizer", sa.String(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_welcomes_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_welcomes")),
    )
    op.create_index(op.f("ix_welcomes_organizer"), "welcomes", ["organizer"])
    op.add_column("duties", sa.Column("branch", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("duties", "branch")
    op.drop_table("welcomes")
