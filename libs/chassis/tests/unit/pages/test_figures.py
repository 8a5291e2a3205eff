"""How a figure reads, and how a chart becomes part of a page."""

import pytest

from chassis.pages.figures import figure, inline_svg, number, states_in

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="10">{}</svg>'


class TestNumber:
    @pytest.mark.parametrize(
        ("value", "words"),
        [(0, "0"), (1234567, "1,234,567"), (2.0, "2"), (2.25, "2.3"), (0.05, "0.1"), (-1.25, "-1.3"), (-1234, "-1,234")],
    )
    def test_thousands_are_separated_and_halves_rounded_up(self, value: float, words: str) -> None:
        assert number(value) == words

    def test_places_are_kept_when_asked_for(self) -> None:
        assert number(3, 2) == "3.00"
        assert number(0.125, 2) == "0.13"


class TestFigure:
    # 10 of 39 is 26%: half up to whole numbers.
    @pytest.mark.parametrize(("value", "words"), [(25.64, "26%"), (66.5, "67%"), (0.4, "0%"), (100, "100%")])
    def test_a_percentage_is_whole_and_half_up(self, value: float, words: str) -> None:
        assert figure({"state": "value", "value": value}, "percent") == words

    def test_a_zero_is_a_zero_also_without_a_value(self) -> None:
        assert figure({"state": "zero", "value": None}, "count") == "0"
        assert figure({"state": "zero", "value": None}, "percent") == "0%"

    def test_the_legend_names_the_states_that_occur(self) -> None:
        cells = [{"state": "suppressed"}, {"state": "value"}, {"state": "not-in-use"}, {"state": "suppressed"}]
        assert states_in({"rows": [{"cells": cells}]}) == ["not-in-use", "suppressed"]


class TestInlineSvg:
    def test_a_chart_is_named_described_and_scales(self) -> None:
        svg = inline_svg(
            SVG.format('<rect id="bar" style="fill: #14535b; stroke:none"/>'), "chart-1", "Answers <3", "Three & more"
        )
        assert '<title id="chart-1-title">Answers &lt;3</title><desc id="chart-1-description">Three &amp; more</desc>' in svg
        assert 'aria-labelledby="chart-1-title chart-1-description"' in svg
        assert 'viewBox="0 0 20 10"' in svg
        assert '<rect id="chart-1-bar" fill="#14535b" stroke="none" />' in svg
        assert "style" not in svg

    def test_ids_and_what_refers_to_them_are_unique_to_the_chart(self) -> None:
        body = '<clipPath id="c"/><g clip-path="url(#c)"/><use href="#c"/><use xlink:href="#c"/>'
        svg = inline_svg(SVG.format(body), "chart-2", "t", "d")
        assert 'clip-path="url(#chart-2-c)"' in svg
        assert svg.count('href="#chart-2-c"') == 2

    def test_handlers_are_left_out(self) -> None:
        assert "onclick" not in inline_svg(SVG.format('<g onclick="alert(1)"/>'), "c", "t", "d")

    @pytest.mark.parametrize(
        "body",
        [
            "<script>alert(1)</script>",
            "<style>g {fill: red}</style>",
            "<foreignObject/>",
            '<image href="https://elsewhere.example/x.png"/>',
            '<a xlink:href="javascript:alert(1)"/>',
        ],
    )
    def test_scripts_styles_and_things_from_elsewhere_are_refused(self, body: str) -> None:
        with pytest.raises(ValueError, match="a chart"):
            inline_svg(SVG.format(body), "c", "t", "d")

    def test_something_else_than_svg_is_refused(self) -> None:
        with pytest.raises(ValueError, match="SVG"):
            inline_svg("<html/>", "c", "t", "d")
