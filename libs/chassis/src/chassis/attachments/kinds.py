"""The kinds of files that are taken, and the refusals of the others. docs/guides/attachments.md lists them for officers."""

from dataclasses import dataclass

from chassis.errors import DomainError, Kind


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its code, words for people, the media type it is handed out as, and the endings its name may have."""

    code: str
    words: str
    media_type: str
    endings: tuple[str, ...]


_OPENXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
KINDS = {
    kind.code: kind
    for kind in (
        FileKind("pdf", "PDF", "application/pdf", ("pdf",)),
        FileKind("jpeg", "Picture (JPEG)", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif")),
        FileKind("png", "Picture (PNG)", "image/png", ("png",)),
        FileKind("heic", "Picture (HEIC)", "image/heic", ("heic", "heif")),
        FileKind("webp", "Picture (WebP)", "image/webp", ("webp",)),
        FileKind("tiff", "Picture (TIFF)", "image/tiff", ("tif", "tiff")),
        FileKind("docx", "Word document", f"{_OPENXML}.wordprocessingml.document", ("docx",)),
        FileKind("xlsx", "Excel workbook", f"{_OPENXML}.spreadsheetml.sheet", ("xlsx",)),
        FileKind("pptx", "PowerPoint slides", f"{_OPENXML}.presentationml.presentation", ("pptx",)),
        FileKind("odt", "OpenDocument text", f"{_ODF}.text", ("odt",)),
        FileKind("ods", "OpenDocument sheet", f"{_ODF}.spreadsheet", ("ods",)),
        FileKind("doc", "Word document (97-2003)", "application/msword", ("doc",)),
        FileKind("xls", "Excel workbook (97-2003)", "application/vnd.ms-excel", ("xls",)),
        FileKind("ppt", "PowerPoint slides (97-2003)", "application/vnd.ms-powerpoint", ("ppt",)),
        FileKind("eml", "E-mail", "message/rfc822", ("eml",)),
        FileKind("msg", "E-mail (Outlook)", "application/vnd.ms-outlook", ("msg",)),
        FileKind("text", "Plain text", "text/plain; charset=utf-8", ("txt", "csv")),
        FileKind("mp3", "Sound (MP3)", "audio/mpeg", ("mp3",)),
        FileKind("m4a", "Sound (M4A)", "audio/mp4", ("m4a", "mp4", "aac", "3gp")),
        FileKind("ogg", "Sound (Ogg)", "audio/ogg", ("ogg", "oga", "opus")),
    )
}

TAKEN = (
    "Taken are PDF; pictures (JPEG, PNG, HEIC, WebP, TIFF); Word, Excel and PowerPoint without macros; OpenDocument text and "
    "sheets; e-mails (EML, MSG); plain text and CSV in UTF-8; sound (MP3, M4A, Ogg)"
)
ACCEPT = ",".join(f".{ending}" for kind in KINDS.values() for ending in kind.endings)
"""For `accept` of a file field: only a help in choosing; what counts is the content."""


def not_taken(why: str, what_to_do: str) -> DomainError:
    """The refusal of a file that is of no kind that is taken."""
    return DomainError("file-not-taken", f"{why} {TAKEN}. {what_to_do}", Kind.MALFORMED)


def with_macros() -> DomainError:
    """The refusal of an Office file that holds a program."""
    detail = (
        "The file holds macros, which are programs, and those are not taken. Save it without macros or as PDF, and send that."
    )
    return DomainError("file-with-macros", detail, Kind.MALFORMED)


def protected() -> DomainError:
    """The refusal of a file that nobody here could read, and no scanner can look into."""
    detail = (
        "The file is protected with a password, so that it could not be read or scanned later. "
        "Take the password off, or print it to PDF, and send that."
    )
    return DomainError("file-protected", detail, Kind.MALFORMED)


def broken(what: str) -> DomainError:
    """The refusal of a file that begins like one of a kind and is none."""
    detail = f"The file is damaged or was cut off: it begins like {what}, and is none. Open it, save it anew, and send that."
    return DomainError("file-broken", detail, Kind.MALFORMED)


def empty() -> DomainError:
    """The refusal of a file without a byte."""
    return DomainError("file-empty", "The file is empty. Look whether it is the right one, and send it again.", Kind.MALFORMED)
