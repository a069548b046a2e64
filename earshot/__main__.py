"""`earshot COMMAND`, or `python -m earshot COMMAND`: what people run beside the pipeline."""

import argparse
import re
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"


def refuse_other_python(error: ModuleNotFoundError) -> None:
    """End this process where the environment is not active that has what requirements.txt names."""
    named = REQUIREMENTS.read_text(encoding="utf-8") if REQUIREMENTS.is_file() else ""
    name = (error.name or "").partition(".")[0]
    if sys.prefix == sys.base_prefix and name and re.search(rf"^{re.escape(name)}\b", named, re.M | re.I):
        sys.exit(
            f"{name} is not installed for {sys.executable}: the environment is not active. `make setup` makes it, "
            "`source .venv/bin/activate` activates it"
        )


try:
    from earshot.core.process import prepare, run
except ModuleNotFoundError as error:
    refuse_other_python(error)
    raise


def main() -> None:
    # whose libraries are imported after `prepare`
    from earshot.cli import check, diff, embed, export, init, listen, live, predict, preset, sweep

    commands = {
        "check": check,
        "diff": diff,
        "embed": embed,
        "export": export,
        "init": init,
        "listen": listen,
        "live": live,
        "predict": predict,
        "preset": preset,
        "sweep": sweep,
    }
    parser = argparse.ArgumentParser(prog="earshot")
    chosen = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in commands.items():
        summary = (command.__doc__ or "").splitlines()[0]
        command.add_arguments(chosen.add_parser(name, help=summary, description=summary))
    arguments = parser.parse_args()
    commands[arguments.command].main(arguments)


def start() -> None:
    """Run the command that the command line names."""
    prepare()
    run(main)


if __name__ == "__main__":
    start()
