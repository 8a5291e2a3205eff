"""By when a stage was to be acknowledged, and when it was, beside its other days (told since December 2026).

A stage that began before has no last day for it until it is told of as a whole.
"""

import runpy
from pathlib import Path

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None
change = "expand"

SCHEMA = "reporting"

_BEFORE = Path(__file__).parent
_STAGE, _FEED = "stage_now", "feed_complaint_stage"
# What is new stands last, so that the views that read these stay as they are.
_OF_STAGE = ", coalesce(r.acknowledge_by, s.acknowledge_by) as acknowledge_by, r.acknowledged_on"
_OF_FEED = ", f.acknowledge_by, f.acknowledged_on"


def upgrade() -> None:
    op.execute(f"alter table {SCHEMA}.fact_stage add column acknowledge_by date")
    op.execute(f"alter table {SCHEMA}.fact_stage_recount add column acknowledge_by date, add column acknowledged_on date")
    stage, feed = _views(_OF_STAGE, _OF_FEED)
    op.execute(f"create or replace {stage}")
    op.execute(f"create or replace {feed}")


def downgrade() -> None:
    # A view gives up no columns: both, and what reads them, are made anew.
    points = runpy.run_path(str(_BEFORE / "0032_pages_of_points.py"))["VIEWS"]["feed_complaint_point"]
    op.execute(f"drop view {SCHEMA}.feed_complaint_point")
    op.execute(f"drop view {SCHEMA}.{_FEED}")
    op.execute(f"drop view {SCHEMA}.{_STAGE}")
    for view in (*_views("", ""), f"view {SCHEMA}.feed_complaint_point with (security_invoker = true) as {points}"):
        op.execute(f"create {view}")
    for name in (_STAGE, _FEED, "feed_complaint_point"):
        op.execute(f"grant select on {SCHEMA}.{name} to {SCHEMA}_app")
    op.execute(f"alter table {SCHEMA}.fact_stage_recount drop column acknowledge_by, drop column acknowledged_on")
    op.execute(f"alter table {SCHEMA}.fact_stage drop column acknowledge_by")


def _views(of_stage: str, of_feed: str) -> tuple[str, str]:
    """The two views as 0017 and 0019 made them, with columns at their end."""
    limits = runpy.run_path(str(_BEFORE / "0017_limits_of_panels.py"))
    stage = limits["_STAGE_NOW"].format(limits=limits["_LIMITS"] + of_stage)
    feed = runpy.run_path(str(_BEFORE / "0019_feeds_of_every_fact.py"))["VIEWS"][_FEED]
    start = f"from {SCHEMA}.{_STAGE} f"
    if feed.count(start) != 1:
        raise RuntimeError(f"{_FEED} is not as migration 0019 left it")
    feed = feed.replace(start, f"{of_feed} {start}")
    named = f"view {SCHEMA}.{{}} with (security_invoker = true) as {{}}"
    return named.format(_STAGE, stage), named.format(_FEED, feed)
