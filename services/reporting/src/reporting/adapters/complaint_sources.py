"""How the measures of stages, and of what is learned from complaints, are computed; see `reporting.adapters.sources`."""

from reporting.adapters.source import COMPLAINT, Dimension, Source, columns, themes

# A stage stands in two tables, as its steps told and as a recount did, so no index finds the days of either. All are put
# together once a statement, however many figures are counted from them.
_NAMES = ", ".join(f"f.{name}" for name in COMPLAINT)
SHARED = {
    "stages": f"select f.complaint_id, f.received_on, {_NAMES}, coalesce(s.stage, 1) as stage, s.requested_on, "  # noqa: S608 - constants
    "s.decided_on, s.decision, s.started_on, s.due_on, s.extended_on, s.responded_on, s.ending, s.working_days, "
    "s.suspended_days, s.panel_on, s.reported_on, s.panel_due_on, s.report_due_on from complaint_now f "
    "left join stage_now s on s.org = f.org and s.complaint_id = f.complaint_id where f.formality = 'formal'",
}
# Findings of a period, found by the day that holds: that of the recount, where there is one. As `finding_standing`, and by
# index; points that came from others are few, and stand by that view.
_OWN = (
    "h.finding is not null and not exists (select from fact_point_recount x where x.org = h.org and x.point_id = h.point_id "
    "and (x.became is not null or x.ancestors <> '{{}}'))"
)
_FOUND = (
    "(select h.org, h.point_id, h.stage, h.finding from fact_finding h where h.found_on between {first} and {last} "  # noqa: S608 - constants
    f"and {_OWN} and not exists (select from fact_stage_recount r where r.org = h.org and r.complaint_id = h.complaint_id "
    "and r.stage = h.stage) union all select h.org, h.point_id, h.stage, h.finding from fact_stage_recount r "
    "join fact_finding h on h.org = r.org and h.complaint_id = r.complaint_id and h.stage = r.stage "
    f"where r.responded_on between {{first}} and {{last}} and {_OWN} "
    "union all select s.org, s.point_id, s.stage, s.finding from fact_point_recount r "
    "join finding_standing s on s.org = r.org and s.point_id = r.point_id where r.became is null and r.ancestors <> '{{}}' "
    "and s.found_on between {first} and {last}) g join point_now f on f.org = g.org and f.point_id = g.point_id"
)
_STAGE = {**COMPLAINT, "stage": Dimension("f.stage::text")}
_POINT = {**COMPLAINT, **columns("category"), "stage": Dimension("g.stage::text")}
_IN = "between {first} and {last}"
_ENDED = f"f.responded_on {_IN}"
_SUSPENDED = f"{_ENDED} and f.suspended_days > 0"
_NOT_GIVEN_UP = "coalesce(f.ending, 'answered') = 'answered'"
_ACCEPTED = "(f.decision = 'accepted' or (f.decision is null and f.started_on is not null))"
_GIVEN_UP = "('withdrawn', 'discontinued')"


def _stages(where: str, dimensions: dict[str, Dimension] = _STAGE, **counts: str) -> Source:
    return Source("stages f", where, dimensions, shared=("stages",), **counts)  # type: ignore[arg-type]  # texts


def _in_time(due: str, done: str, where: str) -> Source:
    return _stages(f"f.{due} {_IN} and {where}", n=f"count(*) filter (where f.{done} <= f.{due})", of="count(*)")


STAGED = {
    # By stage 1 until that has ended, and by each later one from its request until that has.
    "complaints_open": _stages(
        "{first} <= {last} and f.received_on <= {last} and (f.responded_on is null or f.responded_on > {last}) "
        "and (f.stage = 1 or (coalesce(f.requested_on, f.decided_on, f.started_on) <= {last} "
        "and not coalesce(f.decision = 'declined' and f.decided_on <= {last}, false)))"
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
    "findings_made": Source(_FOUND, "f.formality = 'formal'", {**_POINT, "finding": Dimension("g.finding")}),
    "findings_differ": Source(
        f"{_FOUND} join finding_standing e on e.org = g.org and e.point_id = g.point_id and e.stage = g.stage - 1",
        f"f.formality = 'formal' and e.finding not in {_GIVEN_UP} and g.finding not in {_GIVEN_UP}",
        _POINT,
        n="count(*) filter (where g.finding <> e.finding)",
        of="count(*)",
    ),
}

# Points by their latest finding, where it was made in the period.
_UPHELD = _FOUND
_UPHELD_IN = (
    "f.came_by is distinct from 'brought-in' and g.finding in ('upheld', 'partially-upheld') "
    "and not exists (select from finding_standing x where x.org = g.org and x.point_id = g.point_id and x.stage > g.stage)"
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
    "points_with_learning": Source(
        _UPHELD,
        _UPHELD_IN,
        {**COMPLAINT, **columns("category")},
        n=f"count(*) filter (where exists ({_WITH_ACTION}) or exists ({_WITH_REASON}))",
        of="count(*)",
    ),
    "points_with_reason_for_none": Source(
        _UPHELD,
        f"{_UPHELD_IN} and exists ({_WITH_REASON}) and not exists ({_WITH_ACTION})",
        {**COMPLAINT, **columns("category")},
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
