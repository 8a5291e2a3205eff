"""Dimension tables: what the codes of facts mean, with the days of their names and mergers, and a calendar.

They are written by both roles: by the web process when a profile is applied, by the worker when a questionnaire was published.
What they are made of is told in `dim_state`, so that they are made when they are first read, and not here: the profile is read
by code that changes.
"""

from alembic import op

from chassis import tenancy

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

_NAMED = "label text not null, position integer not null"
_MERGED = "merged_into text, merged_on date, rolls_up_to text not null"
_VALID = "valid_from date, valid_until date"
_QUESTION = (
    "questionnaire text not null, questionnaire_version integer not null, question text not null, question_key text not null"
)
_KEPT = "in_profile boolean not null"
TABLES = {
    "dim_organisation": f"organisation text not null, label text not null, {_KEPT}, primary key (org, organisation)",
    "dim_service_area": f"""
        service_area text not null, {_NAMED}, short_label text not null, used_for text not null, audits_from date,
        audits_until date, feedback_from date, feedback_until date, complaints_from date, complaints_until date,
        compliments_from date, compliments_until date, {_MERGED}, {_KEPT}, primary key (org, service_area),
        constraint area_merger_has_its_day check ((merged_into is null) = (merged_on is null))
    """,
    "dim_team": f"""
        team text not null, {_NAMED}, service_area text not null, {_VALID}, {_MERGED}, {_KEPT}, primary key (org, team),
        constraint team_merger_has_its_day check ((merged_into is null) = (merged_on is null))
    """,
    "dim_name": """
        dimension text not null, code text not null, number integer not null, label text not null, label_from date,
        label_until date, primary key (org, dimension, code, number),
        -- who was called what on a day has one answer
        constraint name_spans_are_in_order check (label_from is null or label_until is null or label_from <= label_until)
    """,
    "dim_tool": f"""
        tool text not null, {_NAMED}, tool_version integer not null, kind text, scale text, {_KEPT}, primary key (org, tool)
    """,
    "dim_section": f"""
        tool text not null, section text not null, section_key text not null, {_NAMED}, themes text not null, {_KEPT},
        primary key (org, tool, section)
    """,
    "dim_grade": f"""
        scale text not null, grade text not null, grade_key text not null, scale_label text not null, {_NAMED}, comparable text,
        {_KEPT}, primary key (org, scale, grade)
    """,
    "dim_questionnaire": f"""
        questionnaire text not null, {_NAMED}, audience text, about text, questionnaire_version integer not null,
        edition integer not null, {_KEPT}, primary key (org, questionnaire)
    """,
    "dim_question": f"""
        {_QUESTION}, {_NAMED}, kind text, themes text not null, score_min integer, score_max integer, positive_from integer,
        asked_from date not null, asked_until date, {_KEPT}, primary key (org, questionnaire, questionnaire_version, question)
    """,
    "dim_option": f"""
        {_QUESTION}, option text not null, {_NAMED}, positive boolean not null, {_KEPT},
        primary key (org, questionnaire, questionnaire_version, question, option)
    """,
    "dim_category": f"""
        category text not null, {_NAMED}, themes text not null, {_VALID}, {_KEPT}, primary key (org, category)
    """,
    "dim_theme": f"theme text not null, {_NAMED}, {_KEPT}, primary key (org, theme)",
    "dim_code": f"""
        list text not null, code text not null, {_NAMED}, used_in text not null, {_KEPT}, primary key (org, list, code)
    """,
    "dim_date": """
        day date not null, month text not null, month_label text not null, quarter text not null, quarter_label text not null,
        financial_year text not null, weekday text not null, working_day boolean not null, holiday text,
        calendar text not null, primary key (org, day)
    """,
    "dim_state": """
        profile_number integer not null, editions text not null, calendar text not null, shape integer not null,
        primary key (org)
    """,
}
# What a correction of the profile takes away goes; every other row stays for the facts that have its code.
DELETED_FROM = {"dim_name", "dim_date"}

# As in 0011 and 0010, with the key of the question, and of the grade and section as in Sections and Grades.
_ANSWER = f"""
    select f.org, f.response_id, f.question, f.position, f.questionnaire, f.questionnaire_version, f.channel, f.service_area,
           f.team, f.about_on, f.answered_on, f.state, array_to_string(f.choices, ';') as choices, f.score,
           not coalesce(x.counted, true) as left_out, f.occurred_at, greatest(f.changed_at, x.changed_at) as changed_at,
           greatest(f.changed_sequence, x.changed_sequence) as changed_sequence{{key}}
      from {SCHEMA}.fact_answer f
      left join {SCHEMA}.fact_response_counting x on x.org = f.org and x.response_id = f.response_id
"""
_KEY = ", concat_ws('/', f.questionnaire, f.questionnaire_version, f.question) as question_key"


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"create table {SCHEMA}.{table} (org text not null, {columns})")
        rights = "select, insert, update, delete" if table in DELETED_FROM else "select, insert, update"
        tenancy.protect(op, SCHEMA, table, app=rights, worker=rights)
    op.execute(
        f"create or replace view {SCHEMA}.feed_survey_answer with (security_invoker = true) as {_ANSWER.format(key=_KEY)}"
    )


def downgrade() -> None:
    # A view gives up no columns: it is made anew.
    op.execute(f"drop view {SCHEMA}.feed_survey_answer")
    op.execute(f"create view {SCHEMA}.feed_survey_answer with (security_invoker = true) as {_ANSWER.format(key='')}")
    op.execute(f"grant select on {SCHEMA}.feed_survey_answer to {SCHEMA}_app")
    for table in reversed(TABLES):
        op.execute(f"drop table {SCHEMA}.{table}")
