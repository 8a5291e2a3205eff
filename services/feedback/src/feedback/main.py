"""The web process: `python -m feedback.main`."""

from chassis.web import serve
from feedback.bootstrap import SERVICE, build_app
from feedback.settings import FeedbackSettings


def main() -> None:
    """Run until SIGTERM."""
    settings = FeedbackSettings.load()
    serve(build_app(settings), settings, SERVICE)


if __name__ == "__main__":
    main()
