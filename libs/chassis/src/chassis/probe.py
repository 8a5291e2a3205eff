"""`python -m chassis.probe LOOP_PORT`: whether the process of this container lives; for HEALTHCHECK of the images.

It asks this machine itself, so the name in a certificate (LOOP_INSIDE_CERTIFICATE) cannot fit and is not looked at.
"""

import os
import ssl
import sys
import urllib.request


def alive(port: str, *, tls: bool) -> bool:
    """Whether `/livez` answers at a port of this machine."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    address = f"{'https' if tls else 'http'}://127.0.0.1:{int(port)}/livez"
    try:
        with urllib.request.urlopen(address, timeout=3, context=context) as answer:  # noqa: S310 - an address of this machine
            return bool(answer.status == 200)  # noqa: PLR2004 - OK
    except OSError:
        return False


def main() -> None:
    """End with 0 where it lives."""
    port = os.environ.get(sys.argv[1] if len(sys.argv) > 1 else "LOOP_PORT", "8000")
    sys.exit(0 if alive(port, tls=bool(os.environ.get("LOOP_INSIDE_CERTIFICATE"))) else 1)


if __name__ == "__main__":
    main()
