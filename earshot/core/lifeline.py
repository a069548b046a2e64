"""Run a command that ends with whoever holds the other end of standard input: python -P lifeline.py COMMAND

It is started in a session of its own, out of reach of the terminal's Ctrl-C, and of a kill of its starter's group.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> None:
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_input, daemon=True).start()
    sys.exit(process.wait())


def _end_with_input() -> None:
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)  # this session: the command and all that it started


if __name__ == "__main__":
    main()
