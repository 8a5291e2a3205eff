"""Draft, write, approve, publish and withdraw the bulletin of a month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.bulletins import BulletinRepository, KeptBulletin, KeptStep
from complaints.adapters.learning import KeptAction
from complaints.domain.bulletin import Bulletin, Content, Month, Part, Step, after, check_approver
from complaints.domain.bulletin_draft import draft
from complaints.domain.profile import Profile
from complaints.use_cases.setup import Setup

_HISTORY: Mapping[Step, str] = {"save": "saved", "approve": "approved", "publish": "published", "withdraw": "withdrawn"}


@dataclass(frozen=True)
class Draft:
    """A bulletin at work: as it is kept, how it would read now, and the actions that can be chosen for it."""

    kept: KeptBulletin
    bulletin: Bulletin
    actions: Sequence[KeptAction]
    history: Sequence[KeptStep]
    second_approver: bool


async def begin_bulletin(transaction: Transaction, setup: Setup, identity: Identity, month: Month) -> None:
    """Begin the draft of a month, once. Raises `month-to-come`."""
    if month.first > setup.today():
        raise DomainError("month-to-come", f"{month.name} has not begun. Choose a month that has.", Kind.MALFORMED)
    await BulletinRepository(transaction, setup.secrets).begin(month, identity.subject)


async def see_draft(transaction: Transaction, setup: Setup, month: Month) -> Draft:
    """A bulletin at work, by the data as they are now. Raises `not-found`."""
    repository = BulletinRepository(transaction, setup.secrets)
    kept = await repository.read(month)
    if kept is None:
        raise not_found("bulletin")
    profile = (await setup.profiles.current(transaction)).profile
    actions = await repository.mentioned(month)
    bulletin = draft(month, kept.content, await repository.counts(month), actions, profile)
    second = profile.complaints.learning.second_approver
    return Draft(kept, bulletin, actions, await repository.steps(month), second)


async def published_bulletin(transaction: Transaction, setup: Setup, month: Month) -> tuple[KeptBulletin, Bulletin]:
    """The edition that staff see. Raises `not-found`."""
    kept = await BulletinRepository(transaction, setup.secrets).read(month)
    if kept is None or kept.published is None:
        raise not_found("bulletin")
    return kept, kept.published


async def save_bulletin(
    transaction: Transaction,
    setup: Setup,
    identity: Identity,
    month: Month,
    revision: int,
    texts: Mapping[Part, str],
    actions: tuple[str, ...],
) -> KeptBulletin:
    """Keep what somebody wrote; what was approved or published before is a draft again, and staff see its last edition.

    Raises `stale` where somebody was faster, `invalid-bulletin`.
    """
    repository, kept = await _held(transaction, setup, month, revision)
    known = {str(each.id) for each in await repository.mentioned(month)}
    content: Content = kept.content.changed(texts, tuple(each for each in actions if each in known), name_of(identity))
    state = after(kept.state, "save", published=kept.published is not None)
    changed = replace(kept, state=state, revision=revision + 1, content=content, approved=None)
    await repository.save(changed, _HISTORY["save"], identity.subject)
    return changed


async def take_bulletin_step(
    transaction: Transaction, setup: Setup, identity: Identity, month: Month, revision: int, step: Step
) -> KeptBulletin:
    """Approve it as it reads now, publish what was approved, or take it away from staff.

    Raises `stale`, `wrong-state`, `second-approver`.
    """
    repository, kept = await _held(transaction, setup, month, revision)
    state = after(kept.state, step, published=kept.published is not None)
    changed = replace(kept, state=state, revision=revision + 1, approved=None)
    match step:
        case "approve":
            profile: Profile = (await setup.profiles.current(transaction)).profile
            saved_by = last_saved_by(await repository.steps(month))
            check_approver(saved_by, identity.subject, second=profile.complaints.learning.second_approver)
            counts, actions = await repository.counts(month), await repository.mentioned(month)
            bulletin = draft(month, kept.content, counts, actions, profile)
            changed = replace(changed, approved=replace(bulletin, approved_by=name_of(identity)))
        case "publish":
            edition = kept.edition + 1
            changed = replace(changed, published=kept.approved, edition=edition, published_on=setup.today())
        case "withdraw":
            changed = replace(changed, published=None, published_on=None)
    await repository.save(changed, _HISTORY[step], identity.subject)
    return changed


def last_saved_by(steps: Sequence[KeptStep]) -> str:
    """Who saved a bulletin last, by sign-in; whoever began it, where nobody has. `steps` are the newest first."""
    return next((each.by for each in steps if each.step in {"saved", "drafted"}), "")


def name_of(identity: Identity) -> str:
    """Who somebody is to those who read a bulletin."""
    return identity.label or identity.subject


async def _held(transaction: Transaction, setup: Setup, month: Month, revision: int) -> tuple[BulletinRepository, KeptBulletin]:
    repository = BulletinRepository(transaction, setup.secrets)
    kept = await repository.read(month, hold=True)
    if kept is None:
        raise not_found("bulletin")
    if kept.revision != revision:
        detail = "Somebody changed this bulletin after you opened it. Nothing was saved. Look at theirs, then decide."
        raise DomainError("stale", detail, Kind.STALE, extra={"revision": kept.revision})
    return repository, kept
