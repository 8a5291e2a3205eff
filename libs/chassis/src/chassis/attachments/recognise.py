"""What a file is, by its first bytes and its structure; its name and what a browser says of it count for nothing.

Own code rather than a library: puremagic and filetype name hundreds of kinds by their first bytes, and guess where they are not
sure; here are twenty, each looked at closely enough that what passes is of that kind, and everything else is refused.
Nothing is unpacked beyond the directory of an archive and one bounded entry of it. Memory stays bounded, whatever comes.
"""

import codecs
import os
import re
from dataclasses import dataclass
from typing import BinaryIO

from chassis.attachments.kinds import KINDS, FileKind, broken, empty, not_taken
from chassis.attachments.office import ole_kind, zip_kind
from chassis.attachments.sound import is_mp3, iso_media_kind, ogg_kind

_PIECE = 64 * 1024
_HEAD = 16 * 1024
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_MARKUP = re.compile(rb"\s*(?:<!doctype|<html|<head|<body|<script|<svg|<\?xml|#!|\{\\rtf)", re.IGNORECASE)
_HEADER = re.compile(rb"([!-9;-~]+):")
_MAIL_HEADERS = frozenset(
    {b"from", b"to", b"date", b"subject", b"message-id", b"received", b"return-path", b"mime-version", b"content-type", b"cc"}
)
_ENOUGH_HEADERS = 3
# A reference to the dictionary of its encryption stands in the trailer of a protected PDF (ISO 32000-1, 7.6).
_ENCRYPTED_PDF = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is. `locked`: its content is encrypted, be it with an empty password, so that a scanner may not see it."""

    kind: FileKind
    locked: bool = False


def recognise(file: BinaryIO) -> Recognised:
    """Recognise a file, from its beginning to its end, and leave it at its beginning.

    Raises `DomainError` file-not-taken, file-with-macros, file-protected, file-broken or file-empty: each says what to do.
    Reads the whole file; call it in a thread.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise empty()
    try:
        code, locked = _code(file, head, size)
    finally:
        file.seek(0)
    return Recognised(KINDS[code], locked)


def _code(file: BinaryIO, head: bytes, size: int) -> tuple[str, bool]:
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return "pdf", _pdf_is_locked(file, size)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return zip_kind(file, size), False
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return ole_kind(file), False
    found = _picture(head, size) or (iso_media_kind(file, head, size) if head[4:8] == b"ftyp" else None) or ogg_kind(head)
    if found is None and is_mp3(file, head, size):
        found = "mp3"
    if found is None and _is_mail(head):
        found = "eml"
    return (found or _text(file, head)), False


def _picture(head: bytes, size: int) -> str | None:
    """ISO/IEC 10918-1 (JPEG), W3C PNG, RFC 9649 (WebP), TIFF 6.0."""
    if head.startswith(b"\xff\xd8\xff"):
        if head[3:4] < b"\xc0":
            raise broken("a JPEG picture")
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        if head[8:16] != b"\x00\x00\x00\x0dIHDR":
            raise broken("a PNG picture")
        return "png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        if head[12:15] != b"VP8" or int.from_bytes(head[4:8], "little") + 8 > size + 1:
            raise broken("a WebP picture")
        return "webp"
    if head[:4] in {b"II*\0", b"MM\0*"}:
        directory = int.from_bytes(head[4:8], "little" if head.startswith(b"II") else "big")
        if not 8 <= directory <= size - 6:  # noqa: PLR2004 - behind the header, and with room for one entry's count
            raise broken("a TIFF picture")
        return "tiff"
    return None


def _pdf_is_locked(file: BinaryIO, size: int) -> bool:
    file.seek(max(0, size - _PIECE))
    if b"%%EOF" not in file.read():
        raise broken("a PDF")
    file.seek(0)
    before = b""
    while piece := file.read(_PIECE):
        if _ENCRYPTED_PDF.search(before + piece):
            return True
        before = piece[-40:]
    return False


def _is_mail(head: bytes) -> bool:
    """Whether it begins with the headers of a mail (RFC 5322, 2.2), three at least that mails have."""
    known: set[bytes] = set()
    for line in head.split(b"\n"):
        line = line.rstrip(b"\r")  # noqa: PLW2901 - the same line without its end
        if not line:
            break
        if line[:1] in b" \t" or (line.startswith(b"From ") and not known):
            continue
        match = _HEADER.match(line)
        if match is None:
            return False
        known.add(match[1].lower())
    return len(known & _MAIL_HEADERS) >= _ENOUGH_HEADERS and b"\0" not in head


def _text(file: BinaryIO, head: bytes) -> str:
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        raise not_taken("A web page, an RTF file or a script is not taken.", "Open it, save it as PDF, and send that.")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise not_taken("The text is not in UTF-8.", "Save it as UTF-8 (in Excel: “CSV UTF-8”), and send that.")
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            if _CONTROLS.search(piece):
                raise _unknown()
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        if _CONTROLS.search(head):
            raise _unknown() from None
        words = "It is of no kind that is taken, or a text that is not in UTF-8."
        raise not_taken(words, "Save a text as UTF-8 (in Excel: “CSV UTF-8”), and other things as PDF; send that.") from None
    return "text"


def _unknown() -> Exception:
    return not_taken("It is of no kind that is taken.", "Save it as PDF or make a picture of it, and send that.")
