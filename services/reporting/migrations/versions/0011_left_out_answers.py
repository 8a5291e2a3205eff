"""Responses that a person left out because they came in a rush; the feed of answers marks them."""

from alembic import op

from chassis import tenancy

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

_BEFORE = f"""
    select org, response_id, question, position, questionnaire, questionnaire_version, channel, service_area, team,
           about_on, answered_on, state, array_to_string(choices, ';') as choices, score, occurred_at, changed_at,
           changed_sequence
      from {SCHEMA}.fact_answer
"""
# Whoever pulls only what changed learns of it as a change of the answer.
_VIEW = f"""
    select f.org, f.response_id, f.question, f.position, f.questionnaire, f.questionnaire_version, f.channel, f.service_area,
           f.team, f.about_on, f.answered_on, f.state, array_to_string(f.choices, ';') as choices, f.score,
           not coalesce(x.counted, true) as left_out, f.occurred_at, greatest(f.changed_at, x.changed_at) as changed_at,
           greatest(f.changed_sequence, x.changed_sequence) as changed_sequence
      from {SCHEMA}.fact_answer f
      left join {SCHEMA}.fact_response_counting x on x.org = f.org and x.response_id = f.response_id
"""


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.fact_response_counting (
            org text not null,
            occurred_at timestamptz not null,
            changed_at timestamptz not null,
            changed_sequence bigint not null,
            response_id uuid not null, counted boolean not null, revision integer not null, changed_on date not null,
            primary key (org, response_id)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "fact_response_counting", app="select", worker="select, insert, update, delete, truncate")
    _view(_VIEW)


def downgrade() -> None:
    _view(_BEFORE)
    op.execute(f"drop table {SCHEMA}.fact_response_counting")


def _view(query: str) -> None:
    op.execute(f"drop view {SCHEMA}.feed_survey_answer")
    op.execute(f"create view {SCHEMA}.feed_survey_answer with (security_invoker = true) as {query}")
    op.execute(f"grant select on {SCHEMA}.feed_survey_answer to {SCHEMA}_app")
