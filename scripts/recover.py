"""Put right what a kill or another study has left: `scripts/repro` runs this first.

That is params.yaml as a sweep has left it, a dvc.lock or DVC's list of who is at work that is cut off, and the results
of models that the study does not have.
"""

import contextlib
import json
import logging
from pathlib import Path

from earshot.config.load import load
from earshot.config.other_results import Cells, remove_other_results
from earshot.config.study import parse_study
from earshot.core import kept_lock, paths, swept
from earshot.core.errors import EarshotError
from earshot.core.process import run

AT_WORK = Path(".dvc/tmp/rwlock")

log = logging.getLogger("earshot")


def main() -> None:
    if swept.is_abandoned():
        with swept.exclusively():
            if swept.restore_params():
                log.info("%s: put back as it was before a sweep that was killed", paths.PARAMS)
    if kept_lock.restore_lock():
        log.info("%s: put back as it was before DVC was killed while it wrote", kept_lock.LOCK)
    if AT_WORK.is_file() and not _is_json(AT_WORK.read_bytes()):
        AT_WORK.unlink()
    with contextlib.suppress(EarshotError):  # which `check` names with all others in params.yaml
        study, _ = parse_study(load())
        if study:  # where a name is misspelt, the results of the model that is meant stay
            remove_other_results(Cells(subsets=study.subsets, views=study.views, models=study.models))


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    run(main)
