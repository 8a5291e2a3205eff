"""Codes of authenticators, and how long a key waits after wrong ones."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.adapters import second_factors
from gateway.domain.second_factor import FREE_TRIES, parts_of, steps_at, wait_after

NOW = datetime(2026, 11, 30, 12, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924")])
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    # RFC 6238, appendix B; the last six of its eight digits.
    assert second_factors.step_of(b"12345678901234567890", code, [seconds // 30]) == seconds // 30


def test_a_code_of_one_step_before_or_after_is_known_and_none_further() -> None:
    secret = b"s" * 20
    step = int(NOW.timestamp()) // 30
    codes = {each: second_factors._codes(secret).generate(each * 30).decode() for each in range(step - 3, step + 4)}
    found = [second_factors.step_of(secret, code, steps_at(NOW)) for code in codes.values()]
    assert found == [None, None, step - 1, step, step + 1, None, None]


def test_a_key_waits_longer_after_each_wrong_code_and_never_more_than_an_hour() -> None:
    waits = [wait_after(wrong, NOW, NOW).total_seconds() for wrong in range(FREE_TRIES + 9)]
    assert waits == [0] * FREE_TRIES + [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert not wait_after(FREE_TRIES, NOW - timedelta(seconds=30), NOW)
    assert not wait_after(99, None, NOW)


def test_a_key_and_its_pass_are_parted_once() -> None:
    assert parts_of(b"llo_a") == (b"llo_a", b"")
    assert parts_of(b"llo_a~llp_b~c") == (b"llo_a", b"llp_b~c")
