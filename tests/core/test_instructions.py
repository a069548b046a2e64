"""What torch may use of a processor, in processes of their own: torch reads it once."""

import json
import os
import subprocess
import sys

import pytest

from earshot.core import instructions

SCRIPT = """
import json, os, sys
from earshot.core import instructions
from earshot.core.process import prepare
prepare()
import torch
instructions.choose(sys.argv[1])
from earshot.core import devices
environment = {name: os.environ.get(name) for name in instructions.LIMITS}
print(json.dumps([torch.backends.cpu.get_cpu_capability(), environment, devices.hardware(torch.device("cpu"))]))
"""
OF_USER = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}

needs_avx2 = pytest.mark.skipif(not instructions._has_avx2(), reason="the processor has no AVX2")


def chosen(repeatable):
    """What a stage with this setting uses, and the environment of its libraries, where the user has set two limits."""
    environment = {name: value for name, value in os.environ.items() if name not in instructions.LIMITS}
    output = subprocess.run(
        [sys.executable, "-c", SCRIPT, repeatable],
        env=environment | OF_USER,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(output.stdout)


@needs_avx2
def test_every_machine_uses_what_all_have():
    capability, environment, hardware = chosen("any_machine")
    assert capability == "AVX2"
    assert environment == instructions.LIMITS
    assert hardware == "cpu x86-64 with AVX2 AVX2"


@needs_avx2
def test_this_machine_uses_what_the_user_allows():
    capability, environment, hardware = chosen("this_machine")
    assert capability == "DEFAULT"
    assert environment == OF_USER | {"MKL_CBWR": None}
    assert instructions.processor() in hardware


def test_a_processor_without_avx2_has_no_limits(monkeypatch):
    monkeypatch.setattr(instructions, "_before", {})
    monkeypatch.setattr(instructions, "_has_avx2", lambda: False)
    for name in instructions.LIMITS:
        monkeypatch.delenv(name, raising=False)
    environment = dict(os.environ)
    instructions.choose("any_machine")
    assert dict(os.environ) == environment
    assert instructions.in_use() == instructions.processor()


def test_data_hang_on_the_processor_where_it_is_another_architecture(monkeypatch):
    monkeypatch.setattr(instructions.platform, "machine", lambda: "x86_64")
    assert instructions.of_arrays() == "x86-64"
    monkeypatch.setattr(instructions.platform, "machine", lambda: "aarch64")
    instructions.processor.cache_clear()
    assert instructions.of_arrays().startswith("aarch64 ")
    instructions.processor.cache_clear()
