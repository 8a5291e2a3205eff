"""The web process: `python -m audit.main`."""

from audit.bootstrap import SERVICE, build_app
from audit.settings import AuditSettings
from chassis.web import serve


def main() -> None:
    """Run until SIGTERM."""
    settings = AuditSettings.load()
    serve(build_app(settings), settings, SERVICE)


if __name__ == "__main__":
    main()
