"""What a mail is, who carries it, and how carrying can fail. No mail is sent here."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Protocol

MOST_SUBJECT = 200  # characters; a mail program shows about a third of them
MOST_BODY = 100_000  # characters; GOV.UK Notify takes 2 MB, and a person reads none of that
MOST_FILE = 2_000_000  # bytes of an attached file: as many as GOV.UK Notify takes; most mail servers take five times that
_MOST_ADDRESS, _MOST_LOCAL = 254, 64  # RFC 5321, 4.5.3.1

# Dot-string@domain of RFC 5321 in ASCII, the domain with a dot. Quoted local parts and address literals are lawful and in no
# council's directory; each is also a way to write something on the command line of a mail server.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@{_LABEL}(?:\.{_LABEL})+")

_WEB_ADDRESS = re.compile(r"https?://[!-;=?-~]{1,490}")  # neither space nor angle bracket: it stands between two in a header

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,95}\.pdf")  # plain: it stands in a header, and in folders of any system

# Control characters, line and paragraph separators, half characters: nothing of these may come near a header.
_NEVER_IN_A_LINE = frozenset({"Cc", "Zl", "Zp", "Cs"})


class MessageError(ValueError):
    """The message cannot be a mail. Says which part and why, never what it held."""


def is_address(text: str) -> bool:
    """Whether a text is one mail address that every mail server takes (ASCII, RFC 5321 dot-string, at most 254 characters)."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and len(text) <= _MOST_ADDRESS and len(found[1]) <= _MOST_LOCAL


def is_line(text: str) -> bool:
    """Whether a text can stand in a header: no line break of any kind, no control character, no space at its ends."""
    return text == text.strip() and not any(unicodedata.category(character) in _NEVER_IN_A_LINE for character in text)


@dataclass(frozen=True)
class Attachment:
    """A PDF that comes with a mail. Raises `MessageError` when it is none, is too large, or has a name that fits no header."""

    name: str
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _FILE_NAME.fullmatch(self.name):
            raise MessageError("the name of an attachment must be letters, digits, hyphens and full stops, and end with .pdf")
        if not self.content.startswith(b"%PDF-") or len(self.content) > MOST_FILE:
            raise MessageError(f"an attachment must be a PDF of at most {MOST_FILE} bytes")


@dataclass(frozen=True)
class Message:
    r"""A mail in plain text to one person. Raises `MessageError` when it is none.

    Two people get two messages: neither needs to see the other's address. The representation shows no content, so that no log
    and no traceback does. Line breaks of the body become `\n`. `unsubscribe` is an address that ends such mails for this person
    with one POST, without a question (RFC 8058). `attachment` is a PDF that comes with it.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    reply_to: str | None = field(default=None, repr=False)
    unsubscribe: str | None = field(default=None, repr=False)
    attachment: Attachment | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for part, address in (("to", self.to), ("reply_to", self.reply_to)):
            if address is not None and not is_address(address):
                raise MessageError(f"'{part}' is not a mail address")
        if not is_line(self.subject) or not 0 < len(self.subject) <= MOST_SUBJECT:
            raise MessageError(f"'subject' must be one line of 1 to {MOST_SUBJECT} characters, without control characters")
        if self.unsubscribe is not None and not _WEB_ADDRESS.fullmatch(self.unsubscribe):
            raise MessageError("'unsubscribe' must be a web address in ASCII, of 500 characters at most")
        body = self.body.replace("\r\n", "\n").replace("\r", "\n")
        if not body.strip() or len(body) > MOST_BODY or any(map(_is_binary, body)):
            raise MessageError(f"'body' must be text of 1 to {MOST_BODY} characters, without control characters")
        object.__setattr__(self, "body", body)


def _is_binary(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t"


@dataclass
class MailPutOff(Exception):
    """Not carried now; trying again later may do it. `reason` names no person.

    `for_all`: the cause lies with the carrier or the settings, so the next mail would fare no better. `doubtful`: the carrier
    may have taken it all the same (it fell silent after it had everything).
    """

    reason: str
    for_all: bool = False
    doubtful: bool = False

    def __str__(self) -> str:
        """The reason."""
        return self.reason


@dataclass
class MailRefused(Exception):
    """The mail will never be carried; trying again is of no use. `reason` names no person."""

    reason: str

    def __str__(self) -> str:
        """The reason."""
        return self.reason


class Mailer(Protocol):
    """Carries mails: one at a time, in one task."""

    @property
    def closed_because(self) -> str | None:
        """Why it carries nothing at all; None where it carries."""

    async def send(self, message: Message, reference: str, *, doubtful: bool = False) -> None:
        """Hand one mail over; returns when the carrier has taken it.

        `reference` is the mail's own id (a UUID), the same for each attempt, so that a mail handed over twice can be known as
        one. `doubtful` says that an earlier attempt may have got through. Raises `MailPutOff` or `MailRefused`, nothing else.
        """

    async def close(self) -> None:
        """Let go of what was kept open for the next mail; the next `send` opens it again."""


NOT_CONFIGURED = "not sent: no mail is configured"


class NoMailer:
    """Stands where no mail is configured. Carries nothing, and says so."""

    @property
    def closed_because(self) -> str | None:
        """That no mail is configured."""
        return NOT_CONFIGURED

    async def send(self, message: Message, reference: str, *, doubtful: bool = False) -> None:  # noqa: ARG002 - a Mailer
        """Raises `MailPutOff`, always."""
        raise MailPutOff(NOT_CONFIGURED, for_all=True)

    async def close(self) -> None:
        """Nothing is open."""
