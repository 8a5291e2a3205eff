"""The monthly bulletin: what people wrote for it, what was approved, and what staff see."""

from alembic import op

from chassis import tenancy

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = "complaints"
TABLES = (
    f"""
    create table {SCHEMA}.bulletin (
        org              text not null,
        month            date not null,       -- its first day
        state            text not null default 'draft',
        revision         integer not null default 1,
        content_sealed   bytea not null,      -- what people wrote, and which actions they chose
        approved_sealed  bytea,               -- all of it, with its figures, as it was approved
        published_sealed bytea,               -- as staff see it
        edition          integer not null default 0,
        published_on     date,
        constraint bulletin_key primary key (org, month),
        constraint bulletin_month_is_a_first_day check (extract(day from month) = 1),
        constraint bulletin_state_known check (state in ('draft', 'approved', 'published', 'withdrawn')),
        -- nobody publishes what nobody approved
        constraint bulletin_approved_as_it_stands check ((state = 'approved') = (approved_sealed is not null)),
        constraint bulletin_published_is_there check (
            (published_sealed is null) = (published_on is null) and (state <> 'published' or published_sealed is not null)
            and (state <> 'withdrawn' or published_sealed is null)
        ),
        constraint bulletin_edition_counted check (edition >= 0 and (published_sealed is null or edition >= 1))
    )
    """,
    f"""
    create table {SCHEMA}.bulletin_step (
        org            text not null,
        month          date not null,
        revision       integer not null,
        step           text not null,
        content_sealed bytea not null,        -- as it stood after it: every version that was saved is kept
        at             timestamptz not null default now(),
        by             text not null,
        constraint bulletin_step_once primary key (org, month, revision),
        constraint bulletin_step_of foreign key (org, month) references {SCHEMA}.bulletin (org, month),
        constraint bulletin_step_known check (step in ('drafted', 'saved', 'approved', 'published', 'withdrawn'))
    )
    """,
)
_CHANGED = "state, revision, content_sealed, approved_sealed, published_sealed, edition, published_on"
GRANTS = {"bulletin": f"select, insert, update ({_CHANGED})", "bulletin_step": "select, insert"}


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table, grants in GRANTS.items():
        tenancy.protect(op, SCHEMA, table, app=grants)


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.execute(f"drop table {SCHEMA}.{table}")
