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
from pathlib import Path

from chassis.identity import new_key

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


def main(arguments: list[str]) -> int:
    """Do what the arguments say; gives the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        texts = {ROOT / "services" / service / "openapi.json": document(service) for service in SERVICES}
    if "--check" not in arguments:
        for path, text in texts.items():
            path.write_text(text)
        return 0
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not current")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
