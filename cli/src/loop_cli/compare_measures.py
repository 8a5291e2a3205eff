"""The measures of docs/guides/profiles.md counted straight from the records.

A second opinion on what reporting computes: it shares no code with it, reads what was sent rather than events, and is as plain
as the definitions are. Only the working-day calendar is shared, so that both count the same bank holidays.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from loop_cli.compare_facts import Band, Fact, Measure, Period, codes, day
from loop_cli.compare_records import Definitions, Record, Records
from loop_cli.compare_stages import JUDGED, STAGED, days_taken, points_with_learning, points_with_reason, stages_of


def _complaint(record: Record) -> dict[str, frozenset[str]]:
    body = record["complaint"]
    return codes(**{name: body[name] for name in ("procedure", "service_area", "team", "need", "route", "raised_by")})


def _step(record: Record, path: str) -> Record | None:
    return next((each["body"] for each in record["steps"] if each["path"] == path), None)


def _date_of(record: Record, path: str, name: str) -> date | None:
    found = _step(record, path)
    return day(found[name]) if found else None


def _received(record: Record) -> date:
    return date.fromisoformat(record["complaint"]["received_on"])


def _of_formality(records: Records, definitions: Definitions, formality: str) -> Iterator[Record]:
    yield from (each for each in records.complaints if definitions.formality[each["complaint"]["procedure"]] == formality)


def complaints_received(records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]) -> Iterator[Fact]:
    """Formal complaints, by the day they were received."""
    for record in _of_formality(records, definitions, "formal"):
        if _received(record) in period:
            yield Fact(_complaint(record))


def complaint_points(records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]) -> Iterator[Fact]:
    """Points of formal complaints, with their finding at stage 1, by the day the complaint was received."""
    for record in _of_formality(records, definitions, "formal"):
        if _received(record) not in period:
            continue
        findings = stages_of(record, definitions)[0].findings
        for point in record["complaint"]["points"]:
            area = point["service_area"] or record["complaint"]["service_area"]
            own = codes(category=point["category"], service_area=area, finding=findings.get(point["reference"]))
            yield Fact({**_complaint(record), **own})


def points_with_finding(records: Records, definitions: Definitions, period: Period, bands: tuple[Band, ...]) -> Iterator[Fact]:
    """Of the points, those with a finding at stage 1."""
    yield from (fact for fact in complaint_points(records, definitions, period, bands) if fact.dimensions["finding"])


def points_upheld(records: Records, definitions: Definitions, period: Period, bands: tuple[Band, ...]) -> Iterator[Fact]:
    """Of the points on which stage 1 judged, those upheld, wholly or in part."""
    for fact in complaint_points(records, definitions, period, bands):
        if judged := fact.dimensions["finding"] & set(JUDGED):
            yield Fact(fact.dimensions, int(bool(judged & {"upheld", "partially-upheld"})), of=1)


def _with_band(record: Record, definitions: Definitions, period: Period, bands: tuple[Band, ...]) -> dict[str, frozenset[str]]:
    answered, days, _ = days_taken(record, definitions)
    if answered and answered > period.last and any(band.is_open for band in bands):
        days = None
    return {**_complaint(record), "band": frozenset(band.code for band in bands if band.holds(days))}


def stage1_responses(records: Records, definitions: Definitions, period: Period, bands: tuple[Band, ...]) -> Iterator[Fact]:
    """Formal complaints answered at stage 1, by the day they were received."""
    for record in _of_formality(records, definitions, "formal"):
        if _received(record) in period and _step(record, "stages/1/response"):
            yield Fact(_with_band(record, definitions, period, bands))


def informal_received(records: Records, definitions: Definitions, period: Period, bands: tuple[Band, ...]) -> Iterator[Fact]:
    """Informal complaints and enquiries, by the day they were received; in each category that a point of theirs has."""
    for record in _of_formality(records, definitions, "informal"):
        if _received(record) in period:
            categories = frozenset(point["category"] for point in record["complaint"]["points"])
            yield Fact({**_with_band(record, definitions, period, bands), "category": categories})


def _stage_2(decision: str | None) -> Measure:
    def measure(records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]) -> Iterator[Fact]:
        for record in _of_formality(records, definitions, "formal"):
            decided = _step(record, "stages/2/decision")
            is_such = _step(record, "stages/2/request") if decision is None else decided and decided["decision"] == decision
            if _received(record) in period and is_such:
                yield Fact(_complaint(record))

    return measure


def _accepted(record: Record) -> date | None:
    decided = _step(record, "stages/2/decision")
    return day(decided["decided_on"]) if decided and decided["decision"] == "accepted" else None


def stage2_accepted_from_earlier(
    records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]
) -> Iterator[Fact]:
    """Complaints received before the period whose stage 2 was accepted in it."""
    for record in _of_formality(records, definitions, "formal"):
        if _received(record) < period.first and _accepted(record) in period:
            yield Fact(_complaint(record))


def stage2_in_progress(records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]) -> Iterator[Fact]:
    """Stage 2 accepted by the last day of the period and not answered by then."""
    for record in _of_formality(records, definitions, "formal"):
        accepted, answered = _accepted(record), _date_of(record, "stages/2/response", "responded_on")
        if accepted and accepted <= period.last and (answered is None or answered > period.last):
            yield Fact(_complaint(record))


def ombudsman_accepted(records: Records, _d: Definitions, period: Period, _b: tuple[Band, ...]) -> Iterator[Fact]:
    """Ombudsman cases, by the day they were accepted."""
    for record in records.ombudsman:
        if day(record["case"]["accepted_on"]) in period:
            yield Fact(codes(service_area=record["case"]["service_area"]))


def _ombudsman(*, actions: bool) -> Measure:
    def measure(records: Records, _d: Definitions, period: Period, _b: tuple[Band, ...]) -> Iterator[Fact]:
        for record in records.ombudsman:
            outcome = record["outcome"]
            if outcome and day(outcome["outcome_on"]) in period:
                dimensions = codes(service_area=record["case"]["service_area"], outcome=outcome["outcome"])
                yield Fact(dimensions, outcome["actions"] if actions else 1)

    return measure


def compliments_received(records: Records, _d: Definitions, period: Period, _b: tuple[Band, ...]) -> Iterator[Fact]:
    """Compliments from outside, by the day they were received."""
    for record in records.compliments:
        if record["external"] and day(record["received_on"]) in period:
            yield Fact(codes(**{name: record[name] for name in ("service_area", "team", "source")}))


def _audits(amount: Callable[[Record], int], needs: str | None = None) -> Measure:
    def measure(records: Records, _d: Definitions, period: Period, _b: tuple[Band, ...]) -> Iterator[Fact]:
        for record in records.audits:
            if day(record["completed_on"]) in period and (needs is None or record[needs]):
                dimensions = codes(**{name: record[name] for name in ("kind", "tool", "service_area", "team", "rag")})
                dimensions["grade"] = codes(grade=record["overall"])["grade"]
                dimensions["audit_finding"] = frozenset(record["findings"])
                yield Fact(dimensions, amount(record))

    return measure


def _one(_record: Record) -> int:
    return 1


def _cases(record: Record) -> int:
    return int(record["cases"])


def _activity(record: Record) -> int:
    return int(sum(record["activity"].values()))


def _actions(*, overdue: bool) -> Measure:
    def measure(records: Records, _d: Definitions, period: Period, _b: tuple[Band, ...]) -> Iterator[Fact]:
        for record in records.audits:
            dimensions = codes(**{name: record[name] for name in ("tool", "service_area", "team")}, programme=None)
            for action in record["actions"] if date.fromisoformat(record["completed_on"]) <= period.last else ():
                done_on = day(action["done_on"])
                is_open = done_on is None or done_on > period.last
                if is_open and not (overdue and date.fromisoformat(action["due_on"]) >= period.last):
                    yield Fact(dimensions)

    return measure


def sections_graded(records: Records, _d: Definitions, period: Period, _b: tuple[Band, ...]) -> Iterator[Fact]:
    """Sections with a grade, by the day the audit was completed."""
    for record in records.audits:
        if day(record["completed_on"]) not in period:
            continue
        dimensions = codes(**{name: record[name] for name in ("kind", "tool", "service_area", "team")})
        for section in record["sections"]:
            if section["grade"] and not section["not_applicable"]:
                yield Fact({**dimensions, **codes(section=section["section"], grade=section["grade"])})


def audit_actions_set(records: Records, _d: Definitions, period: Period, _b: tuple[Band, ...]) -> Iterator[Fact]:
    """Actions, by the day the audit was completed."""
    for record in records.audits:
        if day(record["completed_on"]) in period:
            dimensions = codes(**{name: record[name] for name in ("tool", "service_area", "team")}, programme=None)
            yield from (Fact(dimensions) for _ in record["actions"])


def audit_actions_in_time(records: Records, _d: Definitions, period: Period, _b: tuple[Band, ...]) -> Iterator[Fact]:
    """Of the actions due in the period, those done by their day."""
    for record in records.audits:
        dimensions = codes(**{name: record[name] for name in ("tool", "service_area", "team")}, programme=None)
        for action in record["actions"]:
            if day(action["due_on"]) in period:
                done_on = day(action["done_on"])
                yield Fact(dimensions, int(done_on is not None and done_on <= date.fromisoformat(action["due_on"])), of=1)


def invitations_answered(records: Records, _d: Definitions, period: Period, _b: tuple[Band, ...]) -> Iterator[Fact]:
    """Of the links for one family, those that it opened and answered."""
    for record in records.invitations:
        asked = record["invitation"]
        if not asked["reusable"] and day(asked["about_on"]) in period:
            dimensions = codes(
                **{name: asked[name] for name in ("questionnaire", "service_area", "team")}, invited_by=asked["channel"]
            )
            yield Fact(dimensions, int(bool(record["answers"])), of=1)


def nothing(_r: Records, _d: Definitions, _p: Period, _b: tuple[Band, ...]) -> Iterator[Fact]:
    """None: see NOT_IN_RECORDS."""
    yield from ()


def _response(record: Record) -> dict[str, frozenset[str]]:
    return codes(**{name: record[name] for name in ("questionnaire", "service_area", "team", "channel")})


def responses_received(records: Records, _d: Definitions, period: Period, _b: tuple[Band, ...]) -> Iterator[Fact]:
    """Surveys submitted, by the day of what they are about."""
    for record in records.responses:
        if day(record["about_on"]) in period:
            yield Fact(_response(record))


def answers_favourable(records: Records, definitions: Definitions, period: Period, _: tuple[Band, ...]) -> Iterator[Fact]:
    """Favourable answers of all answers; what was skipped or does not apply is none."""
    for record in records.responses:
        if day(record["about_on"]) not in period:
            continue
        for question, answer in record["answers"].items():
            key = (record["questionnaire"], question)
            given = set(answer.get("choices", [])) | ({answer["choice"]} if "choice" in answer else set())
            score, least = answer.get("score"), definitions.positive_from.get(key)
            if not given and (score is None or least is None):
                continue
            is_favourable = bool(given & definitions.positive[key]) or (score is not None and score >= (least or 0))
            yield Fact({**_response(record), **codes(question=question)}, int(is_favourable), of=1)


NOT_IN_RECORDS = (
    "audits_allocated",
    "parts_submitted_in_time",
    "audits_moderated_in_time",
    "audits_reviewed_in_time",
    "disputes_raised",
    "dispute_answers_in_time",
    "practice_acknowledged",
    "stars_started",
    "star_people_with_both",
    "star_changes",
    "star_improved",
    "star_worse",
    "star_began_at_top",
    "star_points_gained",
    "star_points_lost",
    # of what people do in the feedback service
    "comments_themed",
    "quotes_released",
    "changes_published",
    # of what came in, as officers took it down
    "representations_received",
    "representations_decided",
    "calls_made",
    "call_attempts",
    "call_attempts_reached",
    "calls_declined",
    "calls_made_in_time",
    "calls_of_minimum",
    # of what people do in the complaints service: an action is recorded, due or done today
    "learning_actions_recorded",
    "learning_actions_open",
    "learning_actions_overdue",
    "learning_actions_in_time",
    "learning_made_a_difference",
    "ombudsman_remedies_in_time",
    "ombudsman_answers_in_time",
    "ombudsman_cases_with_remedies",
)
"""Measures of what people do in the audit and feedback services themselves, on the day on which they do it, and of stars.

