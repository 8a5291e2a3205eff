"""What the database limits to service areas, and what it does not and why; held against the catalogue by a test."""

from typing import Final

from chassis.area_limits import MECHANISM, OF_EVERY_SERVICE

LIMITED: Final = frozenset(
    (
        "fact_answer", "fact_audit", "fact_audit_action", "fact_audit_action_change", "fact_audit_action_state",
        "fact_audit_escalation", "fact_audit_moderation", "fact_audit_part", "fact_audit_review", "fact_audit_section",
        "fact_audit_submission", "fact_audit_withdrawal", "fact_audit_work", "fact_call", "fact_call_attempt",
        "fact_caller_duty", "fact_change", "fact_change_withdrawal", "fact_comment", "fact_complaint", "fact_complaint_error",
        "fact_compliment", "fact_dispute", "fact_dispute_ending", "fact_dispute_reopening", "fact_dispute_stage",
        "fact_finding",
        "fact_invitation", "fact_invitation_message", "fact_learning_action", "fact_learning_none", "fact_ombudsman",
        "fact_ombudsman_case", "fact_ombudsman_deadline", "fact_point", "fact_point_recount", "fact_practice_acknowledgement",
        "fact_quote", "fact_quote_withdrawal", "fact_reminder_refusal", "fact_representation", "fact_representation_decision",
        "fact_response", "fact_response_counting", "fact_stage", "fact_stage_recount", "fact_star_closure", "fact_star_erasure",
        "fact_star_reading", "fact_star_withdrawal", "feed_left", "kpi_observation", "plan", "plan_action", "plan_measure",
        "plan_milestone", "plan_step", "plan_workstream", "report_commentary", "report_file", "report_issue", "report_quotes",
    )
)  # fmt: skip
_DIMENSION = "what a code of the profile means, which everybody of the organisation may know"
NOT_LIMITED: Final = {
    **OF_EVERY_SERVICE,
    "fact_reduction": "that a record was reduced, so that a late account brings nothing back; ids and days",
    **dict.fromkeys(
        ("dim_category", "dim_code", "dim_date", "dim_grade", "dim_kpi", "dim_kpi_level", "dim_name", "dim_option",
         "dim_organisation", "dim_question", "dim_questionnaire", "dim_section", "dim_service_area", "dim_state", "dim_team",
         "dim_theme", "dim_tool", "fact_questionnaire_edition", "profile"), _DIMENSION),
    **dict.fromkeys(
        ("consumer_command", "consumer_position", "dead_letter", "feed_day", "feed_epoch", "feed_horizon",
         "inbox", "rebuild_target"), MECHANISM),
    "direct_reader": "read by nobody who serves requests; the views of direct readers hold their own limit (ADR 0016)",
    "feed_touched": "ids of records and numbers of transactions: what changed since must be found before it is looked at",
    "record_area": "what the limit is decided by: ids and areas",
}  # fmt: skip
