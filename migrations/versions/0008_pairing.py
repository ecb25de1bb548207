"""Pairing 结对帮创: programmes, units to be helped, pairs, and the help as planned, logged, visited and evaluated."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pairing_handbooks",
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["users.id"], name=op.f("fk_pairing_handbooks_changed_by")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_pairing_handbooks_region_code")),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_pairing_handbooks")),
    )
    op.create_table(
        "pairing_programmes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("report_on", sa.Date(), nullable=False),
        sa.Column("silent_days", sa.Integer(), nullable=False),
        sa.Column("target_months", postgresql.JSONB(), nullable=False),
        sa.Column("weights", postgresql.JSONB(), nullable=False),
        sa.Column("indicators", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind in ('assist', 'joint', 'cross_region')", name=op.f("ck_pairing_programmes_kind")),
        sa.CheckConstraint("status in ('open', 'closed')", name=op.f("ck_pairing_programmes_status")),
        sa.CheckConstraint(
            "(reported_at IS NULL) = (reported_by IS NULL)", name=op.f("ck_pairing_programmes_reported")
        ),
        sa.CheckConstraint("silent_days between 1 and 366", name=op.f("ck_pairing_programmes_silent_days")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_pairing_programmes_created_by")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_pairing_programmes_region_code")),
        sa.ForeignKeyConstraint(["reported_by"], ["users.id"], name=op.f("fk_pairing_programmes_reported_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_programmes")),
    )
    op.create_index(op.f("ix_pairing_programmes_region_code"), "pairing_programmes", ["region_code"], unique=False)
    op.create_table(
        "pairing_helped_units",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("target_honour", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("named_by", sa.Integer(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("origin in ('nominee', 'city')", name=op.f("ck_pairing_helped_units_origin")),
        sa.ForeignKeyConstraint(["named_by"], ["users.id"], name=op.f("fk_pairing_helped_units_named_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_pairing_helped_units_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["pairing_programmes.id"], name=op.f("fk_pairing_helped_units_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["target_honour"], ["honours.code"], name=op.f("fk_pairing_helped_units_target_honour")
        ),
        sa.PrimaryKeyConstraint("programme_id", "organisation_id", name=op.f("pk_pairing_helped_units")),
    )
    op.create_index(
        op.f("ix_pairing_helped_units_organisation_id"), "pairing_helped_units", ["organisation_id"], unique=False
    )
    op.create_table(
        "pairing_matchings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("pairs", sa.Integer(), nullable=True),
        sa.Column("rest", postgresql.JSONB(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('waiting', 'running', 'done', 'failed')", name=op.f("ck_pairing_matchings_status")
        ),
        sa.CheckConstraint("progress between 0 and 100", name=op.f("ck_pairing_matchings_progress")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_pairing_matchings_asked_by")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["pairing_programmes.id"], name=op.f("fk_pairing_matchings_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_matchings")),
    )
    op.create_index(op.f("ix_pairing_matchings_programme_id"), "pairing_matchings", ["programme_id"], unique=False)
    op.create_index(
        "uq_pairing_matchings_open",
        "pairing_matchings",
        ["programme_id"],
        unique=True,
        postgresql_where=sa.text("status in ('waiting', 'running')"),
    )
    op.create_table(
        "pairings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("helper_id", sa.Integer(), nullable=False),
        sa.Column("helped_id", sa.Integer(), nullable=False),
        sa.Column("helper_path", sa.String(), nullable=False),
        sa.Column("helped_path", sa.String(), nullable=False),
        sa.Column("target_honour", sa.String(), nullable=False),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("is_exception", sa.Boolean(), nullable=False),
        sa.Column("exception_reason", sa.String(), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("active_since", sa.Date(), nullable=True),
        sa.Column("last_log_on", sa.Date(), nullable=True),
        sa.Column("milestones", sa.Integer(), nullable=False),
        sa.Column("milestones_done", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_pairings_ended")),
        sa.CheckConstraint(
            "(status in ('confirmed', 'active', 'ended')) = (confirmed_by IS NOT NULL)",
            name=op.f("ck_pairings_confirmed"),
        ),
        sa.CheckConstraint(
            "NOT is_exception OR status in ('proposed', 'dropped') OR (exception_reason IS NOT NULL AND approved_by IS NOT NULL)",
            name=op.f("ck_pairings_exception"),
        ),
        sa.CheckConstraint("kind in ('assist', 'joint', 'cross_region')", name=op.f("ck_pairings_kind")),
        sa.CheckConstraint(
            "status in ('proposed', 'confirmed', 'active', 'ended', 'dropped')", name=op.f("ck_pairings_status")
        ),
        sa.CheckConstraint("helper_id <> helped_id", name=op.f("ck_pairings_distinct")),
        sa.ForeignKeyConstraint(["approved_by"], ["users.id"], name=op.f("fk_pairings_approved_by")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.id"], name=op.f("fk_pairings_confirmed_by")),
        sa.ForeignKeyConstraint(["helped_id"], ["organisations.id"], name=op.f("fk_pairings_helped_id")),
        sa.ForeignKeyConstraint(["helper_id"], ["organisations.id"], name=op.f("fk_pairings_helper_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_pairings_instance_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["pairing_programmes.id"], name=op.f("fk_pairings_programme_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["users.id"], name=op.f("fk_pairings_proposed_by")),
        sa.ForeignKeyConstraint(["target_honour"], ["honours.code"], name=op.f("fk_pairings_target_honour")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairings")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_pairings_instance_id")),
    )
    op.create_index(op.f("ix_pairings_helped_id"), "pairings", ["helped_id"], unique=False)
    op.create_index(
        "ix_pairings_helped_path",
        "pairings",
        ["helped_path", "id"],
        unique=False,
        postgresql_ops={"helped_path": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_pairings_helper_id"), "pairings", ["helper_id"], unique=False)
    op.create_index(
        "ix_pairings_helper_path",
        "pairings",
        ["helper_path", "id"],
        unique=False,
        postgresql_ops={"helper_path": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_pairings_programme_id"), "pairings", ["programme_id"], unique=False)
    op.create_index(
        "uq_pairings_helped",
        "pairings",
        ["kind", "helped_id"],
        unique=True,
        postgresql_where=sa.text("status in ('confirmed', 'active') AND NOT is_exception"),
    )
    op.create_index(
        "uq_pairings_helper",
        "pairings",
        ["kind", "helper_id"],
        unique=True,
        postgresql_where=sa.text("status in ('confirmed', 'active') AND NOT is_exception"),
    )
    op.create_index(
        "uq_pairings_proposed",
        "pairings",
        ["programme_id", "helper_id", "helped_id"],
        unique=True,
        postgresql_where=sa.text("status in ('proposed', 'confirmed', 'active')"),
    )
    op.create_table(
        "pairing_evaluations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scores", postgresql.JSONB(), nullable=False),
        sa.Column("total", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("full", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("opinion", sa.String(), nullable=True),
        sa.Column("evaluated_by", sa.Integer(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('midterm', 'year')", name=op.f("ck_pairing_evaluations_kind")),
        sa.ForeignKeyConstraint(["evaluated_by"], ["users.id"], name=op.f("fk_pairing_evaluations_evaluated_by")),
        sa.ForeignKeyConstraint(["pairing_id"], ["pairings.id"], name=op.f("fk_pairing_evaluations_pairing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_evaluations")),
    )
    op.create_index(op.f("ix_pairing_evaluations_pairing_id"), "pairing_evaluations", ["pairing_id"], unique=False)
    op.create_table(
        "pairing_logs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("entries", postgresql.JSONB(), nullable=False),
        sa.Column("nothing_reason", sa.String(), nullable=True),
        sa.Column("is_closing", sa.Boolean(), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pairing_id"], ["pairings.id"], name=op.f("fk_pairing_logs_pairing_id")),
        sa.ForeignKeyConstraint(["written_by"], ["users.id"], name=op.f("fk_pairing_logs_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_logs")),
    )
    op.create_index("ix_pairing_logs_month", "pairing_logs", ["pairing_id", "month"], unique=False)
    op.create_table(
        "pairing_milestones",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("responsible", sa.String(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["pairing_id"], ["pairings.id"], name=op.f("fk_pairing_milestones_pairing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_milestones")),
        sa.UniqueConstraint(
            "pairing_id", "year", "position", name=op.f("uq_pairing_milestones_pairing_id_year_position")
        ),
    )
    op.create_table(
        "pairing_recognitions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column("record", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_by IS NULL)", name=op.f("ck_pairing_recognitions_decided")
        ),
        sa.CheckConstraint("kind in ('commend', 'interview')", name=op.f("ck_pairing_recognitions_kind")),
        sa.CheckConstraint(
            "status in ('proposed', 'approved', 'rejected', 'held')", name=op.f("ck_pairing_recognitions_status")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_pairing_recognitions_decided_by")),
        sa.ForeignKeyConstraint(["pairing_id"], ["pairings.id"], name=op.f("fk_pairing_recognitions_pairing_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["users.id"], name=op.f("fk_pairing_recognitions_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_recognitions")),
    )
    op.create_index(op.f("ix_pairing_recognitions_pairing_id"), "pairing_recognitions", ["pairing_id"], unique=False)
    op.create_table(
        "pairing_reminders",
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stage in ('both', 'county')", name=op.f("ck_pairing_reminders_stage")),
        sa.ForeignKeyConstraint(["pairing_id"], ["pairings.id"], name=op.f("fk_pairing_reminders_pairing_id")),
        sa.PrimaryKeyConstraint("pairing_id", "month", "stage", name=op.f("pk_pairing_reminders")),
    )
    op.create_table(
        "pairing_signatures",
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("signed_by", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("representative", sa.String(), nullable=False),
        sa.CheckConstraint("side in ('helper', 'helped')", name=op.f("ck_pairing_signatures_side")),
        sa.ForeignKeyConstraint(["pairing_id"], ["pairings.id"], name=op.f("fk_pairing_signatures_pairing_id")),
        sa.ForeignKeyConstraint(["signed_by"], ["users.id"], name=op.f("fk_pairing_signatures_signed_by")),
        sa.PrimaryKeyConstraint("pairing_id", "side", name=op.f("pk_pairing_signatures")),
    )
    op.create_table(
        "pairing_visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Integer(), nullable=False),
        sa.Column("is_announced", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=True),
        sa.Column("visited_by", sa.Integer(), nullable=True),
        sa.Column("findings", sa.String(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict in ('real', 'weak', 'sham')", name=op.f("ck_pairing_visits_verdict")
        ),
        sa.CheckConstraint("(verdict IS NULL) = (visited_on IS NULL)", name=op.f("ck_pairing_visits_done")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_pairing_visits_asked_by")),
        sa.ForeignKeyConstraint(["pairing_id"], ["pairings.id"], name=op.f("fk_pairing_visits_pairing_id")),
        sa.ForeignKeyConstraint(["visited_by"], ["users.id"], name=op.f("fk_pairing_visits_visited_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_visits")),
    )
    op.create_index(op.f("ix_pairing_visits_pairing_id"), "pairing_visits", ["pairing_id"], unique=False)


def downgrade() -> None:
    op.drop_table("pairing_visits")
    op.drop_table("pairing_signatures")
    op.drop_table("pairing_reminders")
    op.drop_table("pairing_recognitions")
    op.drop_table("pairing_milestones")
    op.drop_table("pairing_logs")
    op.drop_table("pairing_evaluations")
    op.drop_table("pairings")
    op.drop_table("pairing_matchings")
    op.drop_table("pairing_helped_units")
    op.drop_table("pairing_programmes")
    op.drop_table("pairing_handbooks")
