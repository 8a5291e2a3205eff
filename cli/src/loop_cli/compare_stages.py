"""How complaints went through their stages, counted straight from the steps that were sent.

As `loop_cli.compare_measures`: a second opinion that shares no code with reporting. Limits are counted from the profile's words
and the steps, not from what the complaints service said they are.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from chassis.calendar import WorkingDays
from loop_cli.compare_facts import Band, Fact, Measure, Period, codes, day
from loop_cli.compare_records import Definitions, Record, Records

JUDGED = ("upheld", "partially-upheld", "not-upheld", "no-finding")


@dataclass
class Stage:
    """A stage of a formal complaint as its steps leave it."""

    number: int
    limit: int
    requested: date | None = None
    decided: date | None = None
    declined: bool = False
    started: date | None = None  # day 0
    extended: date | None = None
    ended: date | None = None
    ending: str | None = None
    panel: date | None = None
    reported: date | None = None
    hears_panel: bool = False
    report_within: int = 0
    answer_within: int = 0
    stopped: date | None = None
    suspended: int = 0
    findings: Mapping[str, str] = field(default_factory=dict)

    @property
    def given_up(self) -> bool:
        """Whether it was withdrawn or discontinued."""
        return self.ending in {"withdrawn", "discontinued"}

    @property
    def answer_due(self) -> date | None:
        """By when the answer was due; None where a panel has still to report."""
        if self.hears_panel:
            return _calendar().add(self.reported, self.answer_within) if self.reported else None
        return _calendar().add(self.started, self.limit) if self.started else None

    @property
    def panel_due(self) -> date | None:
        """By when the panel had to meet."""
        return _calendar().add(self.started, self.limit) if self.hears_panel and self.started else None

    @property
    def report_due(self) -> date | None:
        """By when the panel's report had to be sent."""
        return _calendar().add(self.panel, self.report_within) if self.hears_panel and self.panel else None


@cache
def _calendar() -> WorkingDays:
    return WorkingDays.load()


def stages_of(record: Record, definitions: Definitions) -> list[Stage]:
    """The stages of a complaint that began or were asked for, in order."""
    procedure = definitions.procedures[record["complaint"]["procedure"]]
    terms = {each["number"]: each for each in procedure["stages"]}
    found = {number: _stage(number, each) for number, each in terms.items()}
    found[1].started = _day_zero(date.fromisoformat(record["complaint"]["received_on"]), terms[1])
    points = [each["reference"] for each in record["complaint"]["points"]]
    for step in record["steps"]:
        _, place, name = step["path"].split("/")
        stage, body = found[int(place)], step["body"]
        on = day(next((value for key, value in body.items() if key.endswith("_on")), None))
        if name == "decision":
            stage.decided, stage.declined = on, body["decision"] == "declined"
            if not stage.declined and stage.requested:
                stage.started = _day_zero(stage.requested, terms[stage.number])
        elif name == "extension":
            stage.extended, stage.limit = on, body.get("to") or terms[stage.number]["extension_to"]
        elif name in {"response", "ending"}:
            stage.ended, stage.ending = on, body.get("ending", "answered")
            stage.findings = {each["point"]: each["finding"] for each in body.get("findings", ())}
            stage.findings = stage.findings or dict.fromkeys(points, stage.ending)
        else:
            _note(stage, name, on)
    return [stage for stage in found.values() if stage.started or stage.requested]


def _stage(number: int, terms: Record) -> Stage:
    stage = Stage(number, terms["limit"])
    if panel := terms.get("panel"):
        stage.hears_panel, stage.report_within, stage.answer_within = True, panel["report_within"], panel["answer_within"]
    return stage


def _note(stage: Stage, name: str, on: date | None) -> None:
    """A step that only has a day."""
    match name:
        case "acknowledgement":
            stage.started = on
        case "suspension":
            stage.stopped = on
        case "resumption":
            stage.suspended += _calendar().count(stage.stopped, on) if stage.stopped and on else 0
        case "request":
            stage.requested = on
        case "panel":
            stage.panel = on
        case "report":
            stage.reported = on
        case _:
            raise ValueError(name)


