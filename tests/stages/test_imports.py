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


@pytest.fixture(scope="module")
def process():
    """What a process of its own says step by step: torch is imported once for all that is asked."""
    code = """
import gc, json, os, sys
host = gc.get_threshold(), dict(os.environ)
import scripts.recover, earshot.core.kept_lock
said = {"pandas for the lock": "pandas" in sys.modules}
import earshot.__main__
from earshot.cli import predict
said["torch for the command line"] = "torch" in sys.modules
import earshot, earshot.models, earshot.training.fit
said["host as it was"] = (gc.get_threshold(), dict(os.environ)) == host
from tests.training import test_resume
test_resume.run()
said["compiler in training"] = "torch._dynamo" in sys.modules
print(json.dumps(said))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


def test_the_command_line_does_not_import_torch_before_it_is_used(process):
    assert not process["torch for the command line"]


def test_importing_earshot_changes_nothing_in_its_host(process):
    assert process["host as it was"]


def test_the_trainer_starts_without_torchs_compiler(process):
    """It would take a second."""
    assert not process["compiler in training"]


def test_what_writes_no_table_waits_for_no_pandas(process):
    assert not process["pandas for the lock"]
