"""The monthly bulletin of what was learned: its texts, its states, and what it consists of. Pure.

A machine drafts headings, figures and lists. What is said about them people write, and each text says whose it is.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from chassis.errors import DomainError, FieldError, Kind, not_found

State = Literal["draft", "approved", "published", "withdrawn"]
Step = Literal["save", "approve", "publish", "withdraw"]
Part = Literal["intro", "learned", "praise", "next"]

PARTS: Mapping[Part, str] = {
    "intro": "In short",
    "learned": "What we learned",
    "praise": "What families thanked us for",
    "next": "What happens next",
}
MOST_LETTERS = 10_000
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_LEADS_TO: Mapping[Step, tuple[frozenset[State], State]] = {
    "save": (frozenset({"draft", "approved", "published", "withdrawn"}), "draft"),
    "approve": (frozenset({"draft"}), "approved"),
    "publish": (frozenset({"approved"}), "published"),
    "withdraw": (frozenset({"draft", "approved", "published"}), "withdrawn"),
}


@dataclass(frozen=True)
class Month:
    """A calendar month."""

    first: date

    @classmethod
    def parse(cls, code: str) -> "Month":
        """Of `2022-07`. Raises `not-found`."""
        found = _MONTH.fullmatch(code)
        if found is None:
            raise not_found("month")
        return cls(date(int(found[1]), int(found[2]), 1))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.replace(day=1))

    @property
    def last(self) -> date:
        """Its last day."""
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    @property
    def code(self) -> str:
        """2022-07."""
        return f"{self.first:%Y-%m}"

    @property
    def name(self) -> str:
        """July 2022."""
        return f"{self.first:%B %Y}"

    def before(self) -> "Month":
        """The month before."""
        return Month.of(self.first - timedelta(days=1))


@dataclass(frozen=True)
class Words:
    """A text that somebody wrote, and who did."""

    text: str = ""
    by: str = ""


@dataclass(frozen=True)
class Content:
    """What people put into a bulletin: texts by part, and the actions whose words are shown."""

    words: Mapping[Part, Words] = field(default_factory=dict)
    actions: tuple[str, ...] = ()

    def changed(self, texts: Mapping[Part, str], actions: tuple[str, ...], by: str) -> "Content":
        """With other texts: a text that changed becomes the words of whoever changed it. Raises `invalid-bulletin`."""
        errors = [
            FieldError(f"/{part}", f"{MOST_LETTERS:,} letters at most; this has {len(text):,}")
            for part, text in texts.items()
            if len(text) > MOST_LETTERS
        ]
        if errors:
            raise DomainError("invalid-bulletin", "The bulletin was not saved. See `errors`.", Kind.MALFORMED, tuple(errors))
        kept = {part: self.words.get(part, Words()) for part in PARTS}
        words = {
            part: kept[part] if text == kept[part].text else Words(text, by if text else "") for part, text in texts.items()
        }
        return Content({**kept, **words}, actions)

    def dump(self) -> str:
        """As it is kept."""
        return json.dumps({"words": {part: asdict(each) for part, each in self.words.items()}, "actions": self.actions})

    @classmethod
    def load(cls, kept: str) -> "Content":
        """As `dump` kept it."""
        data = json.loads(kept)
        return cls({part: Words(**each) for part, each in data["words"].items()}, tuple(data["actions"]))


@dataclass(frozen=True)
class Figures:
    """A small table: a label and what is said of it in each row."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Section:
    """A part of a bulletin: figures, lists, and the words of people."""

    title: str
    words: Words = Words()
    tables: tuple[Figures, ...] = ()
    items: tuple[str, ...] = ()
    """Words of the actions that were chosen, as whoever recorded them wrote them."""


@dataclass(frozen=True)
class Bulletin:
    """A bulletin as it is read."""

    title: str
    organisation: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    approved_by: str = ""

    def dump(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, kept: str) -> "Bulletin":
        """As `dump` kept it."""
        data: dict[str, Any] = json.loads(kept)
        sections = tuple(
            Section(
                each["title"],
                Words(**each["words"]),
                tuple(
                    Figures(table["title"], tuple((label, cell) for label, cell in table["rows"])) for table in each["tables"]
                ),
                tuple(each["items"]),
            )
            for each in data.pop("sections")
        )
        return cls(**{**data, "notes": tuple(data["notes"]), "sections": sections})


def after(state: State, step: Step, *, published: bool) -> State:
    """The state after a step. `published`: staff see an edition of it. Raises `wrong-state`."""
    allowed, leads_to = _LEADS_TO[step]
    if state not in allowed or (step == "withdraw" and not published):
        words = {
            "approve": "Only a draft is approved.",
            "publish": "Only what was approved is published. Approve it first.",
            "withdraw": "Staff see no edition of it, so there is nothing to withdraw.",
        }
        raise DomainError("wrong-state", f"{words.get(step, 'This cannot be done now.')} Nothing was changed.")
    return leads_to


def check_approver(saved_by: str, approver: str, *, second: bool) -> None:
    """Where the organisation wants a second person, whoever saved it last does not approve it. Raises `second-approver`."""
    if second and saved_by == approver:
        detail = (
            "You saved it last, and your organisation wants somebody else to approve it. Nothing was changed. Ask a colleague "
            "to read it as it stands, and to approve it."
        )
        raise DomainError("second-approver", detail)


def possible(state: State, *, published: bool) -> tuple[Step, ...]:
    """The steps that can be taken, but for saving, which always can."""
    steps: tuple[Step, ...] = ("approve", "publish", "withdraw")
    return tuple(step for step in steps if state in _LEADS_TO[step][0] and (step != "withdraw" or published))
