"""What `make check` takes for a secret; the examples are put together here, so that this file holds none."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("leaked", ROOT / "tools" / "leaked.py")
assert spec
assert spec.loader
leaked = importlib.util.module_from_spec(spec)
spec.loader.exec_module(leaked)

LOT = "q7Zf3kP9xW2vB8nM4tR6yU1cE5hJ0aLsDgVoXiKb"


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "PRIVATE KEY-----\n" + LOT + LOT,
        "AGE-SECRET-KEY-1" + "Q" * 58,
        '{"kty": "OKP", "d": "' + LOT + 'abc"}',
        "key: ll" + "k_" + LOT,
        "ghp_" + LOT[:36],
        "postgresql://loop_app:" + LOT[:20] + "@db:5432/loop",
        'api_key = "' + LOT + '"',
    ],
)
def test_a_secret_is_found_with_its_line(text: str) -> None:
    assert [number for number, _ in leaked.leaks(f"first\n{text}\n")] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://role:password@host:port/database",
        'SEND_TOKEN = "feedback-send-token-of-the-link"',
        'PASSWORD = "for-tests-only-and-nothing-else"',
        'api_key = "' + LOT + '"  # made-up secret',
        "api_key = os.environ['LOOP_API_KEY_OF_THE_OPERATOR']",
    ],
)
def test_what_is_none_passes(text: str) -> None:
    assert list(leaked.leaks(text)) == []
