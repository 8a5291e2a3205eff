"""nginx and Caddy with the files of deploy/proxies, for the tests and the measurement of forward-auth."""

import importlib.util
import os
import re
from pathlib import Path

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


PREPARED = {"nginx": nginx, "caddy": caddy}
