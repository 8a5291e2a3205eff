"""How each measure is computed: from which facts, by which day, and what its dimensions are called there.

Everything here is constant SQL. What a request brings (codes, dates) only ever becomes bound parameters, and a dimension that a
measure does not have has no entry to be looked up: that is the whole of the protection against injection.
`{first}` and `{last}` stand for the parameters of the period. Row-level security adds the organisation to every table.
"""

from reporting.adapters.complaint_sources import LEARNED, STAGED
from reporting.adapters.product_sources import PRODUCTS
from reporting.adapters.source import COMPLAINT, Dimension, Source, columns, themes

_AUDIT = columns("kind", "tool", "service_area", "team")
_SURVEY = columns("questionnaire", "service_area", "team", "channel")
_RECEIVED = "f.formality = 'formal' and f.received_on between {first} and {last}"
_COMPLETED = "f.completed_on between {first} and {last}"
_STAGE = "complaint_now f join stage_now s on s.org = f.org and s.complaint_id = f.complaint_id and s.stage = "
_ACCEPTED = "(s.decision = 'accepted' or (s.decision is null and s.started_on is not null))"
_ACCEPTED_ON = "coalesce(s.decided_on, s.started_on)"
_WORK = columns("kind", "tool", "programme", "service_area", "team")
_COUNTS = "not exists (select from fact_audit_withdrawal x where x.org = f.org and x.audit_id = f.audit_id)"
_NOT_LEFT_OUT = (
    "not exists (select from fact_response_counting x where x.org = f.org and x.response_id = f.response_id and not x.counted)"
)
_DISPUTE = {
    **columns("service_area", "team"),
    "dispute_category": Dimension("f.category"),
    "dispute_raised_by": Dimension("f.raised_by"),
}
# How an action stood at the end of a day: as its last step until then left it, else as the moderation or another system set it.
_ACTION = (
    "audit_actions f left join lateral (select c.status, c.due_on from fact_audit_action_change c where c.org = f.org "
    "and c.audit_id = f.audit_id and c.action = f.action and c.changed_on <= {last} order by c.change desc limit 1) h on true"
)
_OPEN = (
    "{first} <= {last} and f.set_on <= {last} and case when h.status is null "
    "then f.first_due_on is not null and (f.first_done_on is null or f.first_done_on > {last}) else h.status = 'open' end"
)
# A course as it stood on the last day of the period: its start, and the last reading until then that answered the scale.
_MOVED = (
    "feed_star_score f join lateral (select h.taken_on, h.score, h.service_area, h.team from feed_star_score h "
    "where h.org = f.org and h.star_id = f.star_id and h.scale = f.scale and h.point <> 'start' and h.withdrawn_on is null "
    "and h.taken_on <= {last} order by h.taken_on desc, h.point limit 1) l on true"
)
_MOVED_IN = "f.point = 'start' and f.withdrawn_on is null and l.taken_on between {first} and {last}"
_STAR = {
    "star": Dimension("f.star"),
    "service_area": Dimension("l.service_area"),
    "team": Dimension("l.team"),
    "star_scale": Dimension("f.scale"),
}


def _moved(n: str, of: str = "0") -> Source:
    return Source(_MOVED, _MOVED_IN, _STAR, n=n, of=of)


_CALL = {**columns("questionnaire", "service_area", "team"), "call_programme": Dimension("f.programme")}
_CALLED = "f.attempted_on between {first} and {last}"
# Every month of the period that is over, for each caller who owes a number in it; of two duties in one month the later.
_OWED = (
    "fact_caller_duty f cross join lateral (select m::date as first_day, (m + interval '1 month' - interval '1 day')::date as "
    "last_day from generate_series(date_trunc('month', {first}::timestamp), {last}::timestamp, interval '1 month') m) k "
    "cross join lateral (select count(*) as done from fact_call_attempt a where a.org = f.org and a.caller_key = f.caller_key "
    "and a.programme = f.programme and a.outcome = 'done' and a.attempted_on between k.first_day and k.last_day) d"
)
_HELD = "greatest({0}.from_on, k.first_day) <= least(coalesce({0}.until_on, k.last_day), k.last_day)"
_OUTCOME = {"service_area": Dimension("f.service_area"), "outcome": Dimension("f.outcome")}

