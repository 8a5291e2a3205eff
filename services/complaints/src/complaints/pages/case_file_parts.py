"""The parts of a case file, in the order in which somebody reads who knows nothing of it."""

from collections.abc import Iterator

from chassis.days import moment_words
from chassis.pdf.document import Block, Bullets, Column, Facts, Heading, Table, Text
from complaints.domain.case import Standing
from complaints.pages import intake_words
from complaints.pages.case_file_papers import papers
from complaints.pages.chronology import chronology
from complaints.pages.labels import CLOCK_TAGS, ENDINGS, PHASES, Labels, day_words
from complaints.pages.learning_view import owner_of, tag_of
from complaints.pages.people import NAMES
from complaints.pages.point_words import became_words
from complaints.use_cases.case_file import MOST_OPENINGS, CaseFile
from complaints.use_cases.read_complaints import StageView
from complaints.use_cases.view_points import PointView

_COUNTED = (
    "All limits are working days; day 0 is the day of the event. A Saturday, a Sunday, Christmas Day, Boxing Day, Good Friday "
    "and a bank holiday in England and Wales is none. The clock stops on the day on which the response was sent. What was "
    "suspended is said beside the days that really passed. Each stage names the version of the bank holidays that it was "
    "counted by."
)


def blocks(found: CaseFile, labels: Labels) -> Iterator[Block]:
    """All parts; one that has nothing to say says so."""
    yield from _in_short(found, labels)
    yield from _said(found)
    yield from _who(found)
    yield from _stages(found, labels)
    yield from _points(found, labels)
    yield from _learning(found, labels)
    yield from papers(found)
    yield Heading("What happened, day by day")
    rows = tuple((day_words(each.on), each.what, each.words, each.recorded) for each in chronology(found, labels))
    columns = (Column("Day", 3), Column("What", 5), Column("Words", 7), Column("Recorded", 4))
    yield Table("Every step, by the day that it is dated", columns, rows)
    yield from _opened(found)
    yield Heading("How days are counted")
    yield Text(_COUNTED)


def _facts(*rows: tuple[str, str]) -> Facts:
    return Facts(tuple((label, words) for label, words in rows if words))


def _in_short(found: CaseFile, labels: Labels) -> Iterator[Block]:
    record, view = found.view.record, found.view
    yield Heading("In short")
    last = view.stages[-1]
    stands = (
        f"Stage {last.number}: {last.clock.words}" if last.clock else f"Stage {last.number} {PHASES[view.case.phase.value]}"
    )
    yield _facts(
        ("Procedure", labels.name("procedure", record.procedure)),
        ("Received", day_words(record.received_on)),
        ("Where it stands", stands),
        ("Next stage can be asked for until", day_words(view.request_until)),
        ("Service area", labels.name("area", record.service_area)),
        ("Team", labels.name("team", record.team)),
        ("Primary area of need", labels.name("need", record.need)),
        ("Came by", labels.name("route", record.route)),
        ("Raised by", labels.name("raised_by", record.raised_by)),
        ("Ombudsman's cases", ", ".join(case.reference for case, _ in found.ombudsman)),
    )


def _said(found: CaseFile) -> Iterator[Block]:
    yield Heading("What was said")
    if found.came is None:
        yield Text("It was recorded by another system, or before words were kept here: no words of it are in this record.")
        return
    it, details = found.came.stored, found.came.details
    offered = it.now.advocate_offered_on
    advocate = f"Offered on {day_words(offered)}, {intake_words.ADVOCATE[it.now.advocate]}" if offered else "Not offered"
    yield _facts(
        ("Reference of the receipt", it.reference),
        ("Came by", intake_words.CAME_BY[it.came_by]),
        ("By a child or care leaver", "Yes" if it.now.from_child else "No"),
        ("For whom", intake_words.STANDING[it.standing]),
        ("Happened", day_words(it.now.happened_on)),
        ("Answer wished by", intake_words.ANSWER_BY[it.answer_by]),
        ("Language", intake_words.LANGUAGES.get(it.language, it.language)),
        ("Advocate", advocate),
    )
    for title, words in (
        ("In the sender's words", details.narrative),
        ("What should happen", details.desired),
        ("Who and what it is about", details.about),
    ):
        if words:
            yield Heading(title, 3)
            yield Text(words)


def _who(found: CaseFile) -> Iterator[Block]:
    yield Heading("Who is who")
    rows = []
    for each in found.who.people:
        assigned, contact = each.stored.assigned, each.contact
        until = f" to {day_words(assigned.until_on)}" if assigned.until_on else ""
        reach = "\n".join(part for part in (contact.name, contact.phone, contact.email, contact.address) if part)
        declared = "\nDeclared to be independent" if each.stored.independent else ""
        rows.append((f"{NAMES[assigned.role]}{declared}", reach or "No name given", f"{day_words(assigned.from_on)}{until}"))
    if not rows:
        yield Text("Nobody is named in this record.")
        return
    yield Table("People and their parts", (Column("Part", 4), Column("Who", 6), Column("From and until", 4)), tuple(rows))


