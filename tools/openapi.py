"""Write the OpenAPI document of every service, or check that what is committed is current.

python tools/openapi.py            write services/<service>/openapi.json
python tools/openapi.py --check    compare
"""

import base64
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from fastapi import FastAPI

from chassis.identity import new_key
from chassis.secrets import KEY_BYTES, Secrets

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("audit", "feedback", "complaints", "reporting")


def prepare(folder: Path) -> None:
    """Set what a service needs to be put together; nothing is connected to."""
    private, public = new_key()
    (folder / "keys.json").write_text(json.dumps({"issuers": {"gateway": public, "reporting": public}}))
    (folder / "signing.jwk").write_text(json.dumps(private))
    (folder / "master.key").write_text(base64.b64encode(bytes(32)).decode())
    os.environ |= {
        "LOOP_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "LOOP_IDENTITY_KEYS": str(folder / "keys.json"),
        "LOOP_SIGNING_KEY": str(folder / "signing.jwk"),
        "LOOP_SECRET_KEY_FILE": str(folder / "master.key"),
        "LOOP_SCAN_URL": "none",
    }


def document(service: str) -> str:
    """The OpenAPI document of a service as text."""
    bootstrap = importlib.import_module(f"{service}.bootstrap")
    settings = importlib.import_module(f"{service}.settings")
    kind = getattr(settings, f"{service.capitalize()}Settings")
    return json.dumps(bootstrap.build_app(kind.load()).openapi(), indent=2, ensure_ascii=False) + "\n"


def gateway_app() -> FastAPI:
    """The gateway's own routes, as an application to be read; nothing is connected to."""
    app, own = FastAPI(), importlib.import_module("gateway.bootstrap")
    for router in own.own_routers(own.Identities(None), Secrets(bytes(KEY_BYTES)), None):
        app.include_router(router)
    return app


def write_or_check(arguments: list[str], make: Callable[[], Mapping[Path, str]]) -> int:
    """Write files that are made of the services, or with `--check` say which are not current; gives the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        texts = make()
    if "--check" not in arguments:
        for path, text in texts.items():
            path.write_text(text)
        return 0
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not current")
    return 1 if stale else 0


def main(arguments: list[str]) -> int:
    """Do what the arguments say; gives the exit code."""
    return write_or_check(
        arguments, lambda: {ROOT / "services" / service / "openapi.json": document(service) for service in SERVICES}
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
