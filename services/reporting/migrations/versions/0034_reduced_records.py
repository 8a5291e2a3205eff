"""Records of which nothing personal is kept any more (`chassis.retention`): no late account brings anything back."""

from alembic import op

from chassis import tenancy

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SCHEMA = "reporting"


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.fact_reduction (
            org text not null, occurred_at timestamptz not null, changed_at timestamptz not null,
            changed_sequence bigint not null, kind text not null, record_id uuid not null, reduced_on date not null,
            ground text not null,
            constraint fact_reduction_key primary key (org, kind, record_id)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "fact_reduction", app="select", worker="select, insert, update, delete, truncate")


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.fact_reduction")
