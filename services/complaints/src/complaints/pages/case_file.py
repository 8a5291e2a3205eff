"""The case file of a complaint: its whole record as one document, so that an investigator can follow it from that alone."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.days import british_time, moment_words
from chassis.outbox import now
from chassis.pdf.document import Document
from chassis.pdf.printer import Printer
from chassis.pdf.response import pdf_response
from complaints.pages.case_file_parts import blocks
from complaints.pages.labels import Labels
from complaints.pages.staff_desk import Officer, desk
from complaints.use_cases.case_file import CaseFile, read_case_file

router = APIRouter(prefix="/complaints/{complaint_id}/case-file", include_in_schema=False)


@router.get("")
async def case_file(request: Request, identity: Officer, complaint_id: UUID) -> Response:
    """Print it. Made outside of the transaction: a long record holds no connection."""
    async with desk(request, identity) as at:
        found = await read_case_file(at.transaction, at.setup, request.app.state.files, identity, complaint_id)
    printer: Printer = request.app.state.printer
    content = await printer.render(_document(found, identity.label or identity.subject))
    name = "".join(each if each.isalnum() and each.isascii() else "-" for each in found.view.record.reference)
    return pdf_response(content, f"case-file-{name}.pdf")


def _document(found: CaseFile, by: str) -> Document:
    labels = Labels(found.view.profile)
    kind = "Complaint" if found.view.record.formality == "formal" else "Informal complaint"
    return Document(
        title=f"Case file of {kind.lower()} {found.view.record.reference}",
        subtitle=f"Everything that is recorded of it, printed on {moment_words(british_time(now()))} by {by}",
        organisation=found.view.profile.organisation.name,
        made_on=found.view.on,
        marking="Confidential: personal data",
        reference=found.view.record.reference,
        blocks=tuple(blocks(found, labels)),
    )
