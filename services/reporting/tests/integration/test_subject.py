"""Somebody asks what reporting holds of them: staff who write, and whoever is named in what they wrote."""

from fastapi import FastAPI
from reporting_desk import Person

from chassis.testing.fixtures import ROOT, Keys, ServiceClient, caller
from chassis.testing.inventory import undeclared
from chassis.testing.page_client import check_pages
from chassis.testing.subjects import Answering, fields_of, proposed
from reporting.subject import SUBJECT


async def test_who_wrote_a_text_is_found_and_given_their_name_not_their_colleagues(
    app: FastAPI, keys: Keys, alex: Person, sam: Person
) -> None:
    await alex.write("key-messages", "More came in. MARK-OF-ALEX")
    await sam.write("table-complaints-received", "Look at delay. MARK-OF-SAM")
    async with ServiceClient(app, keys, "reporting", caller("role:data-protection")) as client:
        check_pages(client)
        officer = Answering(client, "reporting")
        at = await officer.opens(names="Alex Morgan")
        found, page = await officer.searches(at)
        assert [each.partition("/")[0] for each in proposed(page)] == ["commentary"]
        await officer.ticks(found, proposed(page))
        package = await officer.fetches(at)
    fields = fields_of(package)
    assert fields["report_commentary", "name_sealed"]["value"] == "Alex Morgan"
    assert "nobody has read it" in fields["report_commentary", "words_sealed"]["withheld"]
    everything = b"".join(package.values())
    for other in (b"MARK-OF", b"Sam Ash", b"cannot be opened"):
        assert other not in everything


def test_every_column_of_the_inventory_is_handed_out_or_said_to_be_kept_back() -> None:
    assert undeclared(SUBJECT, ROOT / "docs" / "privacy.md") == []
