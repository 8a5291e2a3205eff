"""Small real files of every kind that is taken, and of some that are not, made byte by byte."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import BinaryIO

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner takes for a virus, and is none (eicar.org). In two parts, so that no scanner stops at this module."""

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
LOCKED_PDF = PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R/Encrypt 9 0 R")
MAIL = (
    b"From: Jo Hill <jo@example.org>\r\nTo: unit@example.org\r\nSubject: Visits\r\nDate: Mon, 18 Jul 2022 09:00 +0100\r\n\r\nHi"
)
TEXT = "Nobody came. Füchse, ﻋﺮﺑﻲ.\r\n".encode()


def as_file(content: bytes) -> BinaryIO:
    """Bytes as a file that can be read."""
    return io.BytesIO(content)


def jpeg() -> bytes:
    """A JPEG's markers around nothing."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(64) + b"\xff\xd9"


def png(side: int = 8) -> bytes:
    """A white square."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    pixels = zlib.compress((b"\0" + b"\xff" * side) * side)
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def webp() -> bytes:
    """A WebP's frame."""
    return b"RIFF" + struct.pack("<I", 20) + b"WEBPVP8L" + struct.pack("<I", 8) + bytes(8)


def tiff() -> bytes:
    """A TIFF with an empty directory."""
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0) + bytes(8)


def box(name: bytes, content: bytes) -> bytes:
    """A box of ISO base media."""
    return struct.pack(">I", 8 + len(content)) + name + content


def heic() -> bytes:
    """An iPhone's picture, without the picture."""
    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", bytes(16))


def recording(*handlers: bytes, brand: bytes = b"M4A ") -> bytes:
    """Sound or film in boxes: a track for each handler (`soun`, `vide`)."""
    tracks = b"".join(box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + each + bytes(13)))) for each in handlers)
    return box(b"ftyp", brand + b"\0\0\0\0isom") + box(b"mdat", bytes(32)) + box(b"moov", tracks)


def mp3(*, tag: bool = True) -> bytes:
    """Three silent frames, 128 kbit/s at 44.1 kHz, behind a tag."""
    frame = b"\xff\xfb\x90\x64" + bytes(413)
    return (b"ID3\x04\x00\x00\x00\x00\x00\x10" + bytes(16) if tag else b"") + frame * 3


def ogg(stream: bytes = b"OpusHead") -> bytes:
    """The first page of an Ogg file."""
    return b"OggS\0\x02" + bytes(20) + b"\x01" + bytes([len(stream)]) + stream


def archive(parts: Mapping[str, bytes], *, stored: bool = False) -> bytes:
    """A zip archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as found:
        for name, content in parts.items():
            found.writestr(name, content)
    return made.getvalue()


def open_xml(main: str, **more: bytes) -> bytes:
    """An Office file of today with its main part, and other parts (`__` stands for `/`, `_dot_` for `.`)."""
    types = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    others = {name.replace("__", "/").replace("_dot_", "."): content for name, content in more.items()}
    return archive({"[Content_Types].xml": types, main: b"<x/>", **others})


def open_document(kind: str, **more: bytes) -> bytes:
    """An OpenDocument file (`text`, `spreadsheet`), names of parts as in `open_xml`."""
    others = {name.replace("__", "/").replace("_dot_", "."): content for name, content in more.items()}
    return archive(
        {"mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(), "content.xml": b"<x/>", **others}, stored=True
    )


_SECTOR = 512
_LEAST = 4096  # shorter streams would lie elsewhere
_END = 0xFFFFFFFE
_FREE = 0xFFFFFFFF
_FAT = 0xFFFFFFFD


def ole(streams: Mapping[str, bytes], storages: tuple[str, ...] = ()) -> bytes:
    """An OLE file ([MS-CFB]) with streams and empty storages at its top; at most some ten of them."""
    held = [(name, 2, content.ljust(_LEAST, b"\0")) for name, content in streams.items()]
    held += [(name, 1, b"") for name in storages]
    entries = [("Root Entry", 5, b""), *sorted(held, key=lambda entry: (len(entry[0]), entry[0].upper()))]
    directory_sectors = -(-len(entries) * 128 // _SECTOR)
    fat = [_FAT, *range(2, directory_sectors + 1), _END]
    directory, body = b"", b""
    for number, (name, kind, content) in enumerate(entries):
        start = _END
        if content:
            start, sectors = len(fat), -(-len(content) // _SECTOR)
            fat += [*range(start + 1, start + sectors), _END]
            body += content.ljust(sectors * _SECTOR, b"\0")
        title = name.encode("utf-16-le") + b"\0\0"
        right = number + 1 if 0 < number < len(entries) - 1 else _FREE
        child = 1 if number == 0 and len(entries) > 1 else _FREE
        directory += title.ljust(64, b"\0") + struct.pack("<HBBIII", len(title), kind, 1, _FREE, right, child)
        directory += bytes(36) + struct.pack("<IQ", start, len(content))
    directory = directory.ljust(directory_sectors * _SECTOR, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIIIII", 0, 1, 1, 0, _LEAST, _END, 0, _END, 0, 0, _FREE)[: 4 * 10] + struct.pack(
        "<" + "I" * 108, *[_FREE] * 108
    )
    table = struct.pack("<" + "I" * 128, *(fat + [_FREE] * (128 - len(fat))))
    return header + table + directory + body
