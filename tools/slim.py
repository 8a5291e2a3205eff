"""Take out what tests alone need, and compile the rest: `python tools/slim.py /venv`, the last step of each image.

What stands in it can be used against it: servers that answer as tests want, sign-in as anybody's provider. Compiled files hold
neither a date nor are they held against their source: nothing changes in an image, and the same sources give the same bytes.
"""

import compileall
import shutil
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

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


def forget_dates(venv: Path) -> None:
    """Take out where uv notes when our own sources were last changed: it needs that to install again, which nobody does."""
    for note in venv.glob("lib*/python*/site-packages/*.dist-info/uv_cache.json"):
        record = note.with_name("RECORD")
        lines = record.read_text().splitlines(keepends=True)
        record.write_text("".join(line for line in lines if f"{note.parent.name}/{note.name}," not in line))
        note.unlink()


def compile_in(venv: Path) -> None:
    """Compile all modules. A library may carry files for another Python (olefile does); what is never imported need not fit."""
    mode = PycInvalidationMode.UNCHECKED_HASH
    for folder in venv.glob("lib*/python*/site-packages"):
        compileall.compile_dir(folder, quiet=2, force=True, workers=0, invalidation_mode=mode)


if __name__ == "__main__":
    print("\n".join(slim(Path(sys.argv[1]))))
    forget_dates(Path(sys.argv[1]))
    compile_in(Path(sys.argv[1]))
