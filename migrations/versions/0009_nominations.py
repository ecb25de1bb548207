"""Calls for nominations, the lists that counties owe to them, and the nominees."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TEXTS = postgresql.ARRAY(sa.TEXT())
_LIVE = sa.text("status IN ('submitted', 'waitlisted', 'approved')")


def upgrade() -> None:
    op.create_table(
        "nomination_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("document_number", sa.String(), nullable=False),
        sa.Column("paragraph", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.Column("kinds", _TEXTS, nullable=False),
        sa.Column("honour_codes", _TEXTS, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("report_number", sa.String(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minimum between 0 and maximum", name=op.f("ck_nomination_calls_numbers")),
        sa.CheckConstraint(
            "status in ('open', 'closed', 'approved', 'reported', 'cancelled')", name=op.f("ck_nomination_calls_status")
        ),
        sa.CheckConstraint(
            "(status = 'reported') <= (reported_at IS NOT NULL)", name=op.f("ck_nomination_calls_reported")
        ),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_nomination_calls_instance_id")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_nomination_calls_region_code")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_nomination_calls_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nomination_calls")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_nomination_calls_instance_id")),
    )
    op.create_index(op.f("ix_nomination_calls_region_code"), "nomination_calls", ["region_code"])
    op.create_table(
        "nomination_lists",
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=True),
        sa.CheckConstraint(
            "status in ('waiting', 'submitted', 'returned', 'accepted', 'missing')",
            name=op.f("ck_nomination_lists_status"),
        ),
        sa.CheckConstraint("late_days >= 0", name=op.f("ck_nomination_lists_late_days")),
        sa.ForeignKeyConstraint(["call_id"], ["nomination_calls.id"], name=op.f("fk_nomination_lists_call_id")),
        sa.ForeignKeyConstraint(["county_code"], ["regions.code"], name=op.f("fk_nomination_lists_county_code")),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name=op.f("fk_nomination_lists_submitted_by")),
        sa.PrimaryKeyConstraint("call_id", "county_code", name=op.f("pk_nomination_lists")),
    )
    op.create_table(
        "nominees",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("honour_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("flags", postgresql.JSONB(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "status in ('submitted', 'waitlisted', 'approved', 'rejected', 'withdrawn')",
            name=op.f("ck_nominees_status"),
        ),
        sa.CheckConstraint(
            "(status in ('approved', 'rejected')) = (decided_at IS NOT NULL)", name=op.f("ck_nominees_decided")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["nomination_calls.id"], name=op.f("fk_nominees_call_id")),
        sa.ForeignKeyConstraint(["county_code"], ["regions.code"], name=op.f("fk_nominees_county_code")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_nominees_organisation_id")),
        sa.ForeignKeyConstraint(["honour_code"], ["honours.code"], name=op.f("fk_nominees_honour_code")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_nominees_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominees")),
    )
    op.create_index("uq_nominees_live", "nominees", ["call_id", "organisation_id"], unique=True, postgresql_where=_LIVE)
    op.create_index("ix_nominees_list", "nominees", ["call_id", "county_code"])
    op.create_index(
        "ix_nominees_approved", "nominees", ["county_code", "id"], postgresql_where=sa.text("status = 'approved'")
    )
    op.create_index(op.f("ix_nominees_organisation_id"), "nominees", ["organisation_id"])


def downgrade() -> None:
    op.drop_table("nominees")
    op.drop_table("nomination_lists")
    op.drop_table("nomination_calls")
