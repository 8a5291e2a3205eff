"""Exports: every entity set of the feed as a file, as CSV, Parquet or Arrow, sent while it is read."""

import asyncio
import io
import zipfile
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.days import british_today
from chassis.errors import not_found
from chassis.web import uow_of
from reporting.domain import semantic_model
from reporting.domain.exports import MARK_PATTERN, Export, Format
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.use_cases.export_rows import Opened, Turns, opened
from reporting.use_cases.read_feed import bring_up_to_date
from reporting.web.answers import NOT_CHANGED, tagged
from reporting.web.callers import Caller
from reporting.web.export_schemas import ExportList

log = structlog.get_logger(__name__)

PATH = "/reporting/exports"
STALLED_SECONDS = 30.0
"""How long a client may take nothing before its export is broken off: it holds a connection and a snapshot of the database."""

Message = dict[str, Any]
SetName = Annotated[str, Path(pattern=r"^[A-Za-z]+$", max_length=60)]
Since = Annotated[
    str | None,
    Query(pattern=MARK_PATTERN, description="The header `Loop-Mark` of the export that you hold: only what has changed since."),
]


class ClientStalledError(Exception):
    """The client takes nothing any more; its connection is broken off, so that it does not believe to have the whole file."""


class _GoneError(Exception):
    """The client has hung up."""


class ExportResponse(Response):
    """A file that is sent while it is read. Refusals are raised before its first byte; afterwards it can only break off.

    Its length is not known in advance, so it is sent in chunks (RFC 9112, 7.1): one that breaks off lacks the last chunk, which
    every client reports as an error.
    """

    def __init__(self, turns: Turns, export: Export, *, stalled: float = STALLED_SECONDS) -> None:
        super().__init__(media_type=export.format.media_type)
        self._turns = turns
        self._export = export
        self._stalled = stalled

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
        """Open the export, then send it."""
        del scope  # the request is known
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            async with opened(self._turns, self._export) as found:
                await self._send(found, send, gone)
        except _GoneError:
            log.info("export.left", set=self._export.entities.name, format=self._export.format.value)
        finally:
            gone.cancel()

    async def _send(self, found: Opened, send: Callable[[Any], Awaitable[None]], gone: "asyncio.Future[None]") -> None:
        async def passing(message: Message) -> None:
            if gone.done():
                raise _GoneError
            try:
                async with asyncio.timeout(self._stalled):
                    await send(message)
            except TimeoutError:
                raise ClientStalledError(f"nothing was taken for {self._stalled:.0f} s") from None

        async def part(body: bytes) -> None:
            if body:
                await passing({"type": "http.response.body", "body": body, "more_body": True})

        self.headers.update(_headers(found, self._export))
        del self.headers["content-length"]
        await passing({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await found.write(part)
        await passing({"type": "http.response.body", "body": b"", "more_body": False})


def _headers(found: Opened, export: Export) -> Mapping[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{export.file_name(british_today())}"',
        "Loop-Rows": str(found.snapshot.rows),
        "Loop-As-At": found.snapshot.as_at.isoformat(),
        "Loop-Mark": found.snapshot.mark,
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


async def _until_gone(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def router(turns: Turns) -> APIRouter:
    """`/reporting/exports/…`: the list as JSON, and every set in every format."""
    routes = APIRouter(prefix=PATH, tags=["exports"])

    @routes.get("/index.json", summary="List the exports")
    async def list_exports(_: Caller) -> ExportList:
        """Every entity set with its columns and the addresses of its files."""
        return ExportList.of(ENTITY_SETS.values(), PATH)

    @routes.get(
        "/semantic-model.zip",
        summary="The semantic model for Power BI (TMDL)",
        response_class=Response,
        responses={200: {"content": {"application/zip": {}}}, **NOT_CHANGED},
    )
    async def read_model(request: Request, _: Caller) -> Response:
        """Tables, columns, relations and measures of the feed, as text. It holds no figures."""
        feed = f"{request.app.state.settings.public_url.rstrip('/')}/reporting/odata/v4/"
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, words in semantic_model.files(feed).items():
                # Always the same moment, so that the same model is the same file.
                archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), words)
        attached = {"Content-Disposition": f'attachment; filename="{semantic_model.NAME}-semantic-model.zip"'}
        return tagged(request, target.getvalue(), "application/zip", **attached)

    @routes.get(
        "/{name}.{format}",
        summary="Fetch an entity set as a file",
        response_class=Response,
        responses={
            200: {
                "description": "The file, in chunks. `Loop-Rows` says how many rows it has.",
                "content": {each.media_type.partition(";")[0]: {} for each in Format},
            },
            404: {"description": "No such entity set."},
            410: {"description": "The mark is worth nothing any more: fetch the whole set."},
            429: {"description": "Two exports of the organisation are being fetched (`Retry-After`)."},
            503: {"description": "The reports are being rebuilt, or as many exports are made as can be (`Retry-After`)."},
        },
    )
    async def export_set(
        request: Request,
        identity: Caller,
        name: SetName,
        format: Format,  # noqa: A002 - the word of the address
        since: Since = None,
    ) -> Response:
        """Every row that the caller may see, as at one moment. Codes, days and numbers only; no names, no free text.

        With `since`, the rows that changed since an earlier export, and the keys of those that are gone (`removed`). A row may
        come again that did not change; put rows in by their key.

        A file is whole where it ends without an error of the connection and has as many rows as `Loop-Rows` says; Parquet and
        Arrow hold that number (`rows`) in the metadata of their schema, too.
        """
        entities = ENTITY_SETS.get(name)
        if entities is None:
            raise not_found("export")
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await bring_up_to_date(transaction, entities)
        return ExportResponse(turns, Export(org_of(identity), identity.areas, entities, format, since))

    return routes
