"""Somebody uses the public form: what they type is kept, and sent once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from chassis.errors import DomainError
from chassis.secrets import SealError
from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import Transaction
from complaints.adapters.attachments import send_files
from complaints.adapters.drafts import Draft, Drafts
from complaints.adapters.intake_sealing import Contact, Details
from complaints.domain import form_rush, say
from complaints.domain.profile import Profile
from complaints.use_cases.receive_representation import Person, ReceiveRepresentation, Sender, receive_representation
from complaints.use_cases.setup import Setup

SENDER = "public-form"


@dataclass(frozen=True)
class Conversation:
    """Where somebody is with the form. `worrying`: words of the profile's list stand in what they wrote."""

    profile: Profile
    answers: Mapping[str, str] = field(repr=False)
    reference: str | None
    begun: bool
    worrying: bool


def draft_of(setup: Setup, code: str) -> bytes:
    """Under which the draft of a code is stored."""
    return say.draft_id(setup.secrets.key(INSTALLATION, "complaints/draft-code"), code)


async def read_form_profile(transaction: Transaction, setup: Setup) -> Profile | None:
    """The profile of an organisation that has a public form; None for one that has not, or is not known."""
    try:
        profile = (await setup.profiles.current(transaction)).profile
    except DomainError as error:
        if error.slug != "no-profile":
            raise
        return None
    return profile if profile.complaints.intake.form else None


async def converse(transaction: Transaction, setup: Setup, profile: Profile, code: str, *, hold: bool = False) -> Conversation:
    """What somebody with this code has typed so far, or that it was sent."""
    try:
        draft = await Drafts(transaction, setup.secrets).read(draft_of(setup, code), hold=hold)
    except SealError:
        draft = None  # The key was lost: better to begin anew than not at all.
    found = draft or Draft()
    texts = "\n".join(found.answers.get(name, "") for name in ("what", "want", "about"))
    worrying = profile.worries.stand_in(texts)
    return Conversation(profile, found.answers, found.reference, draft is not None, worrying)


async def may_begin(transaction: Transaction, setup: Setup, found: Conversation) -> bool:
    """Whether something new may be written down now; what was begun may always go on."""
    if found.begun:
        return True
    days = found.profile.complaints.intake.keep_days
    drafts = Drafts(transaction, setup.secrets)
    return await drafts.being_written(days, form_rush.WITHIN, form_rush.MOST_BEING_WRITTEN) < form_rush.MOST_BEING_WRITTEN


async def keep_step(
    transaction: Transaction, setup: Setup, found: Conversation, code: str, given: Mapping[str, str]
) -> Mapping[str, str]:
    """Keep what was typed on a page."""
    answers = {**found.answers, **given}
    await Drafts(transaction, setup.secrets).save(draft_of(setup, code), answers, found.profile.complaints.intake.keep_days)
    return answers


async def send(transaction: Transaction, setup: Setup, found: Conversation, code: str, language: str) -> str:
    """Send it, once; gives the reference. `found` was read with `hold`, so that a second click waits and is told the same."""
    if found.reference is not None:
        return found.reference
    ident = draft_of(setup, code)
    received = await receive_representation(
        transaction, setup, Sender(SENDER), _command(setup, found, language, f"say:{ident.hex()}")
    )
    await send_files(transaction, ident, received.id)
    await Drafts(transaction, setup.secrets).sent(ident, received.id)
    return received.reference


def _command(setup: Setup, found: Conversation, language: str, own: str) -> ReceiveRepresentation:
    answers, profile = found.answers, found.profile
    you = answers.get("you", "")
    known = {each.code for each in profile.complaints.raised_by}
    contact = Contact(*(answers.get(name, "") for name in ("name", "phone", "email", "address")))
    people = [Person("complainant", contact)] if contact else []
    if answers.get("child"):
        people.append(Person("child", Contact(name=answers["child"])))
    asked = "advocate" in say.steps(answers)
    advocate: Any = {"yes": "accepted", "no": "declined"}.get(answers.get("advocate", "")) if asked else None
    return ReceiveRepresentation(
        came_by="public-form",
        received_on=setup.today(),
        said=cast("Any", answers.get("kind", "not-sure")),
        details=Details(answers.get("what", ""), answers.get("want", ""), answers.get("about", "")),
        people=tuple(people),
        language=language,
        answer_by=cast("Any", answers.get("by") or "none"),
        standing="on-behalf" if you == "someone-else" else "not-said" if you == "rather-not-say" else "self",
        raised_by=you if you in known else None,
        from_child=you in say.CHILDREN,
        advocate=advocate,
        own_reference=own,
    )
