"""Stages of complaints told of as a whole: suspended, heard by a panel, withdrawn, corrected.

The views say how a stage, and the finding on a point at it, stand now: as the newest account of the stage as a whole has it,
where there is one, and else as its steps told.
"""

from alembic import op

from chassis import tenancy

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

_TOLD = (
    *("requested_on", "decided_on", "decision", "started_on", "due_on", "limit_days", "extended_on", "responded_on"),
    *("working_days", "calendar"),
)
_COUNTED = "case when r.complaint_id is null then s.{0} else r.{0} end as {0}"
_STAGE_NOW = f"""
    select s.org, s.complaint_id, s.stage, {", ".join(_COUNTED.format(name) for name in _TOLD)},
           coalesce(r.answer_by, case when r.complaint_id is null then s.due_on end) as answer_by,
           coalesce(r.ending, case when r.complaint_id is null and s.responded_on is not null then 'answered' end) as ending,
           coalesce(r.suspended_days, 0) as suspended_days, r.suspended_on, r.agreed_on, r.panel_on, r.reported_on,
           least(s.occurred_at, r.occurred_at) as occurred_at, greatest(s.changed_at, r.changed_at) as changed_at,
           greatest(s.changed_sequence, r.changed_sequence) as changed_sequence
      from {SCHEMA}.fact_stage s
      left join {SCHEMA}.fact_stage_recount r
        on r.org = s.org and r.complaint_id = s.complaint_id and r.stage = s.stage
"""
# An answer that was taken back takes its findings with it.
_FINDING_NOW = f"""
    select f.org, f.point_id, f.stage, f.complaint_id,
           case when r.complaint_id is null or r.responded_on is not null then f.finding end as finding,
           coalesce(r.responded_on, case when r.complaint_id is null then f.found_on end) as found_on,
           f.occurred_at, greatest(f.changed_at, r.changed_at) as changed_at,
           greatest(f.changed_sequence, r.changed_sequence) as changed_sequence
      from {SCHEMA}.fact_finding f
      left join {SCHEMA}.fact_stage_recount r
        on r.org = f.org and r.complaint_id = f.complaint_id and r.stage = f.stage
"""
_FEED = """
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
      from {s}.fact_point p
      left join {s}.{stage} s1 on s1.org = p.org and s1.complaint_id = p.complaint_id and s1.stage = 1
      left join {s}.{finding} f1 on f1.org = p.org and f1.point_id = p.point_id and f1.stage = 1
      left join {s}.{stage} s2 on s2.org = p.org and s2.complaint_id = p.complaint_id and s2.stage = 2
      left join {s}.{finding} f2 on f2.org = p.org and f2.point_id = p.point_id and f2.stage = 2
"""


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.fact_stage_recount (
            org text not null,
            occurred_at timestamptz not null,
            changed_at timestamptz not null,
            changed_sequence bigint not null,
            complaint_id uuid not null, stage integer not null, requested_on date, decided_on date, decision text,
            started_on date, due_on date, answer_by date, limit_days integer, agreed_on date, extended_on date,
            suspended_on date, suspended_days integer not null, panel_on date, reported_on date, responded_on date,
            ending text, working_days integer, calendar text,
            primary key (org, complaint_id, stage),
            constraint stage_recount_decision_is_known check (decision in ('accepted', 'declined')),
            constraint stage_recount_ending_is_known check (ending in ('answered', 'withdrawn', 'discontinued'))
        )
        """
    )
    tenancy.protect(op, SCHEMA, "fact_stage_recount", app="select", worker="select, insert, update, delete, truncate")
    _view("stage_now", _STAGE_NOW)
    _view("finding_now", _FINDING_NOW)
    op.execute(f"drop view {SCHEMA}.feed_complaint_point")
    _view("feed_complaint_point", _FEED.format(s=SCHEMA, stage="stage_now", finding="finding_now"))


def downgrade() -> None:
    op.execute(f"drop view {SCHEMA}.feed_complaint_point")
    _view("feed_complaint_point", _FEED.format(s=SCHEMA, stage="fact_stage", finding="fact_finding"))
    op.execute(f"drop view {SCHEMA}.stage_now, {SCHEMA}.finding_now")
    op.execute(f"drop table {SCHEMA}.fact_stage_recount")


def _view(name: str, query: str) -> None:
    op.execute(f"create view {SCHEMA}.{name} with (security_invoker = true) as {query}")
    op.execute(f"grant select on {SCHEMA}.{name} to {SCHEMA}_app")
