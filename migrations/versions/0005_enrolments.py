"""Who is to begin a flow at a moment, and what people told us in a conversation."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("offer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_enrolments_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("person_id", "flow", "key", name=op.f("uq_enrolments_person_id_flow_key")),
    )
    op.create_index("ix_enrolments_due", "enrolments", ["due_at"], postgresql_where=sa.text("done_at IS NULL"))
    op.create_table(
        "noted_answers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.Column("session_id", sa.BigInteger(), nullable=True),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_noted_answers_conversation_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_noted_answers_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["session_id"], ["training_sessions.id"], name=op.f("fk_noted_answers_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_noted_answers")),
    )
    op.create_index(op.f("ix_noted_answers_person_id"), "noted_answers", ["person_id"])
    op.create_index(op.f("ix_noted_answers_conversation_id"), "noted_answers", ["conversation_id"])
    op.create_index("ix_noted_answers_session_id_name", "noted_answers", ["session_id", "name"])


def downgrade() -> None:
    op.drop_table("noted_answers")
    op.drop_table("enrolments")
