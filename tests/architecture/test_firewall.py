"""deploy/firewall, loaded in a network of its own beside a second one: what it lets pass connects, and nothing else does.

Needs root, nft and unshare; the rules are those of the files, with accounts and addresses of the test.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from loop_cli.servers.process import PORTS
from loop_cli.stack.embedded import DEFAULT_PORT

FOLDER = Path(__file__).parents[2] / "deploy/firewall"
LOOP, PROXY, OTHER = 4201, 4202, 4203
"""User ids; nobody needs to have an account of them."""

SERVER, NEAR, FAR = "192.0.2.1", "192.0.2.2", "192.0.2.3"
SERVER6, NEAR6 = "2001:db8::1", "2001:db8::2"
"""The server; a machine that is in the sets, as administrator and as mail server; an address of it that is in none."""

LISTENS = """
import json, selectors, socket, sys
waiting = selectors.DefaultSelector()
for kind, address, port in json.loads(sys.argv[1]):
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, getattr(socket, kind))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    if kind == "SOCK_STREAM":
        made.listen()
    waiting.register(made, selectors.EVENT_READ)
print("listening", flush=True)
while True:
    for key, _ in waiting.select():
        if key.fileobj.type == socket.SOCK_STREAM:
            key.fileobj.accept()[0].close()
        else:
            key.fileobj.sendto(*key.fileobj.recvfrom(100))
"""

CONNECTS = """
import json, os, socket, sys
def reaches(uid, kind, source, address, port):
    os.setuid(uid)
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, getattr(socket, kind)) as made:
        made.settimeout(1.5)
        made.bind((source, 0)) if source else None
        made.connect((address, port))
        if kind == "SOCK_DGRAM":
            made.send(b"?")
            made.recv(100)
children = []
for each in json.loads(sys.argv[1]):
    child = os.fork()
    if child == 0:
        try:
            reaches(*each)
        except OSError:
            os._exit(1)
        os._exit(0)
    children.append(child)
