"""The files of a version: made once, when it is issued."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from chassis.pdf.printer import Printer
from reporting.adapters.issue_repository import Issue, Kind, Signed
from reporting.adapters.print_issue import document
from reporting.web import issued_workbook


@dataclass(frozen=True)
class IssueFiles:
    """Makes PDF and workbook."""

    printer: Printer

    async def __call__(self, issue: Issue, number: int, signed: Signed) -> Mapping[Kind, bytes]:
        """The files by kind. Raises `document-not-made`."""
        pdf = await self.printer.render(document(issue, number, signed))
        workbook = await asyncio.to_thread(issued_workbook.render, issue.content, number, signed.at)
        return {"pdf": pdf, "workbook": workbook}

    async def draft(self, issue: Issue) -> bytes:
        """The PDF as it would be issued, marked as a draft. Raises `document-not-made`."""
        return await self.printer.render(document(issue, None, None))


def file_name(issue: Issue, ending: str) -> str:
    """What a file of a version is called."""
    of = "-".join(part for part in (issue.key.report, issue.key.period.replace("..", "-to-"), issue.key.service_area) if part)
    return f"{of}-version-{issue.number}.{ending}" if issue.number else f"{of}-draft.{ending}"
