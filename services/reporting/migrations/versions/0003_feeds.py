"""The feeds: flat views that BI tools read, one row a complaint point and one a survey answer.

`security_invoker`: a view runs with the rights and the tenant of whoever reads it, so row-level security holds through it.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "reporting"


def upgrade() -> None:
    op.execute(
        f"""
        create view {SCHEMA}.feed_complaint_point with (security_invoker = true) as
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
          from {SCHEMA}.fact_point p
          left join {SCHEMA}.fact_stage s1 on s1.org = p.org and s1.complaint_id = p.complaint_id and s1.stage = 1
          left join {SCHEMA}.fact_finding f1 on f1.org = p.org and f1.point_id = p.point_id and f1.stage = 1
          left join {SCHEMA}.fact_stage s2 on s2.org = p.org and s2.complaint_id = p.complaint_id and s2.stage = 2
          left join {SCHEMA}.fact_finding f2 on f2.org = p.org and f2.point_id = p.point_id and f2.stage = 2
        """
    )
    op.execute(
        f"""
        create view {SCHEMA}.feed_survey_answer with (security_invoker = true) as
        select org, response_id, question, position, questionnaire, questionnaire_version, channel, service_area, team,
               about_on, answered_on, state, array_to_string(choices, ';') as choices, score, occurred_at, changed_at,
               changed_sequence
          from {SCHEMA}.fact_answer
        """
    )
    for view in ("feed_complaint_point", "feed_survey_answer"):
        op.execute(f"grant select on {SCHEMA}.{view} to {SCHEMA}_app")


def downgrade() -> None:
    op.execute(f"drop view {SCHEMA}.feed_survey_answer")
    op.execute(f"drop view {SCHEMA}.feed_complaint_point")
