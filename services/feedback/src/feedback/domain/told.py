"""Links as they are told once: what letters, inserts and sheets are made of."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class ToldLink:
    """One link, with its token. `language` is that of the letter that it goes into."""

    reference: str | None
    url: str
    short_code: str
    expires_on: date
    language: str
    team: str | None


@dataclass(frozen=True, slots=True)
class ToldLinks:
    """The links of one issuing. `reusable` are posters', which everybody may use; `sent` of them we send."""

    questionnaire: str
    channel: str
    reusable: bool
    links: tuple[ToldLink, ...]
    sent: int = 0

    def packed(self) -> dict[str, Any]:
        """As JSON."""
        links = [{**asdict(link), "expires_on": link.expires_on.isoformat()} for link in self.links]
        return {
            "questionnaire": self.questionnaire,
            "channel": self.channel,
            "reusable": self.reusable,
            "links": links,
            "sent": self.sent,
        }

    @classmethod
    def unpacked(cls, content: Mapping[str, Any]) -> "ToldLinks":
        """What `packed` made."""
        links = tuple(ToldLink(**{**link, "expires_on": date.fromisoformat(link["expires_on"])}) for link in content["links"])
        return cls(content["questionnaire"], content["channel"], content["reusable"], links, content.get("sent", 0))
