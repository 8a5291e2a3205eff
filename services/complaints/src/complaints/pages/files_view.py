"""What the pages of files say: sizes, and what became of the virus scan."""

from chassis.attachments.clamd import ENCRYPTED, TOO_LARGE, TOO_MUCH
from chassis.attachments.scanning import DAMAGED
from chassis.attachments.store import NO_SCANNER, StoredFile

_KILO = 1024
_REASONS = {
    NO_SCANNER: "there is no virus scanner here",
    ENCRYPTED: "it is protected with a password",
    TOO_LARGE: "it is too large for the scanner",
    TOO_MUCH: "it holds more than the scanner looks at",
    DAMAGED: "what is stored of it cannot be read",
}


def size_words(size: int) -> str:
    """A size as people say it: 340 KB, 1.2 MB."""
    kilobytes = -(-size // _KILO)
    return f"{kilobytes} KB" if kilobytes < _KILO else f"{size / _KILO / _KILO:.1f} MB"


def scan_tag(file: StoredFile) -> tuple[str, str]:
    """What the scanner said, in a few words, and the colour of its box."""
    if file.scan == "clean":
        return "Scanned, nothing found", "green"
    if file.scan == "infected":
        return f"Virus found, destroyed: {file.scan_reason}", "red"
    if file.destroyed_at is not None:
        return "Removed before it was scanned" if file.scan == "waiting" else "Not scanned", "grey"
    if file.scan == "waiting":
        return "Waits for the virus scanner" + (", which does not answer" if file.scan_reason else ""), "yellow"
    return f"Not scanned: {_REASONS.get(file.scan_reason or '', file.scan_reason)}", "grey"
