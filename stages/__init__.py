"""The stages of dvc.yaml, one module each: declare the params, read, call earshot, write."""

from earshot.core.process import prepare

prepare()

from earshot.config.stage import begin  # noqa: E402 (imports libraries, which `prepare` comes before)

begin()
