"""Who is who in a complaint, what a compliment says, and to whom it was passed on."""

from alembic import op

from chassis import tenancy

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "complaints"

TABLES = (
    """
    create table {s}.complaint_person (
        org          text not null,
        id           uuid not null,
        complaint_id uuid not null,
        role         text not null,
        subject      text,               -- of somebody who signs in here; outside people have none
        name_key     text not null,      -- keyed hash of the name: the same person in two roles is found without opening it
        details      bytea not null,     -- sealed: name and ways to reach them
        independent  boolean not null default false,  -- declared: neither member nor officer of the authority, nor their spouse
        from_on      date not null,
        until_on     date,
        added_by     text not null,
        added_at     timestamptz not null default now(),
        ended_by     text,
        constraint person_key primary key (org, id),
        constraint person_complaint foreign key (org, complaint_id) references {s}.complaint (org, id),
        constraint person_role_known check (role in (
            'complainant', 'representative', 'advocate', 'mp-or-councillor', 'child', 'case-worker', 'responder',
            'investigating-officer', 'independent-person', 'adjudicator', 'panel-chair', 'panel-member')),
        -- who judges from outside has said that they are outside, and does not sign in here
        constraint person_independent_where_needed check (
            role not in ('independent-person', 'panel-chair', 'panel-member') or (independent and subject is null)),
        constraint person_dates_in_order check (until_on >= from_on),
        constraint person_ended_by_somebody check ((until_on is null) = (ended_by is null))
    )
    """,
    """
    create table {s}.compliment_words (
        org           text not null,
        compliment_id uuid not null,
        words         bytea not null,    -- sealed
        constraint compliment_words_once primary key (org, compliment_id),
        constraint compliment_words_of foreign key (org, compliment_id) references {s}.compliment (org, id)
    )
    """,
    """
    create table {s}.compliment_passed_on (
        org           text not null,
        id            uuid not null,
        compliment_id uuid not null,
        role          text not null,
        recipient     bytea not null,    -- sealed: to whom
        mail_key      text not null,
        by_subject    text not null,
        at            timestamptz not null default now(),
        constraint passed_on_key primary key (org, id),
        -- the same person is told once
        constraint passed_on_once unique (org, mail_key),
        constraint passed_on_of foreign key (org, compliment_id) references {s}.compliment (org, id),
        constraint passed_on_role_known check (role in ('worker', 'manager'))
    )
    """,
)

INDEXES = (
    "create index person_of_complaint on {s}.complaint_person (org, complaint_id, from_on, id)",
    # A panel has one chair, and nobody sits on it twice.
    """
    create unique index person_one_chair on {s}.complaint_person (org, complaint_id)
     where role = 'panel-chair' and until_on is null
    """,
    "create index passed_on_of_compliment on {s}.compliment_passed_on (org, compliment_id)",
    "create index compliment_newest on {s}.compliment (org, received_on desc, id desc)",
)

GRANTS = {
    "complaint_person": "select, insert, update (until_on, ended_by)",
    "compliment_words": "select, insert",
    "compliment_passed_on": "select, insert",
}


def upgrade() -> None:
    for statement in (*TABLES, *INDEXES):
        op.execute(statement.format(s=SCHEMA))
    for table, grants in GRANTS.items():
        tenancy.protect(op, SCHEMA, table, app=grants)


def downgrade() -> None:
    op.execute(f"drop index {SCHEMA}.compliment_newest")
    for table in reversed(GRANTS):
        op.execute(f"drop table {SCHEMA}.{table}")
