"""Bring the gateway's part of an organisation's profile into force."""

import contextlib
from typing import Any

from chassis.errors import DomainError, FieldError, Kind
from chassis.profile_store import ProfileStore
from chassis.unit_of_work import Transaction, UnitOfWork
from gateway.access.trail import say
from gateway.adapters import sessions
from gateway.domain.sign_in_profile import SignInDocument


class _DryRun(Exception):
    pass


async def apply_profile(
    uow: UnitOfWork, store: ProfileStore[SignInDocument], org: str, version: str, body: dict[str, Any], *, dry_run: bool
) -> tuple[bool, list[str]]:
    """Whether it differs from what was in force, and the hashes of sessions that ended: those of providers that are gone.

    A code that now stands for another issuer is another provider: who came in by the old one is nobody that it knows.

    A dry run does everything and takes it back. Raises DomainError for whatever is wrong.
    """
    document = store.parse(body)
    own = document.organisation.get("code")
    if own != org:
        detail = f"This is the profile of '{own}', and you act for '{org}'."
        raise DomainError(
            "invalid-profile", "The profile was not applied.", Kind.MALFORMED, (FieldError("/organisation/code", detail),)
        )
    # Of the organisation only the service areas were looked at; they are not the gateway's to keep.
    kept = {"organisation": {"code": org}, "sign_in": body["sign_in"]}
    changed, ended = False, list[str]()
    with contextlib.suppress(_DryRun):
        async with uow.begin(org) as transaction:
            say(transaction, version=version)
            before = await _issuers(store, transaction)
            changed = await store.apply(transaction, version, kept, "operator")
            codes = [each.code for each in document.sign_in.providers if before.get(each.code, each.issuer) == each.issuer]
            ended = await sessions.end_of_other_providers(transaction.connection, codes)
            if dry_run:
                raise _DryRun
    return (False, []) if dry_run else (changed, ended)


async def _issuers(store: ProfileStore[SignInDocument], transaction: Transaction) -> dict[str, str]:
    try:
        current = (await store.current(transaction)).profile
    except DomainError:  # the first profile of the organisation
        return {}
    return {each.code: each.issuer for each in current.sign_in.providers}
