"""What the stages import: a stage that does not compute with torch does not wait for it either."""

import json
import subprocess
import sys

import pytest

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


def told(code):
    """What a process of its own prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def command_line():
    """Which libraries are there for commands that have not begun."""
    return told("""
import json, sys
import scripts.recover, earshot.core.kept_lock
pandas = "pandas" in sys.modules
import earshot.__main__
from earshot.cli import predict
print(json.dumps({"pandas": pandas, "torch": "torch" in sys.modules}))
""")


@pytest.fixture(scope="module")
def trainer():
    """What importing what trains changes, and what training imports; this way torch is imported once for both."""
    return told("""
import gc, json, os, sys
before = gc.get_threshold(), dict(os.environ)
import earshot, earshot.models, earshot.training.fit
host_is_as_it_was = (gc.get_threshold(), dict(os.environ)) == before
from tests.training import test_resume
test_resume.run()
print(json.dumps({"host is as it was": host_is_as_it_was, "compiler": "torch._dynamo" in sys.modules}))
""")


def test_the_command_line_does_not_import_torch_before_it_is_used(command_line):
    assert not command_line["torch"]


def test_what_writes_no_table_waits_for_no_pandas(command_line):
    assert not command_line["pandas"]


def test_importing_earshot_changes_nothing_in_its_host(trainer):
    assert trainer["host is as it was"]


def test_the_trainer_starts_without_torchs_compiler(trainer):
    """It would take a second."""
    assert not trainer["compiler"]
