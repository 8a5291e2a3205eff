"""Every account of an audit at work in a table of its own, and the views that put together how things stand.

A row that several events told of depended on their order: an ending that was corrected after the dispute had been opened
again closed it, and a review that came late moved the next one back. Now an event is a row, the newest account of the same
thing wins, and what follows from several (which review is due, where a dispute is) is a view. What 0004 held of it is dropped,
and where events had been applied before, all of them are read again by themselves: facts come out of the logs alone.
"""

from alembic import op

from chassis import tenancy

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

TABLES = {
    "fact_audit_part": """
        audit_id uuid not null, part text not null, kind text not null, tool text not null, programme text,
        service_area text not null, team text, allocated_on date not null, due_on date not null,
        primary key (org, audit_id, part)
    """,
    # A part that came back is submitted again: the first day says whether it was in time, and stays.
    "fact_audit_submission": """
        audit_id uuid not null, part text not null, submitted_on date not null, due_on date not null,
        primary key (org, audit_id, part, submitted_on)
    """,
    "fact_audit_moderation": """
        audit_id uuid not null, outcome_id uuid not null, moderated_on date not null, due_on date, departs boolean not null,
        revised boolean not null, review_due_on date, primary key (org, audit_id)
    """,
    "fact_audit_review": """
        audit_id uuid not null, number integer not null, reviewed_on date not null, due_on date not null, result text not null,
        next_due_on date, primary key (org, audit_id, number),
        constraint review_result_is_known check (result in ('closed', 'reopened'))
    """,
    "fact_audit_withdrawal": """
        audit_id uuid not null, withdrawn_on date not null, ground text not null, primary key (org, audit_id)
    """,
    # Each step of an action: what was open at the end of a quarter is asked years later, when it is done long since.
    "fact_audit_action_change": """
        audit_id uuid not null, action text not null, change bigint not null, changed_on date not null, status text not null,
        due_on date not null, done_on date, primary key (org, audit_id, action, change)
    """,
    "fact_dispute_ending": """
        dispute_id uuid not null, number integer not null, stage text not null, ended_on date not null, result text not null,
        outcome text, informal boolean not null, primary key (org, dispute_id, number),
        constraint dispute_result_is_known check (result in ('resolved', 'withdrawn'))
    """,
    "fact_dispute_reopening": """
        dispute_id uuid not null, number integer not null, stage text not null, reopened_on date not null,
        primary key (org, dispute_id, number)
    """,
}
INDEXES = {"fact_audit_part": "org, due_on", "fact_audit_moderation": "org, moderated_on"}

# What the tables of 0004 held of later events.
WORK = """
    moderated_on date, moderation_due_on date, departs boolean, revised boolean, review_due_on date, reviewed_on date,
    review_result text, reviews integer, withdrawn_on date, withdrawal_reason text
"""
DISPUTE = """
    stage text, stage_number integer, answer_due_on date, ended_on date, result text, outcome text, informal boolean
"""
SUBMISSION = """
    audit_id uuid not null, part text not null, submitted_on date not null, due_on date not null,
    primary key (org, audit_id, part)
"""

# Rows of audits that were withdrawn stay, with the day: who pulls only what has changed would never learn that one is gone.
_WITHDRAWAL = f"left join {SCHEMA}.fact_audit_withdrawal x on x.org = k.org and x.audit_id = k.audit_id"


def _changes(*tables: str) -> str:
    at, sequence = (", ".join(f"{table}.{name}" for table in tables) for name in ("changed_at", "changed_sequence"))
    return f"greatest({at}) as changed_at, greatest({sequence}) as changed_sequence"


