"""`python -m earshot COMMAND`: what people run beside the pipeline."""

import argparse

from earshot.cli import check, diff, predict, sweep
from earshot.core.errors import run

COMMANDS = {"check": check, "diff": diff, "predict": predict, "sweep": sweep}


def main():
    parser = argparse.ArgumentParser(prog="python -m earshot")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        summary = command.__doc__.splitlines()[0]
        command.add_arguments(commands.add_parser(name, help=summary, description=summary))
    arguments = parser.parse_args()
    COMMANDS[arguments.command].main(arguments)


if __name__ == "__main__":
    run(main)
