"""Makes the PDF of a document in a process of its own, with a time-out and bounded memory."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from chassis.errors import DomainError, Kind

# The process gets nothing else of our environment: there are passwords in it.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
# One thread, one heap: a document is set in milliseconds, and memory is bounded by address space.
_OWN = {"RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


class Printable(Protocol):
    """What can be printed: `chassis.pdf.document.Document`, `chassis.pdf.letter.Letter`, `chassis.pdf.slips.Slips`."""

    def data(self) -> Mapping[str, Any]:
        """As the template takes it: JSON."""


class PdfError(Exception):
    """The typesetter failed: a mistake of ours, or a document beyond all measure. Quotes nothing of the document."""


class Printer:
    """Prints documents, a few at a time; one instance a process.

    `seconds` is how long one takes at most, the wait for its turn included, and `megabytes` how much address space: a document
    of 250 pages takes a second and fits in 384 MB.
    """

    def __init__(self, *, at_once: int = 2, seconds: float = 20.0, megabytes: int = 512) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._seconds = seconds
        self._megabytes = megabytes

    async def render(self, document: Printable) -> bytes:
        """Return the PDF. Raises DomainError `document-not-made` when it takes too long, and PdfError."""
        data = json.dumps(document.data(), ensure_ascii=False).encode()
        try:
            async with asyncio.timeout(self._seconds), self._turns:
                return await self._typeset(data)
        except TimeoutError:
            detail = "The document could not be made in time. Nothing was lost: try again in a minute."
            raise DomainError("document-not-made", detail, Kind.UNAVAILABLE) from None

    async def _typeset(self, data: bytes) -> bytes:
        limits = (str(self._megabytes), str(max(1, int(self._seconds))))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-m", "chassis.pdf.typesetter", *limits,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ} | _OWN,
        )  # fmt: skip
        try:
            content, complaint = await process.communicate(data)
        finally:
            # Also when the time is up, or whoever asked went away.
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            said = " ".join(complaint.decode(errors="replace").split())[-300:]
            raise PdfError(f"the typesetter ended with {process.returncode}: {said or 'it said nothing'}")
        return content