def _day_zero(on: date, terms: Mapping[str, object]) -> date:
    """Until it is acknowledged, a stage that counts from that is counted as if it were on the last day for it."""
    if terms["counts_from"] == "acknowledged":
        within = terms["acknowledge_within"]
        return _calendar().add(on, within if isinstance(within, int) else 0)
    return on


def days_taken(record: Record, definitions: Definitions) -> tuple[date | None, int | None, int | None]:
    """Stage 1: the day it was answered, the working days to that, and those without what was suspended."""
    first = stages_of(record, definitions)[0]
    if first.ending != "answered" or first.ended is None or first.started is None:
        return None, None, None
    days = _calendar().count(first.started, first.ended)
    return first.ended, days, days - first.suspended


def _formal(records: Records, definitions: Definitions) -> Iterator[tuple[Record, list[Stage]]]:
    for record in records.complaints:
        if definitions.procedures[record["complaint"]["procedure"]]["formality"] == "formal":
            yield record, stages_of(record, definitions)


def _dimensions(record: Record, stage: Stage, **more: str | None) -> dict[str, frozenset[str]]:
    body = record["complaint"]
    names = ("procedure", "service_area", "team", "need", "route", "raised_by")
    return codes(**{name: body[name] for name in names}, stage=str(stage.number), **more)


Counted = Callable[[Stage, Period], tuple[int, int | None] | int | bool | None]


def _per_stage(counted: Counted) -> Measure:
    """A measure of stages: how much one adds, with what it adds to the denominator of a ratio."""

    def measure(records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]) -> Iterator[Fact]:
        for record, stages in _formal(records, definitions):
            for stage in stages:
                amount = counted(stage, period)
                if isinstance(amount, tuple):
                    yield Fact(_dimensions(record, stage, ending=stage.ending), amount[0], of=amount[1])
                elif amount:
                    yield Fact(_dimensions(record, stage, ending=stage.ending), int(amount))

    return measure


def _in_time(due: date | None, done: date | None, period: Period, *, counts: bool) -> tuple[int, int] | None:
    if due is None or due not in period or not counts:
        return None
    return int(done is not None and done <= due), 1


def _open(records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]) -> Iterator[Fact]:
    """Stages that had begun, or been asked for, and had not ended by the last day."""
    for record, stages in _formal(records, definitions):
        for stage in stages:
            begun = stage.requested or date.fromisoformat(record["complaint"]["received_on"])
            refused = stage.declined and stage.decided is not None and stage.decided <= period.last
            if begun <= period.last and not refused and (stage.ended is None or stage.ended > period.last):
                yield Fact(_dimensions(record, stage))


def _accepted(stage: Stage) -> date | None:
    return (stage.decided or stage.started) if stage.number > 1 and stage.started and not stage.declined else None


def _unsuspended(records: Records, definitions: Definitions, period: Period, bands: tuple[Band, ...]) -> Iterator[Fact]:
    for record, stages in _formal(records, definitions):
        days = days_taken(record, definitions)[2]
        if date.fromisoformat(record["complaint"]["received_on"]) in period and days is not None:
            band = {"band": frozenset(band.code for band in bands if band.holds(days))}
            yield Fact({**_dimensions(record, stages[0]), **band})


def _points(record: Record, stage: Stage) -> Iterator[tuple[str, str, dict[str, frozenset[str]]]]:
    """Each point with a finding at a stage: its reference, the finding, and its dimensions."""
    for point in record["complaint"]["points"]:
        if finding := stage.findings.get(point["reference"]):
            own = codes(category=point["category"], finding=finding)
            if point["service_area"]:
                own |= codes(service_area=point["service_area"])
            yield point["reference"], finding, {**_dimensions(record, stage), **own}


