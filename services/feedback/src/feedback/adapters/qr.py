"""QR codes of links: error correction M (15 % may be damaged), quiet zone of four modules (ISO/IEC 18004).

Several hundred at once are worked out in a process of their own: each takes some milliseconds of a processor, and families who
answer meanwhile must not wait for a batch of letters.

    python -I -m feedback.adapters.qr    < addresses, one a line    > a JSON array of [size, path]
"""

import asyncio
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import orjson
import segno

from chassis.errors import DomainError, Kind
from chassis.pdf.slips import QUIET_ZONE, Modules

SECONDS = 20.0
FEW = 4
"""So many are drawn here and now; to start a process takes longer."""

DPI = 300
_PIXELS = 12
"""Of a module in a picture: the 37 of our addresses are then 38 mm wide at 300 dots an inch."""


def code_of(url: str) -> segno.QRCode:
    """The code of a link."""
    return segno.make(url, error="m", micro=False, boost_error=False)


def svg(url: str) -> str:
    """The code as SVG."""
    out = io.BytesIO()
    code_of(url).save(
        out, kind="svg", border=QUIET_ZONE, scale=8, light="#ffffff", xmldecl=False, nl=False,
        title="QR code of the survey's link",
    )  # fmt: skip
    return out.getvalue().decode()


def png(url: str) -> bytes:
    """The code as PNG, to be printed 25 mm wide or more."""
    out = io.BytesIO()
    code_of(url).save(out, kind="png", border=QUIET_ZONE, scale=_PIXELS, dpi=DPI)
    return out.getvalue()


def modules(url: str) -> Modules:
    """The code as it is drawn in a PDF: each run of dark modules in a row is one rectangle of a path."""
    matrix = code_of(url).matrix
    path: list[str] = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                path.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            x += 1
    return Modules(len(matrix), "".join(path))


async def drawn(urls: Sequence[str]) -> list[Modules]:
    """The codes of many links, in their order. Raises `DomainError` document-not-made when it takes too long."""
    if len(urls) <= FEW:
        return [modules(url) for url in urls]
    # Two halves, each on a processor of its own where there are two.
    middle = (len(urls) + 1) // 2
    halves = await asyncio.gather(_drawn_apart(urls[:middle]), _drawn_apart(urls[middle:]))
    return [code for half in halves for code in half]


async def _drawn_apart(urls: Sequence[str]) -> list[Modules]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", "feedback.adapters.qr",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        # There are passwords in our environment, and it needs none.
        env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
    )  # fmt: skip
    try:
        async with asyncio.timeout(SECONDS):
            content, _ = await process.communicate("\n".join(urls).encode())
    except TimeoutError:
        detail = "The codes could not be drawn in time. Nothing was lost: try again in a minute."
        raise DomainError("document-not-made", detail, Kind.UNAVAILABLE) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"the process that draws codes ended with {process.returncode}")
    return [Modules(size, path) for size, path in orjson.loads(content)]


if __name__ == "__main__":
    _found = [modules(line) for line in sys.stdin.read().splitlines()]
    sys.stdout.buffer.write(orjson.dumps([(each.size, each.path) for each in _found]))
