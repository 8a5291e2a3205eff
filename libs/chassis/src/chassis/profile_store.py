"""The profile of an organisation as a service keeps it: validated by the service's model, versioned, cached for a moment."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import text

from chassis.access import OPERATOR, org_of, requires
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.problems import validation_errors
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

FRESH_SECONDS = 2.0  # after this another process' change of the profile is seen

P = TypeVar("P", bound=BaseModel)

_CURRENT = text("select number, version, document::text as document from profile order by number desc limit 1")
_NUMBER = text("select number from profile order by number desc limit 1")
_INSERT = text(
    "insert into profile (org, number, version, document, applied_by) "
    "values (:org, :number, :version, cast(:document as jsonb), :by)"
)


@dataclass(frozen=True)
class Applied(Generic[P]):
    """A profile in force: its running number, the version of its files, and the service's own model of it."""

    number: int
    version: str
    profile: P


class ProfileStore(Generic[P]):
    """Reads and applies profiles. `check` looks for what a model alone cannot see (codes that must exist elsewhere)."""

    def __init__(self, model: type[P], check: Callable[[P], list[FieldError]] | None = None) -> None:
        self._model = model
        self._check = check
        self._cache: dict[str, tuple[float, Applied[P]]] = {}

    async def current(self, transaction: Transaction) -> Applied[P]:
        """The profile in force; a `DomainError` tells how to apply one where there is none."""
        cached = self._cache.get(transaction.org)
        if cached is not None and cached[0] > time.monotonic():
            return cached[1]
        if cached is not None and (await transaction.connection.execute(_NUMBER)).scalar_one_or_none() == cached[1].number:
            self._cache[transaction.org] = (time.monotonic() + FRESH_SECONDS, cached[1])
            return cached[1]
        row = (await transaction.connection.execute(_CURRENT)).one_or_none()
        if row is None:
            raise DomainError(
                "no-profile",
                "This organisation has no profile yet. An operator applies one: `loop profile apply profiles/<organisation>`.",
                Kind.CONFLICT,
            )
        applied = Applied(row.number, row.version, self._model.model_validate(orjson.loads(row.document)))
        self._cache[transaction.org] = (time.monotonic() + FRESH_SECONDS, applied)
        return applied

    def parse(self, document: dict[str, Any]) -> P:
        """Validate a document; raises a `DomainError` that lists every wrong place."""
        try:
            profile = self._model.model_validate(document)
        except ValidationError as error:
            wrong = validation_errors(list(error.errors(include_input=False, include_url=False)))
            raise _invalid([FieldError(each["pointer"], each["detail"]) for each in wrong]) from None
        errors = self._check(profile) if self._check else []
        if errors:
            raise _invalid(errors)
        return profile

    async def reconcile(self, transaction: Transaction, document: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:  # noqa: ARG002
        """A document that was sent, with what of it does not stand beside what is kept here, and words for the operator.

        Here nothing; a service overrides it where people change a part of the profile on its pages. Called under the lock.
        """
        return document, ()

    async def lock(self, transaction: Transaction) -> None:
        """Let nobody else change the organisation's profile until the transaction ends."""
        await transaction.connection.execute(
            text("select pg_advisory_xact_lock(hashtextextended('profile ' || :org, 0))"), {"org": transaction.org}
        )

    async def apply(self, transaction: Transaction, version: str, document: dict[str, Any], by: str) -> bool:
        """Make a validated document the profile in force; answers whether it differs from the one before."""
        await self.lock(transaction)
        row = (await transaction.connection.execute(_CURRENT)).one_or_none()
        if row is not None and row.version == version and orjson.loads(row.document) == document:
            return False
        await transaction.connection.execute(
            _INSERT,
            {
                "org": transaction.org,
                "number": 1 + (row.number if row else 0),
                "version": version,
                "document": orjson.dumps(document).decode(),
                "by": by,
            },
        )
        self._cache.pop(transaction.org, None)
        return True


def _invalid(errors: list[FieldError]) -> DomainError:
    detail = "The profile was not applied; what was in force stays in force. See `errors`."
    return DomainError("invalid-profile", detail, Kind.MALFORMED, tuple(errors[:200]))


class _DryRun(Exception):
    """Rolls a transaction back that was only tried."""


class ProfileDocument(BaseModel):
    """A profile as the operator's command sends it: the version of the files, and the parts this service owns."""

    model_config = ConfigDict(extra="allow")

    version: str


class ProfileResult(BaseModel):
    """What applying did; a dry run changes nothing. `notes` say what of the files does not stand, and why."""

    version: str
    changed: bool
    notes: tuple[str, ...] = ()


Operator = Annotated[Identity, Depends(requires(OPERATOR))]


def profile_router(service: str, store: ProfileStore[P]) -> APIRouter:
    """`PUT /<service>/v1/profile[?dry_run=true]`, for operators."""
    router = APIRouter(tags=["profile"], route_class=StrictJsonRoute)

    @router.put(f"/{service}/v1/profile", summary="Apply or check the organisation's profile")
    async def put_profile(
        request: Request, document: ProfileDocument, identity: Operator, *, dry_run: Annotated[bool, Query()] = False
    ) -> ProfileResult:
        body = document.model_dump(exclude={"version"})
        org = org_of(identity)
        profile = store.parse(body)
        if (own := getattr(getattr(profile, "organisation", None), "code", org)) != org:
            detail = f"This is the profile of '{own}', and you act for '{org}'."
            raise _invalid([FieldError("/organisation/code", detail)])
        changed, notes = False, tuple[str, ...]()
        # A dry run does everything and takes it back: what is refused only beside the profile in force is refused here too.
        with contextlib.suppress(_DryRun):
            async with uow_of(request).begin(org) as transaction:
                await store.lock(transaction)
                body, notes = await store.reconcile(transaction, body)
                changed = await store.apply(transaction, document.version, body, identity.subject)
                if dry_run:
                    raise _DryRun
        return ProfileResult(version=document.version, changed=changed and not dry_run, notes=notes)

    return router
