"""nginx, Caddy and Envoy with the files of deploy/proxies, for the tests and the measurement of forward-auth."""

import importlib.util
import json
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from chassis.testing.sample import eventually
from loop_cli.servers import ChildProcess, free_port

ROOT = Path(__file__).resolve().parents[1]
KEY = "forward-auth-key-for-tests-0123456789abcdef"
CONFIGURATION = ROOT / "deploy" / "proxies"
SERVICES = ("audit", "feedback", "complaints", "reporting")


def program(name: str = "nginx") -> str | None:
    """Path of a proxy, or None."""
    spec = importlib.util.spec_from_file_location("loop_tools_proxies", ROOT / "tools" / "proxies.py")
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: str | None = module.found(name)
    return found


def nginx(path: str, folder: Path, *, port: int, gateway: int, service: int) -> ChildProcess:
    """nginx with the shipped files, before a gateway and one process for every service but complaints, which is away."""
    for name in ("to-gateway.conf", "carried.conf"):
        (folder / name).write_text((CONFIGURATION / name).read_text())
    (folder / "forward-auth-key.conf").write_text(f'proxy_set_header Loop-Forward-Auth "{KEY}";\n')
    text = (CONFIGURATION / "nginx.conf").read_text()
    text = text.replace("127.0.0.1:8400", f"127.0.0.1:{gateway}").replace("/var/log/nginx", str(folder))
    text = text.replace("127.0.0.1:8403", f"127.0.0.1:{free_port()}")
    text = re.sub(r"127\.0\.0\.1:840[124]", f"127.0.0.1:{service}", text)
    text = text.replace("listen 8080", f"listen 127.0.0.1:{port}").replace("worker_processes auto", "worker_processes 1")
    # What Debian compiles in are folders of the system.
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    text = text.replace("http {\n", f"http {{\n{temporary}", 1)
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(f"{user}daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n{text}")
    return ChildProcess(
        "nginx", [path, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"], folder / "out.log"
    )


def caddy(path: str, folder: Path, *, port: int, gateway: int, service: int) -> ChildProcess:
    """Caddy with the shipped file, as above; without TLS."""
    text = (CONFIGURATION / "Caddyfile").read_text()
    text = re.sub(r"gateway:8400\b", f"127.0.0.1:{gateway}", text)
    text = text.replace("complaints:8403", f"127.0.0.1:{free_port()}")
    text = re.sub(rf"(?:{'|'.join(SERVICES)}):840[124]", f"127.0.0.1:{service}", text)
    # What comes without TLS asks for another name here.
    text = text.replace("http://learning-loop.example {", f"http://localhost:{port} {{")
    text = re.sub(r"^\ttls \{.*?^\t\}\n", "", text, flags=re.DOTALL | re.MULTILINE)
    text = text.replace("\nlearning-loop.example {", f"\nhttp://127.0.0.1:{port} {{").replace("{\n", "{\n\tadmin off\n", 1)
    (folder / "Caddyfile").write_text(text)
    own = {"LOOP_FORWARD_AUTH_KEY": KEY, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = [path, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    return ChildProcess("caddy", command, folder / "out.log", env=os.environ | own)


def envoy(
    path: str,
    folder: Path,
    *,
    port: int,
    gateway: int,
    service: int,
    plain: int = 0,
    tls: tuple[Path, Path] | None = None,
    sooner: Mapping[str, str] | None = None,
) -> ChildProcess:
    """Envoy with the shipped file, as above; without `tls`, a certificate and its key, also without TLS.

    `plain` is its other port; `sooner` names texts of the file, for times that no test waits for, and what stands for each.
    """
    text = (CONFIGURATION / "envoy.yaml").read_text().replace("LOOP_FORWARD_AUTH_KEY", KEY)
    for wanted, given in (sooner or {}).items():
        assert wanted in text
        text = text.replace(wanted, given)
    for place, file in zip(("/etc/envoy/loop.pem", "/etc/envoy/loop.key"), tls or (), strict=False):
        text = text.replace(place, str(file))
    shipped = yaml.safe_load(text)
    ports = {"gateway": gateway, "complaints": free_port(), "people": port, "plain": plain or free_port()}
    for listener in shipped["static_resources"]["listeners"]:
        listener["address"]["socket_address"] = {"address": "127.0.0.1", "port_value": ports[listener["name"]]}
        if tls is None:
            listener["filter_chains"][0].pop("transport_socket", None)
    for cluster in shipped["static_resources"]["clusters"]:
        endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
        there = {"address": "127.0.0.1", "port_value": ports.get(cluster["name"], service)}
        endpoint["address"]["socket_address"] = there
    (folder / "envoy.json").write_text(json.dumps(shipped))
    # Without hot restart: its shared memory is one of the machine, and several run at once. The log is written at once.
    command = [path, "-c", str(folder / "envoy.json"), "--concurrency", "1", "--disable-hot-restart"]
    command += ["--file-flush-interval-msec", "50"]
    return ChildProcess("envoy", command, folder / "out.log")


PREPARED: dict[str, Callable[..., ChildProcess]] = {"nginx": nginx, "caddy": caddy, "envoy": envoy}


@asynccontextmanager
async def running(
    name: str, folder: Path, *, gateway: int, service: int, away: bool = False, **more: Any
) -> AsyncIterator[str]:
    """The address of a proxy once it reaches the gateway or says that it is `away`. Skips where there is none."""
    path = program(name)
    if path is None:
        pytest.skip(f"there is no {name}; `make proxies` looks for one")
    own, port = folder / name, free_port()
    own.mkdir()
    url = f"{'https' if more.get('tls') else 'http'}://127.0.0.1:{port}"
    process = PREPARED[name](path, own, port=port, gateway=gateway, service=service, **more)
    process.start()

    async def answers() -> bool:
        try:
            async with httpx.AsyncClient(verify=False) as client:
                return (await client.get(f"{url}/livez")).is_success is not away
        except httpx.TransportError:
            assert process.alive, (own / "out.log").read_text()
            return False

    try:
        await eventually(answers)
        yield url
    finally:
        process.stop()
