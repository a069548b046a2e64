"""Two processes train as one does at the same global batch.

They talk over the loopback interface: without one, `pytest -k "not two_processes"`.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from earshot.training import distributed, fit
from tests.training.arrays import a_model, a_trainer, some_clips
from tests.training.test_runs import made_up_data, train_in

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys
from earshot.training import distributed
from tests.training.test_distributed import {train} as train

history = train()
if distributed.rank() == 0:
    json.dump(history, open(sys.argv[1], "w"))
"""


def train():
    """The history of a short run, by all the processes that share it."""
    clips = some_clips(n=43)
    result = fit.fit(
        a_model("cnn", clips, dense=8, dropout=0.0),
        train=clips.part(np.arange(26)),
        val=clips.part(np.arange(26, 43)),
        classes=["a", "b", "c"],
        trainer=a_trainer(epochs=3, lr=0.01, imbalance="class_weights"),
        seed=3,
    )
    return result.history


def train_runs():
    """The history of each of two runs, by all the processes that share them, in the folder FOLDER."""
    folder = Path(os.environ["FOLDER"])
    data = made_up_data(folder / f"features-{distributed.rank()}")
    return [outcome.history for outcome in train_in(folder, 2, data=data, mixup=0.0)]


def history(folder, *launchers, train="train"):
    """What the script tells when it is run by several commands side by side."""
    script, told = folder / "script.py", folder / "told.json"
    script.write_text(SCRIPT.format(train=train))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    started = [
        subprocess.Popen([*launcher, str(script), str(told)], cwd=ROOT, env=environment)
        for launcher in launchers
    ]
    try:
        assert [process.wait(timeout=200) for process in started] == [0] * len(started)
    finally:
        for process in started:  # one may wait for another that has failed; torchrun passes SIGTERM on
            process.terminate()
            process.wait(timeout=60)
    return json.loads(told.read_text())


TORCHRUN = [sys.executable, "-m", "torch.distributed.run"]


def meeting(address, *, port, machine):
    """The command on one of two machines that meet at an address."""
    where = [f"--master-addr={address}", f"--master-port={port}", f"--node-rank={machine}"]
    return [*TORCHRUN, "--nnodes=2", "--nproc-per-node=1", *where]


def one_machine():
    return [[*TORCHRUN, "--standalone", "--nproc-per-node=2"]]


def two_on_loopback():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return [meeting("127.0.0.1", port=port, machine=machine) for machine in range(2)]


@pytest.mark.slow
@pytest.mark.parametrize("commands", [one_machine, two_on_loopback])
def test_two_processes_have_the_loss_curve_of_one(tmp_path, commands):
    check_against_one_process(tmp_path, commands())


@pytest.mark.slow
def test_two_processes_train_all_runs_and_take_them_over(tmp_path, monkeypatch):
    monkeypatch.setenv("FOLDER", str(tmp_path / "together"))
    together = history(tmp_path, *one_machine(), train="train_runs")
    assert [len(rows) for rows in together] == [2, 2]
    assert together[0] != together[1]
    (tmp_path / "together/model/run_2.safetensors").unlink()
    assert history(tmp_path, *one_machine(), train="train_runs") == together
    assert (tmp_path / "together/model/run_2.safetensors").is_file()


@pytest.fixture
def hosts():
    """Two machines as far as the network goes: how a command starts on each, and the first one's address."""
    if not shutil.which("ip"):
        pytest.skip("iproute2 is not installed")
    names = [f"earshot-{os.getpid()}-{machine}" for machine in range(2)]
    ends = [f"e{os.getpid()}{machine}" for machine in range(2)]

    def ip(*arguments):
        subprocess.run(["ip", *arguments], check=True, capture_output=True)

    try:
        for name in names:
            ip("netns", "add", name)
        ip("link", "add", ends[0], "netns", names[0], "type", "veth", "peer", ends[1], "netns", names[1])
        for machine, (name, end) in enumerate(zip(names, ends, strict=True), start=1):
            ip("-n", name, "addr", "add", f"10.83.0.{machine}/24", "dev", end)
            ip("-n", name, "link", "set", end, "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield [["ip", "netns", "exec", name] for name in names], "10.83.0.1"
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespaces can be made here: {error}")
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.mark.servers
def test_two_machines_have_the_loss_curve_of_one_process(tmp_path, hosts):
    inside, address = hosts
    commands = [
        [*start, *meeting(address, port=29500, machine=machine)] for machine, start in enumerate(inside)
    ]
    check_against_one_process(tmp_path, commands)


def check_against_one_process(folder, commands):
    one, two = train(), history(folder, *commands)
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


def test_the_interface_is_the_one_that_leads_to_the_other_machines():
    loopback = distributed.interface_to("127.0.0.1")
    assert any(way.address == "127.0.0.1" for way in psutil.net_if_addrs()[loopback])
    assert distributed.interface_to("255.255.255.255") is None  # refused at once, and no name to look up
