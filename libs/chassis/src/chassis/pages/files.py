"""Reading a form with files, or a file that is the whole body, within limits.

By Starlette's parser (on python-multipart): a file up to a mebibyte stays in memory, a larger one lies in a temporary file
without a name, and both are gone when the request ends. What sort of file it is says its content, never its name.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from chassis.errors import DomainError, Kind
from chassis.pages.forms import Form, tidied_form

MULTIPART = "multipart/form-data"
MAX_FILE = 4 * 1024 * 1024
MAX_FIELDS = 20
MAX_FIELD = 16 * 1024
MAX_FILES = 100
_AROUND = MAX_FIELDS * MAX_FIELD
_NAME = 100  # characters of a file's name that are shown


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form, and the file that came with it: None where none was chosen. `name` is what its sender calls it."""

    form: Form
    file: BinaryIO | None
    name: str


@dataclass(frozen=True, slots=True)
class SentFiles:
    """The fields of a form, and the files that came with it under one name, each with what its sender calls it."""

    form: Form
    files: tuple[tuple[BinaryIO, str], ...]


def media_type(request: Request) -> str:
    """The media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


@asynccontextmanager
async def read_form_with_file(request: Request, field: str, max_file: int = MAX_FILE) -> AsyncIterator[Sent]:
    """Read a form of which `field` is a file; the file is closed when the block ends.

    Raises `DomainError` form-too-large beyond `max_file` bytes, and malformed-form for anything but a form with at most 20
    fields and one file. Check the form's token before you look at the file.
    """
    async with _parsed(request, field, max_file, 1) as (form, files):
        file = files[0] if files else None
        if file is not None and (file.size or 0) > max_file:
            raise _too_large(max_file)
        yield Sent(form, file.file if file else None, shown_name(file.filename) if file else "")


@asynccontextmanager
async def read_form_with_files(
    request: Request, field: str, max_bytes: int, max_files: int = MAX_FILES
) -> AsyncIterator[SentFiles]:
    """Read a form of which `field` holds any number of files; they are closed when the block ends.

    Raises `DomainError` form-too-large where they hold more than `max_bytes` in all, and malformed-form as
    `read_form_with_file`.
    """
    async with _parsed(request, field, max_bytes, max_files) as (form, files):
        yield SentFiles(form, tuple((each.file, shown_name(each.filename)) for each in files))


@asynccontextmanager
async def _parsed(request: Request, field: str, most: int, max_files: int) -> AsyncIterator[tuple[Form, list[UploadFile]]]:
    if media_type(request) != MULTIPART:
        raise _malformed()
    try:
        parser = _Parser(
            request.headers,
            _bounded(request, most + _AROUND, most),
            max_files=max_files,
            max_fields=MAX_FIELDS,
            max_part_size=MAX_FIELD,
        )
        parts = await parser.parse()
    except MultiPartException:
        raise _malformed() from None
    try:
        if parser.files_begun != sum(isinstance(value, UploadFile) for _, value in parts.multi_items()):
            # The body ends inside of a file. Starlette leaves it out, and whoever sent it would be told that they chose none.
            raise _malformed()
        fields = [(name, value) for name, value in parts.multi_items() if isinstance(value, str)]
        files = [value for name, value in parts.multi_items() if isinstance(value, UploadFile) and name == field]
        # A browser sends a file without name or content where none was chosen.
        yield tidied_form(fields), [each for each in files if each.size or each.filename]
    finally:
        await parts.close()
        parser.close()


class _Parser(MultiPartParser):
    """Starlette's, which also tells of files whose end never came, and closes them."""

    @property
    def files_begun(self) -> int:
        return len(self._files_to_close_on_error)

    def close(self) -> None:
        for each in self._files_to_close_on_error:
            each.close()


@asynccontextmanager
async def read_body_as_file(request: Request, max_file: int = MAX_FILE) -> AsyncIterator[BinaryIO]:
    """Read the body as a file, which is closed when the block ends. Raises `DomainError` form-too-large."""
    with SpooledTemporaryFile(MultiPartParser.spool_max_size) as spooled:
        # Only its writing is Starlette's: in a thread once the file lies on a disk.
        file = UploadFile(cast("BinaryIO", spooled))
        async for chunk in _bounded(request, max_file, max_file):
            await file.write(chunk)
        await file.seek(0)
        yield cast("BinaryIO", spooled)


def shown_name(name: str | None) -> str:
    """A file's name as a page may show it: its last part, without what cannot be seen."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter if letter.isprintable() else "?" for letter in last[:_NAME])


async def _bounded(request: Request, most: int, told: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        # What is on its way is read all the same (the frame has a limit of its own): a browser that is still sending would
        # show a broken connection and not the answer.
        if size <= most:
            yield chunk
    if size > most:
        raise _too_large(told)


def _malformed() -> DomainError:
    return DomainError("malformed-form", "The form could not be read. Go back and send it from the page.", Kind.MALFORMED)


def _too_large(most: int) -> DomainError:
    detail = (
        f"The file is larger than {most // 1024:,} KB, the most that is taken. Nothing was stored. Send it in several parts."
    )
    return DomainError("form-too-large", detail, Kind.TOO_LARGE)
