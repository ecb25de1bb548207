"""The calendar, the settings of deadlines, and how the due time of a task was computed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["imported_by"], ["users.id"], name=op.f("fk_calendar_years_imported_by")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_years")),
    )
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("kind in ('holiday', 'working')", name=op.f("ck_calendar_days_kind")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "calendar_closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("part in ('all', 'am', 'pm')", name=op.f("ck_calendar_closures_part")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_calendar_closures_region_code")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_calendar_closures_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_closures")),
        sa.UniqueConstraint("region_code", "day", "part", name=op.f("uq_calendar_closures_region_code_day_part")),
    )
    op.create_index(op.f("ix_calendar_closures_day"), "calendar_closures", ["day"])
    settings = op.create_table(
        "deadline_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rest_day_end_moves", sa.Boolean(), nullable=False),
        sa.Column("before_includes_day", sa.Boolean(), nullable=False),
        sa.Column("morning_from", sa.Time(), nullable=False),
        sa.Column("morning_until", sa.Time(), nullable=False),
        sa.Column("afternoon_from", sa.Time(), nullable=False),
        sa.Column("afternoon_until", sa.Time(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_deadline_settings_single")),
        sa.CheckConstraint(
            "morning_from < morning_until AND morning_until <= afternoon_from AND afternoon_from < afternoon_until",
            name=op.f("ck_deadline_settings_hours"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_settings")),
    )
    op.execute(
        sa.insert(settings).values(
            id=1,
            version=1,
            rest_day_end_moves=True,
            before_includes_day=True,
            morning_from=sa.text("'09:00'"),
            morning_until=sa.text("'12:00'"),
            afternoon_from=sa.text("'14:00'"),
            afternoon_until=sa.text("'17:30'"),
        )
    )
    op.create_table(
        "deadline_spans",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("kind in ('running', 'paused')", name=op.f("ck_deadline_spans_kind")),
        sa.CheckConstraint("until_at IS NULL OR until_at >= from_at", name=op.f("ck_deadline_spans_order")),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_deadline_spans_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_spans")),
    )
    op.create_index("ix_deadline_spans_instance", "deadline_spans", ["instance_id", "id"])
    op.create_index(
        "uq_deadline_spans_open", "deadline_spans", ["instance_id"], unique=True, postgresql_where="until_at IS NULL"
    )
    op.add_column("tasks", sa.Column("due_provisional", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("tasks", sa.Column("due_rule", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("tasks", "due_rule")
    op.drop_column("tasks", "due_provisional")
    for table in ("deadline_spans", "deadline_settings", "calendar_closures", "calendar_days", "calendar_years"):
        op.drop_table(table)
