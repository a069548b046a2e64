"""Put right what a kill has left: `scripts/repro` runs this first, and nothing of it waits for a decision.

params.yaml as a sweep has left it, a dvc.lock that is cut off, and DVC's list of who is at work where it is cut off.
"""

import json
import sys
from pathlib import Path

from earshot.core import kept_lock, paths, swept
from earshot.core.errors import EarshotError

AT_WORK = Path(".dvc/tmp/rwlock")


def main() -> None:
    if swept.is_abandoned():
        with swept.exclusively():
            if swept.restore_params():
                print(f"{paths.PARAMS}: put back as it was before a sweep that was killed", file=sys.stderr)
    if kept_lock.restore_lock():
        print(f"{kept_lock.LOCK}: put back as it was before DVC was killed while it wrote", file=sys.stderr)
    if AT_WORK.is_file():
        try:
            json.loads(AT_WORK.read_bytes())
        except ValueError:
            AT_WORK.unlink()


if __name__ == "__main__":
    try:
        main()
    except EarshotError as error:
        sys.exit(str(error))
