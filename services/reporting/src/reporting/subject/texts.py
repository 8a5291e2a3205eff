"""Texts of reports, figures and plans that staff write: whose data each of their columns is."""

from typing import Any

from chassis.subject.declaring import KEPT_AS_IT_IS, Field, KindOf, Part, Whose, clear, internal, staff, staff_name
from reporting.adapters import commentary_repository, issue_repository, plan_reading
from reporting.use_cases import record_kpis

KEPT = "As the council's retention schedule says; ask the council for it."
PURPOSES = "To know, and to be accountable for, how it goes."
_STAFF = commentary_repository.STAFF
_COMMENTARY = "md5(concat_ws('/', t.report, t.period, t.service_area, t.section, t.version))::uuid"
_QUOTES = "md5(concat_ws('/', t.report, t.period, t.service_area, t.version))::uuid"


def _kind(code: str, name: str, parts: tuple[Part, ...], **how: Any) -> KindOf:
    about: dict[str, Any] = {"purposes": PURPOSES, "source": "The staff who wrote it.", "kept": KEPT}
    recipients = "Staff who see reports; the public where a report is public."
    return KindOf(code, name, parts[0].table, parts=parts, recipients=recipients, **about, **how)


COMMENTARY = _kind(
    "commentary",
    "Text beside figures",
    (
        Part(
            "report_commentary",
            "The text",
            _COMMENTARY,
            ("report", "period", "service_area", "section", "version"),
            (
                clear("report", "Report"),
                clear("period", "Period"),
                clear("section", "Section"),
                clear("at", "Written"),
                Field("words_sealed", "Words", Whose.WORDS, commentary_repository.WORDS),
                Field("figures", "Figures that it was written beside", form="json"),
                *staff("by"),
                staff_name("name_sealed", _STAFF, "by"),
            ),
            subject=("by",),
        ),
    ),
    reference="concat_ws(' ', t.report, t.period, t.section)",
    area="t.service_area",
    dated="t.at",
    ident=_COMMENTARY,
    # A later version is a record of its own, so nothing has to be stopped here.
)
QUOTES = _kind(
    "quotes",
    "Choice of quotes for a report",
    (
        Part(
            "report_quotes",
            "The choice",
            _QUOTES,
            ("report", "period", "service_area", "version"),
            (
                clear("report", "Report"),
                clear("period", "Period"),
                clear("at", "Chosen"),
                *staff("by"),
                staff_name("name_sealed", _STAFF, "by"),
                *internal("quote_ids"),
            ),
            subject=("by",),
        ),
    ),
    reference="concat_ws(' ', t.report, t.period)",
    area="t.service_area",
    dated="t.at",
    ident=_QUOTES,
)
ISSUE = _kind(
    "issue",
    "Report that was prepared or issued",
    (
        Part(
            "report_issue",
            "The report",
            "t.id",
            ("id",),
            (
                clear("report", "Report"),
                clear("period_label", "Period"),
                clear("state", "State"),
                clear("issued_at", "Issued"),
                Field("frozen_sealed", "What it says", Whose.WORDS, issue_repository.FROZEN, "json", "t.id::text"),
                Field("ended_reason", "Why it was taken back", Whose.WORDS, issue_repository.FROZEN),
                *staff("prepared_by", "checked_by", "issued_by", "ended_by"),
                staff_name("prepared_name", _STAFF, "prepared_by", "Prepared by"),
                staff_name("checked_name", _STAFF, "checked_by", "Checked by"),
                staff_name("issued_name", _STAFF, "issued_by", "Issued by"),
                staff_name("ended_name", _STAFF, "ended_by", "Ended by"),
                *internal("quote_ids"),
            ),
            subject=("prepared_by", "checked_by", "issued_by", "ended_by"),
        ),
    ),
    reference="concat_ws(' ', t.report, t.period_label)",
    area="t.service_area",
    dated="t.prepared_at",
    pages={"/reporting/issued/{ident}": ""},
)
KPI = _kind(
    "kpi",
    "Figure of an indicator",
    (
        Part(
            "kpi_observation",
            "The figure",
            "t.observation_id",
            ("observation_id", "version"),
            (
                clear("kpi", "Indicator"),
                clear("month", "Month"),
                clear("numerator", "Number"),
                clear("denominator", "Of"),
                clear("recorded_at", "Recorded"),
                Field("reason", "Why it was corrected", Whose.WORDS, record_kpis.REASON),
                *staff("recorded_by"),
                staff_name("recorded_name", record_kpis.STAFF, "recorded_by"),
            ),
            subject=("recorded_by",),
        ),
    ),
    reference="concat_ws(' ', t.kpi, t.month)",
    area="t.service_area",
    dated="t.recorded_at",
    ident="t.observation_id",
)


def _plan_part(table: str, title: str, *fields: Field) -> Part:
    of = "t.id" if table == "plan" else "t.plan_id"
    return Part(
        table,
        title,
        of,
        ("id",),
        (*fields, Field("words", "Words, with who sees to it", Whose.WORDS, plan_reading.WORDS, "json")),
    )


PLAN = _kind(
    "plan",
    "Improvement plan",
    (
        _plan_part(
            "plan", "The plan", clear("opened_on", "Opened on"), clear("closed_on", "Closed on"), clear("state", "State")
        ),
        _plan_part("plan_workstream", "Workstreams"),
        _plan_part("plan_action", "Actions", clear("state", "State"), clear("set_on", "Set on")),
        _plan_part("plan_milestone", "Milestones", clear("due_on", "Due on"), clear("met_on", "Met on")),
        Part(
            "plan_step",
            "Steps",
            "t.plan_id",
            ("id",),
            (
                clear("step", "Step"),
                clear("at", "When"),
                Field("words", "Words", Whose.WORDS, plan_reading.WORDS, "json"),
                *staff("by_subject"),
                staff_name("by_name", plan_reading.STAFF, "by_subject"),
            ),
            order="t.at, t.id",
            subject=("by_subject",),
        ),
    ),
    reference="t.state",
    area="t.service_area",
    dated="t.opened_on",
    pages={"/reporting/plans/{plan}": ""},
    stops=KEPT_AS_IT_IS,
)
