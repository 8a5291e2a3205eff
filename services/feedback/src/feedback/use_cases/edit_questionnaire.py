"""Working copies: begin one, change it, go on from what came into force meanwhile, throw it away.

Whoever saves says what they had seen of the part that they change. Two people in different parts do not meet; in the same part
the second is told what the first did, and what they typed is shown to them again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from feedback.adapters import copies
from feedback.adapters.copies import Copy
from feedback.context import Context
from feedback.domain import draft as drafts
from feedback.domain.draft import OWN_PATHS, Draft
from feedback.domain.draft_check import Checked, check_draft
from feedback.domain.draft_merge import merge
from feedback.domain.profile import FeedbackProfile
from feedback.domain.publishing import content_of, contents
from feedback.domain.questionnaire import Questionnaire

Part = Callable[[Draft], Any]
"""What of a draft a form shows, as plain data; None where it is not there any more."""


@dataclass(frozen=True, slots=True)
class Editing:
    """A questionnaire at work: as it stands (None for a new one), and its working copy (None where none was begun)."""

    code: str
    profile: FeedbackProfile
    now: Questionnaire | None
    copy: Copy | None

    @property
    def at(self) -> Copy:
        """The working copy. Raises `DomainError` copy-gone."""
        if self.copy is None:
            raise copy_gone()
        return self.copy

    @property
    def moved(self) -> bool:
        """Whether the questionnaire was changed otherwise since the copy was begun."""
        return self.copy is not None and self.copy.base != self.now

    @property
    def taken_away(self) -> bool:
        """Whether the questionnaire is in the profile no more."""
        return self.copy is not None and self.copy.base is not None and self.now is None

    @property
    def themes(self) -> set[str]:
        """The codes of the organisation's themes."""
        return {theme.code for theme in self.profile.organisation.themes}

    def check(self) -> Checked:
        """What is to be said of the working copy."""
        return check_draft(self.at.draft, self.code, self.now, self.themes)


async def look(transaction: Transaction, context: Context, code: str) -> Editing:
    """A questionnaire and its working copy. Raises `DomainError` not-found where there is neither."""
    profile = (await context.profiles.current(transaction)).profile
    copy = await copies.find(transaction, context.secrets, code)
    now = profile.questionnaire(code)
    if now is None and copy is None:
        raise not_found("questionnaire")
    return Editing(code, profile, now, copy)


async def begin_copy(transaction: Transaction, context: Context, identity: Identity, code: str, now: datetime) -> None:
    """Begin a working copy of a questionnaire; where there is one already it is gone on with."""
    found = await look(transaction, context, code)
    if found.now is not None and found.copy is None:
        draft = drafts.begin(found.now, await copies.sources(transaction, code))
        await copies.begin(transaction, context.secrets, identity, code, draft, found.now, now)


async def begin_new(
    transaction: Transaction, context: Context, identity: Identity, code: str, draft: Draft, now: datetime
) -> None:
    """Begin a questionnaire that is not there yet. A second click finds it. Raises `DomainError` code-taken."""
    profile = (await context.profiles.current(transaction)).profile
    if code in OWN_PATHS or profile.questionnaire(code) is not None:
        raise _taken(code)
    if not await copies.begin(transaction, context.secrets, identity, code, draft, None, now):
        there = await copies.find(transaction, context.secrets, code)
        if there is None or there.draft != draft:
            raise _taken(code)


async def change_copy(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    code: str,
    change: Callable[[Draft], Draft],
    now: datetime,
    *,
    part: Part,
    seen: str,
) -> Copy:
    """Change a working copy; the same again changes nothing. Answers the copy as it is then.

    Raises `DomainError` copy-gone, and changed-meanwhile (stale) where `part` is not as it was `seen`.
    """
    copy = await copies.find(transaction, context.secrets, code, lock=True)
    if copy is None:
        raise copy_gone()
    after = change(copy.draft)
    if after == copy.draft:
        return copy
    if fingerprint(part(copy.draft)) != seen:
        raise DomainError(
            "changed-meanwhile",
            f"{copy.changed_by_name} changed this since you opened the page. Yours was not saved yet, and nothing is lost.",
            Kind.STALE,
        )
    await copies.save(transaction, context.secrets, identity, code, after, copy.base, now)
    found = await copies.find(transaction, context.secrets, code)
    return found or copy


async def discard_copy(transaction: Transaction, context: Context, code: str, revision: int) -> None:
    """Throw a working copy away; twice changes nothing. Raises `DomainError` changed-meanwhile."""
    copy = await copies.find(transaction, context.secrets, code, lock=True)
    if copy is None:
        return
    if copy.revision != revision:
        detail = f"{copy.changed_by_name} changed the working copy since you opened the page. It was kept. Look at it again."
        raise DomainError("changed-meanwhile", detail, Kind.STALE)
    await copies.discard(transaction, code)


async def take_over(
    transaction: Transaction, context: Context, identity: Identity, code: str, now: datetime
) -> tuple[str, ...]:
    """Go on from the questionnaire as it stands: what only one side changed is in the copy then.

    Answers the pointers of what both changed, where the copy's stands. Twice changes nothing.
    """
    copy = await copies.find(transaction, context.secrets, code, lock=True)
    if copy is None:
        raise copy_gone()
    standing = (await context.profiles.current(transaction)).profile.questionnaire(code)
    if copy.base == standing or standing is None:
        return ()
    base = content_of(copy.base) if copy.base else {}
    merged, clashes = merge(base, contents(copy.draft), content_of(standing))
    notes = {"same": copy.draft.same, "sources": copy.draft.sources}
    draft = drafts.follow(copy.draft, drafts.parse({**merged, **notes}))
    await copies.save(transaction, context.secrets, identity, code, draft, standing, now)
    return clashes


def fingerprint(part: Any) -> str:
    """What makes two states of a part the same."""
    return hashlib.sha256(orjson.dumps(part, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def copy_gone() -> DomainError:
    """The refusal where a working copy was published or thrown away."""
    detail = "This questionnaire has no working copy any more: somebody published it or threw it away. Begin another one."
    return DomainError("copy-gone", detail, Kind.CONFLICT)


def _taken(code: str) -> DomainError:
    words = f"'{code}' is taken. Write another one"
    return DomainError("code-taken", "Nothing was begun.", Kind.MALFORMED, (FieldError("/code", words),))
