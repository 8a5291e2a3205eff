"""Whoever is limited to service areas sees the records of those, by the database itself (docs/decisions/0027).

A figure is put together of all facts of a record, and they may lie in several areas: a complaint and its points, an action
that moved, a star of a child who did. To see half of them would bring an older or another answer to light. So a fact is seen
with its record, which is seen where any fact of it lies, or lay, in one of the reader's areas; queries narrow it as before.
"""

from alembic import op

from chassis import tenancy

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
CALLER = "md5({0}caller_key || chr(31) || {0}programme)::uuid"
"""Whom a duty is of, and in which programme: what they owe is counted over all areas."""

# Facts by the kind of their record (`reporting.adapters.fact_roots`) and the column that names it; those in capitals by more.
COMPLAINT, AUDIT, STAR, CASE, ACTION = (
    ("complaint", "complaint_id"), ("audit", "audit_id"), ("star", "star_id"), ("case", "case_id"), ("action", "action_id"),
)  # fmt: skip
OUTCOME, CALL, RESPONSE, INVITATION = (
    ("audit", "outcome_id"), ("call", "call_id"), ("response", "response_id"), ("invitation", "invitation_id"),
)  # fmt: skip
CHANGE, QUOTE, DISPUTE, REPRESENTATION = ((kind, f"{kind}_id") for kind in ("change", "quote", "dispute", "representation"))
DUTY = ("caller", CALLER.format(""))
FACTS = {
    "fact_answer": (RESPONSE,), "fact_response_counting": (RESPONSE,), "fact_comment": (RESPONSE,),
    # Whether an invitation was answered is counted with the invitation.
    "fact_response": (RESPONSE, INVITATION),
    "fact_invitation": (INVITATION,), "fact_invitation_message": (INVITATION,), "fact_reminder_refusal": (INVITATION,),
    **dict.fromkeys(("fact_audit", "fact_audit_section", "fact_audit_action"), (OUTCOME,)),
    **dict.fromkeys(
        ("fact_audit_action_change", "fact_audit_action_state", "fact_audit_escalation", "fact_audit_moderation",
         "fact_audit_part", "fact_audit_review", "fact_audit_submission", "fact_audit_withdrawal", "fact_audit_work"),
        (AUDIT,)),
    "fact_call": (CALL,), "fact_call_attempt": (CALL, DUTY), "fact_caller_duty": (DUTY,),
    "fact_change": (CHANGE,), "fact_change_withdrawal": (CHANGE,), "fact_quote": (QUOTE,), "fact_quote_withdrawal": (QUOTE,),
    **dict.fromkeys(
        ("fact_complaint", "fact_complaint_error", "fact_finding", "fact_point", "fact_point_recount", "fact_stage",
         "fact_stage_recount"), (COMPLAINT,)),
    # Whether a point led to learning is counted with its complaint.
    "fact_learning_action": (ACTION, COMPLAINT), "fact_learning_none": (("decision", "decision_id"), COMPLAINT),
    "fact_compliment": (("compliment", "compliment_id"),),
    **dict.fromkeys(("fact_dispute", "fact_dispute_ending", "fact_dispute_reopening", "fact_dispute_stage"), (DISPUTE,)),
    **dict.fromkeys(("fact_ombudsman", "fact_ombudsman_case", "fact_ombudsman_deadline"), (CASE,)),
    "fact_practice_acknowledgement": (("acknowledgement", "acknowledgement_id"),),
    "fact_representation": (REPRESENTATION,), "fact_representation_decision": (REPRESENTATION,),
    **dict.fromkeys(("fact_star_closure", "fact_star_erasure", "fact_star_reading", "fact_star_withdrawal"), (STAR,)),
}  # fmt: skip
WITHOUT_AREA = {
    "fact_response_counting", "fact_invitation_message", "fact_reminder_refusal", "fact_audit_action_change",
    "fact_audit_escalation", "fact_audit_moderation", "fact_audit_review", "fact_audit_submission", "fact_audit_withdrawal",
    "fact_change_withdrawal", "fact_quote_withdrawal", "fact_complaint_error", "fact_finding", "fact_stage",
    "fact_stage_recount", "fact_dispute_ending", "fact_dispute_reopening", "fact_dispute_stage", "fact_star_closure",
    "fact_star_erasure", "fact_star_withdrawal",
}  # fmt: skip
PARTS_OF_PLANS = ("plan_action", "plan_measure", "plan_milestone", "plan_step", "plan_workstream")
BY_OWN_AREA = ("kpi_observation", "plan", "report_commentary", "report_issue", "report_quotes")


