"""The measures of how complaints went through their stages: what was asked, what was answered, and whether limits were kept.

The measures of `reporting.domain.measures` follow the complaints that a period received. These count what happened in a period,
whenever the complaint came in, as a report on a procedure's operation in a year does (regulation 13(3) of the Children Act 1989
Representations Procedure (England) Regulations 2006).
"""

from reporting.domain.measure import Collection, Measure, Until
from reporting.domain.measure import measure as _measure

STAGES = {str(number): f"Stage {number}" for number in range(1, 6)}
ENDINGS = {"answered": "Answered", "withdrawn": "Withdrawn", "discontinued": "Discontinued"}
TIMINGS = {"in-time": "Within 12 months", "late-taken": "Late, and taken all the same", "late-declined": "Late, and declined"}

_COMPLAINT = ("procedure", "service_area", "team", "need", "route", "raised_by")
_STAGE = (*_COMPLAINT, "stage")
_POINT = (*_STAGE, "category")
_CORRECTED = "As it stands now: a date that was corrected since is counted as corrected."
_NO_PAUSE = "By the limit with its extension. A suspension moves no limit: the regulations know no pause."
_NOT_YET = "What falls due today or later is not counted yet."
_GIVEN_UP = "A stage that was withdrawn or discontinued is not among them."


def _stages(code: str, name: str, definition: str, **changes: object) -> Measure:
    return _measure(
        code,
        name,
        definition,
        unit="complaints",
        grain="stage of a complaint",
        day="that day",
        source="complaints",
        collection=Collection.COMPLAINTS,
        dimensions=_STAGE,
        changes=changes,
    )


STAGED = (
    _stages(
        "complaints_open",
        "Complaints open",
        "Formal complaints with a stage that had been asked for or begun, and was neither answered nor ended otherwise nor "
        "declined, by the end of the last day of the period.",
        day="last day of the period",
        until=Until.TODAY,
        caveats=(_CORRECTED, "A request for a later stage that waits for a decision is open at that stage."),
    ),
    _stages(
        "stages_requested",
        "Later stages requested",
        "Requests for stage 2 or 3 of formal complaints that were made in the period.",
        day="requested",
        caveats=("Whenever the complaint came in.",),
    ),
    _stages(
        "stages_accepted",
        "Later stages accepted",
        "Stages 2 or 3 of formal complaints that were accepted in the period, or began without a decision being needed.",
        day="decided",
        caveats=("Some were asked for in an earlier period.",),
    ),
    _stages(
        "stages_declined",
        "Later stages declined",
        "Requests for stage 2 or 3 of formal complaints that were declined in the period.",
        day="decided",
    ),
    _stages(
        "stages_ended",
        "Stages ended",
        "Stages of formal complaints that were answered, withdrawn or discontinued in the period.",
        day="answered or ended",
        dimensions=(*_STAGE, "ending"),
        caveats=(_CORRECTED,),
    ),
    _stages(
        "stage_answers_in_time",
        "Stages answered in time",
        "The share of stages due in the period that were answered by their day.",
        day="due",
        numerator="Stages of formal complaints whose answer was sent on or before the last day of the limit.",
        denominator="Stages of formal complaints whose limit ended in the period, answered or not.",
        until=Until.YESTERDAY,
        caveats=(_NO_PAUSE, _NOT_YET, _GIVEN_UP, "Where a panel hears a stage, the limit is that of the answer to its report."),
    ),
    _stages(
        "stages_extended",
        "Stages extended",
        "Stages of formal complaints whose limit was extended in the period.",
        day="extended",
    ),
    _stages(
        "stages_suspended",
        "Stages ended that had been suspended",
        "Stages of formal complaints, ended in the period, that had been suspended for at least one working day.",
        day="answered or ended",
        caveats=("Suspensions that go on are counted when the stage has ended.",),
    ),
    _stages(
        "suspended_stage_days",
        "Working days that passed in suspended stages",
        "Working days from beginning to end of the stages, ended in the period, that had been suspended.",
        unit="working days",
        day="answered or ended",
        caveats=("All days that passed, those of the suspension included.",),
    ),
    _stages(
        "suspended_days",
        "Working days suspended",
        "Of those, the days on which the stage was suspended.",
        unit="working days",
        day="answered or ended",
    ),
    _stages(
        "stage1_responses_unsuspended",
        "Complaints answered at stage 1, without suspended days",
        "Formal complaints received in the period and answered at stage 1, by working days to the response without those that "
        "were suspended.",
        grain="complaint",
        day="received",
        dimensions=(*_COMPLAINT, "band"),
        caveats=("Stands beside the days that passed, and never instead of them.",),
    ),
    _stages(
        "panels_held",
        "Review panels held",
        "Review panels that met in the period.",
        unit="panels",
        day="met",
    ),
    _stages(
        "panels_in_time",
        "Review panels held in time",
        "The share of review panels due in the period that met by their day.",
        unit="panels",
        day="due",
        numerator="Panels that met on or before the last day of the limit.",
        denominator="Panels whose limit ended in the period, held or not.",
        until=Until.YESTERDAY,
        caveats=(_NO_PAUSE, _NOT_YET, "Without stages that were withdrawn or discontinued before a panel met."),
    ),
    _stages(
        "panel_reports_in_time",
        "Panels' reports sent in time",
        "The share of panels' reports due in the period that were sent by their day.",
        unit="reports",
        day="due",
        numerator="Reports that were sent on or before the last day of the limit.",
        denominator="Reports of panels that had met, whose limit ended in the period, sent or not.",
        until=Until.YESTERDAY,
        caveats=(_NO_PAUSE, _NOT_YET),
    ),
    _stages(
        "findings_made",
        "Findings made",
        "Findings on points of formal complaints at stages that ended in the period.",
        unit="points",
        grain="complaint point at a stage",
        day="answered or ended",
        dimensions=(*_POINT, "finding"),
        caveats=("A point that went through two stages in the period has two findings, so the stages are never added.",),
    ),
    _stages(
        "findings_differ",
        "Findings that differ from the stage before",
        "The share of points with a finding at stage 2 or 3, made in the period, that differs from that of the stage before.",
        unit="points",
        grain="complaint point at a stage",
        day="answered or ended",
        numerator="Points whose finding is another than at the stage before.",
        denominator="Points with a finding at the stage and at the one before.",
        dimensions=_POINT,
        caveats=("Findings of points that were withdrawn or discontinued are not among them.",),
    ),
)
