"""The data dictionary as JSON and as CSV."""

import csv
import io

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from chassis.access import org_of
from chassis.web import uow_of
from reporting.domain.dictionary import Entry, entries
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.use_cases.read_report import ReportReader
from reporting.web.answers import NOT_CHANGED, json_answer, tagged
from reporting.web.callers import Caller
from reporting.web.csv_table import guarded

_HEAD = ("set", "column", "type", "nullable", "key", "description", "labels", "codes")


class CodeAnswer(BaseModel):
    """A code that a column can hold."""

    code: str
    label: str


class ColumnEntry(BaseModel):
    """What a column means."""

    column: str
    type: str = Field(examples=["day"])
    nullable: bool
    key: bool
    description: str
    labels: str = Field(
        description="Where labels of its codes are: a set, or a list of the set Codes. Empty for what is no code."
    )
    codes: list[CodeAnswer] = Field(description="The codes of the profile in force, or of a closed list.")


class SetEntry(BaseModel):
    """What a set means."""

    set: str
    description: str
    columns: list[ColumnEntry]


class DictionaryAnswer(BaseModel):
    """Every set of the feed, the files and the views."""

    sets: list[SetEntry]


def router(reports: ReportReader) -> APIRouter:
    """`/reporting/v1/dictionary` and `.csv`."""
    routes = APIRouter(prefix="/reporting/v1", tags=["exports"])

    async def read(request: Request, org: str) -> dict[str, list[Entry]]:
        async with uow_of(request).begin(org) as transaction:
            profile = await reports.organisation(transaction)
        return {name: list(entries(each, profile)) for name, each in ENTITY_SETS.items()}

    @routes.get("/dictionary", summary="What every column means", response_model=DictionaryAnswer, responses=NOT_CHANGED)
    async def read_dictionary(request: Request, identity: Caller) -> Response:
        """Every set and column of the feed, the files and the views, with the codes of the organisation's profile."""
        sets = [
            SetEntry(set=name, description=ENTITY_SETS[name].description, columns=[_column(each) for each in found])
            for name, found in (await read(request, org_of(identity))).items()
        ]
        return json_answer(request, DictionaryAnswer(sets=sets).model_dump(mode="json"))

    @routes.get(
        "/dictionary.csv",
        summary="What every column means, as CSV",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}, **NOT_CHANGED},
    )
    async def save_dictionary(request: Request, identity: Caller) -> Response:
        """A line a column."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(_HEAD)
        for found in (await read(request, org_of(identity))).values():
            writer.writerows(_line(each) for each in found)
        attached = {"Content-Disposition": 'attachment; filename="dictionary.csv"', "X-Content-Type-Options": "nosniff"}
        return tagged(request, out.getvalue().encode(), "text/csv; charset=utf-8", **attached)

    return routes


def _column(entry: Entry) -> ColumnEntry:
    return ColumnEntry(
        column=entry.column,
        type=entry.type,
        nullable=entry.nullable,
        key=entry.key,
        description=entry.description,
        labels=entry.labels,
        codes=[CodeAnswer(code=code, label=label) for code, label in entry.codes],
    )


def _line(entry: Entry) -> list[str]:
    codes = "; ".join(f"{code}: {label}" for code, label in entry.codes)
    words = ("yes" if entry.nullable else "no", "yes" if entry.key else "no")
    return [guarded(each) for each in (entry.set, entry.column, entry.type, *words, entry.description, entry.labels, codes)]
