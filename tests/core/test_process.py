"""How a stage or a command ends."""

import subprocess
import sys

from tests.repository import ROOT

ENDLESS = "from earshot.core.process import run; run(lambda: [print(row) for row in range(10**6)])"


def test_a_reader_that_has_enough_ends_a_command_without_a_traceback():
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"0\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1
