"""Where the audit service is put together; nothing else constructs dependencies."""

from pathlib import Path

from fastapi import FastAPI

from audit.adapters.profiles import Profiles
from audit.adapters.retained import DECLARED
from audit.adapters.tools import Tools
from audit.context import Context
from audit.pages import (
    acknowledgement_steps,
    actions,
    allocation,
    audits,
    cycle,
    dispute_steps,
    moderation,
    parts,
    round_results,
    staff_upload,
    uploads,
    work,
)
from audit.pages import acknowledgements as acknowledgement_pages
from audit.pages import agreement as agreement_pages
from audit.pages import disputes as dispute_pages
from audit.pages import outcomes as outcome_pages
from audit.pages import people as people_pages
from audit.pages import programmes as programme_pages
from audit.pages import round_steps as round_step_pages
from audit.pages import rounds as round_pages
from audit.pages import tools as tool_pages
from audit.pages.desk import chrome
from audit.settings import AuditSettings
from audit.subject import SUBJECT
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.record_outcomes import RecordOutcomes
from audit.use_cases.retain import Periods
from audit.use_cases.upload_outcomes import UploadOutcomes
from audit.web import (
    acknowledgements,
    agreement,
    audit_entries,
    audit_results,
    disputes,
    moderations,
    outcomes,
    people,
    round_steps,
    rounds,
    spreadsheets,
)
from audit.web import actions as action_routes
from audit.web import audits as audit_routes
from audit.web.turns import Turns
from chassis.accountability import accountable
from chassis.days import british_today
from chassis.pages import Pages, install
from chassis.pdf.printer import Printer
from chassis.profile_store import profile_router
from chassis.secrets import Secrets
from chassis.subject.marks import MarksOf
from chassis.uploads import UploadStore
from chassis.web import create_app

SERVICE = "audit"
TEMPLATES = Path(__file__).parent / "pages" / "templates"

DESCRIPTION = """
Audits from their allocation to the review that closes the loop, as the staff pages have them (the guide "Auditing over the
API"), and outcomes of audits that other systems finished, posted one at a time or up to 1,000 in one call.

Codes (tools, sections, grades, service areas, teams, themes) are those of your organisation's profile. Children are never
named: send your case's number, and only a keyed pseudonym of it is kept. The guide "Posting audit outcomes" goes through it
step by step.
"""


def build_app(settings: AuditSettings) -> FastAPI:
    """The web application of the service."""
    profiles = Profiles()
    secrets = Secrets.of(settings)
    app = create_app(
        SERVICE,
        settings,
        [
            outcomes.router,
            spreadsheets.router,
            disputes.router,
            acknowledgements.router,
            profile_router(SERVICE, profiles),
            audit_routes.router,
            audit_entries.router,
            moderations.router,
            action_routes.router,
            audit_results.router,
            work.router,
            audits.router,
            parts.router,
            moderation.router,
            actions.router,
            agreement.router,
            agreement_pages.router,
            # Before outcomes: `/audit/outcomes/upload` is no outcome's id.
            uploads.router,
            outcome_pages.router,
            tool_pages.router,
            people.router,
            rounds.router,
            round_steps.router,
            # Before people: `/audit/people/upload` is nobody's code.
            staff_upload.router,
            people_pages.router,
            programme_pages.router,
            round_pages.router,
            round_step_pages.router,
            allocation.router,
            cycle.router,
            round_results.router,
            # The forms first: "new" is no number of a record.
            dispute_steps.router,
            dispute_pages.router,
            acknowledgement_steps.router,
            acknowledgement_pages.router,
            *accountable(SUBJECT, DECLARED, secrets, Periods(profiles)),
        ],
        secrets=secrets,
        description=DESCRIPTION,
        limits={
            outcomes.BATCH_PATH: outcomes.BATCH_BYTES,
            spreadsheets.SHEET_PATH: spreadsheets.SHEET_BYTES,
            uploads.UPLOAD_PATH: spreadsheets.SHEET_BYTES,
            staff_upload.UPLOAD_PATH: spreadsheets.SHEET_BYTES,
            round_pages.ROUNDS: spreadsheets.SHEET_BYTES,
            people.PATH: people.MOST_BYTES,
            rounds.ROUNDS: rounds.MOST_BYTES,
        },
    )
    install(app, Pages(TEMPLATES, static_path="/audit/static", home="/audit/", chrome=chrome))
    app.state.marks = MarksOf(SUBJECT, secrets)
    app.state.profiles = profiles
    tools = Tools(profiles)
    app.state.tools = tools
    app.state.printer = Printer()
    app.state.turns = Turns(outcomes.MOST_BATCHES)
    app.state.secrets = secrets
    app.state.record_outcomes = recording = RecordOutcomes(profiles, secrets)
    app.state.upload_outcomes = UploadOutcomes(profiles, recording, UploadStore(secrets, "outcomes"))
    app.state.context = Context(profiles, tools, secrets, settings.public_url)
    app.state.disputes = DisputeSetup(profiles, secrets, british_today, settings.public_url)
    return app
