"""By when a panel had to meet and to report, beside the days on which it did: a stage's `due_on` is that of the leg that runs.

A panel of which was told before has neither day until its stage is told of again, and is in no share of panels until then.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

_TOLD = (
    *("requested_on", "decided_on", "decision", "started_on", "due_on", "limit_days", "extended_on", "responded_on"),
    *("working_days", "calendar"),
)
_COUNTED = "case when r.complaint_id is null then s.{0} else r.{0} end as {0}"
# As in 0013; what is new stands last, so that the views that read this one stay as they are.
_STAGE_NOW = f"""
    select s.org, s.complaint_id, s.stage, {", ".join(_COUNTED.format(name) for name in _TOLD)},
           coalesce(r.answer_by, case when r.complaint_id is null then s.due_on end) as answer_by,
           coalesce(r.ending, case when r.complaint_id is null and s.responded_on is not null then 'answered' end) as ending,
           coalesce(r.suspended_days, 0) as suspended_days, r.suspended_on, r.agreed_on, r.panel_on, r.reported_on,
           least(s.occurred_at, r.occurred_at) as occurred_at, greatest(s.changed_at, r.changed_at) as changed_at,
           greatest(s.changed_sequence, r.changed_sequence) as changed_sequence{{limits}}
      from {SCHEMA}.fact_stage s
      left join {SCHEMA}.fact_stage_recount r
        on r.org = s.org and r.complaint_id = s.complaint_id and r.stage = s.stage
"""
# As it has been since 0013.
_FEED = f"""
    select p.org, p.point_id, p.complaint_id, p.category, p.service_area, p.procedure, p.formality, p.received_on, p.team,
           p.need, p.route, p.raised_by,
           s1.due_on as stage1_due_on, s1.responded_on as stage1_responded_on,
           s1.working_days as stage1_working_days, f1.finding as stage1_finding,
           s2.requested_on as stage2_requested_on, s2.decision as stage2_decision, s2.responded_on as stage2_responded_on,
           f2.finding as stage2_finding, p.occurred_at,
           greatest(p.changed_at, s1.changed_at, f1.changed_at, s2.changed_at, f2.changed_at) as changed_at,
           greatest(
               p.changed_sequence, s1.changed_sequence, f1.changed_sequence, s2.changed_sequence, f2.changed_sequence
           ) as changed_sequence
      from {SCHEMA}.fact_point p
      left join {SCHEMA}.stage_now s1 on s1.org = p.org and s1.complaint_id = p.complaint_id and s1.stage = 1
      left join {SCHEMA}.finding_now f1 on f1.org = p.org and f1.point_id = p.point_id and f1.stage = 1
      left join {SCHEMA}.stage_now s2 on s2.org = p.org and s2.complaint_id = p.complaint_id and s2.stage = 2
      left join {SCHEMA}.finding_now f2 on f2.org = p.org and f2.point_id = p.point_id and f2.stage = 2
"""


_LIMITS = ", coalesce(r.panel_due_on, s.panel_due_on) as panel_due_on, r.report_due_on"


def upgrade() -> None:
    op.execute(f"alter table {SCHEMA}.fact_stage add column panel_due_on date")
    op.execute(f"alter table {SCHEMA}.fact_stage_recount add column panel_due_on date, add column report_due_on date")
    # Findings of a period are found by the day of either.
    op.execute(f"create index fact_finding_by_found on {SCHEMA}.fact_finding (org, found_on)")
    op.execute(f"create index fact_stage_recount_by_end on {SCHEMA}.fact_stage_recount (org, responded_on)")
    query = _STAGE_NOW.format(limits=_LIMITS)
    op.execute(f"create or replace view {SCHEMA}.stage_now with (security_invoker = true) as {query}")


def downgrade() -> None:
    # A view gives up no columns: it and the feed that reads it are made anew.
    op.execute(f"drop view {SCHEMA}.feed_complaint_point")
    op.execute(f"drop view {SCHEMA}.stage_now")
    for name, query in (("stage_now", _STAGE_NOW.format(limits="")), ("feed_complaint_point", _FEED)):
        op.execute(f"create view {SCHEMA}.{name} with (security_invoker = true) as {query}")
        op.execute(f"grant select on {SCHEMA}.{name} to {SCHEMA}_app")
    op.execute(f"drop index {SCHEMA}.fact_finding_by_found, {SCHEMA}.fact_stage_recount_by_end")
    op.execute(f"alter table {SCHEMA}.fact_stage_recount drop column panel_due_on, drop column report_due_on")
    op.execute(f"alter table {SCHEMA}.fact_stage drop column panel_due_on")
