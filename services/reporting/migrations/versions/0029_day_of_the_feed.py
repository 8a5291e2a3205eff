"""The day of the feed as a fact, so that what follows from the calendar changes in a transaction as the rest does (ADR 0022).

`feed_day` says up to which day the calendar has come in the feed; the worker turns it. Views of the feed ask it instead of the
clock. They are made of the statements of 0026 and 0027 as they stand there, so that the rule is written once; the learning
tracker is in the view itself and not behind a function, because what a function reads is read with the rights of whoever asks.
"""

import re
import runpy
from pathlib import Path
from typing import Any

from alembic import op

from chassis import tenancy

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

SCHEMA = "reporting"


def _of(name: str) -> dict[str, Any]:
    return runpy.run_path(str(Path(__file__).with_name(f"{name}.py")))


_TRACKER, _PLANS = _of("0026_learning_tracker"), _of("0027_improvement_plans")
_AUDITS = _TRACKER["_AUDITS"]
for _before, _after in _of("0028_difference_of_a_review")["_CHANGED"]:
    if _AUDITS.count(_before) != 1:
        raise RuntimeError("what is said of audits is not as 0026 left it")
    _AUDITS = _AUDITS.replace(_before, _after)
_DAY, _SOON = (f"(select t.{column} from {SCHEMA}.feed_today t)" for column in ("day", "may_miss_days"))
_TODAY = f"""
    select coalesce((select max(d.day) from {SCHEMA}.feed_day d), {_TRACKER["_TODAY"]}) as day,
           coalesce((select max(d.may_miss_days) from {SCHEMA}.feed_day d), {_TRACKER["_SOON"]}) as may_miss_days
     where nullif(current_setting('app.org', true), '') is not null or session_user <> '{SCHEMA}_app'
"""
# Who serves requests sees nothing without an organisation, not even a day. Direct readers have theirs by their login.
_ACTIONS = (
    re.sub(
        r"\bday\b(?!\w)",
        _DAY.replace("t.day", "t.DAY"),
        f"select k.*, {_TRACKER['_STANDING'].replace(_TRACKER['_SOON'], '@soon@')} as standing from "
        f"({_AUDITS} union all ({_TRACKER['_COMPLAINTS']}) union all {_TRACKER['_FEEDBACK']}) k",
    )
    .replace("t.DAY", "t.day")
    .replace("@soon@", _SOON)
)
# What each part is read by where only some records are wanted.
_RECORDS = {
    "fact_audit_action": "outcome_id",
    "fact_audit": "outcome_id",
    **dict.fromkeys(
        ("fact_audit_action_change", "fact_audit_action_state", "fact_audit_work", "fact_audit_review"), "audit_id"
    ),
    "fact_audit_withdrawal": "audit_id",
    "fact_learning_action": "action_id",
    "feed_change": "change_id",
}
_ACTIONS_OF = re.sub(
    rf"\b{SCHEMA}\.({'|'.join(_RECORDS)})\b",
    lambda found: f"(select * from {found[0]} where {_RECORDS[found[1]]} = any(ids))",
    _ACTIONS,
)
_PLAN_ACTION = _PLANS["VIEWS"]["feed_plan_action"]
# All but the words that people typed, which are out of the worker's reach.
_PLAN_COLUMNS = {
    "plan": "org, id, service_area, state, opened_on, closed_on, changed_at, changed_sequence",
    "plan_action": "org, id, plan_id, workstream_id, position, state, rag, tracked, set_on, ended_on, created_at, changed_at, "
    "changed_sequence",
    "plan_milestone": "org, id, action_id, plan_id, first_due_on, due_on, met_on, dropped, created_at, changed_at, "
    "changed_sequence",
}
_VIEWS = ("feed_today", "feed_tracked_action", "feed_plan_action", "feed_plan_milestone")


def _feed(source: str) -> str:
    feed: str = _TRACKER["_FEED"]
    return feed.replace(f"{SCHEMA}.learning_on({_TRACKER['_TODAY']})", source)


def _view(name: str, query: str) -> None:
    op.execute(f"create or replace view {SCHEMA}.{name} with (security_invoker = true) as {query}")


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.feed_day (
            org text not null, day date not null,
            may_miss_days integer not null,  -- of the profile that held when it was turned
            constraint feed_day_key primary key (org)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "feed_day", app="select", worker="select, insert, update")
    # The worker goes through the organisations as `chassis.rounds` does. In an organisation's own transaction it sees one
    # profile, as before: the newest of several would be somebody else's.
    op.execute(
        f"create policy every_organisation on {SCHEMA}.profile for select to {SCHEMA}_worker "
        f"using (nullif(current_setting('app.org', true), '') = '{tenancy.INSTALLATION}')"
    )
    _view("feed_today", _TODAY)
    op.execute(f"grant select on {SCHEMA}.feed_today to {SCHEMA}_app")
    _view("feed_tracked_action", _feed(f"({_ACTIONS}) k"))
    _view("feed_plan_action", _PLAN_ACTION.replace(_PLANS["_TODAY"], _DAY))
    op.execute(
        f"create function {SCHEMA}.feed_tracked_of(ids uuid[]) returns setof {SCHEMA}.feed_tracked_action "
        f"language sql stable as $body$ {_feed(f'({_ACTIONS_OF}) k')} $body$"
    )
    op.execute(f"revoke all on function {SCHEMA}.feed_tracked_of(uuid[]) from public")
    op.execute(f"grant execute on function {SCHEMA}.feed_tracked_of(uuid[]) to {SCHEMA}_app, {SCHEMA}_worker")
    for view in _VIEWS:
        op.execute(f"grant select on {SCHEMA}.{view} to {SCHEMA}_worker")
    for table, columns in _PLAN_COLUMNS.items():
        op.execute(f"grant select ({columns}) on {SCHEMA}.{table} to {SCHEMA}_worker")
    _know_plans()


def downgrade() -> None:
    for table, columns in _PLAN_COLUMNS.items():
        op.execute(f"revoke select ({columns}) on {SCHEMA}.{table} from {SCHEMA}_worker")
    for view in _VIEWS[1:]:
        op.execute(f"revoke select on {SCHEMA}.{view} from {SCHEMA}_worker")
    op.execute(f"drop function {SCHEMA}.feed_tracked_of(uuid[])")
    _view("feed_plan_action", _PLAN_ACTION)
    _view("feed_tracked_action", _TRACKER["_FEED"])
    op.execute(f"drop view {SCHEMA}.feed_today")
    op.execute(f"drop policy every_organisation on {SCHEMA}.profile")
    op.execute(f"drop table {SCHEMA}.feed_day")


def _know_plans() -> None:
    """Plans that are there already were changed now, as far as anybody will ask."""
    for table in ("plan", "feed_touched"):
        op.execute(f"alter table {SCHEMA}.{table} no force row level security")
    op.execute(
        f"insert into {SCHEMA}.feed_touched (org, kind, root_id, xid) "
        f"select org, 'plan', id, pg_current_xact_id() from {SCHEMA}.plan on conflict do nothing"
    )
    for table in ("plan", "feed_touched"):
        op.execute(f"alter table {SCHEMA}.{table} force row level security")
