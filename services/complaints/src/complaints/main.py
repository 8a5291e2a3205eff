"""The web process: `python -m complaints.main`."""

from chassis.web import serve
from complaints.bootstrap import SERVICE, build_app
from complaints.settings import ComplaintsSettings


def main() -> None:
    """Run until SIGTERM."""
    settings = ComplaintsSettings.load()
    serve(build_app(settings), settings, SERVICE)


if __name__ == "__main__":
    main()
