"""Kinds of record of this service as `chassis.retention` reduces them: what staff write beside figures, in plans, of reports.

Facts hold nothing of anybody beside codes, days and ids, and lose what else they had when their record is reduced in its own
service. A report that was issued is a publication: it stays as it was, and who prepared, checked and issued it goes.
"""

import json

from chassis.retention.asked import REQUEST
from chassis.retention.kinds import GONE, NOBODY, Declared, Empty, Kind, Sealed
from chassis.retention.none_needed import OF_EVERY_SERVICE
from reporting.adapters import commentary_repository, issue_repository, plan_reading
from reporting.use_cases import record_kpis

_BY = f"'{NOBODY}'"
# Also by the ids under which people's requests know them.
_TEXT = "array[r.id, cast(md5(concat_ws('/', r.report, r.period, r.service_area, r.section, r.version)) as uuid)]"
_CHOICE = "array[r.id, cast(md5(concat_ws('/', r.report, r.period, r.service_area, r.version)) as uuid)]"
_FIGURE = "array[r.id, r.observation_id]"
_NAME = Sealed(commentary_repository.STAFF, NOBODY)


def _words(**parts: object) -> Sealed:
    return Sealed(plan_reading.WORDS, json.dumps(parts))


def _who(step: str, by: str) -> Empty:
    """Who took a step of a report; each step another's name, for nobody checks their own."""
    return Empty("report_issue", f"t.id = :id and t.{step}_by is not null", {f"{step}_by": f"'{by}'", f"{step}_name": _NAME})


COMMENTARY = Kind(
    code="commentary",
    name="Texts beside figures",
    goes="the words, who wrote them",
    stays="of which report, period and place, the figures as they stood beside them; words in reports that were issued",
    counts_from="Its time counts from the day on which it was written; each version is one.",
    table="report_commentary",
    reference="concat_ws(' ', r.report, r.period, r.section, r.version)",
    area="nullif(r.service_area, '')",
    names="array[r.by]",
    covers=_TEXT,
    parts=_TEXT,
    over="true",
    since="cast(r.at as date)",
    steps=(
        Empty(
            "report_commentary",
            "t.id = :id",
            {"words_sealed": Sealed(commentary_repository.WORDS), "by": _BY, "name_sealed": _NAME},
        ),
    ),
)

QUOTES = Kind(
    code="quotes",
    name="Choices of quotes for reports",
    goes="who chose",
    stays="which quotes; their words are the feedback service's, and in reports that were issued",
    counts_from="Its time counts from the day of the choice.",
    table="report_quotes",
    reference="concat_ws(' ', r.report, r.period, r.version)",
    area="nullif(r.service_area, '')",
    names="array[r.by]",
    covers=_CHOICE,
    parts=_CHOICE,
    over="true",
    since="cast(r.at as date)",
    steps=(Empty("report_quotes", "t.id = :id", {"by": _BY, "name_sealed": _NAME}),),
)

ISSUE = Kind(
    code="issue",
    name="Who prepared, checked and issued reports",
    goes="who prepared, checked, issued, sent back or withdrew it, and why it was sent back or withdrawn",
    stays="the report with its texts and quotes as it was issued, and its files: it was published, and is what the council "
    "said",
    counts_from="It is over when it was issued, sent back or withdrawn; its time counts from the last of these.",
    table="report_issue",
    reference="concat_ws(' ', r.report, r.period, r.number)",
    area="nullif(r.service_area, '')",
    names="array_remove(array[r.prepared_by, r.checked_by, r.issued_by, r.ended_by], null)",
    over="r.state in ('issued', 'sent-back', 'withdrawn')",
    since="cast(greatest(r.issued_at, r.ended_at) as date)",
    steps=(
        _who("prepared", NOBODY),
        _who("checked", f"{NOBODY}-too"),
        _who("issued", f"{NOBODY}-as-well"),
        _who("ended", f"{NOBODY}-again"),
        Empty(
            "report_issue",
            "t.id = :id and t.ended_reason is not null",
            {"ended_reason": Sealed(issue_repository.FROZEN)},
        ),
    ),
)

