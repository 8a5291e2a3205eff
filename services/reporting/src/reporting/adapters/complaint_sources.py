"""How the measures of stages, and of what is learned from complaints, are computed; see `reporting.adapters.sources`."""

from reporting.adapters.source import COMPLAINT, THEME_OF_NATURE, Dimension, Source, columns, themes

# Points that may have a finding of these days: what was found on them, or a recount says so, and all that have it from points
# before them, which are few. With all of their findings, since the last and the one before are asked for; without this a
# quarter's figures put together the findings of all years.
_MAY_BE_FOUND = (
    "f.point_id in (select x.point_id from fact_finding x where x.found_on between {first} and {last} "
    "union all select x.point_id from fact_stage_recount r join fact_finding x on x.org = r.org "
    "and x.complaint_id = r.complaint_id and x.stage = r.stage where r.responded_on between {first} and {last} "
    "union all select r.point_id from fact_point_recount r where r.ancestors <> '{{}}')"
)
# A stage stands in two tables, as its steps told and as a recount did, and so does a finding: no index finds the days of
# either. All are put together once a statement, however many figures are counted from them. `{first}` and `{last}` are the
# days that all of these ask for.
_NAMES = ", ".join(f"f.{name}" for name in COMPLAINT)
_POINTS = "point_now f join finding_standing g on g.org = f.org and g.point_id = f.point_id"
SHARED = {
    "stages": f"select f.complaint_id, f.received_on, {_NAMES}, coalesce(s.stage, 1) as stage, s.requested_on, "  # noqa: S608 - constants
    "s.decided_on, s.decision, s.started_on, s.due_on, s.extended_on, s.responded_on, s.ending, s.working_days, "
    "s.suspended_days, s.panel_on, s.reported_on, s.panel_due_on, s.report_due_on from complaint_now f "
    "left join stage_now s on s.org = f.org and s.complaint_id = f.complaint_id where f.formality = 'formal'",
    # Findings on points, each with that of the stage before and with the last stage at which the point has one.
    "found": f"select f.org, f.complaint_id, f.point_id, f.ancestors, f.came_by, {_NAMES}, f.category, g.stage, "  # noqa: S608 - constants
    "g.finding, g.found_on, max(g.stage) over point as last_stage, "
    "case when lag(g.stage) over point = g.stage - 1 then lag(g.finding) over point end "
    f"as earlier from {_POINTS} where f.formality = 'formal' and {_MAY_BE_FOUND} "
    "window point as (partition by f.point_id order by g.stage rows between unbounded preceding and unbounded following)",
    "found_at_stage1": f"select f.complaint_id, f.received_on, {_NAMES}, f.category, g.finding from {_POINTS} and g.stage = 1 "  # noqa: S608 - constants
    "where f.formality = 'formal' and f.received_on between {first} and {last}",
}
_STAGE = {**COMPLAINT, "stage": Dimension("f.stage::text")}
_POINT = {**COMPLAINT, **columns("category"), "stage": Dimension("f.stage::text")}
_IN = "between {first} and {last}"
_ENDED = f"f.responded_on {_IN}"
_SUSPENDED = f"{_ENDED} and f.suspended_days > 0"
_NOT_GIVEN_UP = "coalesce(f.ending, 'answered') = 'answered'"
_ACCEPTED = "(f.decision = 'accepted' or (f.decision is null and f.started_on is not null))"
_GIVEN_UP = "('withdrawn', 'discontinued')"
_FOUND = f"f.found_on {_IN}"


def _stages(where: str, dimensions: dict[str, Dimension] = _STAGE, **counts: str) -> Source:
    return Source("stages f", where, dimensions, shared=("stages",), **counts)


def _found(where: str, dimensions: dict[str, Dimension], **counts: str) -> Source:
    return Source("found f", where, dimensions, shared=("found",), **counts)


def _at_stage1(dimensions: dict[str, Dimension], where: str = "true", **counts: str) -> Source:
    """Findings at stage 1 on the complaints received in a period."""
    in_ = f"f.received_on {_IN} and {where}"
    return Source("found_at_stage1 f", in_, dimensions, shared=("found_at_stage1",), **counts)


def _in_time(due: str, done: str, where: str) -> Source:
    return _stages(f"f.{due} {_IN} and {where}", n=f"count(*) filter (where f.{done} <= f.{due})", of="count(*)")


