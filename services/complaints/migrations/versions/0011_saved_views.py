"""Views of the tracker that somebody keeps under a name: what it is narrowed to, no record of anybody."""

from alembic import op

from chassis import tenancy

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "complaints"


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.saved_view (
            org        text not null,
            subject    text not null,   -- whose it is
            name       text not null,
            query      text not null,   -- as it stands in the tracker's address
            created_at timestamptz not null default now(),
            constraint saved_view_once primary key (org, subject, name),
            constraint saved_view_short check (length(name) between 1 and 60 and length(query) <= 500)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "saved_view", app="select, insert, update (query), delete")


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.saved_view")
