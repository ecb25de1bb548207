"""Acts beside deciding: handing on, asking, returning, recalling, urging, copies, comments, putting off, deputies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deputies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processes", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("from_at < until_at", name=op.f("ck_deputies_period")),
        sa.CheckConstraint("principal_id <> deputy_id", name=op.f("ck_deputies_another")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_deputies_created_by")),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_deputies_deputy_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["users.id"], name=op.f("fk_deputies_ended_by")),
        sa.ForeignKeyConstraint(["principal_id"], ["users.id"], name=op.f("fk_deputies_principal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputies")),
    )
    op.create_index("ix_deputies_current", "deputies", ["until_at"], unique=False, postgresql_where="ended_at IS NULL")
    op.create_index("ix_deputies_deputy", "deputies", ["deputy_id"], unique=False)
    op.create_index("ix_deputies_principal", "deputies", ["principal_id"], unique=False)
    op.create_table(
        "deputy_rights",
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_deputy_rights_deputy_id")),
        sa.ForeignKeyConstraint(["principal_id"], ["users.id"], name=op.f("fk_deputy_rights_principal_id")),
        sa.PrimaryKeyConstraint("principal_id", "deputy_id", "process", name=op.f("pk_deputy_rights")),
    )
    op.create_index("ix_deputy_rights_deputy", "deputy_rights", ["deputy_id"], unique=False)
    op.create_table(
        "hand_overs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_hand_overs_by")),
        sa.ForeignKeyConstraint(["from_id"], ["users.id"], name=op.f("fk_hand_overs_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["users.id"], name=op.f("fk_hand_overs_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    op.create_index(op.f("ix_hand_overs_from_id"), "hand_overs", ["from_id"], unique=False)
    op.create_table(
        "kept_states",
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("way", postgresql.JSONB(), nullable=False),
        sa.Column("waits", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_kept_states_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_kept_states")),
    )
    op.create_table(
        "recalled_decisions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("on_behalf_of", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recalled_by", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_recalled_decisions_actor_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_recalled_decisions_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalled_decisions")),
    )
    op.create_index("ix_recalled_decisions_instance", "recalled_decisions", ["instance_id"], unique=False)
    op.create_table(
        "carbon_copies",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("sent_by", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_carbon_copies_instance_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["users.id"], name=op.f("fk_carbon_copies_sent_by")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_carbon_copies_task_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_carbon_copies_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carbon_copies")),
    )
    op.create_index("ix_carbon_copies_instance", "carbon_copies", ["instance_id"], unique=False)
    op.create_index(
        "ix_carbon_copies_unread", "carbon_copies", ["user_id"], unique=False, postgresql_where="read_at IS NULL"
    )
    op.create_index("ix_carbon_copies_user", "carbon_copies", ["user_id", "id"], unique=False)
    op.create_table(
        "comments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("mentioned", postgresql.ARRAY(sa.INTEGER()), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_comments_author_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_comments_instance_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_comments_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index("ix_comments_instance", "comments", ["instance_id", "id"], unique=False)
    op.create_table(
        "held_decisions",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("on_behalf_of", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_held_decisions_actor_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_held_decisions_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_held_decisions")),
    )
    op.create_table(
        "nudges",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_nudges_by")),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_nudges_instance_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_nudges_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudges")),
        sa.UniqueConstraint("instance_id", "day", name=op.f("uq_nudges_instance_id_day")),
    )
    op.create_table(
        "snoozes",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_snoozes_task_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_snoozes_user_id")),
        sa.PrimaryKeyConstraint("task_id", "user_id", name=op.f("pk_snoozes")),
    )
    op.create_index("ix_snoozes_user", "snoozes", ["user_id", "until"], unique=False)
    op.create_table(
        "task_requests",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("asked_id", sa.Integer(), nullable=True),
        sa.Column("item", postgresql.JSONB(), nullable=True),
        sa.Column("signer_task", sa.Uuid(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was_handed_to", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("opinion", sa.String(), nullable=True),
        sa.CheckConstraint("(status = 'answered') = (answered_at IS NOT NULL)", name=op.f("ck_task_requests_answered")),
        sa.CheckConstraint("kind in ('delegate', 'before', 'after', 'co_sign')", name=op.f("ck_task_requests_kind")),
        sa.CheckConstraint(
            "status in ('waiting', 'open', 'answered', 'withdrawn', 'void')", name=op.f("ck_task_requests_status")
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["users.id"], name=op.f("fk_task_requests_answered_by")),
        sa.ForeignKeyConstraint(["asked_id"], ["users.id"], name=op.f("fk_task_requests_asked_id")),
        sa.ForeignKeyConstraint(["asker_id"], ["users.id"], name=op.f("fk_task_requests_asker_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_task_requests_instance_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_requests_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_requests")),
    )
    op.create_index(
        "ix_task_requests_asked",
        "task_requests",
        ["asked_id"],
        unique=False,
        postgresql_where="status in ('waiting', 'open')",
    )
    op.create_index("ix_task_requests_task", "task_requests", ["task_id", "id"], unique=False)
    op.create_table(
        "task_returns",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("to_element", sa.String(), nullable=False),
        sa.Column("returned_by", sa.Integer(), nullable=False),
        sa.Column("on_behalf_of", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("parked", postgresql.JSONB(), nullable=True),
        sa.Column("came_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_task_returns_instance_id")),
        sa.ForeignKeyConstraint(["returned_by"], ["users.id"], name=op.f("fk_task_returns_returned_by")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_returns_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_returns")),
    )
    op.create_index("ix_task_returns_instance", "task_returns", ["instance_id", "id"], unique=False)
    op.add_column("task_candidates", sa.Column("on_behalf_of", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_task_candidates_on_behalf_of"), "task_candidates", "users", ["on_behalf_of"], ["id"])
    op.add_column("tasks", sa.Column("handed_to", sa.Integer(), nullable=True))
    op.add_column("tasks", sa.Column("request_id", sa.BigInteger(), nullable=True))
    op.add_column("tasks", sa.Column("return_id", sa.BigInteger(), nullable=True))
    op.add_column("tasks", sa.Column("waiting_signers", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "ix_tasks_handed",
        "tasks",
        ["handed_to"],
        unique=False,
        postgresql_where="handed_to IS NOT NULL AND status = 'open'",
    )
    op.create_foreign_key(op.f("fk_tasks_handed_to"), "tasks", "users", ["handed_to"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f("fk_tasks_handed_to"), "tasks", type_="foreignkey")
    op.drop_index("ix_tasks_handed", table_name="tasks", postgresql_where="handed_to IS NOT NULL AND status = 'open'")
    op.drop_column("tasks", "waiting_signers")
    op.drop_column("tasks", "return_id")
    op.drop_column("tasks", "request_id")
    op.drop_column("tasks", "handed_to")
    op.drop_constraint(op.f("fk_task_candidates_on_behalf_of"), "task_candidates", type_="foreignkey")
    op.drop_column("task_candidates", "on_behalf_of")
    op.drop_index("ix_task_returns_instance", table_name="task_returns")
    op.drop_table("task_returns")
    op.drop_index("ix_task_requests_task", table_name="task_requests")
    op.drop_index(
        "ix_task_requests_asked", table_name="task_requests", postgresql_where="status in ('waiting', 'open')"
    )
    op.drop_table("task_requests")
    op.drop_index("ix_snoozes_user", table_name="snoozes")
    op.drop_table("snoozes")
    op.drop_table("nudges")
    op.drop_table("held_decisions")
    op.drop_index("ix_comments_instance", table_name="comments")
    op.drop_table("comments")
    op.drop_index("ix_carbon_copies_user", table_name="carbon_copies")
    op.drop_index("ix_carbon_copies_unread", table_name="carbon_copies", postgresql_where="read_at IS NULL")
    op.drop_index("ix_carbon_copies_instance", table_name="carbon_copies")
    op.drop_table("carbon_copies")
    op.drop_index("ix_recalled_decisions_instance", table_name="recalled_decisions")
    op.drop_table("recalled_decisions")
    op.drop_table("kept_states")
    op.drop_index(op.f("ix_hand_overs_from_id"), table_name="hand_overs")
    op.drop_table("hand_overs")
    op.drop_index("ix_deputy_rights_deputy", table_name="deputy_rights")
    op.drop_table("deputy_rights")
    op.drop_index("ix_deputies_principal", table_name="deputies")
    op.drop_index("ix_deputies_deputy", table_name="deputies")
    op.drop_index("ix_deputies_current", table_name="deputies", postgresql_where="ended_at IS NULL")
    op.drop_table("deputies")
