"""nginx and Envoy that ask the gateway about each request over the same alone; wrong credentials by their time.

The proxies have the files of deploy/proxies and one worker; alone each passes the same path on without asking. Timing: keys
that are unknown and keys of a client that was disabled, by turns; the difference of their means in standard errors, beyond 3 of
which somebody could learn which is which. What is beyond the capacity: `gateway_shedding`.
"""

import json
import secrets
import statistics
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
import uvloop

from loop_cli.servers import free_port
from loop_cli.servers.process import wait_for
from tests import proxies
from tests.bench.gateway_proxy import PATH, _answers, _installation, load

TURNS = 6
CONNECTIONS = 16
OPERATOR = "operator-key-of-the-measurement-0123456789"
KEYS = 300
SECONDS_TAKEN = 120
AIMS = {
    "nginx with forward-auth over nginx alone": "0.30 or more",
    "envoy with forward-auth over envoy alone": "0.30 or more",
    "unknown and disabled keys apart (standard errors)": "3 or less",
}

ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
ALONE = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1; events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000; upstream audit {{ server 127.0.0.1:{service}; keepalive 64; }}
  proxy_temp_path {folder}/p; client_body_temp_path {folder}/c; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s; proxy_http_version 1.1;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://audit; proxy_set_header Connection ""; }} }} }}
"""


def _nginx_alone(folder: Path, port: int, service: int) -> None:
    file = folder / "nginx.conf"
    user = "user root;" if file.read_text().startswith("user") else ""
    file.write_text(user + ALONE.format(folder=folder, port=port, service=service))


def _envoy_alone(folder: Path, _: int, __: int) -> None:
    """The shipped file with its routes and clusters, and nothing that is done to a request."""
    file = folder / "envoy.json"
    shipped = json.loads(file.read_text())
    people = shipped["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    (host,) = people["route_config"]["virtual_hosts"]
    host["routes"] = [{"match": {"prefix": "/"}, "route": {"cluster": "audit"}}]
    kept = {name: people[name] for name in ("@type", "stat_prefix", "route_config")}
    people.clear()
    people.update(kept, http_filters=[{"name": "router", "typed_config": {"@type": ROUTER}}])
    file.write_text(json.dumps(shipped))


MADE_ALONE = {"nginx": _nginx_alone, "envoy": _envoy_alone}


def run() -> dict[str, float]:
    """Measure once."""
    more = {
        "LOOP_FORWARD_AUTH_KEY_FILE": "@folder/forward.key",
        "LOOP_TRUSTED_PROXIES": '["127.0.0.0/8"]',
    }
    figures: dict[str, float] = {}
    with _installation("route", more) as (upstream, gateway, key, _):
        for name in MADE_ALONE:
            if path := proxies.program(name):
                figures |= uvloop.run(_behind(name, path, upstream, gateway, key))
    # Nothing is remembered, so that each question is one to the database.
    asking = {"LOOP_CREDENTIAL_TTL": "0", "LOOP_RATE_REFUSED": "1000000/1000000"}
    with _installation("route", asking, OPERATOR) as (_, gateway, _, _):
        figures |= uvloop.run(_timing(gateway))
    return figures


async def _behind(name: str, path: str, upstream: int, gateway: int, key: str) -> dict[str, float]:
    with ExitStack() as stack:
        ports = []
        for kind in ("asking", "alone"):
            folder, port = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loop-bench-"))), free_port()
            process = proxies.PREPARED[name](path, folder, port=port, gateway=gateway, service=upstream)
            if kind == "alone":
                MADE_ALONE[name](folder, port, upstream)
            process.start()
            stack.callback(process.stop)
            url = f"http://127.0.0.1:{port}{PATH if kind == 'alone' else '/livez'}"
            wait_for(partial(_answers, url), process, 30, 0.2)
            ports.append(port)
        asking, alone = ports
        turns = [(await load(asking, key, CONNECTIONS), await load(alone, key, CONNECTIONS)) for _ in range(TURNS)]
    return {
        f"{name} with forward-auth over {name} alone": statistics.median(one[0] / other[0] for one, other in turns),
        f"requests a second, {name} with forward-auth": statistics.median(one[0] for one, _ in turns),
        f"requests a second, {name} alone": statistics.median(other[0] for _, other in turns),
        f"added at p50 by forward-auth, {name} (ms)": statistics.median(one[1] - other[1] for one, other in turns),
    }


async def _timing(gateway: int) -> dict[str, float]:
    url = f"http://127.0.0.1:{gateway}"
    times: dict[str, list[float]] = {"unknown": [], "disabled": []}
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {OPERATOR}"}, timeout=60) as operator:
        body = {"org": "bench", "name": "gone", "scopes": ["audit:outcomes:read"]}
        gone = (await operator.post("/gateway/v1/clients", json=body)).raise_for_status().json()
        (await operator.delete(f"/gateway/v1/clients/{gone['client_id']}", params={"org": "bench"})).raise_for_status()
    keys = {"unknown": "llk_" + secrets.token_urlsafe(32), "disabled": gone["api_key"]}
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        for number in range(KEYS):
            # In turns who is first: the second finds caches as the first has left them.
            for kind, key in sorted(keys.items(), reverse=bool(number % 2)):
                began = time.perf_counter()
                answer = await client.get(PATH, headers={"X-API-Key": key})
                times[kind].append(time.perf_counter() - began)
                if answer.status_code != httpx.codes.UNAUTHORIZED:
                    raise RuntimeError(answer.text)
    return {"unknown and disabled keys apart (standard errors)": apart(*times.values())}


def apart(one: list[float], other: list[float]) -> float:
    """How many standard errors the means of two series lie apart; their slowest tenth, a busy machine, is left out."""
    kept = [sorted(each)[: len(each) * 9 // 10] for each in (one, other)]
    error: float = sum(statistics.variance(each) / len(each) for each in kept) ** 0.5
    return abs(statistics.mean(kept[0]) - statistics.mean(kept[1])) / error


if __name__ == "__main__":
    for label, value in run().items():
        print(f"{label:50} {value:10.2f}  {AIMS.get(label, '')}")  # noqa: T201 - its purpose
