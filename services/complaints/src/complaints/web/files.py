"""Routes: files of a complaint and of what came in, added, listed and fetched by other systems."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, BinaryIO
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from chassis.access import org_of, requires
from chassis.attachments.download import download, sent_name
from chassis.attachments.kinds import KINDS
from chassis.attachments.store import StoredFile
from chassis.errors import DomainError, Kind
from chassis.idempotency import Answer, IdempotencyKey, fingerprint, once
from chassis.identity import Identity
from chassis.pages.files import MULTIPART, media_type, read_body_as_file, read_form_with_file, shown_name
from chassis.web import uow_of
from complaints.adapters.attachments import Attachment
from complaints.use_cases.files import FileDesk, add_file, find_record, open_file, prepare, see_files
from complaints.web.parts import OFFICER, WRITE, Writer, responses, setup_of

router = APIRouter(prefix="/complaints/v1", tags=["files"])

Handler = Annotated[Identity, Depends(requires(WRITE, OFFICER))]
Disposition = Annotated[
    str | None,
    Header(
        alias="Content-Disposition",
        max_length=1000,
        description="""The file's name where the body is the file: `attachment; filename*=UTF-8''report.pdf` (RFC 6266).""",
    ),
]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}}
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": _BINARY, MULTIPART: _FORM}},
}
_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {kind.media_type.partition(";")[0]: _BINARY for kind in KINDS.values()},
        "description": "The file, byte for byte.",
    },
    **{status: each for status, each in responses(BaseModel, "file").items() if status in {404, 409}},
}


class FileRef(BaseModel):
    """A file that was added. Its name is in no stored answer."""

    file_id: UUID
    kind: str = Field(description="What it is by its content.", examples=["pdf"])
    media_type: str
    size: int = Field(description="Bytes.")
    sha256: str
    scan: str = Field(description="`waiting`, `clean`, `infected` (its content was destroyed) or `not-scanned`.")


class FileOut(FileRef):
    """A file of a record, with its name."""

    name: str
    scan_reason: str | None
    added_at: datetime
    added_by: str
    removed_at: datetime | None = Field(description="Its content was destroyed then, by a person.")


class FilesOut(BaseModel):
    """The files of a record, in the order in which they came."""

    items: list[FileOut]


_POSTED: dict[str, Any] = {
    "status_code": 201,
    "response_model": FileRef,
    "openapi_extra": _BODY,
    "responses": responses(FileRef, "file"),
}


@router.post("/complaints/{complaint_id}/files", summary="Add a file to a complaint", **_POSTED)
async def post_file(
    request: Request, complaint_id: UUID, identity: Writer, key: IdempotencyKey, disposition: Disposition = None
) -> Response:
    """The body is the file, or a form with the field `file`. The same file again is answered 200."""
    return await _post(request, "complaint", complaint_id, identity, key, disposition)


@router.post("/representations/{representation_id}/files", summary="Add a file to what you handed in", **_POSTED)
async def post_file_that_came_in(
    request: Request, representation_id: UUID, identity: Writer, key: IdempotencyKey, disposition: Disposition = None
) -> Response:
    """As for a complaint; should a person make a complaint of it, its files come along."""
    return await _post(request, "representation", representation_id, identity, key, disposition)


@router.get("/complaints/{complaint_id}/files", summary="List the files of a complaint")
async def get_files(request: Request, complaint_id: UUID, identity: Handler) -> FilesOut:
    """With their names, so that who asked is logged and shown in the record."""
    desk: FileDesk = request.app.state.files
    async with uow_of(request).begin(org_of(identity)) as transaction:
        record = await find_record(transaction, identity, "complaint", complaint_id)
        found = await see_files(transaction, setup_of(request), desk, identity, record)
    return FilesOut(items=[_out(each) for each in found.files])


@router.get(
    "/complaints/{complaint_id}/files/{file_id}",
    summary="Fetch a file of a complaint",
    response_class=Response,
    responses=_CONTENT,
)
async def get_file(request: Request, complaint_id: UUID, file_id: UUID, identity: Handler) -> Response:
    """Its bytes; where there is a virus scanner, only when it found nothing. Who fetched it is shown in the record."""
    desk: FileDesk = request.app.state.files
    org = org_of(identity)
    async with uow_of(request).begin(org) as transaction:
        record = await find_record(transaction, identity, "complaint", complaint_id)
        file = await open_file(transaction, setup_of(request), desk, identity, record, file_id)
    return await download(uow_of(request), org, desk.store, file)


async def _post(request: Request, kind: str, ident: UUID, identity: Identity, key: str, disposition: str | None) -> Response:
    desk: FileDesk = request.app.state.files
    setup, org = setup_of(request), org_of(identity)
    async with _sent(request, desk, disposition) as (file, name):
        incoming = await prepare(file, name, desk.limits)
        print_ = fingerprint(f"POST {request.url.path}", f"{incoming.sha256} {name}")
        async with uow_of(request).begin(org) as transaction:

            async def work() -> Answer:
                record = await find_record(transaction, identity, kind, ident)
                added = await add_file(transaction, setup, desk, identity, record, incoming)
                return Answer(200 if added.again else 201, FileRef(**_facts(added.file)).model_dump(mode="json"))

            answer = await once(transaction, identity.subject, key, print_, work)
    return answer.response()


@asynccontextmanager
async def _sent(request: Request, desk: FileDesk, disposition: str | None) -> AsyncIterator[tuple[BinaryIO, str]]:
    """The file of a request with its name: of a form its field `file`, else the body."""
    if media_type(request) != MULTIPART:
        async with read_body_as_file(request, desk.limits.file) as file:
            yield file, shown_name(sent_name(disposition))
        return
    async with read_form_with_file(request, "file", desk.limits.file) as sent:
        if sent.file is None:
            raise DomainError("malformed-form", "The form has no field `file` with a file. Nothing was stored.", Kind.MALFORMED)
        yield sent.file, sent.name


def _facts(file: StoredFile) -> dict[str, Any]:
    return {
        "file_id": file.id,
        "kind": file.kind.code,
        "media_type": file.kind.media_type,
        "size": file.size,
        "sha256": file.sha256,
        "scan": file.scan,
    }


def _out(each: Attachment) -> FileOut:
    return FileOut(
        **_facts(each.file),
        name=each.file.name,
        scan_reason=each.file.scan_reason,
        added_at=each.added_at,
        added_by=each.added_by,
        removed_at=each.removed_at,
    )
