"""Check all of params.yaml before any other stage runs."""

from earshot.config.load import load
from earshot.core import paths
from earshot.core.io import write_bytes
from earshot.core.process import run_stage
from earshot.models.validate import validate


def main() -> None:
    validate(load())
    write_bytes(paths.CHECKED, f"{paths.PARAMS} can be used\n".encode())


if __name__ == "__main__":
    run_stage(main)