SOURCES: dict[str, Source] = {
    "complaints_received": Source("complaint_now f", _RECEIVED, COMPLAINT),
    "complaint_points": Source("point_now f", _RECEIVED, {**COMPLAINT, **columns("category")}),
    "points_with_finding": Source(
        "point_now f join finding_standing g on g.org = f.org and g.point_id = f.point_id and g.stage = 1",
        _RECEIVED,
        {**COMPLAINT, **columns("category"), "finding": Dimension("g.finding")},
    ),
    "points_upheld": Source(
        "point_now f join finding_standing g on g.org = f.org and g.point_id = f.point_id and g.stage = 1",
        f"{_RECEIVED} and g.finding in ('upheld', 'partially-upheld', 'not-upheld', 'no-finding')",
        {**COMPLAINT, **columns("category")},
        n="count(*) filter (where g.finding in ('upheld', 'partially-upheld'))",
        of="count(*)",
    ),
    "stage1_responses": Source(
        f"{_STAGE}1",
        f"{_RECEIVED} and s.ending = 'answered'",
        {**COMPLAINT, "band": Dimension("")},
        answered="s.responded_on",
        days="s.working_days",
    ),
    "stage2_requested": Source(f"{_STAGE}2", f"{_RECEIVED} and s.requested_on is not null", COMPLAINT),
    "stage2_declined": Source(f"{_STAGE}2", f"{_RECEIVED} and s.decision = 'declined'", COMPLAINT),
    "stage2_accepted": Source(f"{_STAGE}2", f"{_RECEIVED} and {_ACCEPTED}", COMPLAINT),
    "stage2_accepted_from_earlier": Source(
        f"{_STAGE}2",
        f"f.formality = 'formal' and f.received_on < {{first}} and {_ACCEPTED} "
        f"and {_ACCEPTED_ON} between {{first}} and {{last}}",
        COMPLAINT,
    ),
    "stage2_in_progress": Source(
        f"{_STAGE}2",
        f"f.formality = 'formal' and {_ACCEPTED} and {_ACCEPTED_ON} <= {{last}} "
        "and (s.responded_on is null or s.responded_on > {last})",
        COMPLAINT,
    ),
    "informal_received": Source(
        "complaint_now f left join stage_now s on s.org = f.org and s.complaint_id = f.complaint_id and s.stage = 1",
        "f.formality = 'informal' and f.received_on between {first} and {last}",
        {
            **COMPLAINT,
            "category": Dimension(
                "m.member",
                join="left join lateral (select distinct case when p.category = any({listed}) then p.category end as member "
                "from point_now p where p.org = f.org and p.complaint_id = f.complaint_id) m on true",
                exists="exists (select from point_now q where q.org = f.org and q.complaint_id = f.complaint_id "
                "and q.category = any({codes}))",
            ),
            "band": Dimension(""),
        },
        answered="s.responded_on",
        days="s.working_days",
    ),
    "ombudsman_accepted": Source(
        "fact_ombudsman f", "f.accepted_on between {first} and {last}", {"service_area": Dimension("f.service_area")}
    ),
    "ombudsman_outcomes": Source("fact_ombudsman f", "f.outcome_on between {first} and {last}", _OUTCOME),
    "ombudsman_actions": Source(
        "fact_ombudsman f", "f.outcome_on between {first} and {last}", _OUTCOME, n="coalesce(sum(f.actions), 0)"
    ),
    "compliments_received": Source(
        "fact_compliment f",
        "f.external and f.received_on between {first} and {last}",
        columns("service_area", "team", "source"),
    ),
    "audits_completed": Source("fact_audit f", _COMPLETED, _AUDIT),
    "audit_activity": Source(
        "fact_audit f", _COMPLETED, _AUDIT, n="coalesce(sum(f.lead + f.peer + f.moderation + f.single), 0)"
    ),
    "audited_children": Source("fact_audit f", _COMPLETED, _AUDIT, n="coalesce(sum(f.cases), 0)"),
    "audits_with_grade": Source(
        "fact_audit f", f"{_COMPLETED} and f.overall is not null", {**_AUDIT, "grade": Dimension("f.overall")}
    ),
    "cases_with_rag": Source(
        "fact_audit f",
        f"{_COMPLETED} and f.rag is not null",
        {**_AUDIT, **columns("rag")},
        n="coalesce(sum(f.cases), 0)",
    ),
    "cases_with_finding": Source(
        "fact_audit f",
        f"{_COMPLETED} and f.findings <> '{{{{}}}}'",
        {
            **_AUDIT,
            "audit_finding": Dimension(
                "m.member",
                join="cross join lateral (select distinct case when x.finding = any({listed}) then x.finding end as member "
                "from unnest(f.findings) as x (finding)) m",
                exists="f.findings && {codes}",
            ),
        },
        n="coalesce(sum(f.cases), 0)",
    ),
    "audits_allocated": Source("fact_audit_work f", f"f.allocated_on between {{first}} and {{last}} and {_COUNTS}", _WORK),
    "parts_submitted_in_time": Source(
        "feed_audit_part f",
        "f.part <> 'moderation' and f.withdrawn_on is null and f.due_on between {first} and {last}",
        _WORK,
        n="count(*) filter (where f.submitted_on <= f.due_on)",
        of="count(*)",
    ),
    "audits_moderated_in_time": Source(
        "fact_audit_work f left join fact_audit_moderation m on m.org = f.org and m.audit_id = f.audit_id",
        f"f.moderate_by between {{first}} and {{last}} and {_COUNTS}",
        _WORK,
        n="count(*) filter (where m.moderated_on <= f.moderate_by)",
        of="count(*)",
    ),
    "audits_reviewed_in_time": Source(
        "feed_audit_review f",
        "f.withdrawn_on is null and f.due_on between {first} and {last}",
        _WORK,
        n="count(*) filter (where f.reviewed_on <= f.due_on)",
        of="count(*)",
    ),
    "actions_open": Source(_ACTION, _OPEN, columns("tool", "programme", "service_area", "team"), shared=("audit_actions",)),
    "actions_overdue": Source(
        _ACTION,
        f"{_OPEN} and coalesce(h.due_on, f.first_due_on) < {{last}}",
        columns("tool", "programme", "service_area", "team"),
        shared=("audit_actions",),
    ),
    "disputes_raised": Source("fact_dispute f", "f.raised_on between {first} and {last}", _DISPUTE),
    "dispute_answers_in_time": Source(
        "fact_dispute_stage g join fact_dispute f on f.org = g.org and f.dispute_id = g.dispute_id",
        "g.answer_due_on between {first} and {last} "
        "and (g.answered_on is not null or g.left_on is null or g.left_on > g.answer_due_on)",
        {**_DISPUTE, "dispute_stage": Dimension("g.stage")},
        n="count(*) filter (where g.answered_on <= g.answer_due_on)",
        of="count(*)",
    ),
    "practice_acknowledged": Source(
        "fact_practice_acknowledgement f",
        "f.withdrawn_on is null and f.acknowledged_on between {first} and {last}",
        columns("service_area", "team"),
    ),
    "calls_made": Source("fact_call_attempt f", f"{_CALLED} and f.outcome = 'done'", _CALL),
    "call_attempts": Source("fact_call_attempt f", _CALLED, {**_CALL, "call_outcome": Dimension("f.outcome")}),
    "call_attempts_reached": Source(
        "fact_call_attempt f",
        _CALLED,
        _CALL,
        n="count(*) filter (where f.outcome in ('done', 'declined', 'call-back'))",
        of="count(*)",
    ),
    "calls_declined": Source("fact_call_attempt f", f"{_CALLED} and f.outcome = 'declined'", _CALL),
    "calls_made_in_time": Source(
        "fact_call f",
        "f.due_on between {first} and {last} and (f.ground is null or f.ground in ('not-reached', 'no-number'))",
        _CALL,
        n="count(*) filter (where f.status = 'done' and f.ended_on <= f.due_on)",
        of="count(*)",
    ),
    "calls_of_minimum": Source(
        _OWED,
        f"f.minimum is not null and k.first_day >= {{first}} and k.last_day <= {{last}} and {_HELD.format('f')} "
        "and not exists (select from fact_caller_duty x where x.org = f.org and x.caller_key = f.caller_key "
        f"and x.programme = f.programme and x.from_on > f.from_on and {_HELD.format('x')})",
        {"call_programme": Dimension("f.programme"), "service_area": Dimension("f.service_area")},
        n="coalesce(sum(least(d.done, f.minimum)), 0)",
        of="coalesce(sum(f.minimum), 0)",
    ),
    "stars_started": Source(
        "fact_star_reading f",
        "f.point = 'start' and f.taken_on between {first} and {last} and not exists (select from fact_star_withdrawal x "
        "where x.org = f.org and x.reading_id = f.reading_id)",
        columns("star", "service_area", "team"),
    ),
    "star_people_with_both": _moved("count(distinct f.star_id)"),
    "star_changes": _moved("count(*)"),
    "star_improved": _moved("count(*) filter (where l.score > f.score)", "count(*)"),
    "star_worse": _moved("count(*) filter (where l.score < f.score)", "count(*)"),
    "star_began_at_top": _moved("count(*) filter (where f.score = f.highest)", "count(*)"),
    "star_points_gained": _moved("coalesce(sum(greatest(l.score - f.score, 0)), 0)"),
    "star_points_lost": _moved("coalesce(sum(greatest(f.score - l.score, 0)), 0)"),
    "responses_received": Source("fact_response f", f"f.about_on between {{first}} and {{last}} and {_NOT_LEFT_OUT}", _SURVEY),
    "answers_favourable": Source(
        "fact_answer f join favourable v on v.questionnaire = f.questionnaire and v.version = f.questionnaire_version "
        "and v.question = f.question",
        f"f.state = 'answered' and f.about_on between {{first}} and {{last}} and {_NOT_LEFT_OUT}",
        {**_SURVEY, **columns("question")},
        n="count(*) filter (where f.choices && v.choices or f.score >= v.score_from)",
        of="count(*)",
        needs_favourable=True,
    ),
}