def _found(records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]) -> Iterator[Fact]:
    for record, stages in _formal(records, definitions):
        for stage in stages:
            if stage.ended in period:
                yield from (Fact(dimensions) for _, _, dimensions in _points(record, stage))


def _differ(records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]) -> Iterator[Fact]:
    for record, stages in _formal(records, definitions):
        before = {stage.number + 1: stage for stage in stages}
        for stage in stages:
            if stage.ended not in period or stage.number not in before:
                continue
            for point, finding, dimensions in _points(record, stage):
                earlier = before[stage.number].findings.get(point)
                if earlier in JUDGED and finding in JUDGED:
                    yield Fact(dimensions, int(finding != earlier), of=1)


def _suspended(amount: Callable[[Stage], int]) -> Counted:
    return lambda stage, period: amount(stage) if stage.suspended and stage.ended in period else None


def _passed(stage: Stage) -> int:
    return _calendar().count(stage.started, stage.ended) if stage.started and stage.ended else 0


def _upheld(record: Record, stages: list[Stage], period: Period) -> Iterator[tuple[str, dict[str, frozenset[str]]]]:
    """Points whose last finding is upheld or partially upheld, and was made in the period."""
    last: dict[str, tuple[Stage, str, dict[str, frozenset[str]]]] = {}
    for stage in stages:
        for point, finding, dimensions in _points(record, stage):
            last[point] = stage, finding, dimensions
    for point, (stage, finding, dimensions) in last.items():
        if finding in {"upheld", "partially-upheld"} and stage.ended in period:
            yield point, dimensions


def _learned(record: Record) -> dict[str, str]:
    """What is recorded of a point: `actions` or `reason`."""
    return {each["point"]: "reason" if "reason" in each else "actions" for each in record.get("learning", ())}


def points_with_learning(records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]) -> Iterator[Fact]:
    """Points upheld, wholly or in part, with an action or a reason for none."""
    for record, stages in _formal(records, definitions):
        for point, dimensions in _upheld(record, stages, period):
            yield Fact(dimensions, int(point in _learned(record)), of=1)


def points_with_reason(records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]) -> Iterator[Fact]:
    """Of those, the ones with a reason for none."""
    for record, stages in _formal(records, definitions):
        for point, dimensions in _upheld(record, stages, period):
            if _learned(record).get(point) == "reason":
                yield Fact(dimensions)


STAGED: Mapping[str, Measure] = {
    "complaints_open": _open,
    "stages_requested": _per_stage(lambda stage, period: stage.number > 1 and stage.requested in period),
    "stages_accepted": _per_stage(lambda stage, period: _accepted(stage) in period),
    "stages_declined": _per_stage(lambda stage, period: stage.declined and stage.decided in period),
    "stages_ended": _per_stage(lambda stage, period: stage.ended in period),
    "stage_answers_in_time": _per_stage(
        lambda stage, period: _in_time(stage.answer_due, stage.ended, period, counts=not stage.given_up)
    ),
    "stages_extended": _per_stage(lambda stage, period: stage.extended in period),
    "stages_suspended": _per_stage(_suspended(lambda _: 1)),
    "suspended_stage_days": _per_stage(_suspended(_passed)),
    "suspended_days": _per_stage(_suspended(lambda stage: stage.suspended)),
    "stage1_responses_unsuspended": _unsuspended,
    "panels_held": _per_stage(lambda stage, period: stage.panel in period),
    "panels_in_time": _per_stage(
        lambda stage, period: _in_time(
            stage.panel_due, stage.panel, period, counts=stage.panel is not None or not stage.given_up
        )
    ),
    "panel_reports_in_time": _per_stage(
        lambda stage, period: _in_time(
            stage.report_due, stage.reported, period, counts=stage.reported is not None or not stage.given_up
        )
    ),
    "findings_made": _found,
    "findings_differ": _differ,
}
