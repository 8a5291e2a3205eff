"""The learning tracker: every action of audits, complaints and feedback as it stood on a day, in one place.

`learning_on(day)` is what the page, the measures, the feed and the plans read, so that their figures agree. It is one SELECT,
so that PostgreSQL puts it into the statement that asks; the security of rows is that of whoever asks. When an action may miss
its day is the profile's (`reports.yaml`, `tracker.may_miss_days`), 7 days without it: as the pages of audits and complaints say
"due soon" (`SOON`).
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

COLUMNS = {
    "fact_audit": {"reference": "text"},
    "fact_audit_action_state": {"evidence": "boolean"},
    "fact_audit_action_change": {"evidence": "boolean"},
    "fact_learning_action": {"reference": "text", "code": "text", "evidence": "boolean"},
}

_SOON = f"""coalesce((select (p.document->'reports'->'tracker'->>'may_miss_days')::integer
                        from {SCHEMA}.profile p order by p.number desc limit 1), 7)"""

# How an action stood at the end of a day: as its last step until then left it, else as the moderation or another system set it.
# Each table is read once, whatever PostgreSQL knows of its size: a lateral join an action took a minute where it knew nothing.
_STEPS = f"""
    select distinct on (c.org, c.audit_id, c.action) c.* from {SCHEMA}.fact_audit_action_change c
"""
_AUDITS = f"""
    select k.org, 'audit:' || coalesce(p.outcome_id, h.audit_id) || ':' || coalesce(p.action, h.action)
           as key, 'audit' as source, coalesce(p.outcome_id, h.audit_id) as record_id, coalesce(p.action, h.action) as code,
           o.reference, w.audit_id is not null as at_work, coalesce(s.service_area, p.service_area) as service_area,
           case when s.audit_id is null then p.team else s.team end as team, coalesce(o.themes, '{{}}') as theme_codes,
           coalesce(p.completed_on, b.changed_on) as set_on, coalesce(p.due_on, b.due_on) as first_due_on,
           case when h.audit_id is null then p.due_on else h.due_on end as due_on,
           case when h.audit_id is not null then h.status when p.done_on <= day then 'done' else 'open' end as status,
           case when h.status = 'done' then h.done_on
                when h.audit_id is null and p.done_on <= day then p.done_on end as done_on,
           case when h.status = 'done' then h.evidence end as evidence,
           case when r.reviewed_on >= coalesce(p.completed_on, b.changed_on) then r.reviewed_on end as reviewed_on,
           case when r.reviewed_on >= coalesce(p.completed_on, b.changed_on) then r.result end as review_result,
           cast(null as text) as difference, least(p.occurred_at, b.occurred_at) as occurred_at,
           greatest(p.changed_at, s.changed_at, o.changed_at) as changed_at,
           greatest(p.changed_sequence, s.changed_sequence, o.changed_sequence) as changed_sequence
      from {SCHEMA}.fact_audit_action p
      full join ({_STEPS} where c.changed_on <= day order by c.org, c.audit_id, c.action, c.change desc) h
        on h.org = p.org and h.audit_id = p.outcome_id and h.action = p.action
      cross join lateral (select coalesce(p.org, h.org) as org, coalesce(p.outcome_id, h.audit_id) as audit_id,
                                 coalesce(p.action, h.action) as action) k
      left join ({_STEPS} order by c.org, c.audit_id, c.action, c.change) b
        on b.org = k.org and b.audit_id = k.audit_id and b.action = k.action
      left join {SCHEMA}.fact_audit_action_state s on s.org = k.org and s.audit_id = k.audit_id and s.action = k.action
      left join {SCHEMA}.fact_audit o on o.org = k.org and o.outcome_id = k.audit_id
      left join {SCHEMA}.fact_audit_work w on w.org = k.org and w.audit_id = k.audit_id
      left join (select distinct on (v.org, v.audit_id) v.org, v.audit_id, v.reviewed_on, v.result
                   from {SCHEMA}.fact_audit_review v where v.reviewed_on <= day order by v.org, v.audit_id, v.number desc) r
        on r.org = k.org and r.audit_id = k.audit_id
      left join {SCHEMA}.fact_audit_withdrawal x on x.org = k.org and x.audit_id = k.audit_id
     where x.audit_id is null and coalesce(p.completed_on, b.changed_on) <= day
