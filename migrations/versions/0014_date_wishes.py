"""Who was promised the next date of a training."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "date_wishes",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("training_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_date_wishes_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["training_id"], ["trainings.id"], name=op.f("fk_date_wishes_training_id_trainings")),
        sa.PrimaryKeyConstraint("person_id", "training_id", name=op.f("pk_date_wishes")),
    )
    op.create_index(op.f("ix_date_wishes_training_id"), "date_wishes", ["training_id"])


def downgrade() -> None:
    op.drop_table("date_wishes")