PLAN = Kind(
    code="plan",
    name="Improvement plans",
    goes="title, purpose, who leads and sees to what, words of actions and milestones, notes, who did what",
    stays="how many workstreams, actions and milestones, their days and how they ended, what they were measured by",
    counts_from="It is over when it is closed; its time counts from that day.",
    table="plan",
    area="r.service_area",
    over="r.state = 'closed'",
    since="r.closed_on",
    steps=(
        Empty(
            "plan_step",
            "t.plan_id = :id",
            {"by_subject": _BY, "by_name": Sealed(plan_reading.STAFF, NOBODY), "words": _words(note="", before={}, after={})},
        ),
        Empty("plan_milestone", "t.plan_id = :id", {"words": _words(what=GONE)}),
        Empty("plan_action", "t.plan_id = :id", {"words": _words(what=GONE, owner=NOBODY)}),
        Empty("plan_workstream", "t.plan_id = :id", {"words": _words(title=GONE, lead=NOBODY)}),
        Empty("plan", "t.id = :id", {"words": _words(title=GONE, purpose=GONE)}),
    ),
)

KPI = Kind(
    code="kpi",
    name="Notes beside figures of indicators",
    goes="why a figure was corrected, who recorded it",
    stays="the figure, its month and place, how it came",
    counts_from="Its time counts from the day on which it was recorded. Figures that a system sent without a note need none.",
    table="kpi_observation",
    only="(r.via <> 'api' or r.reason is not null)",
    reference="concat_ws(' ', r.kpi, to_char(r.month, 'YYYY-MM'), r.version)",
    area="nullif(r.service_area, '')",
    names="array[r.recorded_by]",
    covers=_FIGURE,
    parts=_FIGURE,
    over="true",
    since="cast(r.recorded_at as date)",
    steps=(
        Empty("kpi_observation", "t.id = :id and t.reason is not null", {"reason": Sealed(record_kpis.REASON)}),
        Empty("kpi_observation", "t.id = :id", {"recorded_by": _BY, "recorded_name": "null"}),
    ),
)

_FACTS = "codes, days and ids of records; what else a fact says of one goes when it is reduced in its own service"
_MEANING = "what codes of the profile mean"
_FEEDS = "which rows of a feed changed: ids and numbers of transactions"
_MECHANISM = "a mechanism: nothing of anybody in it"


def none_needed(tables: frozenset[str]) -> dict[str, str]:
    """Why facts and dimensions need no kind, of the tables that there are; one of another name is asked for by the test."""
    reasons = {"fact_": _FACTS, "dim_": _MEANING}
    return {each: why for each in tables for begins, why in reasons.items() if each.startswith(begins)}


DECLARED = Declared(
    "reporting",
    (COMMENTARY, QUOTES, ISSUE, PLAN, KPI, REQUEST),
    {
        "Reports that were issued": "published, with their quotes and texts; what goes is who prepared and issued them",
        "Facts": "codes, days and ids, of which figures are made; references and moments go when a record is reduced",
        "Profiles": "every version stays: earlier reports are read by the one that they were made by",
    },
    none_needed={
        **OF_EVERY_SERVICE,
        "report_file": "PDF and workbook of a report that was published",
        "plan_measure": "by which measure or KPI an action is judged, in codes",
        "record_area": "ids and service areas",
        "direct_reader": "logins of BI tools, by the name of the tool: the operator takes them away",
        "dead_letter": "events that were put aside; those of a record that is reduced are deleted",
        **dict.fromkeys(("consumer_command", "consumer_position", "rebuild_target"), _MECHANISM),
        **dict.fromkeys(("feed_day", "feed_epoch", "feed_horizon", "feed_left", "feed_touched"), _FEEDS),
    },
)
