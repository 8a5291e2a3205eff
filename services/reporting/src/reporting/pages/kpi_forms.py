"""What the forms of KPIs have in common: who may send them, their token, and where a refusal is shown."""

from chassis.access import org_of
from chassis.identity import Identity
from chassis.pages import csrf_token
from chassis.secrets import Secrets

FORMS = "reporting/kpi-forms"


class FormKeys:
    """The keys by which forms of these pages are known to be ours."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def session(self, identity: Identity) -> tuple[bytes, str]:
        """The key of somebody's forms, and whose they are."""
        return self._secrets.key(org_of(identity), FORMS), identity.subject

    def token(self, identity: Identity) -> str:
        """The token of somebody's forms."""
        return csrf_token(*self.session(identity))
