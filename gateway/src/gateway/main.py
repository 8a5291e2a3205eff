"""`python -m gateway.main`: the gateway's process."""

import gc

import uvicorn

from chassis import logs
from chassis.inside import listening
from chassis.log_shipping import ship
from chassis.serving import DrainingServer
from gateway.bootstrap import build
from gateway.server import guarded
from gateway.settings import GatewaySettings


def config(settings: GatewaySettings) -> uvicorn.Config:
    """How uvicorn serves the gateway."""
    return uvicorn.Config(
        build(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=guarded(settings),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        timeout_keep_alive=int(settings.keep_alive),
        timeout_graceful_shutdown=int(settings.grace_seconds),
        **listening(settings.inside_certificate, settings.inside_key),
    )


def main() -> None:
    """Serve until SIGTERM, then finish what was begun; or until it is drained (`chassis.serving`)."""
    settings = GatewaySettings.load()
    ship(settings, "gateway")
    logs.configure("gateway", settings.log_level, settings.log_format)
    server = DrainingServer(config(settings), settings)
    # What is loaded by now stays for good; walking over it in every full collection would stop all requests meanwhile.
    gc.collect()
    gc.freeze()
    server.run()


if __name__ == "__main__":
    main()
