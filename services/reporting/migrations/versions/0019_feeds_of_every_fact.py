"""A feed for every fact that had none: outcomes and grades of audits, complaints with their stages and findings, what came in.

Views only: what they show comes out of facts that are there. Rows of what was withdrawn or made in error stay, with the day:
who pulls only what has changed would never learn that one is gone. What could point to a person stays out: which survey link
was answered, the language in which somebody wrote, the minute of a response.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

_STAMPS = "f.occurred_at, f.changed_at, f.changed_sequence"
_PLACE = "w.kind, w.tool, w.programme, w.service_area, w.team"
_WITHDRAWAL = f"left join {SCHEMA}.fact_audit_withdrawal x on x.org = f.org and x.audit_id = f.audit_id"
_WORK = f"""
          join {SCHEMA}.fact_audit_work w on w.org = f.org and w.audit_id = f.audit_id
          {_WITHDRAWAL}
"""
_ERROR = f"left join {SCHEMA}.fact_complaint_error e on e.org = c.org and e.complaint_id = c.complaint_id"


def _changes(*tables: str) -> str:
    at, sequence = (", ".join(f"{table}.{name}" for table in tables) for name in ("changed_at", "changed_sequence"))
    return f"greatest({at}) as changed_at, greatest({sequence}) as changed_sequence"


VIEWS = {
    "feed_audit_outcome": f"""
        select f.org, f.outcome_id, f.version, f.kind, f.tool, f.tool_version, f.service_area, f.team, f.completed_on,
               f.allocated_on, f.submitted_on, f.moderated_on, f.scale, f.overall,
               f.scale || '/' || f.overall as overall_key, f.rag, f.cases, array_to_string(f.findings, ';') as findings,
               array_to_string(f.themes, ';') as themes, {_STAMPS}
          from {SCHEMA}.fact_audit f
    """,
    # The grade that counts is the moderator's; of an audit that nobody moderates, its only auditor's.
    "feed_audit_grade": f"""
        select f.org, f.outcome_id, f.section, g.judge, g.counts, o.version, f.kind, f.tool, f.tool_version, f.position,
               f.service_area, f.team, f.completed_on, f.scale, g.state, g.grade, f.tool || '/' || f.section as section_key,
               f.scale || '/' || g.grade as grade_key, {_STAMPS}
          from {SCHEMA}.fact_audit_section f
          join {SCHEMA}.fact_audit o on o.org = f.org and o.outcome_id = f.outcome_id
         cross join lateral (values
               ('lead', false, 'graded', f.lead_grade), ('peer', false, 'graded', f.peer_grade),
               (case when o.moderation > 0 or o.moderated_on is not null then 'moderated' else 'single' end,
                true, f.state, f.grade)) as g (judge, counts, state, grade)
         where g.counts or g.grade is not null
    """,
    "feed_audit_activity": f"""
        select f.org, f.outcome_id, g.activity, g.pieces, f.version, f.kind, f.tool, f.tool_version, f.service_area, f.team,
               f.completed_on, {_STAMPS}
          from {SCHEMA}.fact_audit f
         cross join lateral (values ('lead', f.lead), ('peer', f.peer), ('moderation', f.moderation), ('single', f.single))
               as g (activity, pieces)
         where g.pieces > 0
    """,
    "feed_audit_submission": f"""
        select f.org, f.audit_id, f.part, f.submitted_on, f.due_on, {_PLACE}, x.withdrawn_on, f.occurred_at,
               {_changes("f", "w", "x")}
          from {SCHEMA}.fact_audit_submission f {_WORK}
    """,
    "feed_audit_moderation": f"""
        select f.org, f.audit_id, f.outcome_id, {_PLACE}, f.moderated_on, f.due_on, f.departs, f.revised, f.review_due_on,
               x.withdrawn_on, f.occurred_at, {_changes("f", "w", "x")}
          from {SCHEMA}.fact_audit_moderation f {_WORK}
    """,
    "feed_audit_escalation": f"""
        select f.org, f.escalation_id, f.audit_id, {_PLACE}, f.raised_on, f.acknowledged_on, x.withdrawn_on, f.occurred_at,
               {_changes("f", "w", "x")}
          from {SCHEMA}.fact_audit_escalation f {_WORK}
    """,
    "feed_audit_action_change": f"""
        select f.org, f.audit_id, f.action, f.change, s.service_area, s.team, f.changed_on, f.status, f.due_on, f.done_on,
               x.withdrawn_on, f.occurred_at, {_changes("f", "s", "x")}
          from {SCHEMA}.fact_audit_action_change f
          join {SCHEMA}.fact_audit_action_state s on s.org = f.org and s.audit_id = f.audit_id and s.action = f.action
          {_WITHDRAWAL}
    """,
    "feed_dispute_stage": f"""
        select f.org, f.dispute_id, f.number, f.stage, d.category, d.raised_by, d.service_area, d.team, d.raised_on,
               f.reached_on, f.limit_days, f.answer_due_on, f.answered_on, f.answered_by, f.working_days, f.left_on,
               r.reopened_on, e.ended_on, e.result, e.outcome, e.informal, f.calendar, f.occurred_at,
               {_changes("f", "d", "e", "r")}
          from {SCHEMA}.fact_dispute_stage f
          join {SCHEMA}.fact_dispute d on d.org = f.org and d.dispute_id = f.dispute_id
          left join {SCHEMA}.fact_dispute_ending e
            on e.org = f.org and e.dispute_id = f.dispute_id and e.number = f.number
          left join {SCHEMA}.fact_dispute_reopening r
            on r.org = f.org and r.dispute_id = f.dispute_id and r.number = f.number
    """,
    # Of a link of which nothing but its withdrawal was told there is nothing to show yet.
    "feed_invitation": f"""
        select f.org, f.invitation_id, f.questionnaire, f.questionnaire_version, f.channel, f.reusable, f.service_area, f.team,
               f.about_on, f.issued_on, f.expires_on, f.withdrawn_on, {_STAMPS}
          from {SCHEMA}.fact_invitation f
         where f.issued_on is not null
    """,
    # Which link was answered is not here, so that nobody can tell who of those that were asked said what.
    "feed_response": f"""
        select f.org, f.response_id, f.questionnaire, f.questionnaire_version, f.channel, f.service_area, f.team, f.about_on,
               f.answered_on, coalesce(not k.counted, false) as left_out, f.occurred_at, {_changes("f", "k")}
          from {SCHEMA}.fact_response f
          left join {SCHEMA}.fact_response_counting k on k.org = f.org and k.response_id = f.response_id
    """,
    "feed_complaint": f"""
        select c.org, c.complaint_id, c.procedure, c.formality, c.received_on, c.service_area, c.team, c.need, c.route,
               c.raised_by, n.points, e.decided_on as made_in_error_on, c.occurred_at, {_changes("c", "e", "m")}
          from {SCHEMA}.fact_complaint c
          {_ERROR}
         cross join lateral (
               select count(*) as points from {SCHEMA}.point_now p where p.org = c.org and p.complaint_id = c.complaint_id) n
         cross join lateral (
               select max(r.changed_at) as changed_at, max(r.changed_sequence) as changed_sequence
                 from {SCHEMA}.fact_point_recount r where r.org = c.org and r.complaint_id = c.complaint_id) m
    """,
    "feed_complaint_stage": f"""
        select c.org, c.complaint_id, f.stage, c.procedure, c.formality, c.received_on, c.service_area, c.team, c.need,
               f.requested_on, f.decided_on, f.decision, f.started_on, f.limit_days, f.due_on, f.agreed_on, f.extended_on,
               f.answer_by, f.suspended_on, f.suspended_days, f.panel_due_on, f.panel_on, f.report_due_on, f.reported_on,
               f.responded_on, f.ending, f.working_days, f.calendar, e.decided_on as made_in_error_on, f.occurred_at,
               {_changes("f", "c", "e")}
          from {SCHEMA}.stage_now f
          join {SCHEMA}.fact_complaint c on c.org = f.org and c.complaint_id = f.complaint_id
          {_ERROR}
    """,
    # An answer that was taken back leaves its row behind, without a finding.
    "feed_complaint_finding": f"""
        select f.org, f.point_id, f.stage, f.complaint_id, p.category, p.procedure, p.formality, p.received_on, p.service_area,
               p.team, p.need, f.finding, f.found_on, f.occurred_at, {_changes("f", "p")}
          from (select org, point_id, stage, complaint_id, finding, found_on, occurred_at, changed_at, changed_sequence
                  from {SCHEMA}.finding_standing
                 union all
                select n.org, n.point_id, n.stage, n.complaint_id, n.finding, n.found_on, n.occurred_at, n.changed_at,
                       n.changed_sequence
                  from {SCHEMA}.finding_now n
                 where n.finding is null and not exists (
                       select from {SCHEMA}.finding_standing s
                        where s.org = n.org and s.point_id = n.point_id and s.stage = n.stage)) f
          join {SCHEMA}.point_now p on p.org = f.org and p.point_id = f.point_id
    """,
    "feed_compliment": f"""
        select f.org, f.compliment_id, f.received_on, f.service_area, f.team, f.source, f.external, {_STAMPS}
          from {SCHEMA}.fact_compliment f
    """,
    "feed_representation": f"""
        select f.org, f.representation_id, f.received_on, f.recorded_on, f.came_by, f.said, f.from_child, f.raised_by,
               coalesce(d.service_area, f.service_area) as service_area, d.decided_on, d.outcome, d.procedure, d.timing,
               d.went_to, d.working_days, d.complaint_id, d.compliment_id, f.occurred_at, {_changes("f", "d")}
          from {SCHEMA}.fact_representation f
          left join {SCHEMA}.fact_representation_decision d
            on d.org = f.org and d.representation_id = f.representation_id
    """,
    "feed_learning_none": f"""
        select f.org, f.decision_id, f.complaint_id, f.point_id, f.stage, f.finding, f.service_area, f.decided_on, {_STAMPS}
          from {SCHEMA}.fact_learning_none f
    """,
}
# As in 0018, with the service area: who is limited to some areas is shown those of them, and not an error.
_SUPERSEDED = f"""
    select r.org, r.point_id, r.complaint_id, r.became, r.same_as, r.occurred_at, r.changed_at, r.changed_sequence{{0}}
      from {SCHEMA}.fact_point_recount r
     where r.became is not null
    union all
    select p.org, p.point_id, p.complaint_id, 'taken-back', null::uuid, p.occurred_at, e.changed_at, e.changed_sequence{{1}}
      from {SCHEMA}.fact_complaint_error e
      join {SCHEMA}.fact_point p on p.org = e.org and p.complaint_id = e.complaint_id
"""
# The points of a complaint are asked for by the complaint.
INDEX = "fact_point_by_complaint"


def upgrade() -> None:
    op.execute(f"create index {INDEX} on {SCHEMA}.fact_point (org, complaint_id)")
    op.execute(f"create or replace {_superseded(', r.service_area', ', p.service_area')}")
    for name, query in VIEWS.items():
        op.execute(f"create view {SCHEMA}.{name} with (security_invoker = true) as {query}")
        op.execute(f"grant select on {SCHEMA}.{name} to {SCHEMA}_app")


def downgrade() -> None:
    for name in reversed(VIEWS):
        op.execute(f"drop view {SCHEMA}.{name}")
    # A view gives up no columns: it is made anew.
    op.execute(f"drop view {SCHEMA}.feed_superseded_point")
    op.execute(f"create {_superseded('', '')}")
    op.execute(f"grant select on {SCHEMA}.feed_superseded_point to {SCHEMA}_app")
    op.execute(f"drop index {SCHEMA}.{INDEX}")


def _superseded(of_point: str, of_error: str) -> str:
    return f"view {SCHEMA}.feed_superseded_point with (security_invoker = true) as {_SUPERSEDED.format(of_point, of_error)}"
