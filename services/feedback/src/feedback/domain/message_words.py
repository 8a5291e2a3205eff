"""The words of messages to families, put together from the catalogue of a language.

A text message in English with its link is to be one message: 160 signs of the alphabet of GSM (3GPP TS 23.038). So it names the
sender where there is room, and the link's token is shorter there. Other alphabets have 70 signs a message, and take more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from contracts.feedback import MessageChannel

# 3GPP TS 23.038, 6.2.1 and 6.2.1.1; those of the second line are two signs each.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWO = frozenset("^{}\\[~]|€\f")
ONE_TEXT, ONE_OF_SEVERAL = 160, 153
ONE_TEXT_UNICODE, ONE_OF_SEVERAL_UNICODE = 70, 67

Say = Callable[..., str]
"""Says a key of the catalogue in the message's language."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where a message leads: to the survey, and to the page that ends reminders."""

    survey: str
    no: str

    @property
    def no_typed(self) -> str:
        """The second without what every browser adds, for text messages."""
        return self.no.removeprefix("https://")


@dataclass(frozen=True, slots=True)
class Words:
    """A message. A text message has no subject."""

    subject: str
    body: str


def length(text: str) -> int:
    """Signs that a text takes in a text message, as they are counted: of GSM's alphabet, or else UTF-16 units."""
    if is_gsm(text):
        return sum(2 if sign in _GSM_TWO else 1 for sign in text)
    return len(text.encode("utf-16-le")) // 2


def is_gsm(text: str) -> bool:
    """Whether a text can be written in the alphabet of GSM."""
    return all(sign in _GSM or sign in _GSM_TWO for sign in text)


def parts(text: str) -> int:
    """As how many messages a text goes out."""
    one, several = (ONE_TEXT, ONE_OF_SEVERAL) if is_gsm(text) else (ONE_TEXT_UNICODE, ONE_OF_SEVERAL_UNICODE)
    signs = length(text)
    return 1 if signs <= one else -(-signs // several)


def message_words(
    say: Say, channel: MessageChannel, number: int, links: Links, *, organisation: str, signed: str | None, until: date
) -> Words:
    """The words of a message; `number` is 0 for the link, 1 and 2 for reminders. `signed` is a short name for text messages."""
    kind = "reminder" if number else "first"
    if channel == "text":
        return Words("", _text(say, kind, links, signed or organisation))
    values = {
        "organisation": organisation, "link": links.survey, "no": links.no,
        "day": f"{until.day}/{until.month}/{until.year}",
    }  # fmt: skip
    return Words(say(f"message.email.{kind}.subject", **values), say(f"message.email.{kind}", **values))


def _text(say: Say, kind: str, links: Links, name: str) -> str:
    """With the sender's name where it fits into one message; without it where that makes it fit."""
    values = {"link": links.survey, "no": links.no_typed}
    named = say(f"message.text.{kind}", name=name, **values)
    plain = say(f"message.text.{kind}.plain", **values)
    return plain if parts(plain) < parts(named) else named
