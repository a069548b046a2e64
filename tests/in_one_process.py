"""Run every stage of the study in the working directory, in one process: most of a small study's time goes to starting.

As `python -m tests.in_one_process`, from the root of a clone.
"""

import runpy
import sys
from itertools import product
from pathlib import Path

import stages  # what a stage's process sets up, before any library is imported


def commands():
    """The module and the cell of each stage, in the order of dvc.yaml."""
    from ruamel.yaml import YAML

    from earshot.config.load import setting

    yaml = YAML(typ="safe")
    params = yaml.load(Path("params.yaml"))
    for stage in yaml.load(Path("dvc.yaml"))["stages"].values():
        module = stage["cmd"].removeprefix("python -m ")
        axes = [setting(params, values[2:-1]) for values in stage.get("matrix", {}).values()]  # ${views}
        for cell in product(*axes):
            yield module, *map(str, cell)


def main():
    import joblib

    assert stages
    with joblib.parallel_config("sequential"):
        for module, *cell in commands():
            sys.argv = [module, *cell]
            runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