def upgrade() -> None:
    op.execute(
        f"""
        create table {SCHEMA}.record_area (
            org text not null, kind text not null, record_id uuid not null,
            area text not null,  -- in which a fact of the record lies, or lay
            constraint record_area_key primary key (org, kind, record_id, area)
        )
        """
    )
    op.execute(f"create index record_area_by_area on {SCHEMA}.record_area (org, kind, area, record_id)")
    tenancy.protect(op, SCHEMA, "record_area", app="select", worker="select, insert, delete, truncate")
    # Looked up once a statement and hashed. The planner is told that this costs nothing: by what it does cost, for those few
    # who are limited, it would make other plans for everybody. In PL/pgSQL, of which it cannot find out better.
    op.execute(
        f"""
        create function {SCHEMA}.reached(of_kind text) returns setof uuid
        language plpgsql stable parallel safe cost 1 rows 100 as $$
        begin
            return query select distinct a.record_id from {SCHEMA}.record_area a
             where a.org = nullif(current_setting('app.org', true), '') and a.kind = of_kind
               and a.area = any(string_to_array(current_setting('app.areas', true), ','));
        end $$
        """
    )
    _know_what_there_is()
    for table, records in FACTS.items():
        reached = [f"{column} in (select {SCHEMA}.reached('{kind}'))" for kind, column in records]
        own = [] if table in WITHOUT_AREA else [tenancy.seen_by_area()]
        tenancy.limit_to_areas(op, SCHEMA, table, " or ".join([*(own or [tenancy.UNLIMITED]), *reached]))
    for table in BY_OWN_AREA:
        tenancy.limit_to_areas(op, SCHEMA, table, tenancy.seen_by_area())
    tenancy.limit_to_areas(op, SCHEMA, "feed_left", f"area = '' or {tenancy.seen_by_area('area')}")
    for record, parts in (("plan", PARTS_OF_PLANS), ("report_issue", ("report_file",))):
        tenancy.create_sees(op, SCHEMA, record)
        column = "plan_id" if record == "plan" else "issue_id"
        for table in parts:
            tenancy.limit_to_areas(op, SCHEMA, table, tenancy.seen_with(SCHEMA, record, column))


def downgrade() -> None:
    for table in (*FACTS, *BY_OWN_AREA, "feed_left", *PARTS_OF_PLANS, "report_file"):
        tenancy.unlimit_areas(op, SCHEMA, table)
    for record in ("plan", "report_issue"):
        tenancy.drop_sees(op, SCHEMA, record)
    op.execute(f"drop function {SCHEMA}.reached")
    op.execute(f"drop table {SCHEMA}.record_area")


def _know_what_there_is() -> None:
    op.execute(f"alter table {SCHEMA}.record_area no force row level security")
    for table, ((kind, column), *_) in FACTS.items():
        if table in WITHOUT_AREA:
            continue
        op.execute(f"alter table {SCHEMA}.{table} no force row level security")
        op.execute(
            f"""
            insert into {SCHEMA}.record_area (org, kind, record_id, area)
            select distinct org, '{kind}', {column}, service_area from {SCHEMA}.{table} where service_area is not null
            on conflict do nothing
            """
        )
        op.execute(f"alter table {SCHEMA}.{table} force row level security")
    op.execute(f"alter table {SCHEMA}.record_area force row level security")
