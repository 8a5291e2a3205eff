"""Courses of outcome stars that were erased: their rows go, and none of them comes back."""

from alembic import op

from chassis import tenancy

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "reporting"


def upgrade() -> None:
    # The number of a course that nobody has any more: it says that a late account of it is not to be kept.
    op.execute(
        f"""
        create table {SCHEMA}.fact_star_erasure (
            org text not null, occurred_at timestamptz not null, changed_at timestamptz not null,
            changed_sequence bigint not null, star_id uuid not null, erased_on date not null, ground text not null,
            primary key (org, star_id)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "fact_star_erasure", app="select", worker="select, insert, update, delete, truncate")


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.fact_star_erasure")
