"""Facts of outcome stars: each reading as it was last told, those that were withdrawn, and which courses are over.

As in 0005 an event is a row, and the newest account of the same thing wins; what follows from several is a view. Scores stand
inside their reading, so that a correction that takes one away leaves nothing behind.
"""

from alembic import op

from chassis import tenancy

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

TABLES = {
    "fact_star_reading": """
        reading_id uuid not null, star_id uuid not null, star text not null, questionnaire text not null,
        questionnaire_version integer not null, point text not null, taken_on date not null, channel text not null,
        answered_by text not null, service_area text not null, team text, scores jsonb not null,
        primary key (org, reading_id),
        constraint star_point_is_known check (point in ('start', 'mid', 'end'))
    """,
    "fact_star_withdrawal": """
        reading_id uuid not null, star_id uuid not null, withdrawn_on date not null, primary key (org, reading_id)
    """,
    # Whether a course is over, as the last account of it has it: one that was opened again has no day.
    "fact_star_closure": """
        star_id uuid not null, closed_on date, reason text, reopened_on date, primary key (org, star_id),
        constraint star_closed_says_why check ((closed_on is null) = (reason is null))
    """,
}
INDEXES = {"fact_star_reading": ("star", "org, star_id, taken_on"), "fact_star_withdrawal": ("star", "org, star_id")}

VIEWS = {
    "feed_star_score": f"""
        select r.org, r.reading_id, s.scale, r.star_id, r.star, r.questionnaire, r.questionnaire_version, r.point, r.taken_on,
               r.channel, r.answered_by, r.service_area, r.team, s.score, s.lowest, s.highest, w.withdrawn_on, r.occurred_at,
               greatest(r.changed_at, w.changed_at) as changed_at,
               greatest(r.changed_sequence, w.changed_sequence) as changed_sequence
          from {SCHEMA}.fact_star_reading r
         cross join lateral jsonb_to_recordset(r.scores) as s (scale text, score integer, lowest integer, highest integer)
          left join {SCHEMA}.fact_star_withdrawal w on w.org = r.org and w.reading_id = r.reading_id
    """,
    # A row a start and scale; the last reading of the scale beside it, whose team is who brought the person there.
    "feed_star": f"""
        select f.org, f.reading_id, f.scale, f.star_id, f.star, coalesce(l.service_area, f.service_area) as service_area,
               case when l.reading_id is null then f.team else l.team end as team, f.taken_on as started_on,
               f.score as start_score, l.point as last_point, l.taken_on as last_on, l.score as last_score,
               l.score - f.score as change, f.lowest, f.highest, f.score = f.highest as began_at_top, c.closed_on,
               c.reason as closed_reason, f.withdrawn_on, f.occurred_at,
               greatest(m.changed_at, c.changed_at) as changed_at,
               greatest(m.changed_sequence, c.changed_sequence) as changed_sequence
          from {SCHEMA}.feed_star_score f
          left join lateral (
               select h.* from {SCHEMA}.feed_star_score h
                where h.org = f.org and h.star_id = f.star_id and h.scale = f.scale and h.point <> 'start'
                  and h.withdrawn_on is null
                order by h.taken_on desc, h.point limit 1) l on true
          left join {SCHEMA}.fact_star_closure c on c.org = f.org and c.star_id = f.star_id
          -- of all readings of the course: one that was withdrawn, or corrected to have no such score, changes the row too
         cross join lateral (
               select greatest(max(h.changed_at), max(w.changed_at)) as changed_at,
                      greatest(max(h.changed_sequence), max(w.changed_sequence)) as changed_sequence
                 from {SCHEMA}.fact_star_reading h
                 left join {SCHEMA}.fact_star_withdrawal w on w.org = h.org and w.reading_id = h.reading_id
                where h.org = f.org and h.star_id = f.star_id) m
         where f.point = 'start'
    """,
}


def upgrade() -> None:
    common = "org text not null, occurred_at timestamptz not null, changed_at timestamptz not null"
    for table, columns in TABLES.items():
        op.execute(f"create table {SCHEMA}.{table} ({common}, changed_sequence bigint not null, {columns})")
        if table in INDEXES:
            name, of = INDEXES[table]
            op.execute(f"create index {table}_by_{name} on {SCHEMA}.{table} ({of})")
        tenancy.protect(op, SCHEMA, table, app="select", worker="select, insert, update, delete, truncate")
    op.execute(f"create index fact_star_reading_by_day on {SCHEMA}.fact_star_reading (org, point, taken_on)")
    for view, query in VIEWS.items():
        op.execute(f"create view {SCHEMA}.{view} with (security_invoker = true) as {query}")
        op.execute(f"grant select on {SCHEMA}.{view} to {SCHEMA}_app")


def downgrade() -> None:
    for view in reversed(VIEWS):
        op.execute(f"drop view {SCHEMA}.{view}")
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
