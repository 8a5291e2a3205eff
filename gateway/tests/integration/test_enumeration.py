"""Nobody can find out who exists: unknown, wrong and disabled get the same answer for the same work of the database."""

import base64
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from gateway.testing import OPERATOR_KEY, Gateway, statements
from gateway.testing_webhooks import KEY

Start = Callable[..., Awaitable[Gateway]]
Ask = Callable[[], Awaitable[httpx.Response]]


def told(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """All that a caller can see, without what differs from request to request by itself."""
    body = re.sub(r'"request_id":"[^"]*"', "", answer.text)
    return answer.status_code, body, [each for each in answer.headers.items() if each[0] not in {"x-request-id", "date"}]


async def seen(ask: Ask) -> tuple[object, list[str]]:
    with statements() as sent:
        answer = await ask()
    return told(answer), sent


class TestCredentials:
    async def test_unknown_and_disabled_keys_and_secrets_cannot_be_told_apart(self, start: Start) -> None:
        # Nothing is remembered and told in the background, so that every question reaches the database.
        gateway = await start(credential_ttl=0, rate_settle=0, rate_refused="1000/1000")
        disabled, used = await gateway.credentials(name="old"), await gateway.credentials(name="new")
        operator = await gateway.operator("north")
        (await operator.delete(f"/gateway/v1/clients/{disabled['client_id']}")).raise_for_status()
        anybody = await gateway.client()

        def with_key(key: str) -> Ask:
            return lambda: anybody.get("/audit/v1/x", headers={"X-API-Key": key})

        def for_token(client_id: str, secret: str) -> Ask:
            pair = (client_id, secret)
            return lambda: anybody.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=pair)

        def with_basic(client_id: str, secret: str) -> Ask:
            pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
            return lambda: anybody.get("/reporting/odata/v4/", headers={"Authorization": f"Basic {pair}"})

        keys = [with_key("llk_" + "x" * 43), with_key("llk_short"), with_key(disabled["api_key"])]
        pairs = [
            ("nobody-000000000000", "lls_" + "x" * 43),  # unknown
            (used["client_id"], "lls_" + "x" * 43),  # wrong secret
            (used["client_id"], ""),  # none
            ("other-000000000000", used["client_secret"]),  # the secret of another
            (disabled["client_id"], disabled["client_secret"]),  # disabled
            ("north'--", "x"),
        ]
        tokens = [for_token(*pair) for pair in pairs]
        basics = [with_basic(*pair) for pair in pairs]
        for kind in (keys, tokens, basics):
            answers, sent = zip(*[await seen(ask) for ask in kind], strict=True)
            assert all(each == answers[0] for each in answers), answers
            assert all(each == sent[0] for each in sent), sent
            assert sent[0]

    async def test_ended_and_unknown_sessions_cannot_be_told_apart(self, start: Start) -> None:
        gateway = await start(credential_ttl=0, rate_settle=0, demo_sign_in=True)
        await gateway.organisation()
        client = await gateway.client(Sec_Fetch_Site="same-origin", Accept="text/html")
        form = {"organisation": "north", "person": "alex-morgan", "next": ""}
        signed_in = await client.post("/sign-in", data=form)
        cookie = signed_in.cookies.get("loop-session")
        assert cookie, signed_in.text
        await client.post("/sign-out")

        def with_cookie(value: str) -> Ask:
            request = httpx.Request("GET", f"{gateway.url}/audit/", headers={"Cookie": f"loop-session={value}"})
            return lambda: client.send(request)

        (ended, work), (unknown, same_work) = await seen(with_cookie(cookie)), await seen(with_cookie("x" * 43))
        assert ended == unknown
        assert work == same_work

    async def test_unknown_and_ended_keys_of_operators_cannot_be_told_apart(self, start: Start) -> None:
        gateway = await start(credential_ttl=0, rate_settle=0, rate_refused="1000/1000")
        first = await gateway.operator()
        alice = (await first.post(OPERATORS, json={"name": "alice"})).json()
        bob = await gateway.client(Authorization=f"Bearer {alice['key']}")
        ended = (await bob.post(OPERATORS, json={"name": "bob"})).json()
        (await bob.delete(f"{OPERATORS}/{ended['key_id']}")).raise_for_status()
        anybody = await gateway.client()

        def with_key(key: str) -> Ask:
            return lambda: anybody.get(OPERATORS, headers={"Authorization": f"Bearer {key}"})

        unknown = ended["key"][:-6] + "abcdef"
        answers, sent = zip(*[await seen(with_key(each)) for each in (unknown, ended["key"])], strict=True)
        assert answers[0] == answers[1]
        assert sent[0] == sent[1]
        assert sent[0]
        # The key of the setting counts no more once there are others: it is told like one that is wrong.
        assert (await seen(with_key(OPERATOR_KEY)))[0] == (await seen(with_key("x" * len(OPERATOR_KEY))))[0]


