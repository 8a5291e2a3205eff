"""Profiles: shipped ones are right, wrong ones are named by file and line, and services get the parts they own."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from chassis.profiles import ProfileFaults
from loop_cli import profile as command
from loop_cli.compare_measures import MEASURES as COUNTED
from loop_cli.compare_measures import NOT_IN_RECORDS, nothing
from loop_cli.profile_check import check
from loop_cli.profile_files import PARTS, SHIPPED, checkout, read_profile
from loop_cli.profile_recipes import MEASURES
from loop_cli.stack.layout import Layout
from loop_cli.stack.state import State, this_process

PROFILES = checkout() / "profiles"
run = CliRunner().invoke


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of worcestershire, to be spoilt."""
    return Path(shutil.copytree(PROFILES / "worcestershire", tmp_path / "copy"))


def spoil(file: Path, old: str, new: str) -> int:
    """Replaces the first occurrence; gives its line."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


class TestShippedProfiles:
    @pytest.mark.parametrize("name", SHIPPED)
    def test_are_right(self, name: str) -> None:
        assert check(read_profile(PROFILES / name)) == []

    def test_every_measure_of_the_language_is_counted_in_the_demonstration(self) -> None:
        assert set(COUNTED) == set(MEASURES)
        assert {code for code, count in COUNTED.items() if count is nothing} == set(NOT_IN_RECORDS)

    def test_every_measure_is_in_the_guide(self) -> None:
        guide = (checkout() / "docs/guides/profiles.md").read_text()
        assert [measure for measure in MEASURES if f"`{measure}`" not in guide] == []


class TestCheck:
    @pytest.mark.parametrize(
        ("file", "old", "new", "expected"),
        [
            ("organisation.yaml", "service_area: send,", "service_area: sned,", "expected a service area, found 'sned'"),
            ("organisation.yaml", "    en: If you", "    fr: If you", "expected a text in English"),
            ("organisation.yaml", "2022-04-01", "2022-04-31", "expected: input should be a valid date"),
            ("organisation.yaml", "  duty_email:", "  duty_mail:", "expected no field 'duty_mail'"),
            ("organisation.yaml", "duty_email: duty@", "duty_email: duty at ", "expected one mail address, found 'duty at"),
            (
                "reports.yaml",
                "each: {dimension: tool, members: all}",
                "each: {dimension: tool, members: [x]}",
                "expected a tool, found 'x'",
            ),
            ("reports.yaml", "code: good-or-better", "code: good", "'good' is the code of a member"),
            ("reports.yaml", "    compare: 4", "    compare: 12", "less than or equal to 11"),
            ("reports.yaml", "filter: {audience: ", "filter: {audiences: ", "expected"),
            ("worries.yaml", "email: safeguarding-manager@", "email: ", "expected one mail address, found 'worc"),
            ("worries.yaml", 'until: "17:00"', 'until: "08:00"', "expected a time after 09:00, found 08:00"),
            ("worries.yaml", 'from: "09:00"', 'from: "9 am"', "expected: string should match pattern"),
            ("worries.yaml", "code: police", "code: front-door", "found 'front-door' again"),
            (
                "calls.yaml",
                "questionnaire: carer-call",
                "questionnaire: nobody",
                "expected a questionnaire (after-",
            ),
            ("calls.yaml", "code: birth-parent-calls", "code: carer-calls", "found 'carer-calls' again"),
            ("calls.yaml", "minimum_a_month: 2", "minimum_a_month: 0", "expected: input should be greater than or equal to 1"),
            ("worries.yaml", "- unsafe", "- un-safe", "expected words, 'word*', 'one/other'"),
            ("families.yaml", "remind_after: [10, 20]", "remind_after: [20, 10]", "expected rising numbers of days"),
            ("families.yaml", "remind_after: [10, 20]", "remind_after: [10, 20, 30]", "at most 2 items"),
            (
                "organisation.yaml",
                "name: North Team, service_area: send, from: null, until: null}",
                "name: North, service_area: send, from: null, until: null, merged_into: {code: send-south, from: 2022-07-01}}",
                "expected 2022-06-30: the day before it became part of 'send-south', found None",
            ),
            (
                "organisation.yaml",
                "name: North Team, service_area: send, from: null, until: null}",
                "name: North, service_area: send, from: null, until: null, merged_into: {code: send-nroth, from: 2022-07-01}}",
                "expected another of teams (send-assessment, send-south, send-post-16, send-review-and-monitoring)",
            ),
            (
                "organisation.yaml",
                "short_name: Through Care\n    former_names: []\n",
                "short_name: Through Care\n    former_names: []\n    merged_into: {code: send, from: 2022-07-01}\n",
                "expected 2022-06-30 or earlier: it became part of 'send' the day after, found None",
            ),
            ("reports.yaml", "total: true", "merged: rolled-down\n        total: true", "'rolled-down'"),
            ("families.yaml", "service_areas: [send]", "service_areas: [sned]", "expected one that organisation.yaml has"),
            ("families.yaml", "email: send-contact@", "email: ", "expected one mail address, found 'worc"),
            ("families.yaml", "role: family-contact", "role: everybody", "found 'everybody'"),
            ("families.yaml", 'until: "18:00"', 'until: "08:00"', "expected a time after 09:00, found 08:00"),
            ("families.yaml", "        en: Somebody from the SEND", "        fr: Somebody from the SEND", "in English"),
            (
                "stars.yaml",
                "questionnaire: webstar-children",
                "questionnaire: web",
                "expected a questionnaire (after-",
            ),
            ("stars.yaml", "{code: happy,", "{code: sad,", "expected a star question of every version"),
            ("stars.yaml", "points: [start, mid, end]", "points: [mid, end]", "expected [start, mid, end], or [start, end]"),
            ("stars.yaml", "points: [start, mid, end]", "points: [start, end]", "this star has no point `mid`"),
            ("stars.yaml", "mid_after_weeks: 12", "mid_after_weeks: 0", "greater than or equal to 1"),
            ("stars.yaml", "[targeted-family-support,", "[targeted,", "expected a service area (through-care,"),
            ("stars.yaml", "code: no-contact", "code: moved-away", "found 'moved-away' again"),
            ("audit.yaml", "scale: ofsted", "scale: osfted", "expected a scale (ofsted), found 'osfted'"),
            ("audit.yaml", "themes: [assessments, timeliness]", "themes: [asessments]", "expected a theme"),
            ("audit.yaml", "comparable: good", "comparable: fine", "'fine'"),
            ("audit.yaml", "version: 1", "version: '1'", "expected: input should be a valid integer, found '1'"),
            ("audit.yaml", "code: fostering", "code: adoption", "found 'adoption' again"),
            ("audit.yaml", "          good: >-\n", "          god: >-\n", "expected a grade (outstanding, good"),
            (
                "audit.yaml",
                "questionnaire: have-your-say",
                "questionnaire: say",
                "expected a questionnaire (after-",
            ),
            ("audit.yaml", "code: standard-met", "code: prompted-by", "found 'prompted-by' again"),
            ("audit.yaml", "code: standard-met", "code: overall", "a code that no other entry of an audit has"),
            ("audit.yaml", "kind: multi-agency", "kind: single", "expected agencies for the kind multi-agency"),
            ("audit.yaml", "visit: true", "visit: maybe", "expected: input should be a valid boolean, found 'maybe'"),
            ("audit.yaml", "visit: true", "rag: true", "expected none of it for a tool with a scale"),
            ("complaints.yaml", "extension_to: 20", "extension_to: 9", "expected more working days in all"),
            ("complaints.yaml", "{service_areas: [],", "{service_areas: [moon],", "expected a service area"),
            ("complaints.yaml", "{code: staff-attitude, name", "{code: timeliness, name", "that no other theme has"),
            (
                "complaints.yaml",
                "complaints_unit_email: complaints@",
                "complaints_unit_email: at ",
                "expected one mail address",
            ),
            (
                "complaints.yaml",
                "        en: |\n          Dear {recipient}",
                "        en: |\n          Dear {addressee}",
                "no field {addressee}",
            ),
            ("complaints.yaml", "by **{due_on}**. If", "by **{due_on}. If", "in its line 13: expected a second '**'"),
            ("complaints.yaml", "code: acknowledgement-child", "code: acknowledgement", "that no other letter has"),
            ("complaints.yaml", "procedures: [send-informal]", "procedures: [informal]", "expected a procedure"),
            (
                "complaints.yaml",
                "counts_from: received",
                "counts_from: requested",
                "expected received or acknowledged for stage 1",
            ),
            ("reports.yaml", "measure: complaint_points,", "measure: points,", "expected a measure"),
            ("reports.yaml", "dimension: need", "dimension: grade", "expected a grade, found 'semh'"),
            ("reports.yaml", "- send-other", "- send-othr", "expected a category, found 'send-othr'"),
            ("reports.yaml", "show: count", "show: sum", "'sum'"),
            ("reports.yaml", "bands: stage-1", "bands: stage-9", "expected `bands`"),
            ("questionnaires/living-where-i-live.yaml", "          max: 5", "          max: 7", "five faces"),
            ("questionnaires/have-your-say.yaml", "positive_from: 4", "positive_from: 6", "expected a score of the scale"),
            ("audit.yaml", "tool: mid-way", "tool: midway", "expected a tool (social-care-case-file,"),
            ("audit.yaml", "service_areas: [send]", "service_areas: [sned]", "expected a service area (through-care,"),
            ("audit.yaml", "prefix: FO", "prefix: SC", "no other programme has, found 'SC' again"),
            ("audit.yaml", "{lead: 1, peer: 1,", "{lead: 1, peer: 0,", "a lead, a peer and a moderation"),
            (
                "reports.yaml",
                "total: false\n        chart: null\n        notes: []\n      - code: ombudsman",
                "total: true\n        chart: null\n        notes: []\n      - code: ombudsman",
                "a total needs rows by dimension",
            ),
            ("reports.yaml", "period: {from: -1, to: -1}", "period: {from: 0, to: -1}", "expected `from` before"),
            ("questionnaires/new-ehcp.yaml", "code: partly", "code: skipped", "expected another code"),
            ("questionnaires/new-ehcp.yaml", 'positive: ["yes"]', "positive: [yeah]", "expected an option of the question"),
            ("questionnaires/new-ehcp.yaml", "kind: one", "kind: text", "expected no options"),
            ("questionnaires/living-where-i-live.yaml", "question: feel-unsafe", "question: tell-us-more", "earlier question"),
            (
                "questionnaires/care-leavers.yaml",
                "        easy:\n          en: Do we listen to you?\n",
                "        easy_hint:\n          en: Do we listen to you?\n",
                "other questions of this version",
            ),
            ("questionnaires/care-leavers.yaml", "picture: listen", "picture: ear", "expected: input should be 'talk'"),
            ("questionnaires/care-leavers.yaml", "easy_intro:\n  en: ", "easy_intro:\n  # ", "expected a text in English"),
            ("questionnaires/living-where-i-live.yaml", "- {score: 2,", "- {score: 1,", "each once"),
        ],
    )
    def test_a_mistake_is_named_with_its_file(self, folder: Path, file: str, old: str, new: str, expected: str) -> None:
        spoil(folder / file, old, new)
        faults = check(read_profile(folder))
        assert expected in "\n".join(fault.detail for fault in faults)
        assert {fault.place.file for fault in faults} >= {folder / file}

    def test_the_line_is_that_of_the_mistake(self, folder: Path) -> None:
        line = spoil(folder / "reports.yaml", "- send-transition", "- transition")
        [*_, fault] = check(read_profile(folder))
        assert str(fault) == f"{folder}/reports.yaml:{line}: expected a category, found 'transition'"

    def test_a_field_that_is_missing_is_named(self, folder: Path) -> None:
        line = spoil(folder / "audit.yaml", "    kind: looped\n", "")
        (fault,) = check(read_profile(folder))
        assert fault.detail == "expected the field 'kind'"
        assert line - 3 <= fault.place.line <= line


class TestSend:
    @staticmethod
    def client(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
        return httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(answer))

    def test_all_services_are_asked_before_any_is_told(self) -> None:
        asked: list[tuple[str, str]] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append((request.url.path, request.url.query.decode()))
            return httpx.Response(200, json={"version": "x", "changed": True})

        applied = command.send(read_profile(PROFILES / "worcestershire"), self.client(answer), dry_run=False)
        assert [each.service for each in applied if each.changed] == list(PARTS)
        assert asked == [
            ("/gateway/v1/organisations/worcestershire", ""),
            *((f"/{service}/v1/profile", "dry_run=true") for service in PARTS),
            *((f"/{service}/v1/profile", "") for service in PARTS),
        ]

    def test_what_a_service_did_not_take_of_the_files_is_told(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            notes = ["'new-ehcp' stays"] if request.url.path.startswith("/feedback") else []
            return httpx.Response(200, json={"version": "x", "changed": True, "notes": notes})

        applied = command.send(read_profile(PROFILES / "worcestershire"), self.client(answer), dry_run=False)
        assert {each.service: each.notes for each in applied if each.notes} == {"feedback": ("'new-ehcp' stays",)}

    def test_a_service_gets_its_own_parts_for_its_organisation(self) -> None:
        seen: dict[str, set[str]] = {}

        def answer(request: httpx.Request) -> httpx.Response:
            assert request.headers["loop-org"] == "telford-wrekin"
            seen[request.url.path.split("/")[1]] = set(json.loads(request.content))
            return httpx.Response(200, json={"version": "x", "changed": False})

        command.send(read_profile(PROFILES / "telford-wrekin"), self.client(answer), dry_run=True)
        assert seen == {service: {*parts, "version"} for service, parts in PARTS.items()}

    def test_what_a_service_finds_wrong_is_placed_and_nobody_is_told(self) -> None:
        told: list[str] = []
        profile = read_profile(PROFILES / "worcestershire")
        files = profile.parts["questionnaires"]
        assert isinstance(files, tuple)
        [place] = [number for number, each in enumerate(files) if each.path.name == "have-your-say.yaml"]

        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.startswith("/gateway"):
                return httpx.Response(200, json={"changed": False})
            if not request.url.query:
                told.append(request.url.path)
            errors = [{"pointer": f"/questionnaires/{place}/versions/0/questions/2/kind", "detail": "no such kind"}]
            wrong = httpx.Response(422, json={"detail": "wrong", "errors": errors})
            return wrong if request.url.path.startswith("/feedback") else httpx.Response(200, json={"changed": False})

        with pytest.raises(ProfileFaults) as raised:
            command.send(profile, self.client(answer), dry_run=False)
        (fault,) = raised.value.faults
        assert fault.detail == "feedback: no such kind"
        line = fault.place.file.read_text().splitlines()[fault.place.line - 1]
        assert (fault.place.file.name, line.strip()) == ("have-your-say.yaml", "kind: text")
        assert told == []

    def test_what_is_refused_only_after_all_had_agreed_is_no_success(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            errors = [{"pointer": "/organisation/code", "detail": "another one"}]
            is_late = request.url.path.startswith("/reporting") and not request.url.query
            return httpx.Response(422, json={"errors": errors}) if is_late else httpx.Response(200, json={"changed": True})

        with pytest.raises(command.Refused, match=r"apply it again\.\n.*organisation.yaml:2: reporting: another one"):
            command.send(read_profile(PROFILES / "worcestershire"), self.client(answer), dry_run=False)

    def test_a_dry_run_of_an_organisation_that_is_not_known_yet_says_so(self) -> None:
        problem = {"type": "urn:learning-loop:problem:unknown-organisation", "detail": "unknown"}
        client = self.client(lambda _: httpx.Response(403, json=problem))
        with pytest.raises(command.NewOrganisation):
            command.send(read_profile(PROFILES / "worcestershire"), client, dry_run=True)

    def test_any_other_refusal_is_repeated_with_the_name_of_the_service(self) -> None:
        with pytest.raises(command.Refused, match="audit: 403 You may not"):
            command.send(
                read_profile(PROFILES / "worcestershire"),
                self.client(lambda _: httpx.Response(403, json={"detail": "You may not."})),
                dry_run=True,
            )


class TestCommands:
    def test_check_says_what_is_right_and_what_is_still_to_be_read(self) -> None:
        result = run(command.app, ["check", str(PROFILES / "worcestershire")])
        assert result.exit_code == 0
        assert "Worcestershire Children First (worcestershire)" in result.output
        assert "new-ehcp.yaml:9: still to be read by a fluent speaker: cy" in result.output

    def test_check_lists_every_place_and_fails(self, folder: Path) -> None:
        spoil(folder / "audit.yaml", "comparable: good", "comparable: fine")
        spoil(folder / "complaints.yaml", "formality: informal", "formality: casual")
        result = run(command.app, ["check", str(folder)])
        assert result.exit_code == 1
        assert "2 places are wrong; nothing was changed" in result.output

    def test_apply_without_an_installation_says_how_to_start_one(self, tmp_path: Path) -> None:
        result = run(command.app, ["apply", str(PROFILES / "telford-wrekin"), "--data", str(tmp_path / "none")])
        assert result.exit_code == 2
        assert "loop up" in result.output

    def test_apply_to_a_stack_that_died_says_how_to_start_it(self, tmp_path: Path) -> None:
        layout = Layout.at(tmp_path / "died")
        layout.state.parent.mkdir(parents=True)
        State(this_process(), "http://127.0.0.1:1", ()).write(layout)
        result = run(command.app, ["apply", str(PROFILES / "telford-wrekin"), "--data", str(layout.root)])
        assert result.exit_code == 2
        assert "loop up" in result.output

    def test_apply_to_a_gateway_that_is_away_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "operator.key").write_text("any")
        environment = {"LOOP_URL": "http://127.0.0.1:1", "LOOP_OPERATOR_KEY_FILE": str(tmp_path / "operator.key")}
        result = run(command.app, ["apply", str(PROFILES / "telford-wrekin")], env=environment)
        assert result.exit_code == 1
        assert "does not answer" in result.output
