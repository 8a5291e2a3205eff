"""From which day, and up to which, each collection has records: constant SQL, as that of the measures."""

import re

from reporting.domain.measures import Collection


def _of_responses(pick: str) -> str:
    """The first or last day that a survey is about, by questionnaire: an index has the days of each, and none those of all.

    One look-up for each questionnaire that was answered, of which there are some ten, where every response was read.
    """
    return (
        "with recursive kind as ((select questionnaire as code from fact_response order by 1 limit 1) union all "  # noqa: S608 - constants
        "select (select questionnaire from fact_response where questionnaire > k.code order by 1 limit 1) from kind k "
        f"where k.code is not null) select {pick}((select {pick}(about_on) from fact_response where questionnaire = k.code)) "
        "from kind k"
    )


# The first day of each collection: before it a figure is not collected rather than zero.
BEGUN: dict[Collection, str] = {
    Collection.AUDITS: "select min(completed_on) from fact_audit",
    Collection.AUDITS_AT_WORK: "select min(allocated_on) from fact_audit_work",
    Collection.DISPUTES: "select min(raised_on) from fact_dispute",
    Collection.ACKNOWLEDGEMENTS: "select min(acknowledged_on) from fact_practice_acknowledgement",
    Collection.FEEDBACK: _of_responses("min"),
    Collection.STARS: "select min(taken_on) from fact_star_reading",
    Collection.CALLS: "select least((select min(attempted_on) from fact_call_attempt), (select min(due_on) from fact_call), "
    "(select min(from_on) from fact_caller_duty))",
    Collection.COMPLAINTS: "select least((select min(received_on) from fact_complaint), "
    "(select min(accepted_on) from fact_ombudsman))",
    Collection.COMPLIMENTS: "select min(received_on) from fact_compliment",
    Collection.REPRESENTATIONS: "select min(received_on) from fact_representation",
    Collection.LEARNING: "select least((select min(recorded_on) from fact_learning_action), "
    "(select min(decided_on) from fact_learning_none))",
    Collection.TRACKED: "select least((select min(completed_on) from fact_audit), (select min(recorded_on) from "
    "fact_learning_action), (select min(published_on) from fact_change))",
}
LATEST: dict[Collection, str] = {
    Collection.AUDITS: "select max(completed_on) from fact_audit",
    Collection.AUDITS_AT_WORK: "select max(allocated_on) from fact_audit_work",
    Collection.DISPUTES: "select max(raised_on) from fact_dispute",
    Collection.ACKNOWLEDGEMENTS: "select max(acknowledged_on) from fact_practice_acknowledgement",
    Collection.FEEDBACK: _of_responses("max"),
    Collection.STARS: "select max(taken_on) from fact_star_reading",
    Collection.CALLS: "select max(attempted_on) from fact_call_attempt",
    Collection.COMPLAINTS: "select greatest((select max(received_on) from fact_complaint), "
    "(select max(outcome_on) from fact_ombudsman))",
    Collection.COMPLIMENTS: "select max(received_on) from fact_compliment",
    Collection.REPRESENTATIONS: "select max(received_on) from fact_representation",
    Collection.LEARNING: "select max(changed_on) from fact_learning_action",
    Collection.TRACKED: "select greatest((select max(completed_on) from fact_audit), (select max(recorded_on) from "
    "fact_learning_action), (select max(published_on) from fact_change))",
}
LATEST_UNTIL: dict[Collection, str] = {
    each: re.sub(
        r"max\((\w+)\) from (\w+)( where)?",
        lambda found: f"max({found[1]}) from {found[2]} where {found[1]} <= cast(:until as date){' and' if found[3] else ''}",
        query,
    )
    for each, query in LATEST.items()
}
"""The same up to a day."""
