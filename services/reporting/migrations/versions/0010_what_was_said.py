"""Facts of what families said and what became of it: themes of comments, quotes, changes. No word of anybody.

As in 0005: an event is a row, the newest account of a thing stands, and whether it was withdrawn since follows from both.
"""

from alembic import op

from chassis import tenancy

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

TABLES = {
    "fact_comment": """
        response_id uuid not null, question text not null, questionnaire text not null,
        questionnaire_version integer not null, channel text not null, service_area text not null, team text,
        about_on date not null, answered_on date not null, themed_on date not null, themes text[] not null,
        primary key (org, response_id, question)
    """,
    "fact_quote": """
        quote_id uuid not null, version integer not null, questionnaire text not null, question text not null,
        service_area text not null, themes text[] not null, released_on date not null, primary key (org, quote_id)
    """,
    "fact_quote_withdrawal": """
        quote_id uuid not null, version integer not null, withdrawn_on date not null, primary key (org, quote_id)
    """,
    "fact_change": """
        change_id uuid not null, revision integer not null, service_area text not null, happened_on date not null,
        published_on date not null, questions text[] not null, themes text[] not null, quotes integer not null,
        has_action boolean not null, primary key (org, change_id)
    """,
    "fact_change_withdrawal": """
        change_id uuid not null, revision integer not null, withdrawn_on date not null, primary key (org, change_id)
    """,
}
INDEXES = {"fact_comment": "org, about_on", "fact_quote": "org, released_on", "fact_change": "org, published_on"}

# Rows of what was withdrawn stay, with the day: who pulls only what has changed would never learn that one is gone.
VIEWS = {
    "feed_survey_comment": f"""
        select org, response_id, question, questionnaire, questionnaire_version, channel, service_area, team, about_on,
               answered_on, themed_on, array_to_string(themes, ';') as themes, occurred_at, changed_at, changed_sequence
          from {SCHEMA}.fact_comment
    """,
    "feed_quote": f"""
        select k.org, k.quote_id, k.version, k.questionnaire, k.question, k.service_area, k.themes as theme_codes,
               array_to_string(k.themes, ';') as themes, k.released_on,
               case when x.version >= k.version then x.withdrawn_on end as withdrawn_on, k.occurred_at,
               greatest(k.changed_at, x.changed_at) as changed_at,
               greatest(k.changed_sequence, x.changed_sequence) as changed_sequence
          from {SCHEMA}.fact_quote k
          left join {SCHEMA}.fact_quote_withdrawal x on x.org = k.org and x.quote_id = k.quote_id
    """,
    "feed_change": f"""
        select k.org, k.change_id, k.service_area, k.happened_on, k.published_on, k.themes as theme_codes,
               array_to_string(k.themes, ';') as themes, array_to_string(k.questions, ';') as questions, k.quotes,
               k.has_action, case when x.revision > k.revision then x.withdrawn_on end as withdrawn_on, k.occurred_at,
               greatest(k.changed_at, x.changed_at) as changed_at,
               greatest(k.changed_sequence, x.changed_sequence) as changed_sequence
          from {SCHEMA}.fact_change k
          left join {SCHEMA}.fact_change_withdrawal x on x.org = k.org and x.change_id = k.change_id
    """,
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        common = "org text not null, occurred_at timestamptz not null, changed_at timestamptz not null"
        op.execute(f"create table {SCHEMA}.{table} ({common}, changed_sequence bigint not null, {columns})")
        if table in INDEXES:
            op.execute(f"create index {table}_by_day on {SCHEMA}.{table} ({INDEXES[table]})")
        tenancy.protect(op, SCHEMA, table, app="select", worker="select, insert, update, delete, truncate")
    for view, query in VIEWS.items():
        op.execute(f"create view {SCHEMA}.{view} with (security_invoker = true) as {query}")
        op.execute(f"grant select on {SCHEMA}.{view} to {SCHEMA}_app")


def downgrade() -> None:
    for view in reversed(VIEWS):
        op.execute(f"drop view {SCHEMA}.{view}")
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
