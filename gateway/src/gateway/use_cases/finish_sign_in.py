"""Let in who comes back from their provider: the attempt is taken, the code redeemed, the person found by the profile."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from gateway.adapters import accounts, sessions, sign_ins
from gateway.adapters.accounts import Account
from gateway.adapters.sessions import AtProvider, Session
from gateway.domain.members import Member, NotAMember, member_of
from gateway.domain.secrets import hash_of, new_secret, same
from gateway.domain.sign_in_profile import Provider
from gateway.oidc.errors import TokenRefused
from gateway.oidc.provider import Flow, Proven
from gateway.use_cases.sign_in_context import SignInContext
from gateway.use_cases.sign_out import sign_out

_LONGEST = 4096


class AttemptGone(Exception):
    """Nothing of ours waits for this answer."""


@dataclass(eq=False)
class Denied(Exception):
    """The provider let the person not in; `code` is one of OAuth's or `other`."""

    code: str


@dataclass(frozen=True)
class Answer:
    """What a provider sent the browser back with (RFC 6749, 4.1.2; RFC 9207), each field at most once."""

    state: str
    code: str
    error: str
    issuer: str | None


@dataclass(frozen=True)
class Browser:
    """Who brings the answer: the cookie of the attempt, the one of a session that it had, and its kind."""

    cookie: str
    session: bytes
    kind: str


@dataclass(frozen=True)
class SignedIn:
    """A new session: the value of its cookie, itself, where to go, and which of the person's others ended for it."""

    cookie: str
    session: Session
    target: str
    ended: list[str]


async def finish_sign_in(context: SignInContext, org: str, code: str, answer: Answer, browser: Browser) -> SignedIn:
    """Open a session. Raises AttemptGone, Denied, NotAMember, TokenRefused, ProviderAway, ProviderWrong.

    The attempt is gone after the first answer, whatever comes of it: nothing can be tried twice.
    """
    flow, target = await _take(context, org, code, answer.state, browser.cookie)
    profile = await context.of(org)
    provider = profile.provider(code) if profile else None
    if provider is None:
        raise AttemptGone
    await context.client.check_issuer(provider, answer.issuer)
    if answer.error:
        raise Denied(answer.error)
    if not 0 < len(answer.code) <= _LONGEST:
        raise TokenRefused("no-code")
    proven = await context.client.redeem(org, provider, answer.code, flow, context.callback(org, code))
    member = member_of(provider, proven.claims, lambda value: context.sealing.subject(org, code, value))
    if browser.session:
        # A session never goes on as another: what somebody planted in this browser before is worth nothing now.
        await sign_out(context.uow, browser.session)
    cookie = new_secret()
    session = _session(context, org, provider, proven, member, cookie, browser.kind)
    async with context.uow.begin(org) as transaction:
        if not await accounts.keep(transaction.connection, _account(context, org, provider, proven, member)):
            raise NotAMember("another-account")
        await sessions.add(transaction.connection, session)
        idle = timedelta(seconds=context.session_idle)
        over = await sessions.end_beyond(transaction.connection, session.subject, context.sessions_per_person, idle)
    return SignedIn(cookie, session, target, over)


async def _take(context: SignInContext, org: str, code: str, state: str, browser: str) -> tuple[Flow, str]:
    # Also an answer that comes without our cookie uses the attempt up: it was seen somewhere else than where it was begun.
    if not state or len(state) > _LONGEST:
        raise AttemptGone
    state_hash = hash_of(state)
    async with context.uow.begin("", capability=state_hash) as transaction:
        attempt = await sign_ins.take(transaction.connection, state_hash)
    if attempt is None or (attempt.org, attempt.provider) != (org, code):
        raise AttemptGone
    if not same(attempt.browser_hash, hash_of(browser)):
        raise AttemptGone
    content = context.sealing.open_attempt(org, attempt.sealed, state_hash)
    if content is None:
        raise AttemptGone
    kept = orjson.loads(content)
    return Flow(state, kept["nonce"], kept["verifier"], kept.get("again")), kept["next"]


def _account(context: SignInContext, org: str, provider: Provider, proven: Proven, member: Member) -> Account:
    def keyed(value: str) -> str:
        return context.sealing.at_provider(org, provider.code, value)

    issued = keyed(f"issued {provider.issuer} {provider.client_id}")
    return Account(org, member.subject, provider.code, issued, keyed(f"account {proven.subject}"))


def _session(
    context: SignInContext, org: str, provider: Provider, proven: Proven, member: Member, cookie: str, kind: str
) -> Session:
    def pseudonym(value: str) -> str:
        return context.sealing.at_provider(org, provider.code, value)

    now = datetime.now(UTC)
    return Session(
        session_hash=hash_of(cookie),
        org=org,
        subject=member.subject,
        label=member.label,
        roles=member.roles,
        expires_at=now + timedelta(seconds=context.session_seconds),
        areas=member.areas,
        browser=kind,
        at_provider=AtProvider(
            provider=provider.code,
            subject=pseudonym(f"sub {proven.subject}"),
            session=pseudonym(f"sid {proven.session_id}") if proven.session_id else None,
            label_sealed=context.sealing.label(org, member.label),
            proven_at=None if proven.proven_at is None else datetime.fromtimestamp(proven.proven_at, UTC),
        ),
    )