VIEWS = {
    "feed_audit": f"""
        select k.org, k.audit_id, k.kind, k.tool, k.tool_version, k.programme, k.round, k.service_area, k.team, k.allocated_on,
               k.submit_by, k.moderate_by, m.moderated_on, r.number as reviews, r.reviewed_on, r.result as review_result,
               x.withdrawn_on, x.ground as withdrawal_ground, k.occurred_at, {_changes("k", "m", "r", "x")}
          from {SCHEMA}.fact_audit_work k
          left join {SCHEMA}.fact_audit_moderation m on m.org = k.org and m.audit_id = k.audit_id
          left join lateral (
               select * from {SCHEMA}.fact_audit_review h where h.org = k.org and h.audit_id = k.audit_id
                order by h.number desc limit 1) r on true
          {_WITHDRAWAL}
    """,
    "feed_audit_part": f"""
        select k.org, k.audit_id, k.part, k.kind, k.tool, k.programme, k.service_area, k.team, k.allocated_on, k.due_on,
               case when k.part = 'moderation' then m.moderated_on else s.first_on end as submitted_on,
               case when k.part <> 'moderation' then s.last_on end as last_submitted_on, x.withdrawn_on, k.occurred_at,
               {_changes("k", "s", "m", "x")}
          from {SCHEMA}.fact_audit_part k
          left join lateral (
               select min(submitted_on) as first_on, max(submitted_on) as last_on, max(changed_at) as changed_at,
                      max(changed_sequence) as changed_sequence
                 from {SCHEMA}.fact_audit_submission h
                where h.org = k.org and h.audit_id = k.audit_id and h.part = k.part) s on true
          left join {SCHEMA}.fact_audit_moderation m
            on m.org = k.org and m.audit_id = k.audit_id and k.part = 'moderation'
          {_WITHDRAWAL}
    """,
    # Actions that were set after the moderation are in no outcome, and those of other systems are never told of again.
    "feed_audit_action": f"""
        select k.org, k.audit_id, k.action, coalesce(o.tool, w.tool) as tool, w.programme,
               coalesce(s.service_area, o.service_area) as service_area,
               case when s.audit_id is null then o.team else s.team end as team,
               coalesce(o.completed_on, (select min(c.changed_on) from {SCHEMA}.fact_audit_action_change c
                                          where c.org = k.org and c.audit_id = k.audit_id and c.action = k.action)) as set_on,
               coalesce(s.status, case when o.done_on is null then 'open' else 'done' end) as status,
               coalesce(s.due_on, o.due_on) as due_on,
               case when s.audit_id is null then o.done_on else s.done_on end as done_on,
               o.due_on as first_due_on, o.done_on as first_done_on, x.withdrawn_on,
               least(o.occurred_at, s.occurred_at) as occurred_at, {_changes("o", "s", "w", "x")}
          from (select org, outcome_id as audit_id, action from {SCHEMA}.fact_audit_action
                 union
                select org, audit_id, action from {SCHEMA}.fact_audit_action_state) k
          left join {SCHEMA}.fact_audit_action o on o.org = k.org and o.outcome_id = k.audit_id and o.action = k.action
          left join {SCHEMA}.fact_audit_action_state s on s.org = k.org and s.audit_id = k.audit_id and s.action = k.action
          left join {SCHEMA}.fact_audit_work w on w.org = k.org and w.audit_id = k.audit_id
          {_WITHDRAWAL}
    """,
    # Reviews that were held, and the one that is still to be held: the first after the moderation, or after one that reopened.
    "feed_audit_review": f"""
        select k.org, k.audit_id, k.number, w.kind, w.tool, w.programme, w.service_area, w.team, k.due_on, k.reviewed_on,
               k.result, x.withdrawn_on, k.occurred_at, {_changes("k", "w", "x")}
          from (select org, audit_id, number, due_on, reviewed_on, result, occurred_at, changed_at, changed_sequence
                  from {SCHEMA}.fact_audit_review
                 union all
                select org, audit_id, 1, review_due_on, null, null, occurred_at, changed_at, changed_sequence
                  from {SCHEMA}.fact_audit_moderation m
                 where review_due_on is not null and not exists (
                       select from {SCHEMA}.fact_audit_review h
                        where h.org = m.org and h.audit_id = m.audit_id and h.number = 1)
                 union all
                select org, audit_id, number + 1, next_due_on, null, null, occurred_at, changed_at, changed_sequence
                  from {SCHEMA}.fact_audit_review m
                 where next_due_on is not null and not exists (
                       select from {SCHEMA}.fact_audit_review h
                        where h.org = m.org and h.audit_id = m.audit_id and h.number = m.number + 1)
               ) k
          join {SCHEMA}.fact_audit_work w on w.org = k.org and w.audit_id = k.audit_id
          {_WITHDRAWAL}
    """,
    # A dispute stands where it came to last, whichever of its stages was corrected since.
    "feed_dispute": f"""
        select k.org, k.dispute_id, k.category, k.raised_by, k.service_area, k.team, k.raised_on, k.limit_in_all,
               s.number as stage_number, s.stage, s.reached_on, s.answer_due_on, s.answered_on, e.ended_on, e.result, e.outcome,
               k.occurred_at, {_changes("k", "s", "e")}
          from {SCHEMA}.fact_dispute k
          left join lateral (
               select * from {SCHEMA}.fact_dispute_stage h where h.org = k.org and h.dispute_id = k.dispute_id
                order by h.number desc limit 1) s on true
          left join {SCHEMA}.fact_dispute_ending e on e.org = k.org and e.dispute_id = k.dispute_id and e.number = s.number
    """,
    "feed_practice_acknowledgement": f"""
        select org, acknowledgement_id, acknowledged_on, raised_by, origin, service_area, team,
               array_to_string(themes, ';') as themes, seen_on, shared_on, withdrawn_on, occurred_at, changed_at,
               changed_sequence
          from {SCHEMA}.fact_practice_acknowledgement
    """,
}


