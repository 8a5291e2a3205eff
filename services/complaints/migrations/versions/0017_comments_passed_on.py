"""To whom a comment was passed on."""

from alembic import op

from chassis import tenancy

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SCHEMA = "complaints"


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.comment_passed_on (
            org        text not null,
            id         uuid not null,
            comment_id uuid not null,
            role       text not null,
            recipient  bytea not null,    -- sealed: to whom
            mail_key   text not null,
            by_subject text not null,
            at         timestamptz not null default now(),
            constraint comment_passed_on_key primary key (org, id),
            -- the same person is told once
            constraint comment_passed_on_once unique (org, mail_key),
            constraint comment_passed_on_of foreign key (org, comment_id) references {SCHEMA}.comment (org, id),
            constraint comment_passed_on_role_known check (role in ('worker', 'manager'))
        )
        """
    )
    tenancy.protect(op, SCHEMA, "comment_passed_on", app="select, insert")
    op.execute(f"create index comment_passed_on_of_comment on {SCHEMA}.comment_passed_on (org, comment_id)")


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.comment_passed_on")