def _stages(found: CaseFile, labels: Labels) -> Iterator[Block]:
    yield Heading("Stages and clocks")
    for each in found.view.stages:
        yield Heading(f"Stage {each.number}: {each.name}", 3)
        yield _facts(*_stage_facts(each, labels))


def _stage_facts(each: StageView, labels: Labels) -> Iterator[tuple[str, str]]:
    clock, stage, request = each.clock, each.stage, each.request
    if request is not None:
        late = ", after the limit, taken at discretion" if request.late else ""
        yield "Asked for", f"{day_words(request.requested_on)}{late}"
        yield (request.decision or "").capitalize(), day_words(request.decided_on)
    if clock is not None:
        yield "Clock", f"{CLOCK_TAGS[clock.state][0]}: {clock.words}"
        yield "Due", day_words(clock.due_on)
        moved = clock.answer_by if clock.answer_by != clock.due_on else None
        yield "Answer by, with the days of suspension", day_words(moved)
        yield "Acknowledge by", day_words(clock.acknowledge_by)
        yield "Limit kept", "Yes" if clock.kept else "No"
        yield "Counted by", f"bank holidays of {clock.calendar}"
    if stage is None:
        return
    facts = stage.facts
    yield "Acknowledged", day_words(facts.acknowledged_on)
    yield "Statement agreed", day_words(facts.agreed_on)
    if facts.extended_on is not None:
        limit = facts.extended_to or stage.terms.extension_to
        yield "Extended", f"{day_words(facts.extended_on)}, to {limit} working days in all"
    for pause in facts.suspensions:
        until = f"to {day_words(pause.until_on)}" if pause.until_on else "still"
        yield "Suspended", f"{day_words(pause.from_on)} {until}: {labels.name('suspension_reason', pause.reason)}"
    yield "Panel met", day_words(facts.panel_on)
    yield "Panel reported", day_words(facts.reported_on)
    if stage.ending is not None:
        yield ENDINGS[stage.ending], day_words(facts.responded_on)
    yield "Confirmed in writing", day_words(stage.confirmed_on)
    yield "Internal review", "The authority looks into it all the same" if stage.internal_review else ""


def _points(found: CaseFile, labels: Labels) -> Iterator[Block]:
    yield Heading("Points and findings")
    for point in found.view.points:
        area = labels.name("area", point.facts.service_area)
        yield Heading(f"Point {point.reference}: {labels.name('category', point.facts.category)}, {area}", 3)
        wanted = "\n".join(part for part in (labels.name("desired", point.facts.desired), point.wanted or "") if part)
        about = (
            ("What became of it", "" if point.live else became_words(point)),
            ("In words", point.words or ""),
            ("Team", labels.name("team", point.facts.team)),
            ("Area of need", labels.name("need", point.facts.need)),
            ("What is wanted", wanted),
        )
        rows = [(name, said) for name, said in about if said]
        for stage in found.view.case.stages:
            standing = point.standings.get(stage.number)
            if standing is not None:
                rows.append((f"Stage {stage.number}", _finding(found, labels, stage.number, point, standing)))
            elif point.live:
                rows.append((f"Stage {stage.number}", "None made" if stage.facts.responded_on else "Not yet"))
        yield Facts(tuple(rows))


def _finding(found: CaseFile, labels: Labels, stage: int, point: PointView, standing: Standing) -> str:
    said = found.view.saying(stage, point)
    remedies = "; ".join(labels.name("remedy", code) for code in said.remedies)
    elsewhere = standing.made_on != (point.reference,)
    parts = (
        labels.name("finding", standing.finding),
        f"Found on point {', '.join(standing.made_on)}" if elsewhere else "",
        said.reason or "",
        f"To put it right: {remedies}" if remedies else "",
    )
    return "\n".join(part for part in parts if part)


def _learning(found: CaseFile, labels: Labels) -> Iterator[Block]:
    yield Heading("Learning")
    items = [
        f"{action.name}, {tag_of(action, found.view.on)[0].lower()}: {action.action.plan.what} "
        f"({owner_of(action.action.plan, labels)}, due {day_words(action.action.plan.due_on)})"
        + (f"\nWhat shows it: {action.action.evidence}" if action.action.evidence else "")
        for point in found.learned
        for action in point.actions
    ]
    items += [
        f"Point {point.point.reference}: no action, decided {day_words(none.decided_on)}: {none.reason}"
        for point in found.learned
        for none in point.nones
    ]
    items += [f"Point {point.point.reference} still asks for an action." for point in found.learned if point.asks]
    yield Bullets(tuple(items)) if items else Text("Nothing was asked for, and nothing recorded.")


def _opened(found: CaseFile) -> Iterator[Block]:
    yield Heading("Who opened it")
    most = f" The last {MOST_OPENINGS} are listed." if len(found.openings) == MOST_OPENINGS else ""
    yield Text(f"Whoever opened names, words or this file, the last first.{most}")
    rows = tuple((moment_words(each.at), each.words) for each in found.openings)
    yield Table("Openings", (Column("When", 4), Column("Who", 6)), rows)
