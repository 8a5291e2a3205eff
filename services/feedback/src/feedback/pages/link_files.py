"""Files made of links that were issued: lists for a mail merge, PDFs, codes. No file's name holds a link."""

import asyncio
import re
from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import Response

from chassis.days import british_today
from chassis.pages.strings import Strings
from chassis.pdf.printer import Printer
from chassis.pdf.response import pdf_response
from chassis.spreadsheet import CSV_TYPE, XLSX_TYPE, Column, Layout, write_csv, write_xlsx
from feedback.adapters import qr
from feedback.adapters.print_links import Paper, language_on_paper, paper_of, typed_address
from feedback.context import context_of
from feedback.domain.letter_sheet import LIMITS
from feedback.domain.told import ToldLinks
from feedback.pages.links_desk import download, language_name

PART = 500
"""Slips of one PDF: more would keep a person waiting, and a printer's tray is empty by then."""

_PDF = re.compile(r"(inserts|sheet)-([1-9][0-9]?)\.pdf")
_MERGE = Layout(
    "Links",
    (
        Column(name="reference", help="Your own name for the letter."),
        Column(name="link", help="For e-mails and text messages; as a QR code in letters."),
        Column(name="short code", help="To type where a phone cannot scan."),
        Column(name="address to type", help="Where the short code is typed."),
        Column(name="last day", help="Last day on which the link works.", kind="day"),
        Column(name="language", help="Language of the letter and the survey."),
        Column(name="team", help="Team in whose figures the answers count."),
    ),
)


def parts(count: int) -> list[tuple[int, str]]:
    """The PDFs that so many slips make: their number, and which slips they hold."""
    if count <= PART:
        return [(1, "")]
    starts = range(0, count, PART)
    return [(place, f"{start + 1:,} to {min(start + PART, count):,}") for place, start in enumerate(starts, 1)]


def address_to_type(public_url: str) -> str:
    """Where a short code is typed."""
    return typed_address(public_url)


def printed_in_english(request: Request, languages: Collection[str]) -> list[str]:
    """Languages whose slips are printed in English, by their own names."""
    strings: Strings = request.app.state.pages.strings
    return [language_name(each) for each in sorted(languages) if language_on_paper(strings, each) != each.partition("-")[0]]


async def make(request: Request, told: ToldLinks, name: str, organisation: str) -> Response | None:
    """The file of a name; None where there is none such."""
    if name in {"links.csv", "links.xlsx"}:
        return await _merge(told, context_of(request).public_url, workbook=name.endswith("xlsx"))
    single = told.links[0].url if len(told.links) == 1 else None
    if single and name == "code.svg":
        return download(qr.svg(single).encode(), "image/svg+xml", "survey-code.svg")
    if single and name == "code.png":
        return download(qr.png(single), "image/png", "survey-code.png")
    if name == "poster.pdf" and single and told.reusable:
        return await _pdf(request, told, "poster", 1, organisation)
    found = _PDF.fullmatch(name)
    if found and 0 < int(found[2]) <= len(parts(len(told.links))):
        return await _pdf(request, told, "inserts" if found[1] == "inserts" else "sheet", int(found[2]), organisation)
    return None


async def _merge(told: ToldLinks, public_url: str, *, workbook: bool) -> Response:
    address = typed_address(public_url)
    rows = [
        (link.reference, link.url, link.short_code, address, link.expires_on, link.language, link.team) for link in told.links
    ]
    if workbook:
        return download(await asyncio.to_thread(write_xlsx, _MERGE, rows, LIMITS), XLSX_TYPE, "survey-links.xlsx")
    return download(write_csv([column.name for column in _MERGE.columns], rows), CSV_TYPE, "survey-links.csv")


async def _pdf(request: Request, told: ToldLinks, paper: Paper, part: int, organisation: str) -> Response:
    printer: Printer = request.app.state.printer
    links = told.links[(part - 1) * PART : part * PART]
    codes = await qr.drawn([link.url for link in links])
    document = paper_of(
        paper,
        links,
        codes,
        request.app.state.pages.strings,
        organisation=organisation,
        public_url=context_of(request).public_url,
        reusable=told.reusable,
        made_on=british_today(),
    )
    return pdf_response(await printer.render(document), f"survey-{paper}-{part}.pdf")
