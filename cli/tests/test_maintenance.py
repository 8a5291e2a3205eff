"""Moments that a person writes on the command line."""

from datetime import UTC, datetime

import pytest

from loop_cli.maintenance import moment_of
from loop_cli.servers import ServerError

SUMMER = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)  # 13:00 in Britain


class TestMomentOf:
    @pytest.mark.parametrize(
        ("text", "utc"),
        [
            ("14:30", "2026-07-01T13:30"), ("12:30", "2026-07-02T11:30"), ("2026-12-03 14:30", "2026-12-03T14:30"),
            ("2026-07-01T14:30+00:00", "2026-07-01T14:30"),
        ],
    )  # fmt: skip
    def test_is_british_time_and_the_next_one(self, text: str, utc: str) -> None:
        assert moment_of(text, SUMMER).astimezone(UTC).strftime("%Y-%m-%dT%H:%M") == utc

    @pytest.mark.parametrize("text", ["", "soon", "25:00", "14.30"])
    def test_what_is_no_time_is_said(self, text: str) -> None:
        with pytest.raises(ServerError, match="Write 14:30"):
            moment_of(text, SUMMER)
