"""The answer that carries a file: its bytes exactly, saved and never shown, so that nothing in it runs in our pages' name."""

import re
import unicodedata
from collections.abc import AsyncIterator
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from chassis.attachments.store import FileDamagedError, FileStore, StoredFile
from chassis.errors import DomainError
from chassis.unit_of_work import UnitOfWork

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
MOST_NAME = 120
_UNSAFE = re.compile(r'[\\/:*?"<>|%]')
# Names of devices: Windows opens them instead of a file.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def safe_name(name: str, endings: tuple[str, ...]) -> str:
    """A name under which a file may be saved anywhere, with an ending of its kind: a PDF `a.exe` becomes `a.exe.pdf`."""
    last = name.replace("\\", "/").rpartition("/")[2]
    # No signs that are not seen: some turn the direction of writing round, so that an ending looks like another.
    seen = "".join(each if unicodedata.category(each)[0] not in "CZ" or each == " " else " " for each in last)
    plain = " ".join(_UNSAFE.sub("_", unicodedata.normalize("NFC", seen)).split()).strip(". ")
    if not plain or _DEVICES.fullmatch(plain):
        plain = f"file {plain}".strip()
    stem, dot, ending = plain.rpartition(".")
    if dot and stem and ending.lower() in endings:
        return f"{stem[:MOST_NAME].rstrip('. ')}.{ending.lower()}"
    return f"{plain[:MOST_NAME].rstrip('. ')}.{endings[0]}"


def content_disposition(name: str) -> str:
    """The header by which a file is saved under a name (RFC 6266, with RFC 8187 for what is not ASCII)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or "file"
    plain = re.sub(r"[^A-Za-z0-9._ ()+-]", "_", plain)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def sent_name(disposition: str | None) -> str:
    """The name that a header Content-Disposition of a request gives to its body; empty for none."""
    header = Message()
    header["content-disposition"] = (disposition or "").replace("\r", " ").replace("\n", " ")
    parameters: list[tuple[str, Any]] = header.get_params([], "content-disposition")
    given = [value for name, value in parameters if name.lower() == "filename"]
    # Where both stand, the one with its character set counts (RFC 6266, 4.3).
    best = next((value for value in given if isinstance(value, tuple)), given[0] if given else "")
    try:
        return collapse_rfc2231_value(best)
    except ValueError:
        return ""  # the name of its character set is none: a name is a help, and no reason to refuse a file


async def download(uow: UnitOfWork, org: str, store: FileStore, file: StoredFile) -> Response:
    """The answer with a file. Raises `DomainError` where it may not be opened, or its first piece does not open."""
    if not file.may_be_opened(scanner=store.scanner):
        raise closed(file)
    content = store.content(uow, org, file)
    try:
        first = await anext(content)
    except FileDamagedError:
        detail = "What is stored of this file cannot be read: it was changed, or the key is not here. Ask the operator."
        raise DomainError("file-damaged", detail) from None

    async def all_of_it() -> AsyncIterator[bytes]:
        yield first
        async for piece in content:
            yield piece

    name = safe_name(file.name, file.kind.endings)
    headers = {**HEADERS, "Content-Disposition": content_disposition(name), "Content-Length": str(file.size)}
    return StreamingResponse(all_of_it(), media_type=file.kind.media_type, headers=headers)


def closed(file: StoredFile) -> DomainError:
    """The refusal to hand out a file."""
    if file.scan == "infected":
        detail = "A virus was found in this file, and its content was destroyed. Ask the sender for another copy."
        return DomainError("file-infected", detail)
    if file.destroyed_at is not None:
        return DomainError("file-removed", "This file was removed, and its content destroyed. The list says why.")
    if file.scan == "waiting":
        return DomainError("file-not-scanned-yet", "The virus scanner has not looked at this file yet. Try again in a minute.")
    detail = (
        "The virus scanner could not look into this file, so it is not handed out. "
        "Ask the sender for it without a password, or in another form."
    )
    return DomainError("file-not-scannable", detail)
