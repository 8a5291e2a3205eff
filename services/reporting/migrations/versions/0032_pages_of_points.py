"""The feeds of points and their findings, of which a page costs what the page holds, and not what all the points cost.

As in 0018 and 0019, but a point that never changed is read apart from one that did. A join of two unions cannot look rows up:
it read everything for each page. Now each part goes along the key of its own table, and what stands beside a row is looked up.
"""

import runpy
from pathlib import Path

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

_FOUND = "g.stage, g.finding, g.found_on, g.occurred_at, g.changed_at, g.changed_sequence"
_PLAIN = f"""
       not exists (select from {SCHEMA}.fact_point_recount r where r.org = p.org and r.complaint_id = p.complaint_id)
   and not exists (select from {SCHEMA}.fact_complaint_error e where e.org = p.org and e.complaint_id = p.complaint_id)
"""
# Points after a change; 0018 says the same in `point_now`.
_CHANGED = f"""
    (select r.org, r.point_id, r.complaint_id, r.category, c.procedure, c.formality, r.service_area,
            coalesce(r.team, c.team) as team, coalesce(r.need, c.need) as need, c.route, c.raised_by, c.received_on, r.desired,
            r.point_id || r.ancestors as origins, r.occurred_at, greatest(r.changed_at, c.changed_at) as changed_at,
            greatest(r.changed_sequence, c.changed_sequence) as changed_sequence
       from {SCHEMA}.fact_point_recount r
       join {SCHEMA}.complaint_now c on c.org = r.org and c.complaint_id = r.complaint_id
      where r.became is null) p
"""
# What stands at each stage for a changed point: its own finding, else that of the nearest that it came from.
_STANDING = f"""
    select distinct on (g.stage) {_FOUND}
      from unnest(p.origins) with ordinality u (id, nearest)
      join {SCHEMA}.finding_now g on g.org = p.org and g.point_id = u.id
     where {{}}
     order by g.stage, g.finding is null, u.nearest
"""


def _point(source: str, desired: str, finding: str, where: str) -> str:
    return f"""
   (select p.org, p.point_id, p.complaint_id, p.category, p.service_area, p.procedure, p.formality, p.received_on, p.team,
           p.need, p.route, p.raised_by,
           s1.due_on as stage1_due_on, s1.responded_on as stage1_responded_on,
           s1.working_days as stage1_working_days, f1.finding as stage1_finding,
           s2.requested_on as stage2_requested_on, s2.decision as stage2_decision, s2.responded_on as stage2_responded_on,
           f2.finding as stage2_finding, {desired} as desired, p.occurred_at,
           greatest(p.changed_at, s1.changed_at, f1.changed_at, s2.changed_at, f2.changed_at) as changed_at,
           greatest(
               p.changed_sequence, s1.changed_sequence, f1.changed_sequence, s2.changed_sequence, f2.changed_sequence
           ) as changed_sequence
      from {source}
      left join {SCHEMA}.stage_now s1 on s1.org = p.org and s1.complaint_id = p.complaint_id and s1.stage = 1
      left join {finding.format(1)}
      left join {SCHEMA}.stage_now s2 on s2.org = p.org and s2.complaint_id = p.complaint_id and s2.stage = 2
      left join {finding.format(2)}
     where {where}
     order by p.point_id)
    """


def _finding(source: str, ident: str, finding: str, where: str) -> str:
    return f"""
   (select p.org, {ident}.point_id, f.stage, p.complaint_id, p.category, p.procedure, p.formality, p.received_on,
           p.service_area, p.team, p.need, f.finding, f.found_on, f.occurred_at,
           greatest(f.changed_at, p.changed_at) as changed_at,
           greatest(f.changed_sequence, p.changed_sequence) as changed_sequence
      from {source}
      {finding}
     where {where}
     order by {ident}.point_id, f.stage)
    """


_OWN = f"{SCHEMA}.finding_now f{{0}} on f{{0}}.org = p.org and f{{0}}.point_id = p.point_id and f{{0}}.stage = {{0}} "
_OWN += "and f{0}.finding is not null"
_OF_STAGE = f"lateral ({_STANDING.format('g.stage = {0} and g.finding is not null')}) f{{0}} on true"
_OF_ALL = f"cross join lateral ({_STANDING.format('g.finding is not null or u.nearest = 1')}) f"
_JOINED = f"join {SCHEMA}.finding_now f on f.org = p.org and f.point_id = p.point_id"
VIEWS = {
    "feed_complaint_point": _point(f"{SCHEMA}.fact_point p", "null::text", _OWN, _PLAIN)
    + "union all"
    + _point(_CHANGED, "p.desired", _OF_STAGE, "true"),
    # An answer that was taken back leaves its row behind, without a finding.
    "feed_complaint_finding": _finding(f"{SCHEMA}.fact_point p", "f", _JOINED, _PLAIN)
    + "union all"
    + _finding(_CHANGED, "p", _OF_ALL, "true"),
}


def upgrade() -> None:
    for name, query in VIEWS.items():
        _view(name, query)


def downgrade() -> None:
    points, findings = (
        runpy.run_path(str(Path(__file__).with_name(f"{name}.py")))
        for name in ("0018_points_in_full", "0019_feeds_of_every_fact")
    )
    feed = points["_FEED"].format(s=SCHEMA, point="point_now", finding="finding_standing", desired="p.desired,")
    _view("feed_complaint_point", feed)
    _view("feed_complaint_finding", findings["VIEWS"]["feed_complaint_finding"])


def _view(name: str, query: str) -> None:
    op.execute(f"create or replace view {SCHEMA}.{name} with (security_invoker = true) as {query}")
