"""What KPIs say beside the evidence of a theme."""

import pytest

from reporting.domain.kpi_beside import beside
from reporting.domain.kpi_figures import Judgement as Kpi
from reporting.domain.triangulation import Judgement, Together

MET, MISSED, UNTOLD = (Judgement(each, firm=True, opposed=False) for each in (Together.MET, Together.MISSED, Together.UNTOLD))


class TestBeside:
    def test_without_kpis_nothing_is_said(self) -> None:
        assert beside(MET, []) == ""

    def test_each_colour_is_counted_and_what_cannot_be_judged_too(self) -> None:
        found = beside(UNTOLD, [Kpi.GREEN, Kpi.RED, Kpi.GREEN, Kpi.TOO_FEW, Kpi.NONE])
        assert found == "Of the 5 KPIs of this theme: 2 green, 1 red in the latest month; 2 cannot be judged."

    def test_one_that_cannot_be_judged(self) -> None:
        assert beside(MET, [Kpi.NOTHING]) == "The one KPI of this theme cannot be judged."

    def test_a_red_kpi_beside_good_evidence_is_pointed_out(self) -> None:
        assert "The evidence is good enough, and a KPI is red" in beside(MET, [Kpi.GREEN, Kpi.RED])

    def test_green_kpis_beside_weak_evidence_are_pointed_out(self) -> None:
        assert "The evidence is not good enough, and every KPI that can be judged is green" in beside(MISSED, [Kpi.GREEN])

    @pytest.mark.parametrize("verdict", [MET, MISSED, UNTOLD])
    def test_amber_says_nothing_against_either(self, verdict: Judgement) -> None:
        assert "evidence" not in beside(verdict, [Kpi.AMBER])
