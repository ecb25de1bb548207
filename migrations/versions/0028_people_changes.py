"""Marks of changes of what is known of people, so that web workers need not ask for it at each request."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_WATCHED = {
    "users": "UPDATE OR DELETE",
    "organisations": "UPDATE OR DELETE",
    "regions": "UPDATE OR DELETE",
    "login_sessions": "DELETE",
}


def upgrade() -> None:
    op.create_table(
        "people_changes",
        sa.Column("transaction", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("transaction", "at", name=op.f("pk_people_changes")),
    )
    op.execute("""
        CREATE FUNCTION note_people_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO people_changes (transaction, at)
            VALUES (CAST(CAST(pg_current_xact_id() AS text) AS bigint), now()) ON CONFLICT DO NOTHING;
            RETURN NULL;
        END $$
    """)
    for table, acts in _WATCHED.items():
        op.execute(
            f"CREATE TRIGGER people_change AFTER {acts} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION note_people_change()"
        )


def downgrade() -> None:
    for table in _WATCHED:
        op.execute(f"DROP TRIGGER people_change ON {table}")
    op.execute("DROP FUNCTION note_people_change()")
    op.drop_table("people_changes")
