"""What the stages import: a stage that does not compute with torch does not wait for it either."""

import subprocess
import sys

import pytest

from tests.repository import ROOT


@pytest.mark.parametrize(
    "stage", ["index", "eda", "balance", "split", "sonify", "augment", "featurize", "compare", "report"]
)
def test_data_stages_do_not_import_torch(stage):
    code = f"import sys, stages.{stage}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_importing_earshot_changes_nothing_in_its_host():
    code = (
        "import gc, os; before = gc.get_threshold(), dict(os.environ);"
        "import earshot, earshot.models, earshot.training.fit;"
        "assert (gc.get_threshold(), dict(os.environ)) == before"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
