"""Tasks may be about a number that belongs to nobody, and say what they came from and who did them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OWNED_ELSEWHERE = {"number_id": "phone_numbers", "conversation_id": "conversations"}


def upgrade() -> None:
    op.alter_column("tasks", "person_id", nullable=True)
    for column, table in OWNED_ELSEWHERE.items():
        op.add_column("tasks", sa.Column(column, sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f"fk_tasks_{column}"), "tasks", table, [column], ["id"], ondelete="SET NULL")
        op.create_index(op.f(f"ix_tasks_{column}"), "tasks", [column])
    op.add_column("tasks", sa.Column("text_id", sa.BigInteger(), nullable=True))
    op.add_column("tasks", sa.Column("done_by", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("tasks", "done_by")
    op.drop_column("tasks", "text_id")
    for column in OWNED_ELSEWHERE:
        op.drop_index(op.f(f"ix_tasks_{column}"), table_name="tasks")
        op.drop_constraint(op.f(f"fk_tasks_{column}"), "tasks", type_="foreignkey")
        op.drop_column("tasks", column)
    op.execute("DELETE FROM tasks WHERE person_id IS NULL")
    op.alter_column("tasks", "person_id", nullable=False)