Records of 2022 cannot be sent for them: an audit is allocated, submitted or late today. So in the periods of the records there
is none, and that is what is compared; services/reporting counts each of them against an example that was counted by hand.
"""

MEASURES: Mapping[str, Measure] = {
    "complaints_received": complaints_received,
    "complaint_points": complaint_points,
    "points_with_finding": points_with_finding,
    "points_upheld": points_upheld,
    "stage1_responses": stage1_responses,
    "informal_received": informal_received,
    "stage2_requested": _stage_2(None),
    "stage2_declined": _stage_2("declined"),
    "stage2_accepted": _stage_2("accepted"),
    "stage2_accepted_from_earlier": stage2_accepted_from_earlier,
    "stage2_in_progress": stage2_in_progress,
    "ombudsman_accepted": ombudsman_accepted,
    "ombudsman_outcomes": _ombudsman(actions=False),
    "ombudsman_actions": _ombudsman(actions=True),
    "compliments_received": compliments_received,
    "audits_completed": _audits(_one),
    "audit_activity": _audits(_activity),
    "audited_children": _audits(_cases),
    "audits_with_grade": _audits(_one, "overall"),
    "cases_with_rag": _audits(_cases, "rag"),
    "cases_with_finding": _audits(_cases, "findings"),
    "actions_open": _actions(overdue=False),
    "actions_overdue": _actions(overdue=True),
    "sections_graded": sections_graded,
    "audit_actions_set": audit_actions_set,
    "audit_actions_in_time": audit_actions_in_time,
    "invitations_answered": invitations_answered,
    **STAGED,
    "points_with_learning": points_with_learning,
    "points_with_reason_for_none": points_with_reason,
    **dict.fromkeys(NOT_IN_RECORDS, nothing),
    "responses_received": responses_received,
    "answers_favourable": answers_favourable,
}
