"""The learning tracker: every action of audits, complaints and feedback as it stood on a day, in one place.

`learning_on(day)` is what the page, the measures, the feed and the plans read, so that their figures agree. It is one SELECT,
so that PostgreSQL puts it into the statement that asks; the security of rows is that of whoever asks. When an action may miss
its day is the profile's (`reports.yaml`, `tracker.may_miss_days`), 7 days without it: as the pages of audits and complaints say
"due soon" (`SOON`).
"""

from alembic import op

revision = "0029"
down_revision = "0018"
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
_AUDITS = f"""
    select a.org, 'audit:' || a.audit_id || ':' || a.action as key, 'audit' as source, a.audit_id as record_id,
           a.action as code, o.reference, w.audit_id is not null as at_work, a.service_area, a.team,
           coalesce(o.themes, '{{}}') as theme_codes, a.set_on, coalesce(a.first_due_on, b.due_on) as first_due_on,
           case when h.status is null then a.first_due_on else h.due_on end as due_on,
           case when h.status is not null then h.status when a.first_done_on <= day then 'done' else 'open' end as status,
           case when h.status = 'done' then h.done_on
                when h.status is null and a.first_done_on <= day then a.first_done_on end as done_on,
           case when h.status = 'done' then h.evidence end as evidence, r.reviewed_on, r.result as review_result,
           cast(null as text) as difference, a.occurred_at, a.changed_at, a.changed_sequence
      from {SCHEMA}.feed_audit_action a
      left join {SCHEMA}.fact_audit o on o.org = a.org and o.outcome_id = a.audit_id
      left join {SCHEMA}.fact_audit_work w on w.org = a.org and w.audit_id = a.audit_id
      left join lateral (select c.status, c.due_on, c.done_on, c.evidence from {SCHEMA}.fact_audit_action_change c
                          where c.org = a.org and c.audit_id = a.audit_id and c.action = a.action and c.changed_on <= day
                          order by c.change desc limit 1) h on true
      left join lateral (select c.due_on from {SCHEMA}.fact_audit_action_change c
                          where c.org = a.org and c.audit_id = a.audit_id and c.action = a.action
                          order by c.change limit 1) b on true
      left join lateral (select v.reviewed_on, v.result from {SCHEMA}.fact_audit_review v
                          where v.org = a.org and v.audit_id = a.audit_id and v.reviewed_on between a.set_on and day
                          order by v.number desc limit 1) r on true
     where a.withdrawn_on is null and a.set_on <= day and (h.status is not null or a.first_due_on is not null)
"""
_COMPLAINTS = f"""
    select f.org, 'complaints:' || f.action_id, 'complaints', f.action_id, f.code, f.reference, true, f.service_area, f.team,
           f.themes, f.recorded_on, f.first_due_on, f.due_on, f.status, f.done_on,
           case when f.status in ('done', 'reviewed') then f.evidence end,
           f.reviewed_on, cast(null as text), f.difference, f.occurred_at, f.changed_at, f.changed_sequence
      from {SCHEMA}.fact_learning_action f
     where f.changed_on <= day and not exists (
           select from {SCHEMA}.fact_learning_action x
            where x.org = f.org and x.action_id = f.action_id and x.revision > f.revision and x.changed_on <= day)
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
    select k.*, {_STANDING} from ({_AUDITS} union all {_COMPLAINTS} union all {_FEEDBACK}) k
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
