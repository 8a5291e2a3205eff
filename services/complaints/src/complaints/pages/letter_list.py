"""What was sent about a complaint, as its record lists it: codes and days, no words."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.days import british_day
from chassis.unit_of_work import Transaction
from complaints.adapters.letters import About, Letters, Sent
from complaints.domain.profile import Profile
from complaints.pages.letter_forms import KIND_NAMES, MAIL_WORDS, WAY_WORDS, did
from complaints.use_cases.read_complaints import ComplaintView
from complaints.use_cases.setup import Setup


@dataclass(frozen=True)
class SentLine:
    """A letter that was sent."""

    id: UUID
    name: str
    stage: int
    sent_on: date
    way: str
    how: str
    mail: str
    elsewhere: bool
    lost: bool
    again: bool


@dataclass(frozen=True)
class DraftLine:
    """A letter that is being written."""

    id: UUID
    name: str
    stage: int
    changed_on: date
    by: str


@dataclass(frozen=True)
class LetterList:
    """What was sent, in order of time, what is being written, and what did not arrive."""

    sent: tuple[SentLine, ...]
    drafts: tuple[DraftLine, ...]
    lost: tuple[SentLine, ...]


async def letters_of(transaction: Transaction, setup: Setup, view: ComplaintView) -> LetterList:
    """The letters of a complaint."""
    repository = Letters(transaction, setup.secrets)
    lost = await repository.lost_of(view.record.id)
    sent = tuple(_line(view.profile, each, each.about.id in lost) for each in await repository.of(view.record.id))
    drafts = tuple(
        DraftLine(
            each.about.id,
            letter_name(view.profile, each.about),
            each.about.stage,
            british_day(each.changed_at),
            each.changed_by,
        )
        for each in await repository.drafts_of(view.record.id)
    )
    return LetterList(sent, drafts, tuple(each for each in sent if each.lost))


def _line(profile: Profile, sent: Sent, lost: bool) -> SentLine:  # noqa: FBT001 - said by its only caller
    about = sent.about
    return SentLine(
        id=about.id,
        name=letter_name(profile, about),
        stage=about.stage,
        sent_on=sent.sent_on,
        way=WAY_WORDS[about.way],
        how=did(sent.how, about.kind),
        mail=MAIL_WORDS.get(sent.mail or "", ""),
        elsewhere=sent.elsewhere,
        lost=lost,
        again=sent.mail == "failed" and sent.sent_again is not None,
    )


def letter_name(profile: Profile, about: About) -> str:
    """What a letter is called: by its template, or by its kind where it has none."""
    template = profile.complaints.letters.template(about.template)
    return template.name if template else KIND_NAMES[about.kind]
