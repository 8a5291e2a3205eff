"""What in a text may say who somebody is."""

import pytest

from reporting.domain.contact_details import marked


class TestMarked:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("write to a.b@example.org.uk please", "an e-mail address"),
            ("near WR1 2AB last year", "a postcode"),
            ("at tf34nt", "a postcode"),
            ("rang 01905 555 123 twice", "a telephone number"),
            ("rang +44 7700 900123 twice", "a telephone number"),
            ("patient 943 476 5919 said", "an NHS number"),
            ("Mrs Smith was pleased", "a name"),
            ("we thank Dr. Patel", "a name"),
        ],
    )
    def test_finds_ways_to_reach_somebody(self, text: str, kind: str) -> None:
        assert [found for found, _ in marked(text)] == [kind]

    @pytest.mark.parametrize(
        "text",
        [
            "26% (10 of 39), up from 1,234,567 in 2021/22",
            "Quarter 1 of 2022/23: 59, 64, 44, 52, 47",
            "Regulation 13, section 26(3), in WR1 and TF3",
            "943 476 5918 is no NHS number: its check digit is wrong",
            "Miss the point and stage 2 is due",
        ],
    )
    def test_leaves_figures_alone(self, text: str) -> None:
        assert marked(text) == ()

    def test_says_what_in_the_order_of_the_text(self) -> None:
        assert marked("Mr Jones, a@b.uk") == (("a name", "Mr Jones"), ("an e-mail address", "a@b.uk"))
