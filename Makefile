# Two commands matter: `make repro` runs the study, `make test` runs the tests. Both set up what they need.
PYTHON ?= python3.11
JOBS ?= 1
BIN := .venv/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.8
