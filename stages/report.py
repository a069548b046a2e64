"""Write all that the study found as one page that opens from disk."""

import logging

from earshot.config.load import StageParams
from earshot.config.stage import run_stage
from earshot.config.study import StudySettings
from earshot.core import paths
from earshot.core.io import write_bytes
from earshot.report.gather import gather
from earshot.report.render import render


class Params(StudySettings, StageParams):
    """All settings: the page shows them."""


def main() -> None:
    page = render(gather(Params.read())).encode()
    write_bytes(paths.REPORT, page)
    logging.getLogger("earshot.report").info("%s: %.1f MB", paths.REPORT, len(page) / 1e6)


if __name__ == "__main__":
    run_stage(main)
