"""Look for secrets in the files that git tracks: private keys, our own keys, tokens of others, long random values.

    python tools/leaked.py [file ...]

Exits 1 with file and line, and never with what stands there. What is made up says so on its line: `# made-up secret`.
"""

import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXCUSE = "made-up secret"
LARGEST = 2_000_000
"""Bytes of a file that is read; larger ones are fonts and pictures."""

_RULES = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s*\S{40}|AGE-SECRET-KEY-1[A-Z0-9]{50}"),
    "a private JWK": re.compile(r'"d"\s*:\s*"[A-Za-z0-9_-]{40,}"'),
    "a key of Learning Loop": re.compile(r"\bll[ks]_[A-Za-z0-9_-]{20,}"),
    "a token of another system": re.compile(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{50,}|AKIA[A-Z0-9]{16}|xox[abp]-[\w-]{20,}|pypi-AgE\w{40,}|hvs\.[\w-]{24,}"
        r"|npm_[A-Za-z0-9]{36}|glpat-[\w-]{20}|sk_live_\w{20,})"
    ),
    "a password in an address": re.compile(
        r"\b(?:postgres(?:ql)?|nats|https?|smtps?)://[\w.-]+:(?![{$<*…])[^\s:@/{}$<>\"']{12,}@"
    ),
}
_ASSIGNED = re.compile(
    r"""(?i)(?:secret|token|passw(?:or)?d|api_?key|master)[\w"']*\s*[:=]\s*["']([A-Za-z0-9+/=_-]{24,})["']"""
)
_RANDOM = 4.2
"""Bits a character above which a value looks drawn by lot; words and codes have below 4."""


def entropy(value: str) -> float:
    """Shannon's, in bits a character."""
    return -sum(number / len(value) * math.log2(number / len(value)) for number in Counter(value).values())


def leaks(text: str) -> Iterator[tuple[int, str]]:
    """Line numbers and what seems to stand there."""
    lines = text.splitlines()
    for what, rule in _RULES.items():
        for found in rule.finditer(text):
            number = text.count("\n", 0, found.start()) + 1
            if EXCUSE not in lines[number - 1]:
                yield number, what
    for number, line in enumerate(lines, 1):
        given = _ASSIGNED.search(line)
        if given is not None and entropy(given[1]) > _RANDOM and EXCUSE not in line:
            yield number, "a random value under the name of a secret"


def tracked() -> list[Path]:
    """What git would publish."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and not name.startswith("locks/")]


def main(names: list[str]) -> int:
    """Look through the named files, or all that git tracks; gives the exit code."""
    found = 0
    for path in [Path(name) for name in names] or tracked():
        if not path.is_file() or path.stat().st_size > LARGEST:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, what in leaks(text):
            found += 1
            print(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}:{number}: it looks like {what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
