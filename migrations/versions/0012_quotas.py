"""One kind of place for batches, printed tables and nominations: plans with rows by honour, region and line."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_plans()
    _turn_batch_quotas_into_quotas()
    _let_claims_name_units()
    _create_transfers()
    op.add_column("batches", sa.Column("allotment_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_batches_allotment_id"), "batches", "quota_plans", ["allotment_id"], ["id"])
    op.add_column("nomination_calls", sa.Column("plan_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_nomination_calls_plan_id"), "nomination_calls", "quota_plans", ["plan_id"], ["id"])


def _create_plans() -> None:
    op.create_table(
        "quota_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("over_cap", sa.String(), nullable=False),
        sa.Column("administrative_percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("grassroots_percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("printed", postgresql.JSONB(), nullable=False),
        sa.Column("differs", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledgement", sa.String(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('target', 'cap')", name=op.f("ck_quota_plans_kind")),
        sa.CheckConstraint("over_cap in ('block', 'waitlist')", name=op.f("ck_quota_plans_over_cap")),
        sa.CheckConstraint(
            "administrative_percent between 0 and 100", name=op.f("ck_quota_plans_administrative_percent")
        ),
        sa.CheckConstraint("grassroots_percent between 0 and 100", name=op.f("ck_quota_plans_grassroots_percent")),
        sa.CheckConstraint(
            "(acknowledged_by IS NULL) = (acknowledged_at IS NULL)", name=op.f("ck_quota_plans_acknowledged")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_quota_plans_region_code")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_quota_plans_batch_id")),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["users.id"], name=op.f("fk_quota_plans_acknowledged_by")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_quota_plans_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_plans")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_quota_plans_batch_id")),
    )
    op.create_index(op.f("ix_quota_plans_region_code"), "quota_plans", ["region_code"])
    op.create_index(
        "uq_quota_plans_printed",
        "quota_plans",
        ["region_code", "kind", "period", "title"],
        unique=True,
        postgresql_where=sa.text("batch_id IS NULL"),
    )


def _turn_batch_quotas_into_quotas() -> None:
    op.execute("""
        INSERT INTO quota_plans
            (kind, title, period, region_code, over_cap, document_number, batch_id, printed, differs,
             created_by, created_at)
        SELECT 'cap', title, term, region_code, 'waitlist', document_number, id, '{}', false,
            created_by, created_at
        FROM batches WHERE id IN (SELECT batch_id FROM batch_quotas)
    """)
    op.drop_index("uq_batch_quotas", table_name="batch_quotas")
    op.drop_constraint("ck_batch_quotas_never_oversold", "batch_quotas", type_="check")
    op.drop_constraint("fk_batch_quotas_batch_id", "batch_quotas", type_="foreignkey")
    op.rename_table("batch_quotas", "quotas")
    for old, new in (
        ("pk_batch_quotas", "pk_quotas"),
        ("fk_batch_quotas_honour_code", "fk_quotas_honour_code"),
        ("fk_batch_quotas_region_code", "fk_quotas_region_code"),
    ):
        op.execute(f"ALTER TABLE quotas RENAME CONSTRAINT {old} TO {new}")
    op.execute("ALTER SEQUENCE batch_quotas_id_seq RENAME TO quotas_id_seq")
    op.alter_column("quotas", "cap", new_column_name="planned")
    op.add_column("quotas", sa.Column("plan_id", sa.Integer(), nullable=True))
    op.execute("UPDATE quotas q SET plan_id = p.id FROM quota_plans p WHERE p.batch_id = q.batch_id")
    op.alter_column("quotas", "plan_id", nullable=False)
    op.drop_column("quotas", "batch_id")
    for name, type_, default in (
        ("line", sa.String(), "''"),
        ("is_cap", sa.Boolean(), "true"),
        ("position", sa.Integer(), "0"),
    ):
        op.add_column("quotas", sa.Column(name, type_, server_default=sa.text(default), nullable=False))
        op.alter_column("quotas", name, server_default=None)
    op.add_column("quotas", sa.Column("printed_name", sa.String(), nullable=True))
    op.create_foreign_key(op.f("fk_quotas_plan_id"), "quotas", "quota_plans", ["plan_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_quotas_never_oversold"),
        "quotas",
        "planned >= 0 and reserved >= 0 and used >= 0 and (not is_cap or reserved + used <= planned)",
    )
    op.create_check_constraint(
        op.f("ck_quotas_line"),
        "quotas",
        "line in ('', 'non_public', 'community', 'administrative', 'above_grassroots')",
    )
    op.create_index(
        "uq_quotas",
        "quotas",
        ["plan_id", "honour_code", "region_code", "line"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def _let_claims_name_units() -> None:
    op.add_column("quota_claims", sa.Column("organisation_id", sa.Integer(), nullable=True))
    op.execute("UPDATE quota_claims c SET organisation_id = i.subject_id FROM instances i WHERE i.id = c.instance_id")
    op.alter_column("quota_claims", "organisation_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_quota_claims_organisation_id"), "quota_claims", "organisations", ["organisation_id"], ["id"]
    )
    op.drop_constraint("pk_quota_claims", "quota_claims", type_="primary")
    op.create_primary_key(op.f("pk_quota_claims"), "quota_claims", ["instance_id", "organisation_id", "quota_id"])
    op.create_index(op.f("ix_quota_claims_quota_id"), "quota_claims", ["quota_id"])


def _create_transfers() -> None:
    op.create_table(
        "quota_transfers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_quota_transfers_number")),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_quota_transfers_distinct")),
        sa.CheckConstraint("status in ('proposed', 'approved', 'refused')", name=op.f("ck_quota_transfers_status")),
        sa.CheckConstraint("(status = 'proposed') = (decided_by IS NULL)", name=op.f("ck_quota_transfers_decided")),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_quota_transfers_decided_at")),
        sa.ForeignKeyConstraint(["plan_id"], ["quota_plans.id"], name=op.f("fk_quota_transfers_plan_id")),
        sa.ForeignKeyConstraint(["from_id"], ["quotas.id"], name=op.f("fk_quota_transfers_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["quotas.id"], name=op.f("fk_quota_transfers_to_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["users.id"], name=op.f("fk_quota_transfers_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_quota_transfers_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_transfers")),
    )
    op.create_index(op.f("ix_quota_transfers_plan_id"), "quota_transfers", ["plan_id"])


def downgrade() -> None:
    raise NotImplementedError("a plan of several regions cannot be turned back into places of a batch")
