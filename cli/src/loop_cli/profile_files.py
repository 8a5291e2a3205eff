"""Which files a profile has, which service gets which of them, and where the checkout keeps those that ship."""

from pathlib import Path

from chassis.profiles import Profile, load_folder

LAYOUT = {
    "organisation": "organisation.yaml",
    "audit": "audit.yaml",
    "questionnaires": "questionnaires/*.yaml",
    "worries": "worries.yaml",
    "families": "families.yaml",
    "stars": "stars.yaml",
    "calls": "calls.yaml",
    "complaints": "complaints.yaml",
    "kpis": "kpis.yaml",
    "reports": "reports.yaml",
    "sign_in": "sign-in.yaml",
    "retention": "retention.yaml",
}
PARTS = {
    "audit": ("organisation", "audit", "retention"),
    "feedback": ("organisation", "questionnaires", "worries", "families", "stars", "calls", "retention"),
    "complaints": ("organisation", "complaints", "worries", "retention"),
    "reporting": ("organisation", "audit", "questionnaires", "stars", "calls", "complaints", "kpis", "reports", "retention"),
    "gateway": ("organisation", "sign_in"),
}
"""The parts of a profile that each service is sent."""

SHIPPED = ("worcestershire", "telford-wrekin")


def checkout() -> Path:
    """The root of the checkout that this command was installed from: it holds profiles/ and demo/."""
    return Path(__file__).resolve().parents[3]


def read_profile(folder: Path) -> Profile:
    """Reads the files of a profile; ProfileFaults lists whatever is not plain data, missing, or read by nothing."""
    return load_folder(folder, LAYOUT)
