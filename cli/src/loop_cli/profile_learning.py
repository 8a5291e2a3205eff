"""Whether `learning:` of complaints.yaml fits together. Pure."""

from collections.abc import Iterator, Sequence

from loop_cli.profile_format import Learning
from loop_cli.profile_worries import ADDRESS, Wrong


def check_learning(learning: Learning, areas: Sequence[str], themes: set[str]) -> Iterator[Wrong]:
    """Addresses that are none, areas that are not there, themes whose code another has."""
    unit = learning.complaints_unit_email
    if unit is not None and not ADDRESS.fullmatch(unit):
        yield "/complaints/learning/complaints_unit_email", f"expected one mail address, found '{unit}'"
    for index, head in enumerate(learning.heads_of_service):
        pointer = f"/complaints/learning/heads_of_service/{index}"
        if not ADDRESS.fullmatch(head.email):
            yield f"{pointer}/email", f"expected one mail address, found '{head.email}'"
        for place, code in enumerate(head.service_areas):
            if code not in areas:
                yield f"{pointer}/service_areas/{place}", f"expected a service area of organisation.yaml, found '{code}'"
    seen = set(themes)
    for index, theme in enumerate(learning.themes):
        if theme.code in seen:
            pointer = f"/complaints/learning/themes/{index}/code"
            yield pointer, f"expected a code that no other theme has, found '{theme.code}' again"
        seen.add(theme.code)