"""
_COMPLAINTS = f"""
    select distinct on (f.org, f.action_id)
           f.org, 'complaints:' || f.action_id, 'complaints', f.action_id, f.code, f.reference, true, f.service_area, f.team,
           f.themes, f.recorded_on, f.first_due_on, f.due_on, f.status, f.done_on,
           case when f.status in ('done', 'reviewed') then f.evidence end,
           f.reviewed_on, cast(null as text), f.difference, f.occurred_at, f.changed_at, f.changed_sequence
      from {SCHEMA}.fact_learning_action f
     where f.changed_on <= day order by f.org, f.action_id, f.revision desc
"""
# What stands on the public page was changed already, and had no day by which it was due.
_FEEDBACK = f"""
    select f.org, 'feedback:' || f.change_id, 'feedback', f.change_id, cast(null as text), cast(null as text), true,
           f.service_area, cast(null as text), f.theme_codes, f.published_on, cast(null as date), cast(null as date), 'done',
           f.happened_on, cast(null as boolean), cast(null as date), cast(null as text), cast(null as text), f.occurred_at,
           f.changed_at, f.changed_sequence
      from {SCHEMA}.feed_change f
     where f.published_on <= day and (f.withdrawn_on is null or f.withdrawn_on > day)
"""
_STANDING = f"""
    case when k.status = 'dropped' then 'dropped' when k.status in ('done', 'reviewed') then 'completed'
         when k.due_on < day then 'missed' when k.due_on <= day + {_SOON} then 'may-miss' else 'on-track' end
"""
_TYPES = {
    **dict.fromkeys(("org", "key", "source"), "text"),
    "record_id": "uuid",
    **dict.fromkeys(("code", "reference"), "text"),
    "at_work": "boolean",
    **dict.fromkeys(("service_area", "team"), "text"),
    "theme_codes": "text[]",
    **dict.fromkeys(("set_on", "first_due_on", "due_on"), "date"),
    "status": "text",
    "done_on": "date",
    "evidence": "boolean",
    "reviewed_on": "date",
    **dict.fromkeys(("review_result", "difference"), "text"),
    **dict.fromkeys(("occurred_at", "changed_at"), "timestamptz"),
    "changed_sequence": "bigint",
    "standing": "text",
}
_RETURNS = ", ".join(f"{name} {kind}" for name, kind in _TYPES.items())
_FUNCTION = f"""
    create function {SCHEMA}.learning_on(day date) returns table ({_RETURNS})
    language sql stable as $body$
    select k.*, {_STANDING} from ({_AUDITS} union all ({_COMPLAINTS}) union all {_FEEDBACK}) k
    $body$
"""
_TODAY = "cast(now() at time zone 'Europe/London' as date)"
_FEED = f"""
    select org, key as action_key, source, record_id, code, reference, service_area, team,
           array_to_string(theme_codes, ';') as themes, set_on, first_due_on, due_on, status, standing, done_on, evidence,
           reviewed_on, review_result, difference, occurred_at, changed_at, changed_sequence
      from {SCHEMA}.learning_on({_TODAY})
"""


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.execute(f"alter table {SCHEMA}.{table} add column {name} {kind}")
    op.execute(_FUNCTION)
    op.execute(f"revoke all on function {SCHEMA}.learning_on(date) from public")
    op.execute(f"grant execute on function {SCHEMA}.learning_on(date) to {SCHEMA}_app")
    op.execute(f"create view {SCHEMA}.feed_tracked_action with (security_invoker = true) as {_FEED}")
    op.execute(f"grant select on {SCHEMA}.feed_tracked_action to {SCHEMA}_app")


def downgrade() -> None:
    op.execute(f"drop view {SCHEMA}.feed_tracked_action")
    op.execute(f"drop function {SCHEMA}.learning_on(date)")
    for table, columns in reversed(COLUMNS.items()):
        for name in reversed(columns):
            op.execute(f"alter table {SCHEMA}.{table} drop column {name}")
