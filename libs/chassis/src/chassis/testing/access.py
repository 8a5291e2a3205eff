"""What a table of every route against every grant is held against."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of every route of the application, those of its routers too; HEAD goes with GET."""
    found = set()
    for context in iter_route_contexts(app.router.routes):
        route: Any = context
        found |= {(method, route.path) for method in (route.methods or {"GET"}) - {"HEAD"}}
    return found


def retention_grants(service: str) -> dict[tuple[str, str], set[str]]:
    """Who may call the routes of retention in a service: the operator's command, and the pages of data protection."""
    officer, operator = {"role:data-protection"}, {"operator"}
    api, home = f"/{service}/v1/retention", f"/{service}/retention"
    record, hold = f"{home}/records/{{kind}}/{{record_id}}", f"{home}/holds/{{hold_id}}"
    return {
        ("GET", api): operator,
        ("POST", f"{api}/runs"): operator,
        ("GET", f"{api}/proofs"): operator,
        **{("GET", path): officer for path in (home, f"{home}/due/{{kind}}", record, f"{home}/holds", hold)},
        **{("GET", path): officer for path in (f"{home}/proofs", f"{home}/proofs/{{number}}")},
        **{("POST", path): officer for path in (f"{home}/find", f"{home}/run", f"{record}/hold", f"{record}/erase")},
        **{("POST", path): officer for path in (f"{home}/holds", f"{hold}/{{act}}")},
    }


def subject_grants(service: str) -> dict[tuple[str, str], set[str]]:
    """Who may call the routes of `chassis.subject`, for a service's own table."""
    api, pages = f"/{service}/v1/subject", f"/{service}/subjects"
    one = f"{pages}/{{request_id}}"
    record = f"{one}/records/{{kind}}/{{record_id}}"
    both = (f"{pages}/new", f"{one}/search/{{search_id}}", record, f"{record}/part", f"{record}/statement", f"{one}/package")
    restriction = f"{record}/restriction"
    posted = (f"{one}/known", f"{one}/search", f"{one}/extend", f"{one}/close")
    officer = {"role:data-protection"}
    return {
        ("POST", f"{api}/searches"): {"subject:read", "operator", *officer},
        ("GET", f"{api}/requests"): {"subject:read", "operator", *officer},
        ("GET", f"{api}/requests/{{reference}}"): {"subject:read", "operator", *officer},
        ("PUT", f"{api}/requests/{{reference}}"): {"subject:write", "operator", *officer},
        ("POST", f"{api}/requests/{{reference}}/package"): {"subject:read", "operator", *officer},
        **{("GET", path): set(officer) for path in (pages, one, restriction, *both)},
        **{
            ("POST", path): set(officer)
            for path in (restriction, f"{restriction}/writer", f"{restriction}/end", *both, *posted)
        },
    }


SUBJECT_SCOPES = ("subject:read", "subject:write")