def upgrade() -> None:
    _drop_columns("fact_audit_work", WORK)
    _drop_columns("fact_dispute", DISPUTE)
    op.execute(f"drop table {SCHEMA}.fact_audit_submission")
    for table, columns in TABLES.items():
        _create(table, columns)
    for view, query in VIEWS.items():
        op.execute(f"create view {SCHEMA}.{view} with (security_invoker = true) as {query}")
        op.execute(f"grant select on {SCHEMA}.{view} to {SCHEMA}_app")
    _read_all_again()


def downgrade() -> None:
    for view in reversed(VIEWS):
        op.execute(f"drop view {SCHEMA}.{view}")
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
    _create("fact_audit_submission", SUBMISSION)
    _add_columns("fact_dispute", DISPUTE)
    check = "check (result in ('resolved', 'withdrawn', 'reopened'))"
    op.execute(f"alter table {SCHEMA}.fact_dispute add constraint dispute_result_is_known {check}")
    _add_columns("fact_audit_work", WORK)
    _read_all_again()


def _create(table: str, columns: str) -> None:
    common = "org text not null, occurred_at timestamptz not null, changed_at timestamptz not null"
    op.execute(f"create table {SCHEMA}.{table} ({common}, changed_sequence bigint not null, {columns})")
    if table in INDEXES:
        op.execute(f"create index {table}_by_day on {SCHEMA}.{table} ({INDEXES[table]})")
    tenancy.protect(op, SCHEMA, table, app="select", worker="select, insert, update, delete, truncate")


def _drop_columns(table: str, columns: str) -> None:
    for column in columns.split(","):
        op.execute(f"alter table {SCHEMA}.{table} drop column {column.split()[0]}")


def _add_columns(table: str, columns: str) -> None:
    for column in columns.split(","):
        op.execute(f"alter table {SCHEMA}.{table} add column {column.strip()}")


def _read_all_again() -> None:
    """As `loop replay reporting` does: reports answer again when the consumers are as far as they had been."""
    op.execute(f"select set_config('app.org', '{tenancy.INSTALLATION}', true)")
    op.execute(
        f"""
        insert into {SCHEMA}.rebuild_target (source, sequence)
        select source, sequence from {SCHEMA}.consumer_position where consumer = 'reporting' and sequence > 0
        on conflict (source) do update set sequence = greatest(rebuild_target.sequence, excluded.sequence)
        """
    )
    op.execute(
        f"""
        insert into {SCHEMA}.consumer_command (id, consumer, command, requested_by)
        select gen_random_uuid(), 'reporting', 'rebuild', 'migration'
         where exists (select from {SCHEMA}.consumer_position where consumer = 'reporting' and sequence > 0)
        """
    )
    op.execute("select set_config('app.org', '', true)")
