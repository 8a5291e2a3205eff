"""TLS at nginx and Envoy, with the files that are shipped: versions, suites, and what comes without."""

import os
import socket
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests import proxies

from chassis.testing.authority import Authority, Certificate
from loop_cli.servers import ChildProcess, free_port
from loop_cli.servers.process import wait_for


@dataclass
class Front:
    """Ports of a proxy with the shipped files, the authority that it is known by, and how its answer begins."""

    tls: int
    plain: int
    authority: Authority
    says: str


def nginx(program: str, folder: Path, front: Front, made: Certificate) -> ChildProcess:
    tls, plain = ((proxies.CONFIGURATION / name).read_text() for name in ("tls.conf", "plain.conf"))
    tls = tls.replace("/etc/nginx/loop.pem", str(made.certificate)).replace("/etc/nginx/loop.key", str(made.key))
    (folder / "tls.conf").write_text(tls.replace("listen 443", f"listen 127.0.0.1:{front.tls}"))
    (folder / "plain.conf").write_text(plain.replace("listen 80;", f"listen 127.0.0.1:{front.plain};"))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_processes 1;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}include plain.conf;\n"
        "server { include tls.conf; location / { return 200 'well'; } }\n}\n"
    )
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    return ChildProcess("nginx", command, folder / "out.log")


def envoy(program: str, folder: Path, front: Front, made: Certificate) -> ChildProcess:
    """With nobody behind it: what it says then is an answer."""
    return proxies.envoy(
        program,
        folder,
        port=front.tls,
        plain=front.plain,
        gateway=free_port(),
        service=free_port(),
        tls=(made.certificate, made.key),
    )


@pytest.fixture(params=[nginx, envoy])
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    program = proxies.program(request.param.__name__)
    if program is None:
        pytest.skip(f"there is no {request.param.__name__} here")
    authority = Authority(tmp_path / "ours")
    says = {nginx: "well", envoy: '{"detail":"This part of Learning Loop cannot be reached.'}[request.param]
    found = Front(free_port(), free_port(), authority, says)
    process: ChildProcess = request.param(program, tmp_path, found, authority.certificate())
    process.start()
    try:
        wait_for(lambda: all(_listens(port) for port in (found.tls, found.plain)), process, 60)
        yield found
    finally:
        process.kill()


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex(("127.0.0.1", port)) == 0


class TestTls:
    def test_only_good_versions_and_suites_are_spoken(self, front: Front) -> None:
        good = ssl.create_default_context(cafile=str(front.authority.ca))
        assert httpx.get(f"https://127.0.0.1:{front.tls}/", verify=good).text.startswith(front.says)
        old = ssl.create_default_context(cafile=str(front.authority.ca))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        weak = ssl.create_default_context(cafile=str(front.authority.ca))
        weak.maximum_version = ssl.TLSVersion.TLSv1_2
        weak.set_ciphers("ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA:AES128-SHA")
        for context in (old, weak):
            with pytest.raises(httpx.ConnectError):
                httpx.get(f"https://127.0.0.1:{front.tls}/", verify=context)

    @pytest.mark.parametrize("path", ["/audit/v1/outcomes", "/gateway/v1/clients", "/oauth2/token", "/reporting/odata/v4/x"])
    def test_program_without_tls_is_refused_and_not_led_on(self, front: Front, path: str) -> None:
        answer = httpx.post(f"http://127.0.0.1:{front.plain}{path}", headers={"X-API-Key": "llk_x"})
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
        assert "replace the credentials" in answer.json()["detail"]

    @pytest.mark.parametrize("path", ["/", "/complaints/intake", "/s/code", "/audit/v1x"])
    def test_person_without_tls_is_led_to_https(self, front: Front, path: str) -> None:
        # As one comes to port 80.
        answer = httpx.get(f"http://127.0.0.1:{front.plain}{path}", headers={"Host": "127.0.0.1"})
        assert (answer.status_code, answer.headers["location"]) == (308, f"https://127.0.0.1{path}")

    @pytest.mark.parametrize("front", [envoy], indirect=True)
    def test_http_2_is_offered_at_envoy(self, front: Front) -> None:
        context = ssl.create_default_context(cafile=str(front.authority.ca))
        context.set_alpn_protocols(["h2", "http/1.1"])
        with (
            socket.create_connection(("127.0.0.1", front.tls), 30) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as caller,
        ):
            assert caller.selected_alpn_protocol() == "h2"
