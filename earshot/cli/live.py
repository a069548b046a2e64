"""Open a page on this machine to draw, record and try things on: hear them, and see what each model says and why."""

import logging
from argparse import ArgumentParser, Namespace

from earshot.core.errors import EarshotError, first_line

log = logging.getLogger(__name__)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "models", metavar="MODELS", nargs="?", default="models", help="the folder of trained models"
    )
    parser.add_argument("--port", type=int, default=0, help="of this machine; one that is free unless named")


def main(arguments: Namespace) -> None:
    """Print the page's address and answer until Ctrl-C."""
    from earshot.live.server import Server  # imports torch
    from earshot.live.study import open_study

    study = open_study(arguments.models)
    try:
        server = Server(study, port=arguments.port)
    except (OSError, OverflowError) as error:
        raise EarshotError(
            f"--port {arguments.port}: {first_line(error)}. Leave it out for one that is free"
        ) from None
    log.info("%s", study.listed())
    print(server.address, flush=True)
    log.info("Open it in a browser on this machine. Ctrl-C ends it.")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
