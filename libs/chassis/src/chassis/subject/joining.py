"""Several encrypted packages of one request become one, without being opened: one ZIP with a folder for each part.

In a ZIP with AES (WinZip's AE-2) each file is encrypted by itself, with a salt of its own. So the files of several packages
that were made with one passphrase can stand in one archive as they are, and who joins them needs no passphrase and reads
nothing. Only the index in front is made here, and encrypted too.
"""

import io
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from markupsafe import Markup
from stream_zip import ZIP_64, stream_zip

from chassis.days import moment_words
from chassis.errors import DomainError, Kind

INDEX = "read-me-first.html"
_PIECE = 256 * 1024
_MODE = 0o600
_WHOLE = 0xFFFFFFFF
"""In the place of a size: it stands in the field of ZIP64."""
_AES = 0x9901
_UTF8, _ENCRYPTED = 0x800, 0x1
_VERSION = 51  # AES; of everything
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True, slots=True)
class Joined:
    """What stands in front: whose request it is, by its reference, and each part with what became of it.

    `parts` by folder: its name, and why there is nothing of it where there is none.
    """

    reference: str
    organisation: str
    made_at: datetime
    parts: Mapping[str, tuple[str, str]]
    not_searched: Sequence[str]

    def page(self) -> str:
        """The index, as HTML; nothing of anybody is in it but the council's reference."""
        listed = Markup("").join(
            Markup("<li>{}: {}</li>").format(name, missing)
            if missing
            else Markup('<li><a href="{}/{}">{}</a></li>').format(folder, INDEX, name)
            for folder, (name, missing) in self.parts.items()
        )
        others = Markup("").join(Markup("<li>{}</li>").format(each) for each in self.not_searched)
        title = f"What {self.organisation} holds about you"
        return str(
            Markup(
                '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
                '<meta name="viewport" content="width=device-width">'
                "<title>{title}</title><style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;"
                "padding:0 1rem;color:#0b0c0c;background:#fff}}li{{margin-bottom:.5rem}}</style></head><body><main>"
                "<h1>{title}</h1><p>Your request {reference}. Made on {made}.</p><p>Each part of the system answers for what "
                "it holds, in a folder of its own: a page to read, the same as data, and files. Unpack everything first, so "
                "that the links work.</p>"
                "<h2>Parts</h2><ul>{listed}</ul><h2>Not searched</h2><ul>{others}</ul></main></body></html>"
            ).format(title=title, reference=self.reference, made=moment_words(self.made_at), listed=listed, others=others)
        )


def join(about: Joined, passphrase: str, packages: Mapping[str, IO[bytes]]) -> Iterator[bytes]:
    """One package of several, by folder, each a file that can be sought in. Raises `DomainError` not-a-package."""
    yield from _Archive().written(_index(about, passphrase), packages)


def _index(about: Joined, passphrase: str) -> bytes:
    page = about.page().encode()
    return b"".join(stream_zip(((INDEX, about.made_at, _MODE, ZIP_64, (page,)),), password=passphrase))


class _Archive:
    def __init__(self) -> None:
        self._at = 0
        self._directory: list[bytes] = []

    def written(self, index: bytes, packages: Mapping[str, IO[bytes]]) -> Iterator[bytes]:

        for folder, file in {"": io.BytesIO(index), **packages}.items():
            try:
                archive = zipfile.ZipFile(file)
            except zipfile.BadZipFile:
                detail = f"What {folder} answered is no package. Nothing was joined. Fetch it again."
                raise DomainError("not-a-package", detail, Kind.UNAVAILABLE) from None
            for each in archive.infolist():
                for piece in self._copied(f"{folder}/{each.filename}" if folder else each.filename, each, file):
                    self._at += len(piece)
                    yield piece
        yield from self._ended()

    def _copied(self, name: str, info: zipfile.ZipInfo, file: IO[bytes]) -> Iterator[bytes]:
        file.seek(info.header_offset)
        *_, name_length, extra_length = _LOCAL.unpack(file.read(_LOCAL.size))
        file.seek(name_length + extra_length, 1)
        named, aes = name.encode(), _field(info.extra, _AES)
        year, month, day, hour, minute, second = info.date_time
        clock, date = hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day
        flags = _UTF8 | (info.flag_bits & _ENCRYPTED)  # sizes stand in front, so no record follows the content
        sizes = struct.pack("<2Q", info.file_size, info.compress_size)
        common = (_VERSION, flags, info.compress_type, clock, date, info.CRC, _WHOLE, _WHOLE, len(named))
        extra = struct.pack("<2H", 1, len(sizes)) + sizes + aes
        placed = struct.pack("<2HQ", 1, len(sizes) + 8, info.file_size) + struct.pack("<2Q", info.compress_size, self._at) + aes
        self._directory.append(
            _CENTRAL.pack(b"PK\x01\x02", _VERSION | 3 << 8, *common, len(placed), 0, 0, 0, info.external_attr, _WHOLE)
            + named
            + placed
        )
        yield _LOCAL.pack(b"PK\x03\x04", *common, len(extra)) + named + extra
        left = info.compress_size
        while left:
            piece = file.read(min(left, _PIECE))
            if not piece:
                detail = "A part of the package ends in the middle. Fetch it again."
                raise DomainError("not-a-package", detail, Kind.UNAVAILABLE)
            left -= len(piece)
            yield piece

    def _ended(self) -> Iterator[bytes]:
        directory, number, at = b"".join(self._directory), len(self._directory), self._at
        yield directory
        yield _END_64.pack(b"PK\x06\x06", 44, _VERSION | 3 << 8, _VERSION, 0, 0, number, number, len(directory), at)
        yield _LOCATOR.pack(b"PK\x06\x07", 0, at + len(directory), 1)
        few = min(number, 0xFFFF)
        yield _END.pack(b"PK\x05\x06", 0, 0, few, few, min(len(directory), _WHOLE), _WHOLE, 0)


def _field(extra: bytes, wanted: int) -> bytes:
    """One extra field of a file, with its head; empty where there is none."""
    while len(extra) >= 4:  # noqa: PLR2004 - the head of a field
        kind, size = struct.unpack("<2H", extra[:4])
        if kind == wanted:
            return extra[: 4 + size]
        extra = extra[4 + size :]
    return b""