print(json.dumps([os.waitpid(child, 0)[1] == 0 for child in children]))
"""


@dataclass(frozen=True)
class Network:
    """A network namespace, by the process that holds it."""

    holder: int

    def run(self, *command: str) -> str:
        """Run a command in it, and give what it writes."""
        done = subprocess.run([*self.inside, *command], capture_output=True, text=True, check=False, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def inside(self) -> list[str]:
        """What a command begins with."""
        return ["nsenter", "--net", f"--target={self.holder}"]

    def listen(self, *sockets: tuple[str, str, int]) -> "subprocess.Popen[str]":
        """Accept connections, and send back what comes by UDP."""
        command = [*self.inside, sys.executable, "-c", LISTENS, json.dumps(sockets)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        assert process.stdout.readline() == "listening\n"
        return process

    def reaches(self, *probes: tuple[int, str, str, str, int]) -> list[bool]:
        """Whether each connects: user id, kind, address it comes from (empty: any), address, port."""
        found: list[bool] = json.loads(self.run(sys.executable, "-c", CONNECTS, json.dumps(probes)))
        return found


def rules(folder: Path) -> Path:
    """The files as they are shipped, filled as an operator would."""
    sets = (FOLDER / "sets.nft").read_text()
    for old, new in (
        ("define loop = learning-loop", f"define loop = {LOOP}"),
        ("define proxy = www-data", f"define proxy = {PROXY}"),
        ("# elements = { 192.0.2.0/28 }", f"elements = {{ {NEAR} }}"),
        ("# 192.0.2.25 . tcp . 587,", f"{NEAR} . tcp . 587, {NEAR} . udp . 53,"),
        ("# elements = { 2001:db8::25 . tcp . 587 }", f"elements = {{ {NEAR6} . tcp . 587 }}"),
    ):
        assert sets.count(old) == 1, old
        sets = sets.replace(old, new)
    (folder / "firewall-sets.nft").write_text(sets)
    path = folder / "firewall.nft"
    path.write_text((FOLDER / "learning-loop.nft").read_text().replace("/etc/learning-loop/", f"{folder}/"))
    return path


def _held() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(["unshare", "--net", "sleep", "600"])
    ours = Path("/proc/self/ns/net").readlink()
    for _ in range(100):
        if Path(f"/proc/{process.pid}/ns/net").readlink() != ours:
            return process
        time.sleep(0.05)
    process.kill()
    process.wait()
    pytest.skip("no network namespace can be made here")


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Network, Network]]:
    """The server with the rules, and what is outside."""
    if os.geteuid() != 0 or not all(shutil.which(each) for each in ("nft", "ip", "unshare", "nsenter")):
        pytest.skip("needs root, nft, ip and unshare")
    processes: list[subprocess.Popen[bytes] | subprocess.Popen[str]] = []
    try:
        processes += [_held(), _held()]
        server, outside = (Network(each.pid) for each in processes)
        pair = ["ip", "link", "add", "here", "netns", str(server.holder), "type", "veth"]
        subprocess.run([*pair, "peer", "name", "there", "netns", str(outside.holder)], check=True)
        for network, link, own in ((server, "here", (SERVER, SERVER6)), (outside, "there", (NEAR, FAR, NEAR6))):
            for address in own:
                wide = ("64", "nodad") if ":" in address else ("24",)
                network.run("ip", "address", "add", f"{address}/{wide[0]}", "dev", link, *wide[1:])
            for up in ("lo", link):
                network.run("ip", "link", "set", up, "up")
        ports = (80, 443, 22, 5432, DEFAULT_PORT, PORTS[0])
        inner = (PORTS[0], PORTS[-1], DEFAULT_PORT, 6379)
        processes.append(
            server.listen(
                *(("SOCK_STREAM", address, port) for address in (SERVER, SERVER6) for port in ports),
                *(("SOCK_STREAM", "127.0.0.1", port) for port in inner),
                ("SOCK_DGRAM", "127.0.0.53", 53),
            )
        )
        processes.append(
            outside.listen(
                *(("SOCK_STREAM", address, port) for address in (NEAR, FAR, NEAR6) for port in (587, 443)),
                *(("SOCK_DGRAM", address, port) for address in (NEAR, FAR) for port in (53, 123)),
            )
        )
        path = str(rules(tmp_path_factory.mktemp("firewall")))
        server.run("nft", "--check", "--file", path)
        # All can be reached before the rules are there, or a refusal below would show nothing.
        assert all(server.reaches(*PASS_OUT, *HELD_OUT))
        assert all(outside.reaches(*PASS_IN, *HELD_IN))
        # Twice: loading it again replaces it.
        server.run("nft", "--file", path)
        server.run("nft", "--file", path)
        yield server, outside
    finally:
        for process in processes:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


PASS_IN = [(OTHER, "SOCK_STREAM", source, SERVER, port) for source in (NEAR, FAR) for port in (80, 443)]
PASS_IN += [(OTHER, "SOCK_STREAM", NEAR, SERVER, 22), (OTHER, "SOCK_STREAM", NEAR6, SERVER6, 443)]
HELD_IN = [(OTHER, "SOCK_STREAM", FAR, SERVER, 22), (OTHER, "SOCK_STREAM", NEAR6, SERVER6, 22)]
HELD_IN += [(OTHER, "SOCK_STREAM", NEAR, SERVER, port) for port in (5432, DEFAULT_PORT, PORTS[0])]
HELD_IN += [(OTHER, "SOCK_STREAM", NEAR6, SERVER6, DEFAULT_PORT)]

PASS_OUT = [
    (LOOP, "SOCK_STREAM", "", NEAR, 587),
    (LOOP, "SOCK_STREAM", "", NEAR6, 587),
    (LOOP, "SOCK_DGRAM", "", NEAR, 53),
    (LOOP, "SOCK_DGRAM", "", "127.0.0.53", 53),
    *((LOOP, "SOCK_STREAM", "", "127.0.0.1", port) for port in (DEFAULT_PORT, PORTS[0], PORTS[-1])),
    (PROXY, "SOCK_STREAM", "", "127.0.0.1", DEFAULT_PORT),
    # Others of the machine: its clock, its updates, its own services.
    (OTHER, "SOCK_DGRAM", "", FAR, 123),
    (OTHER, "SOCK_STREAM", "", FAR, 443),
    (OTHER, "SOCK_STREAM", "", "127.0.0.1", 6379),
]
HELD_OUT = [
    # Another port, another address, another protocol than the list has.
    (LOOP, "SOCK_STREAM", "", NEAR, 443),
    (LOOP, "SOCK_STREAM", "", FAR, 587),
    (LOOP, "SOCK_STREAM", "", NEAR6, 443),
    (LOOP, "SOCK_DGRAM", "", FAR, 53),
    (LOOP, "SOCK_DGRAM", "", NEAR, 123),
    # What else runs on the machine.
    (LOOP, "SOCK_STREAM", "", "127.0.0.1", 6379),
    (LOOP, "SOCK_STREAM", "", SERVER, 22),
    # The proxy goes to the gateway alone; other accounts to nothing of ours.
    (PROXY, "SOCK_STREAM", "", NEAR, 587),
    (PROXY, "SOCK_STREAM", "", NEAR6, 443),
    (PROXY, "SOCK_STREAM", "", "127.0.0.1", PORTS[0]),
    (PROXY, "SOCK_STREAM", "", "127.0.0.1", 6379),
    *((OTHER, "SOCK_STREAM", "", "127.0.0.1", port) for port in (DEFAULT_PORT, PORTS[0], PORTS[-1])),
]


class TestRules:
    def test_outside_reaches_the_proxy_and_administrators_ssh(self, networks: tuple[Network, Network]) -> None:
        _, outside = networks
        assert outside.reaches(*PASS_IN) == [True] * len(PASS_IN)
        assert outside.reaches(*HELD_IN) == [False] * len(HELD_IN)

    def test_what_runs_here_reaches_what_is_listed_and_nothing_else(self, networks: tuple[Network, Network]) -> None:
        server, _ = networks
        assert server.reaches(*PASS_OUT) == [True] * len(PASS_OUT)
        assert server.reaches(*HELD_OUT) == [False] * len(HELD_OUT)


def test_the_ports_of_the_files_are_those_of_the_program() -> None:
    assert f"define inner = {PORTS[0]}-{PORTS[-1]}\n" in (FOLDER / "learning-loop.nft").read_text()
    assert f"define gateway = {DEFAULT_PORT}\n" in (FOLDER / "sets.nft").read_text()