SOURCES |= {
    "comments_themed": Source(
        "fact_comment f",
        "f.themes <> '{{}}' and f.about_on between {first} and {last}",
        {**_SURVEY, **columns("question"), "theme": themes("f.themes")},
    ),
    "quotes_released": Source(
        "feed_quote f",
        "f.withdrawn_on is null and f.released_on between {first} and {last}",
        {**columns("questionnaire", "service_area", "question"), "theme": themes("f.theme_codes")},
    ),
    "changes_published": Source(
        "feed_change f",
        "f.withdrawn_on is null and f.published_on between {first} and {last}",
        {**columns("service_area"), "theme": themes("f.theme_codes")},
    ),
}

SOURCES |= {
    "representations_received": Source(
        "fact_representation f",
        "f.received_on between {first} and {last}",
        columns("came_by", "said", "raised_by"),
    ),
    "representations_decided": Source(
        "fact_representation_decision f",
        "f.outcome is not null and f.decided_on between {first} and {last}",
        {**columns("went_to", "procedure", "timing"), "representation_outcome": Dimension("f.outcome")},
    ),
}

SOURCES |= LEARNED | STAGED | PRODUCTS

_WANTED = {**_OUTCOME, "ombudsman_remedy": Dimension("f.remedy")}

SOURCES |= {
    "ombudsman_remedies_in_time": Source(
        "feed_ombudsman_deadline f",
        "f.kind = 'remedy' and f.due_on between {first} and {last}",
        _WANTED,
        n="count(*) filter (where f.done_on <= f.due_on)",
        of="count(*)",
    ),
    "ombudsman_answers_in_time": Source(
        "feed_ombudsman_deadline f",
        "f.kind <> 'remedy' and f.due_on between {first} and {last}",
        columns("service_area"),
        n="count(*) filter (where f.done_on <= f.due_on)",
        of="count(*)",
    ),
    "ombudsman_cases_with_remedies": Source(
        "feed_ombudsman_case f",
        "cardinality(f.remedy_codes) > 0 and f.outcome_on between {first} and {last}",
        {**_OUTCOME, "ombudsman_remedy": themes("f.remedy_codes")},
    ),
}
