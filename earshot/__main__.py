"""`earshot COMMAND`, or `python -m earshot COMMAND`: what people run beside the pipeline."""

import argparse

from earshot.core.process import prepare, run


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
