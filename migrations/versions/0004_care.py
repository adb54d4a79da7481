"""Who of ours is there for whom: duties, sensitive cases and whom they ring, owners of threads, notes, media."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approved_words",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.Column("es", sa.String(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_approved_words")),
    )
    op.create_table(
        "corrections",
        sa.Column("text_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("intent", sa.String(length=16), nullable=False),
        sa.Column("opt_out", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("text_id", name=op.f("pk_corrections")),
    )
    op.create_table(
        "media_files",
        sa.Column("text_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("text_id", "place", name=op.f("pk_media_files")),
    )
    op.create_table(
        "owner_alerts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("text_id", sa.BigInteger(), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner_alerts")),
        sa.UniqueConstraint("email", "on_day", name=op.f("uq_owner_alerts_email_on_day")),
        sa.UniqueConstraint("email", "text_id", name=op.f("uq_owner_alerts_email_text_id")),
    )
    op.create_index("ix_owner_alerts_text_id", "owner_alerts", ["text_id"], unique=False)
    op.create_table(
        "duties",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("known_as", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("days", sa.String(length=7), nullable=False),
        sa.Column("start_minute", sa.SmallInteger(), nullable=False),
        sa.Column("end_minute", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("named_by", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_duties_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
        sa.UniqueConstraint("user_id", "kind", name=op.f("uq_duties_user_id_kind")),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notes_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_person_id"), "notes", ["person_id"], unique=False)
    op.create_table(
        "sensitive_cases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("text_id", sa.BigInteger(), nullable=False),
        sa.Column("number_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledgement_id", sa.BigInteger(), nullable=True),
        sa.Column("rings", sa.SmallInteger(), nullable=False),
        sa.Column("ring_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("excluded", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["number_id"], ["phone_numbers.id"], name=op.f("fk_sensitive_cases_number_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sensitive_cases_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sensitive_cases")),
        sa.UniqueConstraint("text_id", name=op.f("uq_sensitive_cases_text_id")),
    )
    op.create_index(
        "ix_sensitive_cases_open",
        "sensitive_cases",
        ["number_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_sensitive_cases_person_id", "sensitive_cases", ["person_id"], unique=False)
    op.create_index(
        "ix_sensitive_cases_ring",
        "sensitive_cases",
        ["ring_at"],
        unique=False,
        postgresql_where=sa.text("ring_at IS NOT NULL"),
    )
    op.create_table(
        "case_rings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("number_id", sa.BigInteger(), nullable=False),
        sa.Column("ring", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["sensitive_cases.id"], name=op.f("fk_case_rings_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["number_id"], ["phone_numbers.id"], name=op.f("fk_case_rings_number_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_rings")),
    )
    op.create_index(op.f("ix_case_rings_case_id"), "case_rings", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_rings_number_id"), "case_rings", ["number_id"], unique=False)
    op.add_column(
        "audit_events", sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("phone_numbers", sa.Column("owner", sa.String(), nullable=True))
    op.add_column("phone_numbers", sa.Column("owned_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("phone_numbers", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("phone_numbers", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_phone_numbers_taken",
        "phone_numbers",
        ["taken_at"],
        unique=False,
        postgresql_where=sa.text("taken_at IS NOT NULL"),
    )
    op.add_column("texts", sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.drop_index("ix_texts_needs_person", table_name="texts", postgresql_where=sa.text("status = 'needs_person'"))
    op.create_index(
        "ix_texts_needs_person",
        "texts",
        ["number_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'needs_person'"),
    )
    op.create_index(
        "ix_texts_media",
        "texts",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("media IS NOT NULL AND media <> 'null'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_texts_media", table_name="texts", postgresql_where=sa.text("media IS NOT NULL AND media <> 'null'")
    )
    op.drop_index("ix_texts_needs_person", table_name="texts", postgresql_where=sa.text("status = 'needs_person'"))
    op.create_index(
        "ix_texts_needs_person",
        "texts",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status = 'needs_person'"),
    )
    op.drop_column("texts", "restricted")
    op.drop_index(
        "ix_phone_numbers_taken", table_name="phone_numbers", postgresql_where=sa.text("taken_at IS NOT NULL")
    )
    op.drop_column("phone_numbers", "snoozed_until")
    op.drop_column("phone_numbers", "taken_at")
    op.drop_column("phone_numbers", "owned_since")
    op.drop_column("phone_numbers", "owner")
    op.drop_column("audit_events", "restricted")
    op.drop_index(op.f("ix_case_rings_number_id"), table_name="case_rings")
    op.drop_index(op.f("ix_case_rings_case_id"), table_name="case_rings")
    op.drop_table("case_rings")
    op.drop_index(
        "ix_sensitive_cases_ring", table_name="sensitive_cases", postgresql_where=sa.text("ring_at IS NOT NULL")
    )
    op.drop_index("ix_sensitive_cases_person_id", table_name="sensitive_cases")
    op.drop_index(
        "ix_sensitive_cases_open", table_name="sensitive_cases", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_table("sensitive_cases")
    op.drop_index(op.f("ix_notes_person_id"), table_name="notes")
    op.drop_table("notes")
    op.drop_table("duties")
    op.drop_index("ix_owner_alerts_text_id", table_name="owner_alerts")
    op.drop_table("owner_alerts")
    op.drop_table("media_files")
    op.drop_table("corrections")
    op.drop_table("approved_words")
