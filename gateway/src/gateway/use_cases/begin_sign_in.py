"""Send somebody to their organisation's provider, and remember what they must come back with."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from gateway.adapters import sign_ins
from gateway.adapters.sign_ins import Attempt
from gateway.domain.secrets import hash_of, new_secret
from gateway.domain.sign_in_profile import Provider
from gateway.oidc.provider import Flow
from gateway.use_cases.sign_in_context import SignInContext


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and the cookie by which it is known when it comes back."""

    url: str
    browser: str


async def begin_sign_in(
    context: SignInContext, org: str, provider: Provider, target: str, browser: str, *, again: bool = False
) -> Begun:
    """Begin an attempt. `target` is where to go afterwards, `browser` the cookie that this browser has from an attempt before.

    `again`: they are to show anew who they are, whatever the provider remembers. Several may be under way at
    once, one in each tab. Raises ProviderAway, ProviderWrong.
    """
    flow = Flow.new(again=again)
    url = await context.client.authorization_url(provider, flow, context.callback(org, provider.code))
    browser = browser or new_secret()
    state_hash = hash_of(flow.state)
    content = orjson.dumps({"nonce": flow.nonce, "verifier": flow.verifier, "again": flow.again, "next": target})
    attempt = Attempt(
        state_hash=state_hash,
        org=org,
        provider=provider.code,
        browser_hash=hash_of(browser),
        sealed=context.sealing.attempt(org, content, state_hash),
        expires_at=datetime.now(UTC) + timedelta(seconds=context.attempt_seconds),
    )
    async with context.uow.begin(org) as transaction:
        await sign_ins.add(transaction.connection, attempt)
    return Begun(url, browser)
