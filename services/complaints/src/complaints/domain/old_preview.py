"""What would become of a file of old cases: figures by procedure and year, clocks beside the list's own days, faults."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from chassis.calendar import WorkingDays
from chassis.days import day_words
from chassis.spreadsheet import Sheet
from complaints.domain.case import Rules
from complaints.domain.old_cases import Built, Count, OldCase, OldCompliment, build
from complaints.domain.old_rows import Fault, Read, Reader
from complaints.domain.old_sheet import COMPLAINTS, COMPLIMENTS
from complaints.domain.profile import Profile

MOST_SHOWN = 200
"""Faults, remarks and differences that a page names; the others stand in the files."""


@dataclass
class Prepared:
    """A file as it was checked; `cases` and `compliments` are those that can be recorded.

    `there` are references that are recorded already with the same content, `other` those with another.
    """

    cases: list[OldCase] = field(default_factory=list)
    compliments: list[OldCompliment] = field(default_factory=list)
    counts: dict[str, tuple[Count, ...]] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)
    wrong: dict[str, dict[int, list[str]]] = field(default_factory=lambda: {COMPLAINTS: {}, COMPLIMENTS: {}})
    there: Counter[str] = field(default_factory=Counter)
    other: list[tuple[str, int, str]] = field(default_factory=list)

    def leave_out(self, sheet: str, same: Mapping[str, bool]) -> None:
        """Take out what is recorded already, by reference; `same`: whether with the same content."""
        records: list[Any] = self.cases if sheet == COMPLAINTS else self.compliments
        for record in [each for each in records if each.reference in same]:
            if same[record.reference]:
                self.there[sheet] += 1
            else:
                self.other.append((sheet, record.row, record.reference))
        records[:] = [each for each in records if each.reference not in same]

    def leave_out_reduced(self, sheet: str, days: Mapping[str, date]) -> None:
        """Take out what was recorded once and reduced since, by reference, and say so of each row."""
        records: list[Any] = self.cases if sheet == COMPLAINTS else self.compliments
        for record in [each for each in records if each.reference in days]:
            words = f"It was reduced on {day_words(days[record.reference])}, for its time was over. It is not recorded again."
            self.remarks.append(Fault(sheet, record.row, "reference", "", record.reference, words))
        records[:] = [each for each in records if each.reference not in days]

    def taken_cases(self, references: Collection[str]) -> None:
        """Say of Ombudsman cases that are recorded already."""
        for case in self.cases:
            if case.ombudsman and case.ombudsman.reference in references:
                words = "An Ombudsman case with this reference is recorded already. It stays as it is."
                place = ("ombudsman reference", "", case.ombudsman.reference)
                self.remarks.append(Fault(COMPLAINTS, case.row, *place, words))

    @property
    def differences(self) -> list[tuple[int, str, int, int | None, int | None, str]]:
        """Stages that the list counted otherwise: row, reference, stage, its days, ours, and what the clock says."""
        return [
            (case.row, case.reference, count.stage, count.theirs, count.days, count.state)
            for case in self.cases
            for count in self.counts[case.reference]
            if count.differs
        ]

    def refused(self, sheets: Mapping[str, Sheet]) -> list[dict[str, Any]]:
        """The rows with faults as they stood, by sheet."""
        return [
            {
                "title": title,
                "headings": sheet.headings,
                "rows": [
                    (row.texts, " ".join(self.wrong[title][row.number]))
                    for row in sheet.rows
                    if row.number in self.wrong[title]
                ],
            }
            for title, sheet in sheets.items()
            if self.wrong[title]
        ]

    def shown(self) -> dict[str, Any]:
        """Everything that a page shows, as JSON; no more of the long lists than it names."""
        by = Counter((case.procedure, case.received_on.year) for case in self.cases)
        states = Counter((count.stage, count.state) for case in self.cases for count in self.counts[case.reference])
        compared = sum(count.theirs is not None for case in self.cases for count in self.counts[case.reference])
        differences = self.differences
        return {
            "n": {
                "complaints": len(self.cases),
                "points": sum(len(case.points) for case in self.cases),
                "open": sum(case.reference in self.open for case in self.cases),
                "compliments": len(self.compliments),
                "there": self.there.total(),
                "other": len(self.other),
                "faults": len(self.faults),
                "remarks": len(self.remarks),
                "refused": sum(map(len, self.wrong.values())),
                "compared": compared,
                "differences": len(differences),
            },
            "years": [[procedure, year, n] for (procedure, year), n in sorted(by.items())],
            "compliment_years": sorted(Counter(each.received_on.year for each in self.compliments).items()),
            "clocks": [[stage, state, n] for (stage, state), n in sorted(states.items())],
            "differing": differences[:MOST_SHOWN],
            "faults": [asdict(each) for each in self.faults[:MOST_SHOWN]],
            "remarks": [asdict(each) for each in self.remarks[:MOST_SHOWN]],
            "other": self.other[:MOST_SHOWN],
        }


def prepare(sheets: Mapping[str, Sheet], profile: Profile, calendar: WorkingDays, today: date) -> Prepared:
    """Check every row of a file: its cells, its codes on their day, and each step of each complaint."""
    prepared = Prepared()
    rules = {procedure.code: procedure.rules() for procedure in profile.complaints.procedures}
    if COMPLAINTS in sheets:
        reader = Reader(sheets[COMPLAINTS], COMPLAINTS, profile)
        ombudsman: dict[str, int] = {}
        for read in reader.complaints():
            _case(prepared, reader, read, rules, calendar, today, ombudsman)
    if COMPLIMENTS in sheets:
        reader = Reader(sheets[COMPLIMENTS], COMPLIMENTS, profile)
        for read in reader.compliments():
            _compliment(prepared, reader, read, today)
    return prepared


def _case(
    prepared: Prepared,
    reader: Reader,
    read: Read,
    rules: Mapping[str, Rules],
    calendar: WorkingDays,
    today: date,
    ombudsman: dict[str, int],
) -> None:
    old: OldCase | None = read.record
    built: Built | None = None
    if old is not None:
        built = build(old, rules[old.procedure], calendar, today)
        read.faults += [reader.fault(read.rows[0], each.column, each.detail) for each in built.faults]
        _ombudsman_once(reader, read, old, ombudsman, today)
    if read.faults or old is None or built is None or built.case is None:
        _wrong(prepared, read)
        return
    prepared.cases.append(old)
    prepared.counts[old.reference] = built.counts
    prepared.remarks += [reader.fault(read.rows[0], each.column, each.detail) for each in built.remarks]
    if built.case.open:
        prepared.open.add(old.reference)


def _ombudsman_once(reader: Reader, read: Read, old: OldCase, known: dict[str, int], today: date) -> None:
    told = old.ombudsman
    if told is None:
        return
    if known.setdefault(told.reference, old.row) != old.row:
        words = f"This Ombudsman case stands in row {known[told.reference]} already."
        read.faults.append(reader.fault(read.rows[0], "ombudsman reference", words))
    for name, day in (("ombudsman accepted", told.accepted_on), ("ombudsman decided", told.outcome_on)):
        if day is not None and day > today:
            read.faults.append(reader.fault(read.rows[0], name, f"Write a day up to today ({today})."))


def _compliment(prepared: Prepared, reader: Reader, read: Read, today: date) -> None:
    old: OldCompliment | None = read.record
    if old is not None and old.received_on > today:
        read.faults.append(reader.fault(read.rows[0], "received", f"Write a day up to today ({today})."))
    if read.faults or old is None:
        _wrong(prepared, read)
    else:
        prepared.compliments.append(old)


def _wrong(prepared: Prepared, read: Read) -> None:
    """All rows of what has a fault are given back, so that the file can be put right by itself."""
    prepared.faults += read.faults
    for row in read.rows:
        own = [
            f"{each.column}: {each.detail}" if each.column else each.detail for each in read.faults if each.row == row.number
        ]
        sheet = read.faults[0].sheet
        prepared.wrong[sheet][row.number] = own or [f"See row {read.faults[0].row}."]
