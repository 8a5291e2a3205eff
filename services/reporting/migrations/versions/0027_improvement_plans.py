"""Improvement plans: records of reporting's own, which no rebuild touches.

Words that people type (titles, what is to be done, whoever sees to it, reasons) are sealed in the column. What was there before
a change, and why it was changed, stands in `plan_step`, to which rows are only ever added. A row is written with the revision
that its page showed, so that of two people at once the second is told.
"""

from alembic import op

from chassis import tenancy

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
_ROW = (
    "org text not null, id uuid not null, revision integer not null, created_at timestamptz not null, "
    "changed_at timestamptz not null, changed_sequence bigint not null"
)
_PART = f"{_ROW}, plan_id uuid not null"
TABLES = {
    "plan": f"""
        {_ROW},
        service_area text,                              -- null: of the whole organisation
        state text not null, opened_on date not null, closed_on date,
        words bytea not null,                           -- title, purpose
        constraint plan_key primary key (org, id),
        constraint plan_state_is_known check (state in ('open', 'closed')),
        constraint plan_closed_says_when check ((state = 'closed') = (closed_on is not null))
    """,
    "plan_workstream": f"""
        {_PART}, position integer not null, words bytea not null,      -- title, who leads it
        constraint plan_workstream_key primary key (org, id),
        constraint plan_workstream_is_of_a_plan foreign key (org, plan_id) references {SCHEMA}.plan (org, id)
    """,
    "plan_action": f"""
        {_PART}, workstream_id uuid not null, position integer not null, words bytea not null,  -- what, who sees to it
        state text not null, rag text not null, set_on date not null, ended_on date,
        tracked text,                                   -- the action of the learning tracker that it takes up
        constraint plan_action_key primary key (org, id),
        constraint plan_action_is_of_a_workstream
            foreign key (org, workstream_id) references {SCHEMA}.plan_workstream (org, id),
        constraint plan_action_state_is_known check (state in ('open', 'completed', 'dropped')),
        -- what a person says of an open action; the calendar may say "missed" all the same
        constraint plan_action_rag_is_known check (rag in ('on-track', 'may-miss', 'missed')),
        constraint plan_action_ended_says_when check ((state = 'open') = (ended_on is null)),
        -- an action of the tracker is taken into a plan once
        constraint plan_action_takes_up_once unique (org, plan_id, tracked)
    """,
    "plan_milestone": f"""
        {_PART}, action_id uuid not null, words bytea not null,        -- what is reached
        first_due_on date not null, due_on date not null, met_on date, dropped boolean not null,
        constraint plan_milestone_key primary key (org, id),
        constraint plan_milestone_is_of_an_action foreign key (org, action_id) references {SCHEMA}.plan_action (org, id),
        constraint plan_milestone_is_met_or_dropped check (met_on is null or not dropped)
    """,
    "plan_measure": f"""
        {_PART}, action_id uuid not null, kind text not null, code text not null, filters jsonb not null,
        start text not null, better text not null, target integer, dropped boolean not null,
        constraint plan_measure_key primary key (org, id),
        constraint plan_measure_is_of_an_action foreign key (org, action_id) references {SCHEMA}.plan_action (org, id),
        constraint plan_measure_kind_is_known check (kind in ('measure', 'kpi')),
        constraint plan_measure_better_is_known check (better in ('higher', 'lower')),
        constraint plan_measure_target_is_a_number check (target between 0 and 1000000)
    """,
    "plan_step": f"""
        org text not null, id uuid not null, plan_id uuid not null, of_kind text not null, of_id uuid not null,
        revision integer not null, step text not null, at timestamptz not null, by_subject text not null,
        by_name bytea not null, words bytea not null,                  -- note, and what was there before and after
        constraint plan_step_key primary key (org, id),
        -- of two who changed the same revision, one is told
        constraint plan_step_once unique (org, of_id, revision),
        constraint plan_step_is_of_a_plan foreign key (org, plan_id) references {SCHEMA}.plan (org, id)
    """,
}
INDEXES = {
    "plan_workstream_by_plan": "plan_workstream (org, plan_id)",
    "plan_action_by_plan": "plan_action (org, plan_id)",
    "plan_action_by_workstream": "plan_action (org, workstream_id)",
    "plan_milestone_by_plan": "plan_milestone (org, plan_id)",
    "plan_milestone_by_action": "plan_milestone (org, action_id)",
    "plan_milestone_by_due": "plan_milestone (org, due_on) where met_on is null and not dropped",
    "plan_measure_by_plan": "plan_measure (org, plan_id)",
    "plan_measure_by_action": "plan_measure (org, action_id)",
    "plan_step_by_plan": "plan_step (org, plan_id, at desc, id desc)",
}
_TODAY = "cast(now() at time zone 'Europe/London' as date)"
# As `reporting.domain.plan.rag_on`; a test holds the two against each other.
_RAG = f"""
    case when a.state <> 'open' then a.state
         when exists (select from {SCHEMA}.plan_milestone m where m.org = a.org and m.action_id = a.id and m.met_on is null
                         and not m.dropped and m.due_on < {_TODAY}) then 'missed'
         else a.rag end
"""
VIEWS = {
    "feed_plan_action": f"""
        select a.org, a.id as action_id, a.plan_id, a.workstream_id, p.service_area, p.state as plan_state, a.position, a.state,
               {_RAG} as rag, a.tracked, a.set_on, a.ended_on, a.created_at as occurred_at,
               greatest(a.changed_at, p.changed_at, m.changed_at) as changed_at,
               greatest(a.changed_sequence, p.changed_sequence, m.changed_sequence) as changed_sequence
          from {SCHEMA}.plan_action a join {SCHEMA}.plan p on p.org = a.org and p.id = a.plan_id
          left join lateral (select max(h.changed_at) as changed_at, max(h.changed_sequence) as changed_sequence
                               from {SCHEMA}.plan_milestone h where h.org = a.org and h.action_id = a.id) m on true
    """,
    "feed_plan_milestone": f"""
        select m.org, m.id as milestone_id, m.action_id, m.plan_id, p.service_area, m.first_due_on, m.due_on, m.met_on,
               m.dropped, m.created_at as occurred_at, m.changed_at, m.changed_sequence
          from {SCHEMA}.plan_milestone m join {SCHEMA}.plan p on p.org = m.org and p.id = m.plan_id
    """,
}


def upgrade() -> None:
    # A write takes its number while it alone writes plans of its organisation, so that numbers become visible in their order.
    op.execute(f"create sequence {SCHEMA}.plan_change")
    op.execute(f"grant usage on sequence {SCHEMA}.plan_change to {SCHEMA}_app")
    for table, columns in TABLES.items():
        op.execute(f"create table {SCHEMA}.{table} ({columns})")
        tenancy.protect(op, SCHEMA, table, app="select, insert" if table == "plan_step" else "select, insert, update")
    for name, columns in INDEXES.items():
        op.execute(f"create index {name} on {SCHEMA}.{columns}")
    for view, query in VIEWS.items():
        op.execute(f"create view {SCHEMA}.{view} with (security_invoker = true) as {query}")
        op.execute(f"grant select on {SCHEMA}.{view} to {SCHEMA}_app")


def downgrade() -> None:
    for view in reversed(VIEWS):
        op.execute(f"drop view {SCHEMA}.{view}")
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
    op.execute(f"drop sequence {SCHEMA}.plan_change")
