"""KPIs from a sheet: checked row by row, kept until the person who sent it says yes, and recorded as they were checked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.errors import FieldError
from chassis.identity import Identity
from chassis.spreadsheet import Layout, Sheet, refused_csv
from chassis.unit_of_work import Transaction
from chassis.uploads import UploadStore
from reporting.adapters.kpi_repository import KpiRepository
from reporting.domain.kpi_figures import Place
from reporting.domain.kpi_posting import Posted, Status
from reporting.domain.kpi_sheet import Fault, ReadRow, faults_of, layout_of, read_rows, rows_to_fill
from reporting.domain.profile import Profile
from reporting.use_cases.record_kpis import RecordKpis

KIND = "kpis"
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """An upload as a page shows it. `counts` are by status, and of rows with faults; `done` whether it is recorded."""

    id: UUID
    name: str
    title: str
    rows: tuple[Mapping[str, Any], ...]
    faults: tuple[Fault, ...]
    counts: Mapping[str, int]
    empty: int
    until: datetime
    done: bool

    @property
    def can_be_recorded(self) -> bool:
        """Whether there is something to record, and nothing wrong."""
        return not self.faults and not self.done and bool(self.counts["recorded"] + self.counts["corrected"])


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row without faults as a page shows it: what would become of it, and in which version."""

    row: int
    kpi: str
    month: date
    place: Place
    n: int
    of: int | None
    status: str
    version: str


def shown_rows(checked: Checked) -> list[ShownRow]:
    """The rows without faults, in the order of the sheet."""
    return [
        ShownRow(
            each["row"],
            each["kpi"],
            date.fromisoformat(each["month"]),
            Place(each["service_area"], each["team"]),
            each["n"],
            each["of"],
            *each["status"].split(" "),
        )
        for each in checked.rows
        if each["status"]
    ]


