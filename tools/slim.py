"""Take out of an installation what tests alone need: `python tools/slim.py /venv`, the last step of each image.

What stands in it can be used against it: servers that answer as tests want, sign-in as anybody's provider.
"""

import shutil
import sys
from pathlib import Path

TESTING = ("chassis/testing", "gateway/testing.py", "gateway/testing_sign_in.py", "gateway/testing_webhooks.py")
"""Below site-packages. tests/architecture/test_images.py holds that nothing else imports them, and that there are no others."""


def slim(venv: Path) -> list[str]:
    """Take it out of every site-packages; gives what was there. Raises SystemExit where there is no such folder."""
    folders = list(venv.glob("lib*/python*/site-packages"))
    if not folders:
        raise SystemExit(f"{venv} holds no site-packages.")
    gone = []
    for folder in folders:
        for name in TESTING:
            path = folder / name
            if path.is_dir():
                shutil.rmtree(path)
            elif path.exists():
                path.unlink()
            else:
                continue
            gone.append(name)
    return gone


if __name__ == "__main__":
    print("\n".join(slim(Path(sys.argv[1]))))
