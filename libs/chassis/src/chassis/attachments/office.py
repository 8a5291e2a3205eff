"""Office files: the directory of a zip archive or of an OLE file says what it is. Macros and passwords are refused.

OLE by olefile, which reads what attackers make; zip by the standard library, after a look at how large the directory is.
"""

import lzma
import struct
import zipfile
import zlib
from typing import BinaryIO

import olefile

from chassis.attachments.kinds import broken, not_taken, protected, with_macros

_MOST_PARTS = 5_000
_MOST_DIRECTORY = 1024 * 1024
_MOST_READ = 1024 * 1024  # of the one entry that says what the others are
_MOST_UNPACKED = 1024 * 1024 * 1024
_END = b"PK\x05\x06"
_END_SIZE = 22
_MOST_COMMENT = 65_535
_ENCRYPTED = 1
_MAIN_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}


_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError,
    ValueError, KeyError, OSError, EOFError,
)  # fmt: skip
"""What the library raises for an archive that was cut or changed: its own errors, and those of what unpacks."""


def zip_kind(file: BinaryIO, size: int) -> str:
    """The code of an Office file in a zip archive. Raises the `DomainError`s of `chassis.attachments.kinds`."""
    _check_directory(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            return _in_archive(archive)
    except _BROKEN:
        raise broken("an Office file or archive") from None


def _check_directory(file: BinaryIO, size: int) -> None:
    """Look at the record that ends an archive (APPNOTE 4.3.16) before anything holds its directory in memory."""
    file.seek(max(0, size - _END_SIZE - _MOST_COMMENT))
    tail = file.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) < place + _END_SIZE:
        raise broken("an Office file or archive")
    parts = int.from_bytes(tail[place + 10 : place + 12], "little")
    directory = int.from_bytes(tail[place + 12 : place + 16], "little")
    # Of 64 bits (4.3.14) none needs to be that holds a letter: what says so only hides how much it holds.
    if parts > _MOST_PARTS or directory > _MOST_DIRECTORY or tail[max(0, place - 20) : place].startswith(b"PK\x06\x07"):
        raise not_taken("It holds far too many parts.", "Save it as PDF, and send that.")


def _in_archive(archive: zipfile.ZipFile) -> str:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise protected()
    if sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise not_taken("It unpacks to far more than a letter or sheet holds.", "Save it as PDF, and send that.")
    if "[Content_Types].xml" in names:
        return _open_xml(archive, names)
    if parts and parts[0].filename == "mimetype":
        return _open_document(archive, names)
    raise not_taken("An archive (zip) is not taken.", "Unpack it, and send its files one by one.")


def _open_xml(archive: zipfile.ZipFile, names: set[str]) -> str:
    """ECMA-376, part 2: the content types say which parts are programs, whatever their names are."""
    lower = {name.lower() for name in names}
    types = _read(archive, "[Content_Types].xml").lower()
    programs = any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in lower)
    if programs or b"macroenabled" in types or b"vbaproject" in types or b"macrosheet" in types:
        raise with_macros()
    for part, code in _MAIN_PARTS.items():
        if part in lower:
            return code
    raise not_taken("It is of no kind that is taken.", "Save it as PDF, and send that.")


def _open_document(archive: zipfile.ZipFile, names: set[str]) -> str:
    """OpenDocument 1.2, part 3: the first entry names the kind, the manifest says what is encrypted."""
    code = _OPEN_DOCUMENTS.get(_read(archive, "mimetype").strip())
    if code is None:
        raise not_taken("It is of no kind that is taken.", "Save it as PDF, and send that.")
    if "META-INF/manifest.xml" in names and b"encryption-data" in _read(archive, "META-INF/manifest.xml"):
        raise protected()
    # Folders of programs: of StarBasic, and of other languages.
    if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in names):
        raise with_macros()
    return code


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as entry:
        content = entry.read(_MOST_READ + 1)
    if len(content) > _MOST_READ:
        raise broken("an Office file")
    return content


def ole_kind(file: BinaryIO) -> str:
    """The code of an Office file of 1997 to 2003, or of a mail of Outlook ([MS-CFB]). Raises as `zip_kind`."""
    try:
        # It closes only what it opened itself.
        with olefile.OleFileIO(file) as found:
            return _in_ole(found)
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        # What olefile raises for a file that was made to break it is not declared.
        raise broken("an Office file") from None


def _in_ole(found: olefile.OleFileIO) -> str:
    paths = [[part.lower() for part in path] for path in found.listdir(streams=True, storages=True)]
    tops = {path[0] for path in paths}
    if "encryptedpackage" in tops or "encryptedsummary" in tops:
        raise protected()
    if "__properties_version1.0" in tops:
        return "msg"
    if tops & {"macros", "_vba_project_cur"} or any("vba" in path for path in paths):
        raise with_macros()
    if "worddocument" in tops:
        # FibBase.fEncrypted ([MS-DOC] 2.5.2): bit 8 of the word at 10.
        if found.openstream("WordDocument").read(12)[11:12] in _ODD:
            raise protected()
        return "doc"
    for name in ("Workbook", "Book"):
        if name.lower() in tops:
            if _has_file_pass(found.openstream(name).read(_MOST_READ)):
                raise protected()
            return "xls"
    if "powerpoint document" in tops:
        return "ppt"
    raise not_taken("It is of no kind that is taken.", "Save it as PDF, and send that.")


_ODD = frozenset(bytes([value]) for value in range(256) if value & 1)
_FILE_PASS = 0x2F
_FIRST_RECORDS = 20


def _has_file_pass(stream: bytes) -> bool:
    """Whether a record FilePass stands at the beginning of a workbook ([MS-XLS] 2.4.117)."""
    place = 0
    for _ in range(_FIRST_RECORDS):
        if int.from_bytes(stream[place : place + 2], "little") == _FILE_PASS:
            return True
        place += 4 + int.from_bytes(stream[place + 2 : place + 4], "little")
    return False
