"""Commentary, chosen quotes and issued reports: records of reporting's own, which no rebuild touches (ADR 0013)."""

from alembic import op

from chassis import tenancy

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
# The report, the period that it is for, and the service area that it is limited to; empty for all of the organisation.
_OF = "report text not null, period text not null, service_area text not null default ''"
TABLES = (
    f"""
    create table {SCHEMA}.report_commentary (
        org          text not null,
        {_OF},
        section      text not null,
        version      integer not null,
        words_sealed bytea not null,       -- empty words: the text was taken out
        figures      jsonb not null,       -- the tables as they stood beside it, as shown (after suppression)
        brought_back integer,              -- the earlier version whose words these are
        looked       boolean not null,     -- somebody said that what looks like a name is none
        by           text not null,
        name_sealed  bytea not null,
        at           timestamptz not null default now(),
        -- two people who save at once: one is first, and the other is told
        constraint report_commentary_key primary key (org, report, period, service_area, section, version),
        constraint report_commentary_version_counts check (version >= 1),
        constraint report_commentary_brings_back_an_earlier_one check (brought_back between 1 and version - 1)
    )
    """,
    f"""
    create table {SCHEMA}.report_quotes (
        org          text not null,
        {_OF},
        version      integer not null,
        quote_ids    uuid[] not null,      -- in their order; the words stay in the feedback service
        by           text not null,
        name_sealed  bytea not null,
        at           timestamptz not null default now(),
        constraint report_quotes_key primary key (org, report, period, service_area, version),
        constraint report_quotes_version_counts check (version >= 1),
        constraint report_quotes_are_few check (cardinality(quote_ids) <= 30)
    )
    """,
    f"""
    create table {SCHEMA}.report_issue (
        org             text not null,
        id              uuid not null,
        {_OF},
        title           text not null,     -- labels of the profile, as they were
        period_label    text not null,
        audience        text not null,
        period_ends     date not null,
        state           text not null default 'prepared',
        number          integer,           -- 1 for the first that was issued of a report and period
        frozen_sealed   bytea not null,    -- all of it: tables, texts, quotes, charts, changes
        frozen_digest   text not null,     -- SHA-256 of what is sealed
        quote_ids       uuid[] not null,
        quote_versions  integer[] not null,
        prepared_by     text not null,
        prepared_name   bytea not null,    -- sealed, as the other names
        prepared_at     timestamptz not null default now(),
        checked_by      text,
        checked_name    bytea,
        checked_at      timestamptz,
        issued_by       text,
        issued_name     bytea,
        issued_at       timestamptz,
        ended_by        text,              -- who sent it back, or withdrew it
        ended_name      bytea,
        ended_at        timestamptz,
        ended_reason    bytea,             -- sealed
        constraint report_issue_key primary key (org, id),
        constraint report_issue_number_once unique (org, report, period, service_area, number),
        constraint report_issue_state_known check (state in ('prepared', 'checked', 'issued', 'sent-back', 'withdrawn')),
        constraint report_issue_audience_known check (audience in ('internal', 'public')),
        -- nobody checks what they prepared themselves
        constraint report_issue_checked_by_another check (checked_by <> prepared_by),
        -- nothing is issued that nobody checked, and what was issued has a number
        constraint report_issue_issued_was_checked check (
            (state in ('issued', 'withdrawn')) = (number is not null) and (number is null) = (issued_at is null)
            and (issued_at is null or checked_at is not null) and (state <> 'checked' or checked_at is not null)
        ),
        constraint report_issue_ended_says_why check (
            (state in ('sent-back', 'withdrawn')) = (ended_at is not null) and (ended_at is null) = (ended_reason is null)
        ),
        constraint report_issue_quotes_have_versions check (cardinality(quote_ids) = cardinality(quote_versions))
    )
    """,
    # One version at a time is on its way: two people who prepare at once do not both go on.
    f"""
    create unique index report_issue_one_open on {SCHEMA}.report_issue (org, report, period, service_area)
     where state in ('prepared', 'checked')
    """,
    f"""
    create table {SCHEMA}.report_file (
        org            text not null,
        issue_id       uuid not null,
        kind           text not null,
        content_sealed bytea not null,
        digest         text not null,      -- SHA-256 of the file as it is handed out
        bytes          integer not null,
        at             timestamptz not null default now(),
        constraint report_file_key primary key (org, issue_id, kind),
        constraint report_file_of foreign key (org, issue_id) references {SCHEMA}.report_issue (org, id),
        constraint report_file_kind_known check (kind in ('pdf', 'workbook'))
    )
    """,
)
_STEPS = (
    "state, number, checked_by, checked_name, checked_at, issued_by, issued_name, issued_at, "
    "ended_by, ended_name, ended_at, ended_reason"
)
# What is written stays: nothing can be deleted, and of a version only how far it is can change.
GRANTS = {
    "report_commentary": "select, insert",
    "report_quotes": "select, insert",
    "report_issue": f"select, insert, update ({_STEPS})",
    "report_file": "select, insert",
}


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table, grants in GRANTS.items():
        tenancy.protect(op, SCHEMA, table, app=grants)


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.execute(f"drop table {SCHEMA}.{table}")
