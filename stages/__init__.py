"""The stages of dvc.yaml, one module each: declare the params, read, call earshot, write."""

from earshot.core.process import prepare

prepare()
