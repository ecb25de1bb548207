"""Let tables of places be imported in the browser."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_import_runs_kind"), "import_runs", type_="check")
    kinds = "kind in ('units', 'regions', 'users', 'quotas')"
    op.create_check_constraint(op.f("ck_import_runs_kind"), "import_runs", kinds)


def downgrade() -> None:
    op.execute("DELETE FROM import_runs WHERE kind = 'quotas'")
    op.drop_constraint(op.f("ck_import_runs_kind"), "import_runs", type_="check")
    op.create_check_constraint(op.f("ck_import_runs_kind"), "import_runs", "kind in ('units', 'regions', 'users')")
