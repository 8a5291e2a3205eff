"""How the measures of stages, and of what is learned from complaints, are computed; see `reporting.adapters.sources`."""

from reporting.adapters.source import COMPLAINT, Dimension, Source, columns, themes

_STAGE = "stage_now s join fact_complaint f on f.org = s.org and f.complaint_id = s.complaint_id"
_STAGED = {**COMPLAINT, "stage": Dimension("s.stage::text")}
_FORMAL = "f.formality = 'formal'"
_LATER = f"{_FORMAL} and s.stage > 1"
_ENDED = f"{_FORMAL} and s.responded_on between {{first}} and {{last}}"
_SUSPENDED = f"{_ENDED} and s.suspended_days > 0"
_NOT_GIVEN_UP = "coalesce(s.ending, 'answered') = 'answered'"
# By stage 1 until that has ended, and by each later one from its request until that has.
_OPEN = (
    "(select c.*, 1 as stage from fact_complaint c left join stage_now s on s.org = c.org and s.complaint_id = c.complaint_id "
    "and s.stage = 1 where s.responded_on is null or s.responded_on > {last} "
    "union all select c.*, s.stage from stage_now s join fact_complaint c on c.org = s.org and c.complaint_id = s.complaint_id "
    "where s.stage > 1 and coalesce(s.requested_on, s.decided_on, s.started_on) <= {last} "
    "and not coalesce(s.decision = 'declined' and s.decided_on <= {last}, false) "
    "and (s.responded_on is null or s.responded_on > {last})) f"
)
_FOUND = "finding_now g join fact_point f on f.org = g.org and f.point_id = g.point_id"
_FOUND_IN = f"{_FORMAL} and g.finding is not null and g.found_on between {{first}} and {{last}}"
_POINT = {**COMPLAINT, **columns("category"), "stage": Dimension("g.stage::text")}
_GIVEN_UP = "('withdrawn', 'discontinued')"

STAGED = {
    "complaints_open": Source(
        _OPEN,
        f"{_FORMAL} and {{first}} <= {{last}} and f.received_on <= {{last}}",
        {**COMPLAINT, "stage": Dimension("f.stage::text")},
    ),
    "stages_requested": Source(_STAGE, f"{_LATER} and s.requested_on between {{first}} and {{last}}", _STAGED),
    "stages_accepted": Source(
        _STAGE,
        f"{_LATER} and (s.decision = 'accepted' or (s.decision is null and s.started_on is not null)) "
        "and coalesce(s.decided_on, s.started_on) between {first} and {last}",
        _STAGED,
    ),
    "stages_declined": Source(
        _STAGE, f"{_LATER} and s.decision = 'declined' and s.decided_on between {{first}} and {{last}}", _STAGED
    ),
    "stages_ended": Source(_STAGE, _ENDED, {**_STAGED, "ending": Dimension("s.ending")}),
    "stage_answers_in_time": Source(
        _STAGE,
        f"{_FORMAL} and s.due_on between {{first}} and {{last}} and {_NOT_GIVEN_UP} "
        "and (s.panel_due_on is null or s.reported_on is not null)",
        _STAGED,
        n="count(*) filter (where s.responded_on <= s.due_on)",
        of="count(*)",
    ),
    "stages_extended": Source(_STAGE, f"{_FORMAL} and s.extended_on between {{first}} and {{last}}", _STAGED),
    "stages_suspended": Source(_STAGE, _SUSPENDED, _STAGED),
    "suspended_stage_days": Source(_STAGE, _SUSPENDED, _STAGED, n="coalesce(sum(s.working_days), 0)"),
    "suspended_days": Source(_STAGE, _SUSPENDED, _STAGED, n="coalesce(sum(s.suspended_days), 0)"),
    "stage1_responses_unsuspended": Source(
        f"{_STAGE} and s.stage = 1",
        f"{_FORMAL} and f.received_on between {{first}} and {{last}} and s.ending = 'answered'",
        {**COMPLAINT, "band": Dimension("")},
        answered="s.responded_on",
        days="(s.working_days - s.suspended_days)",
    ),
    "panels_held": Source(_STAGE, f"{_FORMAL} and s.panel_on between {{first}} and {{last}}", _STAGED),
    "panels_in_time": Source(
        _STAGE,
        f"{_FORMAL} and s.panel_due_on between {{first}} and {{last}} and (s.panel_on is not null or {_NOT_GIVEN_UP})",
        _STAGED,
        n="count(*) filter (where s.panel_on <= s.panel_due_on)",
        of="count(*)",
    ),
    "panel_reports_in_time": Source(
        _STAGE,
        f"{_FORMAL} and s.report_due_on between {{first}} and {{last}} and (s.reported_on is not null or {_NOT_GIVEN_UP})",
        _STAGED,
        n="count(*) filter (where s.reported_on <= s.report_due_on)",
        of="count(*)",
    ),
    "findings_made": Source(_FOUND, _FOUND_IN, {**_POINT, "finding": Dimension("g.finding")}),
    "findings_differ": Source(
        f"{_FOUND} join finding_now e on e.org = g.org and e.point_id = g.point_id and e.stage = g.stage - 1",
        f"{_FOUND_IN} and e.finding not in {_GIVEN_UP} and g.finding not in {_GIVEN_UP}",
        _POINT,
        n="count(*) filter (where g.finding <> e.finding)",
        of="count(*)",
    ),
}

# Points by their latest finding, where it was made in the period.
_UPHELD = "finding_now g join fact_point f on f.org = g.org and f.point_id = g.point_id"
_UPHELD_IN = (
    "g.finding in ('upheld', 'partially-upheld') and g.found_on between {first} and {last} and not exists (select from "
    "finding_now x where x.org = g.org and x.point_id = g.point_id and x.stage > g.stage and x.finding is not null)"
)
_WITH_ACTION = "select from feed_learning_action a where a.org = f.org and a.point_id = f.point_id and a.status <> 'dropped'"
_WITH_REASON = "select from fact_learning_none d where d.org = f.org and d.point_id = f.point_id"

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