STAGED = {
    # By stage 1 until that has ended, and by each later one from its request until that has.
    "complaints_open": _stages(
        "{first} <= {last} and f.received_on <= {last} and (f.responded_on is null or f.responded_on > {last}) "
        "and (f.stage = 1 or (coalesce(f.requested_on, f.decided_on, f.started_on) <= {last} "
        "and not coalesce(f.decision = 'declined' and f.decided_on <= {last}, false)))"
    ),
    "stage1_responses": _stages(
        f"f.stage = 1 and f.received_on {_IN} and f.ending = 'answered'",
        {**COMPLAINT, "band": Dimension("")},
        answered="f.responded_on",
        days="f.working_days",
    ),
    "stage2_requested": _stages(f"f.stage = 2 and f.received_on {_IN} and f.requested_on is not null", COMPLAINT),
    "stage2_declined": _stages(f"f.stage = 2 and f.received_on {_IN} and f.decision = 'declined'", COMPLAINT),
    "stage2_accepted": _stages(f"f.stage = 2 and f.received_on {_IN} and {_ACCEPTED}", COMPLAINT),
    "stage2_accepted_from_earlier": _stages(
        f"f.stage = 2 and f.received_on < {{first}} and {_ACCEPTED} and coalesce(f.decided_on, f.started_on) {_IN}", COMPLAINT
    ),
    "stage2_in_progress": _stages(
        f"f.stage = 2 and {_ACCEPTED} and coalesce(f.decided_on, f.started_on) <= {{last}} "
        "and (f.responded_on is null or f.responded_on > {last})",
        COMPLAINT,
    ),
    "stages_requested": _stages(f"f.stage > 1 and f.requested_on {_IN}"),
    "stages_accepted": _stages(f"f.stage > 1 and {_ACCEPTED} and coalesce(f.decided_on, f.started_on) {_IN}"),
    "stages_declined": _stages(f"f.stage > 1 and f.decision = 'declined' and f.decided_on {_IN}"),
    "stages_ended": _stages(_ENDED, {**_STAGE, **columns("ending")}),
    "stage_answers_in_time": _in_time(
        "due_on", "responded_on", f"{_NOT_GIVEN_UP} and (f.panel_due_on is null or f.reported_on is not null)"
    ),
    "stages_extended": _stages(f"f.extended_on {_IN}"),
    "stages_suspended": _stages(_SUSPENDED),
    "suspended_stage_days": _stages(_SUSPENDED, n="coalesce(sum(f.working_days), 0)"),
    "suspended_days": _stages(_SUSPENDED, n="coalesce(sum(f.suspended_days), 0)"),
    "stage1_responses_unsuspended": _stages(
        f"f.stage = 1 and f.received_on {_IN} and f.ending = 'answered'",
        {**COMPLAINT, "band": Dimension("")},
        answered="f.responded_on",
        days="(f.working_days - f.suspended_days)",
    ),
    "panels_held": _stages(f"f.panel_on {_IN}"),
    "panels_in_time": _in_time("panel_due_on", "panel_on", f"(f.panel_on is not null or {_NOT_GIVEN_UP})"),
    "panel_reports_in_time": _in_time("report_due_on", "reported_on", f"(f.reported_on is not null or {_NOT_GIVEN_UP})"),
    "findings_made": _found(_FOUND, {**_POINT, "finding": Dimension("f.finding")}),
    "findings_differ": _found(
        f"{_FOUND} and f.earlier not in {_GIVEN_UP} and f.finding not in {_GIVEN_UP}",
        _POINT,
        n="count(*) filter (where f.finding <> f.earlier)",
        of="count(*)",
    ),
    "points_with_finding": _at_stage1({**COMPLAINT, **columns("category", "finding"), "theme": THEME_OF_NATURE}),
    "points_upheld": _at_stage1(
        {**COMPLAINT, **columns("category"), "theme": THEME_OF_NATURE},
        "f.finding in ('upheld', 'partially-upheld', 'not-upheld', 'no-finding')",
        n="count(*) filter (where f.finding in ('upheld', 'partially-upheld'))",
        of="count(*)",
        sources="f.complaint_id",
    ),
}

# Points by their latest finding, where it was made in the period.
_UPHELD = (
    f"{_FOUND} and f.stage = f.last_stage and f.finding in ('upheld', 'partially-upheld') "
    "and f.came_by is distinct from 'brought-in'"
)
_OF_POINT = "point_id = any(f.point_id || f.ancestors)"
_WITH_ACTION = f"select from feed_learning_action a where a.org = f.org and a.{_OF_POINT} and a.status <> 'dropped'"
_WITH_REASON = f"select from fact_learning_none d where d.org = f.org and d.{_OF_POINT}"

_ACTION = {**columns("service_area", "team"), "theme": themes("f.theme_codes")}
# An action from a complaint as it stood at the end of a day: by its last change until then.
_LEARNING_OPEN = (
    "{first} <= {last} and f.status = 'open' and f.changed_on <= {last} and not exists (select from fact_learning_action x "
    "where x.org = f.org and x.action_id = f.action_id and x.revision > f.revision and x.changed_on <= {last})"
)
_LEARNED_THEN = {**_ACTION, "theme": themes("f.themes")}

LEARNED = {
    "points_with_learning": _found(
        _UPHELD,
        {**COMPLAINT, **columns("category")},
        n=f"count(*) filter (where exists ({_WITH_ACTION}) or exists ({_WITH_REASON}))",
        of="count(*)",
    ),
    "points_with_reason_for_none": _found(
        f"{_UPHELD} and exists ({_WITH_REASON}) and not exists ({_WITH_ACTION})", {**COMPLAINT, **columns("category")}
    ),
    "learning_actions_recorded": Source("feed_learning_action f", "f.recorded_on between {first} and {last}", _ACTION),
    "learning_actions_open": Source("fact_learning_action f", _LEARNING_OPEN, _LEARNED_THEN),
    "learning_actions_overdue": Source("fact_learning_action f", f"{_LEARNING_OPEN} and f.due_on < {{last}}", _LEARNED_THEN),
    "learning_actions_in_time": Source(
        "feed_learning_action f",
        "f.status <> 'dropped' and f.due_on between {first} and {last}",
        _ACTION,
        n="count(*) filter (where f.done_on <= f.due_on)",
        of="count(*)",
    ),
    "learning_made_a_difference": Source(
        "feed_learning_action f",
        "f.reviewed_on between {first} and {last}",
        _ACTION,
        n="count(*) filter (where f.difference in ('yes', 'partly'))",
        of="count(*)",
    ),
}