OPERATORS = "/gateway/v1/operator-keys"


class TestIdentifiers:
    async def test_clients_and_webhooks_of_another_organisation_and_none_cannot_be_told_apart(
        self, start: Start, tmp_path: Path
    ) -> None:
        (tmp_path / "webhook.key").write_text(KEY)
        gateway = await start(webhook_key_file=tmp_path / "webhook.key", webhook_loopback=True, credential_ttl=0, rate_settle=0)
        theirs = await gateway.credentials("webhooks:manage", "complaints:read", org="south", name="theirs")
        system = await gateway.client(X_API_Key=theirs["api_key"])
        new = {"name": "cms", "url": "http://127.0.0.1:9/events", "types": ["complaints.*"]}
        made = (await system.post("/gateway/v1/webhooks", json=new)).json()
        message = (await system.get(f"/gateway/v1/webhooks/{made['subscription_id']}/messages")).json()["items"][0][
            "message_id"
        ]
        ours = await gateway.system("webhooks:manage", "complaints:read", org="north")
        beside = await gateway.client(
            X_API_Key=(await gateway.credentials("webhooks:manage", "complaints:read", org="south", name="beside"))["api_key"]
        )
        operator = await gateway.operator("north")
        of_webhooks = [
            ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/pause"), ("POST", "/resume"), ("POST", "/test"),
            ("POST", "/rotation"), ("POST", "/replay"), ("GET", "/messages"), ("GET", f"/messages/{message}"),
        ]  # fmt: skip
        bodies = {"/rotation": {"overlap_days": 1}, "/replay": {"message_id": message}, "": {"name": "other"}}
        found = []
        # As another organisation's system and operator, and as another system of the same organisation.
        for who in (ours, beside, operator):
            for method, below in of_webhooks:
                paths = [f"/gateway/v1/webhooks/{each}{below}" for each in (made["subscription_id"], "wh-0123456789abcdef")]
                found += await apart(who, method, paths, bodies.get(below))
        for method, below in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/credentials")):
            paths = [f"/gateway/v1/clients/{each}{below}" for each in (theirs["client_id"], "south-000000000000")]
            found += await apart(operator, method, paths, {"scopes": ["audit:outcomes:read"]})
        assert found == []
        assert (await system.get(f"/gateway/v1/webhooks/{made['subscription_id']}")).status_code == 200


async def apart(who: httpx.AsyncClient, method: str, paths: list[str], body: dict[str, object] | None) -> list[str]:
    """What tells one path from the other, or does not say that nothing is there; nothing where all is well."""

    def ask(path: str) -> Ask:
        return lambda: who.request(method, path, json=None if method in {"GET", "DELETE"} else body)

    await ask(paths[1])()
    (theirs, work), (none, same_work) = [await seen(ask(each)) for each in paths]
    same = str(theirs).replace(paths[0], "") == str(none).replace(paths[1], "")
    status = theirs[0] if isinstance(theirs, tuple) else 0
    wrong = [] if same and work == same_work and work and status == 404 else [f"{method} {paths[0]}: {theirs} {none}"]
    return wrong + sorted(set(work) ^ set(same_work))
