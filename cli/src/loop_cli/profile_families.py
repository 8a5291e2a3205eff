"""families.yaml as models, and whether it fits together. Pure."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, StrictInt

from loop_cli.profile_format import Code, Label, Part, Texts
from loop_cli.profile_worries import ADDRESS, Reading, Wrong

Days = Annotated[StrictInt, Field(ge=1, le=60)]


class Messages(Part):
    """When messages with a link go out, and when they remind."""

    send: Reading = Reading()
    remind_after: Annotated[list[Days], Field(max_length=2)] = Field(default=[])
    signed: Annotated[Label, Field(max_length=40)] | None = None


class Caller(Part):
    """Who calls families back."""

    role: Literal["family-contact", "qa-officer", "complaints-officer", "manager", "safeguarding-duty"]
    service_areas: list[Code] = Field(default=[])
    teams: list[Code] = Field(default=[])
    email: Label | None = None
    who: Texts


class Contact(Part):
    """Families who ask to be contacted."""

    within_days: Annotated[StrictInt, Field(ge=1, le=20)] = 2
    keep_days: Annotated[StrictInt, Field(ge=1, le=90)] = 30
    by: Annotated[list[Caller], Field(min_length=1)]


class Families(Part):
    """families.yaml."""

    messages: Messages = Messages()
    contact: Contact | None = None


def check_families(families: Families, areas: Sequence[str], teams: Sequence[str]) -> Iterator[Wrong]:
    """Hours that end before they begin, reminders out of order, areas and teams that do not exist, addresses that are none."""
    messages = families.messages
    if messages.send.from_ >= messages.send.until:
        yield "/families/messages/send/until", f"expected a time after {messages.send.from_}, found {messages.send.until}"
    if messages.remind_after != sorted(set(messages.remind_after)):
        yield "/families/messages/remind_after", "expected rising numbers of days, such as [10, 20]"
    for place, caller in enumerate(families.contact.by if families.contact else []):
        at = f"/families/contact/by/{place}"
        if "en" not in caller.who:
            yield f"{at}/who", "expected a text in English (en)"
        if caller.email is not None and not ADDRESS.fullmatch(caller.email):
            yield f"{at}/email", f"expected one mail address, found '{caller.email}'"
        for name, codes, known in (("service_areas", caller.service_areas, areas), ("teams", caller.teams, teams)):
            for index, code in enumerate(codes):
                if code not in known:
                    yield f"{at}/{name}/{index}", f"expected one that organisation.yaml has, found '{code}'"
