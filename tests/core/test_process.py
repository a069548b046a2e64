"""How a process of a stage or a command is set up, and how it ends."""

import errno
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from earshot.core import process
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


def test_output_that_the_disk_has_no_room_for_is_one_message():
    command = "from earshot.core.process import run; run(lambda: print('x' * 100_000))"
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-c", command], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr.decode() == (
        "The output of this command could not be written: the disk is full. Make room and repeat the command\n"
    )


def test_a_folder_that_nobody_may_write_into_is_one_message(monkeypatch, tmp_path):
    def main():
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "data"))

    monkeypatch.setattr(process, "log_to_stderr", lambda cell: None)
    with pytest.raises(SystemExit) as ended:
        process.run(main)
    assert ended.value.code == (
        f"{tmp_path}/data: permission denied. Let this user read it, or write into its folder, and repeat the command"
    )


def test_too_few_addresses_for_the_libraries_are_refused_at_once():
    """With 300 MB, OpenBLAS waits for ever as SciPy is imported."""
    stage = f"ulimit -v 300000; exec {sys.executable} -m stages.sonify"
    ended = subprocess.run(["bash", "-c", stage], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(
        "`ulimit -v` leaves a process 0.3 GB of addresses, and the libraries want 4 GB"
    )


AGAIN = """
import resource
from earshot.core.process import prepare
prepare()
import numpy as np
for _ in range(2):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for megabytes in (40, 3, 25):
        np.ones(megabytes * 1_000_000, np.uint8)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no mallopt")
def test_the_memory_of_an_array_is_used_again_without_being_cleared():
    ended = subprocess.run([sys.executable, "-c", AGAIN], cwd=ROOT, capture_output=True, check=True)
    first, second = map(int, ended.stdout.split())
    assert first > second
    assert second < 10
