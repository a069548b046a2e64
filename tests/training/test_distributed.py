"""Two processes train as one does at the same global batch.

They talk over the loopback interface: without one, `pytest -k "not two_processes"`.
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from earshot.training import distributed

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys
import numpy as np
from earshot.training import distributed, train
from tests.training.arrays import a_model, a_trainer, silent, some_clips

clips = some_clips(n=43)
model = a_model("cnn", clips, dense=8, dropout=0.0)
fitted = train.fit(
    model,
    train=clips.part(np.arange(26)), val=clips.part(np.arange(26, 43)), classes=["a", "b", "c"],
    trainer=a_trainer(epochs=3, lr=0.01, imbalance="class_weights"), seed=3, say=silent,
)
if distributed.rank() == 0:
    json.dump(fitted.history, open(sys.argv[1], "w"))
"""


def history(path, *launchers):
    """What comes of commands that run side by side and that the path ends."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    started = [
        subprocess.Popen([sys.executable, *launcher, str(path)], cwd=ROOT, env=environment)
        for launcher in launchers
    ]
    assert [process.wait() for process in started] == [0] * len(started)
    return json.loads(path.read_text())


def torchrun(machines):
    """The options of torchrun on one machine, or on each of several that meet at an address."""
    if machines == 1:
        return [["--standalone", "--nproc-per-node=2"]]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    meeting = ["--nnodes=2", "--nproc-per-node=1", "--master-addr=127.0.0.1", f"--master-port={port}"]
    return [[*meeting, f"--node-rank={rank}"] for rank in range(machines)]


@pytest.mark.parametrize("machines", [1, 2])
def test_two_processes_have_the_loss_curve_of_one(tmp_path, machines):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    one = history(tmp_path / "one.json", [str(script)])
    run = ["-m", "torch.distributed.run"]
    two = history(tmp_path / "two.json", *([*run, *options, str(script)] for options in torchrun(machines)))
    assert len(one) == 3
    for alone, together in zip(one, two, strict=True):
        assert together == pytest.approx(alone, abs=1e-4)
        # shares of 17 clips: equal only where each is counted once
        assert together["val/accuracy"] == alone["val/accuracy"]


@pytest.mark.parametrize("size", [1, 2, 3, 8])
@pytest.mark.parametrize("world", [2, 3])
def test_shares_average_to_the_mean_of_the_batch(size, world, monkeypatch):
    values = [float(number**2) for number in range(size)]
    monkeypatch.setattr(distributed, "world", lambda: world)
    total = 0.0
    for rank in range(world):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        mine, weight = distributed.share(values)
        total += weight * sum(mine) / len(mine)
    assert total / world == pytest.approx(sum(values) / size)
