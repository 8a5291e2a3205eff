"""The web process: `python -m reporting.main`."""

from chassis.web import serve
from reporting.bootstrap import SERVICE, build_app
from reporting.settings import ReportingSettings


def main() -> None:
    """Run until SIGTERM."""
    settings = ReportingSettings.load()
    serve(build_app(settings), settings, SERVICE)


if __name__ == "__main__":
    main()
