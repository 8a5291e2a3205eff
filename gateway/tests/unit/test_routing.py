"""Routes of the settings."""

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.routing import RouteRule, RoutesError, check, usual

SERVICES = ("audit", "feedback")
read = TypeAdapter(tuple[RouteRule, ...]).validate_json


class TestCheck:
    def test_usual_routes_fit(self) -> None:
        rules = usual(batch=8, files=9, upload_seconds=1, export_seconds=2)
        check(rules, (), ("audit", "feedback", "complaints", "reporting"))
        assert {each.prefix for each in rules if each.open} == {"s", "c"}

    @pytest.mark.parametrize(
        ("routes", "words"),
        [
            ("[]", "there is none"),
            ('[{"prefix":"gateway","service":"audit"}]', "/gateway is the gateway's own"),
            ('[{"prefix":"a","service":"audit"},{"prefix":"a","service":"feedback"}]', "/a is routed twice"),
            ('[{"prefix":"a","service":"payroll"}]', "leads to payroll; the services are audit, feedback"),
            ('[{"prefix":"a","service":"audit","limits":[{"at":"below","path":"/b/x"}]}]', "/b/x lies below no path"),
            ('[{"prefix":"a","service":"audit"}]', "an address for feedback, and no route"),
        ],
    )
    def test_what_does_not_fit_together_is_said(self, routes: str, words: str) -> None:
        with pytest.raises(RoutesError, match=words):
            check(read(routes), ("feedback",) if "an address" in words else (), SERVICES)

    def test_every_fault_is_said_at_once(self) -> None:
        with pytest.raises(RoutesError) as error:
            check(read('[{"prefix":"docs","service":"x"}]'), ("audit",), SERVICES)
        assert len(str(error.value).splitlines()) == 4

    @pytest.mark.parametrize(
        "routes",
        ['[{"prefix":"A/b","service":"audit"}]', '[{"prefix":"a","service":"audit","body":0}]',
         '[{"prefix":"a","service":"audit","limits":[{"at":"inside","path":"/x"}]}]', '[{"prefix":"a"}]',
         '[{"prefix":"a","service":"audit","more":1}]', '[{"prefix":"a","service":"audit","open":"yes"}]'],
    )  # fmt: skip
    def test_what_is_no_route_is_refused(self, routes: str) -> None:
        with pytest.raises(ValidationError):
            read(routes)
