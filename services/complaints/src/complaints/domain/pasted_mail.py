"""A mail that an officer pastes: who wrote it, when, about what. What is recognised is offered; a person confirms it."""

import email
import email.policy
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

from chassis.days import british_day

# What Outlook writes above a mail that is copied from it, in place of the header lines of RFC 5322.
_OUTLOOK = re.compile(r"^(From|Sent|To|Cc|Subject|Date|Attachments|Importance):[ \t]*(.*)$")
_FORMS = ("%d %B %Y %H:%M", "%d %B %Y", "%d %b %Y %H:%M", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d %B %Y %H:%M:%S")
_UNREADABLE = (
    MessageError,
    LookupError,
    ValueError,
    AttributeError,
    TypeError,
    OverflowError,
    RecursionError,
    AssertionError,
)
"""What the standard library's parser raises for headers that are none: it expects what mail programs write."""
_ANGLED = re.compile(r"[<\[](?:mailto:)?([^<>\[\]\s]+@[^<>\[\]\s]+)[>\]]")


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was recognised in a mail; what was not is empty."""

    name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    on: date | None = None
    subject: str = field(default="", repr=False)
    body: str = field(default="", repr=False)

    @property
    def recognised(self) -> bool:
        """Whether anything stood above the text."""
        return bool(self.name or self.address or self.on or self.subject)

    @property
    def narrative(self) -> str:
        """The subject and the text, as they are taken down."""
        return "\n\n".join(part for part in (self.subject, self.body) if part)


def read_mail(text: str) -> Pasted:
    """What a pasted mail says of itself. Never raises: what cannot be read is text."""
    text = text.strip()
    headers, body = _headers(text)
    if not headers:
        return Pasted(body=text)
    name, address = _sender(headers.get("from", ""))
    return Pasted(name, address, _day(headers.get("date") or headers.get("sent", "")), headers.get("subject", ""), body)


def _headers(text: str) -> tuple[dict[str, str], str]:
    first = text.partition("\n")[0]
    if not re.match(r"^[A-Za-z][A-Za-z-]*:", first):
        return {}, text
    try:
        # The content type says how the text is encoded, so a whole source as saved from a mail program opens too.
        message = email.message_from_string(text, _class=EmailMessage, policy=email.policy.default)
        body = message.get_body(("plain",))
        headers = {name.lower(): str(value) for name, value in message.items()}
        if "from" in headers and not message.defects:
            return headers, (body.get_content() if body is not None else "").strip()
    except _UNREADABLE:
        pass  # The parser of headers is strict about what nobody promised to send.
    return _outlook(text)


def _outlook(text: str) -> tuple[dict[str, str], str]:
    found: dict[str, str] = {}
    lines = text.split("\n")
    for place, line in enumerate(lines):
        header = _OUTLOOK.match(line.strip())
        if header is None:
            return (found, "\n".join(lines[place:]).strip()) if "from" in found else ({}, text)
        found[header[1].lower()] = header[2].strip()
    return (found, "") if "from" in found else ({}, text)


def _sender(value: str) -> tuple[str, str]:
    name, address = parseaddr(value)
    if "@" not in address:
        angled = _ANGLED.search(value)
        name, address = (value[: angled.start()].strip(), angled[1]) if angled else (value, "")
    return name.strip().strip("\"'"), address


def _day(value: str) -> date | None:
    try:
        found = parsedate_to_datetime(value)
        return british_day(found) if found.tzinfo is not None else found.date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return _written_day(value)


def _written_day(value: str) -> date | None:
    plain = re.sub(r"^\w+day,?\s+", "", value.strip())
    for form in _FORMS:
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 - a day as it is written, without a zone
        except ValueError:
            continue
    return None
