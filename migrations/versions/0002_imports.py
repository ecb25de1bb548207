"""imports in the browser, and who places an organisation without a jurisdiction"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisations", sa.Column("waiting_code", sa.String(), nullable=True))
    op.create_foreign_key(op.f("fk_organisations_waiting_code"), "organisations", "regions", ["waiting_code"], ["code"])
    op.create_index(
        "ix_organisations_waiting", "organisations", ["waiting_code"], postgresql_where="region_code IS NULL"
    )
    op.create_table(
        "import_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("content", postgresql.BYTEA(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('units', 'regions', 'users')", name=op.f("ck_import_runs_kind")),
        sa.CheckConstraint(
            "status in ('checking', 'checked', 'importing', 'done', 'failed')", name=op.f("ck_import_runs_status")
        ),
        sa.CheckConstraint("(content IS NULL) = (status in ('done', 'failed'))", name=op.f("ck_import_runs_content")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_import_runs_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    op.create_index(op.f("ix_import_runs_created_by"), "import_runs", ["created_by"])


def downgrade() -> None:
    op.drop_table("import_runs")
    op.drop_index("ix_organisations_waiting", table_name="organisations")
    op.drop_column("organisations", "waiting_code")
