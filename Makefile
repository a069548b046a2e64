# `make repro` runs the study, `make test` runs the tests; each sets up what it needs first, as `make setup` does alone.
PYTHON ?= python3.11
JOBS ?= $(shell getconf _NPROCESSORS_ONLN)
BIN := .venv/bin
READY := .venv/ready
TWO_WORKERS := -n 2 --dist loadfile --no-loadscope-reorder

export PATH := $(CURDIR)/$(BIN):$(PATH)
.PHONY: setup repro live test test-slow test-servers test-gpu coverage lint format deps lock benchmarks clean

setup: $(READY)
	@echo "ready: \`source .venv/bin/activate\` for \`python -m earshot\` and \`dvc\`; \`make repro\` needs none of it"

repro: $(READY)
	@scripts/repro $(JOBS)

# A page on this machine to draw and record on; it needs trained models, of `make repro` or `dvc pull`.
live: $(READY)
	@python -m earshot live

test: $(READY)
	@pytest $(TWO_WORKERS) -m "not slow and not servers and not gpu"

# What takes more than three seconds of a core a test: studies of most presets and layouts, DVC on them, Ctrl-C and kills,
# other processors.
test-slow: $(READY)
	@pytest $(TWO_WORKERS) -m "slow and not servers and not gpu"

# The tests that need a server of SSH, S3 or Dask on this machine, or two hosts; those that lack it say so.
test-servers: $(READY)
	@pytest $(TWO_WORKERS) -m servers

# The tests that need a GPU.
test-gpu: $(READY)
	@pytest -m gpu

# What tests run with `PYTEST_ADDOPTS=--cov` have covered.
coverage: $(READY)
	@coverage report

lint: $(READY)
	@ruff check .
	@ruff format --check .
	@lint-imports --no-logo
	@mypy

format: $(READY)
	@ruff check --fix .
	@ruff format .

# The code deps and the params of dvc.yaml, from what each stage imports and declares.
deps: $(READY)
	@python -m scripts.deps

benchmarks: $(READY)
	@for name in sonify log_mel train feed frozen; do python -m benchmarks.$$name || exit 1; done

# The lock for every platform and Python that is supported, one version of a package for all of them where there is
# one, without the address of any index.
lock: requirements.in requirements-cluster.in requirements-dev.in requirements-onnx.in requirements-tflite.in | .venv/bin/uv
	@uv pip compile --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links --quiet $^ -o requirements.txt

.venv/bin/uv:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed; Earshot needs Python 3.11 to 3.13," \
		"as in: make repro PYTHON=python3.12"; exit 1; }
	@echo "setting up .venv with what requirements.txt names: some minutes, once"
	@$(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.txt > .venv/uv.txt # its line, with its hashes
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt

# Byte code is compiled once here: without it each stage would start seconds later.
$(READY): requirements.txt | .venv/bin/uv
	@uv pip sync --quiet --require-hashes --compile-bytecode requirements.txt
	@touch $@

clean:
	@rm -rf .venv .checkpoints