class UploadKpis:
    """The use case; one instance a process."""

    def __init__(self, recording: RecordKpis, uploads: UploadStore) -> None:
        self._recording = recording
        self._uploads = uploads

    async def profile(self, transaction: Transaction) -> Profile:
        """The profile in force."""
        return (await self._recording.profiles.current(transaction)).profile

    async def layout(self, transaction: Transaction) -> Layout:
        """The columns of the sheet."""
        return layout_of(await self.profile(transaction))

    async def template(self, transaction: Transaction, identity: Identity) -> tuple[Layout, list[Sequence[str | None]]]:
        """The sheet with a row for each figure of the last month that is not there yet."""
        profile = await self.profile(transaction)
        observations = await KpiRepository(transaction).current([each.code for each in profile.kpis.kpis])
        rows = rows_to_fill(profile, observations, self._recording.today(), identity.areas)
        return layout_of(profile), list(rows)

    async def check(self, transaction: Transaction, identity: Identity, sheet: Sheet, name: str) -> UUID:
        """Keep what was read, with what would become of each row. Nothing is recorded."""
        rows, empty = read_rows(sheet)
        good = [each for each in rows if each.posted is not None]
        statuses, wrong = await self._judge(transaction, identity, good)
        faults = [fault for each in rows for fault in (*each.faults, *faults_of(sheet, each, wrong.get(each.number, ())))]
        content = {
            "name": name,
            "title": sheet.title or "",
            "headings": sheet.headings,
            "rows": [_packed(each) for each in good],
            "texts": {str(each.number): each.texts for each in rows},
            "statuses": statuses,
            "faults": [asdict(each) for each in faults],
            "empty": empty,
        }
        return await self._uploads.keep(transaction, identity.subject, content)

    async def look(self, transaction: Transaction, identity: Identity, upload_id: UUID) -> Checked:
        """An upload as it was checked. Raises `DomainError` upload-gone."""
        upload = await self._uploads.find(transaction, upload_id, identity.subject)
        return _checked(upload)

    async def refused(self, transaction: Transaction, identity: Identity, upload_id: UUID) -> bytes:
        """The rows with faults as they stood, with the reasons last, as CSV. Raises `DomainError` upload-gone."""
        content = (await self._uploads.find(transaction, upload_id, identity.subject)).content
        reasons: dict[int, list[str]] = {}
        for each in content["faults"]:
            reasons.setdefault(each["row"], []).append(f"{each['column']}: {each['detail']}")
        rows = ((content["texts"][str(row)], " ".join(said)) for row, said in reasons.items())
        return refused_csv(content["headings"], rows)

    async def discard(self, transaction: Transaction, identity: Identity, upload_id: UUID) -> None:
        """Throw away an upload that is not recorded."""
        await self._uploads.discard(transaction, upload_id, identity.subject)

    async def record(self, transaction: Transaction, identity: Identity, upload_id: UUID) -> tuple[Checked, bool]:
        """Record an upload as it was checked, once, however often this is called; answers whether it stands.

        Where something was recorded meanwhile, so that something else would become of a row, nothing is recorded and the
        upload is as it would be now (False). Raises `DomainError` upload-gone.
        """
        await KpiRepository(transaction).lock()
        upload = await self._uploads.find(transaction, upload_id, identity.subject, claim=True)
        if upload.done_at is not None:
            return _checked(upload), True
        content = upload.content
        rows = [_unpacked(each) for each in content["rows"]]
        statuses, wrong = await self._judge(transaction, identity, rows)
        if content["faults"] or wrong or statuses != content["statuses"]:
            more = [fault for each in rows for fault in _without_sheet(content, each, wrong.get(each.number, ()))]
            known = [each for each in content["faults"] if str(each["row"]) not in {str(row.number) for row in rows}]
            content |= {"statuses": statuses, "faults": [*known, *(asdict(each) for each in more)]}
            await self._uploads.change(transaction, upload_id, content)
            return _checked(upload), False
        await self._recording.record(transaction, identity, [each.posted for each in rows if each.posted], "upload")
        await self._uploads.finish(transaction, upload_id, dict(_counts(content)))
        return _checked(await self._uploads.find(transaction, upload_id, identity.subject)), True

    async def _judge(
        self, transaction: Transaction, identity: Identity, rows: Sequence[ReadRow]
    ) -> tuple[dict[str, str], dict[int, list[FieldError]]]:
        """What would become of each row, by its number; and what is wrong with those that cannot be recorded."""
        items = [each.posted for each in rows if each.posted is not None]
        outcomes, malformed, conflicts = await self._recording.check(transaction, identity, items)
        statuses: dict[str, str] = {}
        wrong: dict[int, list[FieldError]] = {}
        for row, outcome, *errors in zip(rows, outcomes, malformed, conflicts, strict=True):
            both = [*errors[0], *errors[1]]
            if both:
                wrong[row.number] = both
            else:
                statuses[str(row.number)] = f"{outcome.status.value} {outcome.version}"
        return statuses, wrong


def _without_sheet(content: Mapping[str, Any], row: ReadRow, wrong: Sequence[FieldError]) -> list[Fault]:
    """Faults that came up after the file was read."""
    return [Fault(content["title"] or "the file", row.number, each.pointer, "", "", each.detail) for each in wrong]


def _packed(row: ReadRow) -> dict[str, Any]:
    posted = row.posted
    assert posted is not None  # noqa: S101 - only good rows are packed
    return {
        "row": row.number,
        "kpi": posted.kpi,
        "month": str(posted.month),
        "service_area": posted.place.service_area,
        "team": posted.place.team,
        "n": posted.n,
        "of": posted.of,
        "reason": posted.reason,
    }


def _unpacked(kept: Mapping[str, Any]) -> ReadRow:
    place = Place(kept["service_area"], kept["team"])
    posted = Posted(kept["kpi"], date.fromisoformat(kept["month"]), place, kept["n"], kept["of"], None, kept["reason"])
    return ReadRow(kept["row"], posted, (), ())


def _counts(content: Mapping[str, Any]) -> Counter[str]:
    counted = Counter(each.partition(" ")[0] for each in content["statuses"].values())
    counted["faulty"] = len({each["row"] for each in content["faults"]})
    return counted


def _checked(upload: Any) -> Checked:
    content = upload.content
    counts = Counter({status.value: 0 for status in Status}) + _counts(content)
    rows = tuple({**each, "status": content["statuses"].get(str(each["row"]), "")} for each in content["rows"])
    return Checked(
        upload.id,
        content["name"],
        content["title"],
        rows,
        tuple(Fault(**each) for each in content["faults"]),
        counts,
        content["empty"],
        upload.expires_at,
        upload.done_at is not None,
    )
