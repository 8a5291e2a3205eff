"""What tests of docker-compose.yml and deploy/kubernetes share: settings of each process, and starting with an environment."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from audit.settings import AuditSettings, AuditWorkerSettings
from chassis.settings import Settings
from complaints.settings import ComplaintsSettings, ComplaintsWorkerSettings
from feedback.settings import FeedbackSettings, FeedbackWorkerSettings
from gateway.settings import GatewaySettings
from gateway.worker_settings import GatewayWorkerSettings
from loop_cli.deploy import app
from loop_cli.stack.services import PROGRAMS, Program
from reporting.settings import ReportingSettings, ReportingWorkerSettings

ROOT = Path(__file__).parents[2]
BY_NAME = {program.name: program for program in PROGRAMS}
SETTINGS: dict[str, type[Settings]] = {
    "audit": AuditSettings,
    "audit-worker": AuditWorkerSettings,
    "feedback": FeedbackSettings,
    "feedback-worker": FeedbackWorkerSettings,
    "complaints": ComplaintsSettings,
    "complaints-worker": ComplaintsWorkerSettings,
    "reporting": ReportingSettings,
    "reporting-worker": ReportingWorkerSettings,
    "gateway": GatewaySettings,
    "gateway-worker": GatewayWorkerSettings,
}
PUBLIC_URL = "https://loop.council.example"


def dockerfile(service: str) -> Path:
    """The Dockerfile of a deployable."""
    return ROOT / {"gateway": "gateway", "loop": "cli"}.get(service, f"services/{service}") / "Dockerfile"


def image_environment(service: str) -> dict[str, str]:
    """Variables that the image of a service sets."""
    lines = re.findall(r"^ENV (.+)$", dockerfile(service).read_text().rpartition("\nFROM ")[2], re.MULTILINE)
    return dict(part.split("=", 1) for line in lines for part in line.split())


def known(program: str) -> set[str]:
    """Every variable that is a setting of a process."""
    fields = SETTINGS[program].model_fields
    names = {f"LOOP_{name.upper()}" for name in fields}
    secret = {name for name, field in fields.items() if field.annotation in (SecretStr, SecretStr | None)}
    return names | {f"LOOP_{name.upper()}_FILE" for name in secret}


def starts(program: Program, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Read the settings of a process with this environment and no other; fails where it would refuse to start."""
    for name in [name for name in os.environ if name.startswith("LOOP_")]:
        monkeypatch.delenv(name)
    for name, value in {**image_environment(program.service), **environment}.items():
        if name.startswith("LOOP_"):
            monkeypatch.setenv(name, value)
    return SETTINGS[program.name].load()


def deploy(folder: Path, target: str) -> Path:
    """`loop deploy secrets`, as an operator says it."""
    words = ["secrets", str(folder), "--for", target, "--public-url", PUBLIC_URL, "--scan", "none"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return folder
