"""The worker process: `python -m complaints.worker`. Publishes the service's events and serves its event log."""

from chassis.worker import Worker, run_worker
from complaints.settings import ComplaintsSettings


async def build(worker: Worker) -> None:
    """What this worker does."""
    worker.with_relay()


def main() -> None:
    """Run until SIGTERM."""
    run_worker("complaints", ComplaintsSettings.load(), build)


if __name__ == "__main__":
    main()
