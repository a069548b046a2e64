"""Whether dvc.lock is what the code and the settings give."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping

from earshot.core.errors import EarshotError, list_problems


def dvc(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run DVC without a shell; both streams as text, and the return code.

    environment : variables to set beside those of this process
    """
    return subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )


def stages_to_run() -> list[str]:
    """The names of the stages that have something to do; those that wait for them are not all among them.

    Data that is not here counts as what dvc.lock says it is, so that a fresh clone can be asked.
    """
    done = dvc("repro", "--dry", "--allow-missing", "--keep-going")
    # A stage that would run and lacks its data here is one that DVC says it failed to reproduce.
    lines = re.findall(r"^(?:Running stage|ERROR: failed to reproduce)(.*)$", done.stdout + done.stderr, re.M)
    names = [name for line in lines for name in re.findall(r"'([^']+)'", line)]
    if done.returncode and not names:
        raise EarshotError(f"DVC cannot tell what would run: {done.stderr.strip()}")
    return list(dict.fromkeys(names))


def check_lock() -> None:
    """EarshotError that names the stages whose results are older than what makes them."""
    if names := stages_to_run():
        raise list_problems(
            "dvc.lock is older than the code, the settings or the data. These stages would run, and those that "
            "wait for them: run `make repro`, then commit dvc.lock and metrics/",
            names,
        )
