"""`make bench`: one table whatever happens, aims that are compared with figures, and clear words about a wrong name."""

import json

import pytest

from tests.bench.__main__ import arguments
from tests.bench._results import Benchmark, Result, as_json, known, machine, measure, met, report


class TestMet:
    @pytest.mark.parametrize(
        ("aim", "yes", "no"),
        [
            ("0.50 or more", 0.5, 0.499),
            ("1.5 or less", 1.5, 1.51),
            ("under 1,000", 999.0, 1000.0),
            ("under 5: flat", 4.9, 5.0),
            ("about 10", 9.6, 13.0),
            ("0.7 to 1.4", 1.4, 0.69),
            ("4", 3.99, 3.9),
            ("0", 0.0, 1.0),
        ],
    )
    def test_aim_in_words_is_compared(self, aim: str, yes: float, no: float) -> None:
        assert met(yes, aim) is True
        assert met(no, aim) is False

    @pytest.mark.parametrize("aim", ["", "none set; below 1,000 nobody notices"])
    def test_aim_that_is_none_is_neither_met_nor_missed(self, aim: str) -> None:
        assert met(1.0, aim) is None


class TestBenchmarks:
    def test_each_says_what_it_measures_and_how_long_it_takes(self) -> None:
        found = known()
        assert len(found) > 15
        for each in found.values():
            assert each.about.endswith("."), each.name
            assert each.seconds > 0

    def test_wrong_name_is_answered_with_the_right_ones(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            arguments(["growth", "nonsense"], known())
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert "no such benchmark: nonsense" in said
        assert "gateway_proxy" in said

    def test_one_that_fails_leaves_the_others_results(self, capsys: pytest.CaptureFixture[str]) -> None:
        failed = measure(Benchmark("there_is_no_such_module", "", 1))
        assert "ModuleNotFoundError" in failed.error
        assert "Traceback" in capsys.readouterr().err
        well = Result("well", 1.0, {"ratio": 0.6, "plain": 1.0}, {"ratio": "0.50 or more"})
        assert report([failed, well]).row_count == 5
        found = json.loads(as_json(machine(), [failed, well]))
        assert [bool(each["error"]) for each in found["benchmarks"]] == [True, False]
        assert found["benchmarks"][1]["figures"] == [
            {"figure": "ratio", "measured": 0.6, "aim": "0.50 or more", "met": True},
            {"figure": "plain", "measured": 1.0, "aim": None, "met": None},
        ]
        facts = found["machine"]
        assert facts["cores"] > 0
        assert facts["postgres"].partition(".")[0].isdigit()
        assert facts["processor"]
