"""Points as they stand after they were changed: superseded ones are not counted, and findings stand for what points became.

A complaint whose points were changed is told of all of them, the superseded ones too; so where there is one such row, these say
how its points stand, and not what `complaint_received` told. The views read the same in whatever order the two came.
"""

from alembic import op

from chassis import tenancy

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
_FOUND = "g.finding, g.found_on, g.occurred_at, g.changed_at, g.changed_sequence"
_COMPLAINT_NOW = f"""
    select c.* from {SCHEMA}.fact_complaint c
     where not exists (select from {SCHEMA}.fact_complaint_error e where e.org = c.org and e.complaint_id = c.complaint_id)
"""
_POINT_NOW = f"""
    select f.org, f.point_id, f.complaint_id, f.category, f.procedure, f.formality, f.service_area, f.team, f.need, f.route,
           f.raised_by, f.received_on, null::text as desired, '{{}}'::uuid[] as ancestors, f.came_by, f.occurred_at,
           f.changed_at, f.changed_sequence
      from {SCHEMA}.fact_point f
     where not exists (select from {SCHEMA}.fact_point_recount r where r.org = f.org and r.complaint_id = f.complaint_id)
       and not exists (select from {SCHEMA}.fact_complaint_error e where e.org = f.org and e.complaint_id = f.complaint_id)
    union all
    select r.org, r.point_id, r.complaint_id, r.category, c.procedure, c.formality, r.service_area, coalesce(r.team, c.team),
           coalesce(r.need, c.need), c.route, c.raised_by, c.received_on, r.desired, r.ancestors,
           (select max(p.came_by) from {SCHEMA}.fact_point p where p.org = r.org and p.complaint_id = r.complaint_id),
           r.occurred_at,
           greatest(r.changed_at, c.changed_at), greatest(r.changed_sequence, c.changed_sequence)
      from {SCHEMA}.fact_point_recount r
      join {SCHEMA}.complaint_now c on c.org = r.org and c.complaint_id = r.complaint_id
     where r.became is null
"""
# The finding that stands for a point that is counted: its own, or else that of the nearest point that it came from.
_STANDING = f"""
    select g.org, g.point_id, g.stage, g.complaint_id, {_FOUND}
      from {SCHEMA}.finding_now g
     where g.finding is not null
       and not exists (select from {SCHEMA}.fact_point_recount r
                        where r.org = g.org and r.point_id = g.point_id and r.became is not null)
    union all
    select r.org, r.point_id, s.stage, r.complaint_id, s.finding, s.found_on, s.occurred_at,
           greatest(s.changed_at, r.changed_at), greatest(s.changed_sequence, r.changed_sequence)
      from {SCHEMA}.fact_point_recount r
     cross join lateral (
           select distinct on (g.stage) g.stage, {_FOUND}
             from unnest(r.ancestors) with ordinality u (id, nearest)
             join {SCHEMA}.finding_now g on g.org = r.org and g.point_id = u.id
            where g.finding is not null
            order by g.stage, u.nearest) s
     where r.became is null and r.ancestors <> '{{}}'
       and not exists (select from {SCHEMA}.finding_now o
                        where o.org = r.org and o.point_id = r.point_id and o.stage = s.stage and o.finding is not null)
"""
_SUPERSEDED = f"""
    select r.org, r.point_id, r.complaint_id, r.became, r.same_as, r.occurred_at, r.changed_at, r.changed_sequence
      from {SCHEMA}.fact_point_recount r
     where r.became is not null
    union all
    select p.org, p.point_id, p.complaint_id, 'taken-back', null::uuid, p.occurred_at, e.changed_at, e.changed_sequence
      from {SCHEMA}.fact_complaint_error e
      join {SCHEMA}.fact_point p on p.org = e.org and p.complaint_id = e.complaint_id
"""
_FEED = """
    select p.org, p.point_id, p.complaint_id, p.category, p.service_area, p.procedure, p.formality, p.received_on, p.team,
           p.need, p.route, p.raised_by,
           s1.due_on as stage1_due_on, s1.responded_on as stage1_responded_on,
           s1.working_days as stage1_working_days, f1.finding as stage1_finding,
           s2.requested_on as stage2_requested_on, s2.decision as stage2_decision, s2.responded_on as stage2_responded_on,
           f2.finding as stage2_finding, {desired} p.occurred_at,
           greatest(p.changed_at, s1.changed_at, f1.changed_at, s2.changed_at, f2.changed_at) as changed_at,
           greatest(
               p.changed_sequence, s1.changed_sequence, f1.changed_sequence, s2.changed_sequence, f2.changed_sequence
           ) as changed_sequence
      from {s}.{point} p
      left join {s}.stage_now s1 on s1.org = p.org and s1.complaint_id = p.complaint_id and s1.stage = 1
      left join {s}.{finding} f1 on f1.org = p.org and f1.point_id = p.point_id and f1.stage = 1
      left join {s}.stage_now s2 on s2.org = p.org and s2.complaint_id = p.complaint_id and s2.stage = 2
      left join {s}.{finding} f2 on f2.org = p.org and f2.point_id = p.point_id and f2.stage = 2
"""
NEW_VIEWS = {
    "complaint_now": _COMPLAINT_NOW,
    "point_now": _POINT_NOW,
    "finding_standing": _STANDING,
    "feed_superseded_point": _SUPERSEDED,
}


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.fact_point_recount (
            org text not null,
            occurred_at timestamptz not null,
            changed_at timestamptz not null,
            changed_sequence bigint not null,
            point_id uuid not null, complaint_id uuid not null, version integer not null, category text not null,
            service_area text not null, team text, need text, desired text, became text, same_as uuid,
            ancestors uuid[] not null,
            primary key (org, point_id),
            constraint point_recount_became_is_known check (became in ('split', 'merged', 'duplicate', 'taken-back'))
        )
        """
    )
    op.execute(f"create index fact_point_recount_by_complaint on {SCHEMA}.fact_point_recount (org, complaint_id)")
    tenancy.protect(op, SCHEMA, "fact_point_recount", app="select", worker="select, insert, update, delete, truncate")
    op.execute(
        f"create table {SCHEMA}.fact_complaint_error (org text not null, occurred_at timestamptz not null, "
        "changed_at timestamptz not null, changed_sequence bigint not null, complaint_id uuid not null, "
        "decided_on date not null, primary key (org, complaint_id))"
    )
    tenancy.protect(op, SCHEMA, "fact_complaint_error", app="select", worker="select, insert, update, delete, truncate")
    for name, query in NEW_VIEWS.items():
        _view(name, query)
    _endings("'answered', 'withdrawn', 'discontinued', 'passed-over', 'made-in-error'")
    op.execute(f"drop view {SCHEMA}.feed_complaint_point")
    feed = _FEED.format(s=SCHEMA, point="point_now", finding="finding_standing", desired="p.desired,")
    _view("feed_complaint_point", feed)


def downgrade() -> None:
    op.execute(f"drop view {SCHEMA}.feed_complaint_point")
    _view("feed_complaint_point", _FEED.format(s=SCHEMA, point="fact_point", finding="finding_now", desired=""))
    for name in reversed(NEW_VIEWS):
        op.execute(f"drop view {SCHEMA}.{name}")
    op.execute(f"drop table {SCHEMA}.fact_point_recount")
    op.execute(f"drop table {SCHEMA}.fact_complaint_error")
    op.execute(f"alter table {SCHEMA}.fact_stage_recount no force row level security")
    op.execute(
        f"update {SCHEMA}.fact_stage_recount set ending = 'discontinued' where ending in ('passed-over', 'made-in-error')"
    )
    op.execute(f"alter table {SCHEMA}.fact_stage_recount force row level security")
    _endings("'answered', 'withdrawn', 'discontinued'")


def _endings(known: str) -> None:
    # A stage that was passed over is ended too, and answered nobody.
    op.execute(
        f"alter table {SCHEMA}.fact_stage_recount drop constraint stage_recount_ending_is_known, "
        f"add constraint stage_recount_ending_is_known check (ending in ({known}))"
    )


def _view(name: str, query: str) -> None:
    op.execute(f"create view {SCHEMA}.{name} with (security_invoker = true) as {query}")
    op.execute(f"grant select on {SCHEMA}.{name} to {SCHEMA}_app")
