"""From the rows of a sheet to old complaints and compliments: those of one complaint put together, and faults."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chassis.spreadsheet import Sheet, SheetRow
from chassis.spreadsheet.layout import tidy
from complaints.domain.codes import CodeCheck
from complaints.domain.old_cases import OldCase, OldCompliment, OldOmbudsman, OldPoint, OldStage, column_of
from complaints.domain.old_sheet import POINTS, point_column, stages_of
from complaints.domain.profile import Procedure, Profile

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,79}", re.ASCII)
_BAD_REFERENCE = "Write letters, digits and . _ / - only, without spaces, 80 at most."
_MERGED = "This must be filled in. Where cells are merged over several rows only the first has it: take the merging apart."
MOST_POINTS = 50
_POINT = re.compile(r"point \d+ .*")


@dataclass(frozen=True)
class Fault:
    """What is wrong in a cell: where, what was found there, and what is expected."""

    sheet: str
    row: int
    column: str
    letter: str
    found: str
    detail: str


@dataclass
class Read:
    """What was read of one complaint or compliment: itself, or its faults; `rows` are those of the sheet that it stands in."""

    rows: list[SheetRow]
    record: Any = None
    faults: list[Fault] = field(default_factory=list)


class Reader:
    """Reads the rows of one sheet."""

    def __init__(self, sheet: Sheet, title: str, profile: Profile) -> None:
        self._sheet = sheet
        self._title = title
        self._profile = profile
        self._stages = stages_of(profile)
        self._areas = {area.code for area in profile.organisation.service_areas}
        self._natures: dict[str, dict[str, set[str]]] = {}
        self._teams: dict[str, dict[str, set[str]]] = {}

    def fault(self, row: SheetRow, column: str, detail: str) -> Fault:
        """A fault in a column of a row, with what stands there."""
        letter = self._sheet.letters.get(column, "")
        places = list(self._sheet.letters.values())
        found = row.texts[_place(letter)] if letter in places and _place(letter) < len(row.texts) else ""
        return Fault(self._title, row.number, column, letter, found[:80], detail)

    def complaints(self) -> Iterator[Read]:
        """The complaints, each with all its rows."""
        for rows in self._together():
            yield self._complaint(rows)

    def compliments(self) -> Iterator[Read]:
        """The compliments, a row each."""
        first: dict[str, int] = {}
        for row in self._sheet.rows:
            read = Read([row], None, [*self._cells(row), *self._reference(row)])
            reference = row.text("reference")
            if reference and first.setdefault(reference, row.number) != row.number:
                read.faults.append(self.fault(row, "reference", f"This reference stands in row {first[reference]} already."))
            read.faults += self._day_of(row)
            if not read.faults:
                read.record = self._compliment(read, row)
            yield read

    def _together(self) -> Iterator[list[SheetRow]]:
        groups: dict[str, list[SheetRow]] = {}
        for row in self._sheet.rows:
            reference = row.text("reference")
            groups.setdefault(tidy(reference) if reference else f"\0{row.number}", []).append(row)
        yield from groups.values()

    def _complaint(self, rows: list[SheetRow]) -> Read:
        first = rows[0]
        read = Read(rows)
        for row in rows:
            read.faults += [*self._cells(row, further=row is not first), *self._reference(row)]
        read.faults += self._day_of(first)
        for row in rows[1:]:
            read.faults += self._same(first, row)
        if read.faults:
            return read
        procedure = self._profile.procedure(first.text("procedure"))
        if procedure is None:
            read.faults.append(self.fault(first, "procedure", "This must be filled in."))
            return read
        points = self._points(read, procedure)
        self._check(read, first, procedure, points)
        ombudsman = self._ombudsman(read, first)
        if not read.faults:
            read.record = self._old_case(first, points, ombudsman)
        return read

    def _cells(self, row: SheetRow, *, further: bool = False) -> Iterator[Fault]:
        """What was wrong with single cells; a further row of a complaint need not repeat what stands in the first."""
        for error in row.errors:
            missing = error.detail == "This must be filled in."
            if further and missing and error.column != "point 1 nature":
                continue
            detail = _MERGED if missing and error.column == "reference" else error.detail
            yield (
                self.fault(row, error.column, detail)
                if error.column
                else Fault(self._title, row.number, "", error.letter, "", detail)
            )

    def _reference(self, row: SheetRow) -> Iterator[Fault]:
        reference = row.text("reference")
        if reference and not _REFERENCE.fullmatch(reference):
            yield self.fault(row, "reference", _BAD_REFERENCE)

    def _day_of(self, row: SheetRow) -> Iterator[Fault]:
        day = row.day("received")
        if day is not None and day.year < 2000:  # noqa: PLR2004 - no list of complaints goes further back
            yield self.fault(row, "received", "Write a day from the year 2000 on.")

    def _same(self, first: SheetRow, row: SheetRow) -> Iterator[Fault]:
        if row.values == first.values:
            words = f"This row is the same as row {first.number}. Take one out; points that are alike stand in one row."
            yield self.fault(row, "reference", words)
            return
        for name, value in row.values.items():
            # The findings of a row without a number of a point are those of its own points.
            if value in {None, ()} or _POINT.fullmatch(name) or name.endswith(" finding"):
                continue
            if first.values.get(name) != value:
                yield self.fault(row, name, f"Row {first.number} of the same complaint says something else here.")

    def _points(self, read: Read, procedure: Procedure) -> tuple[OldPoint, ...]:
        points: list[OldPoint] = []
        for row in read.rows:
            for place in range(1, POINTS + 1):
                name = point_column(place, "nature")
                nature = row.text(name)
                findings = {number: self._finding(row, place, number) for number in range(1, self._stages + 1)}
                area = row.text(point_column(place, "service area")) or None
                if not nature:
                    own = [row.text(point_column(place, column_of(number, "finding"))) for number in findings]
                    if area or any(own):
                        read.faults.append(
                            self.fault(row, name, f"Something stands for point {place}: write what it is about.")
                        )
                    continue
                code = self._code(read, row, name, self._natures_of(procedure.code), "nature")
                found = {number: finding for number, finding in findings.items() if finding}
                points.append(OldPoint(code, area, found))  # type: ignore[arg-type]  # codes of the profile, which are these
        if len(points) > MOST_POINTS:
            words = f"There are {len(points)} points; a complaint has {MOST_POINTS} at most."
            read.faults.append(self.fault(read.rows[0], "reference", words))
        return tuple(points)

    @staticmethod
    def _finding(row: SheetRow, place: int, stage: int) -> str:
        return row.text(point_column(place, column_of(stage, "finding"))) or row.text(column_of(stage, "finding"))

    def _code(self, read: Read, row: SheetRow, column: str, known: Mapping[str, set[str]], what: str) -> str:
        """The code of a name among those that the row's procedure, or service area, has."""
        codes = known.get(tidy(row.text(column)), set())
        if len(codes) == 1:
            return next(iter(codes))
        if codes:
            words = f"Several are called that. Write the code of the one that is meant: {', '.join(sorted(codes))}."
        else:
            listed = ", ".join(sorted({code for each in known.values() for code in each})) or "none"
            words = f"This {what} is not known here. Write one of: {listed}."
        read.faults.append(self.fault(row, column, words))
        return ""

    def _natures_of(self, procedure: str) -> Mapping[str, set[str]]:
        if procedure not in self._natures:
            known = self._natures.setdefault(procedure, {})
            own = [each for each in self._profile.complaints.categories if procedure in each.procedures]
            for each in own:
                for name in (each.name, *(former.name for former in each.former_names)):
                    known.setdefault(tidy(name), set()).add(each.code)
            # A code stands for itself, whatever else is named like it.
            known |= {tidy(each.code): {each.code} for each in own}
        return self._natures[procedure]

    def _teams_of(self, area: str) -> Mapping[str, set[str]]:
        if area not in self._teams:
            known = self._teams.setdefault(area, {})
            own = [each for each in self._profile.organisation.teams if each.service_area == area]
            for each in own:
                known.setdefault(tidy(each.name), set()).add(each.code)
            known |= {tidy(each.code): {each.code} for each in own}
        return self._teams[area]

    def _team(self, read: Read, row: SheetRow) -> str | None:
        return self._code(read, row, "team", self._teams_of(row.text("service area")), "team") if row.text("team") else None

    def _check(self, read: Read, row: SheetRow, procedure: Procedure, points: Sequence[OldPoint]) -> None:
        """Codes as they were in use on the day of receipt."""
        received = row.day("received")
        if received is None:
            return
        check = CodeCheck(self._profile, received)
        check.area("service area", row.text("service area"), "complaints")
        team = self._team(read, row)
        if team:
            check.team("team", team, row.text("service area"))
        places = [
            (each, place) for each in read.rows for place in range(1, POINTS + 1) if each.text(point_column(place, "nature"))
        ]
        for (own, place), point in zip(places, points, strict=True):
            at = f"{own.number}/{place}"
            if point.category:
                check.category(f"{at}/nature", point.category, procedure.code)
            check.area(f"{at}/service area", point.service_area, "complaints")
        rows = {each.number: each for each in read.rows}
        for error in check.errors:
            number, _, rest = error.pointer.partition("/")
            which, _, what = rest.partition("/")
            if what:
                read.faults.append(self.fault(rows[int(number)], point_column(int(which), what), error.detail))
            else:
                read.faults.append(self.fault(row, error.pointer, error.detail))

    def _ombudsman(self, read: Read, row: SheetRow) -> OldOmbudsman | None:
        reference, accepted = row.text("ombudsman reference"), row.day("ombudsman accepted")
        outcome, decided = row.text("ombudsman outcome") or None, row.day("ombudsman decided")
        actions = row.whole("ombudsman actions")
        if not reference and accepted is None and outcome is None and decided is None and actions is None:
            return None
        before = len(read.faults)
        told = {"ombudsman reference": reference, "ombudsman accepted": accepted}
        if outcome or decided or actions is not None:
            told |= {"ombudsman outcome": outcome, "ombudsman decided": decided}
        for name, value in told.items():
            if not value:
                read.faults.append(self.fault(row, name, "Something else of the Ombudsman is filled in, so this must be too."))
        if reference and not _REFERENCE.fullmatch(reference):
            read.faults.append(self.fault(row, "ombudsman reference", _BAD_REFERENCE))
        if actions is not None and not 0 <= actions <= 999:  # noqa: PLR2004 - of one decision
            read.faults.append(self.fault(row, "ombudsman actions", "Write a number from 0 to 999."))
        received = row.day("received")
        for name, day, after in (("accepted", accepted, received), ("decided", decided, accepted)):
            if day is not None and after is not None and day < after:
                read.faults.append(self.fault(row, f"ombudsman {name}", f"Write {after} or a later day."))
        if len(read.faults) > before or accepted is None:
            return None
        return OldOmbudsman(reference, accepted, outcome, decided, actions if outcome is None else actions or 0)

    def _old_case(self, row: SheetRow, points: tuple[OldPoint, ...], ombudsman: OldOmbudsman | None) -> OldCase:
        received = row.day("received") or date.min
        team = next(iter(self._teams_of(row.text("service area")).get(tidy(row.text("team")), set())), None)
        return OldCase(
            row=row.number,
            reference=row.text("reference"),
            procedure=row.text("procedure"),
            received_on=received,
            service_area=row.text("service area"),
            team=team,
            need=row.text("need") or None,
            route=row.text("route") or None,
            raised_by=row.text("raised by") or None,
            points=points,
            stages={number: told for number in range(1, self._stages + 1) if (told := _stage(row, number)) != OldStage()},
            closed_on=row.day("closed on"),
            closed_as=row.text("closed as") or None,  # type: ignore[arg-type]  # one of the column's codes
            ombudsman=ombudsman,
        )

    def _compliment(self, read: Read, row: SheetRow) -> OldCompliment | None:
        received = row.day("received")
        if received is None:
            return None
        check = CodeCheck(self._profile, received)
        check.area("service area", row.text("service area"), "compliments")
        team = self._team(read, row)
        if team:
            check.team("team", team, row.text("service area"))
        read.faults += [self.fault(row, error.pointer, error.detail) for error in check.errors]
        if read.faults:
            return None
        external = row.text("external") == "yes"
        values = (row.text("reference"), received, row.text("service area"), team, row.text("source"))
        return OldCompliment(row.number, *values, external)


def _stage(row: SheetRow, number: int) -> OldStage:
    day: Callable[[str], date | None] = lambda what: row.day(column_of(number, what))  # noqa: E731 - twelve times below
    return OldStage(
        requested_on=day("requested"),
        accepted_on=day("accepted"),
        declined_on=day("declined"),
        acknowledged_on=day("acknowledged"),
        agreed_on=day("statement agreed"),
        extended_on=day("extended on"),
        extended_by=day("extended to"),
        extended_to=row.whole(column_of(number, "extended to days")),
        panel_on=day("panel"),
        reported_on=day("panel report"),
        responded_on=day("response"),
        days=row.whole(column_of(number, "days")),
    )


def _place(letters: str) -> int:
    """The place from 0 of a column's letters."""
    place = 0
    for each in letters:
        place = place * 26 + ord(each) - ord("A") + 1
    return place - 1
