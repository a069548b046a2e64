"""What the stages import: a stage that does not compute with torch does not wait for it either."""

import subprocess
import sys

from tests.repository import ROOT

DATA_STAGES = (
    *("index", "eda", "describe", "balance", "split", "examine", "sonify", "augment", "featurize", "compare"),
    "report",
)


def test_data_stages_do_not_import_torch():
    code = (
        "import sys, importlib\n"
        f"for stage in {DATA_STAGES}:\n"
        "    importlib.import_module(f'stages.{stage}')\n"
        "    assert 'torch' not in sys.modules, stage\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_command_line_does_not_import_torch_before_it_is_used():
    code = "import sys, earshot.__main__; from earshot.cli import predict; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_importing_earshot_changes_nothing_in_its_host():
    code = (
        "import gc, os; before = gc.get_threshold(), dict(os.environ);"
        "import earshot, earshot.models, earshot.training.fit;"
        "assert (gc.get_threshold(), dict(os.environ)) == before"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_what_writes_no_table_waits_for_no_pandas():
    code = "import sys, scripts.recover, earshot.core.kept_lock; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
