# make benchmark: the default benchmark from nothing.  make test: the tests from nothing.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
AUDIT := .venv-audit
PINS := envs/requirements.txt envs/requirements-no-deps.txt envs/requirements-dev.txt
CONFIG ?= config/config.yaml

.PHONY: setup benchmark speed score plan test test-fast test-system wheel faults reproduce audit check house docs clean

setup: $(VENV)/.complete

# The stamp is written last: an installation that broke off is taken up again.
$(VENV)/.complete: $(PINS)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r envs/requirements.txt -r envs/requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r envs/requirements-no-deps.txt
	touch $@

# A configuration that is not there is one line of make; Snakemake shows a traceback.
benchmark: setup $(CONFIG)
	$(BIN)/snakemake --cores all --configfile $(CONFIG) -- all

# Coherence and diversity of topic words from anywhere: make score TOPICS=file.json
score: setup
	@PYTHONPATH=workflow $(BIN)/python -m topicbench score $(TOPICS) $(if $(REFERENCE),--reference $(REFERENCE))

# What CONFIG will run and cost, before anything runs.
plan: setup $(CONFIG)
	@PYTHONPATH=workflow $(BIN)/python tools/plan.py $(CONFIG)

# A test that leaves a machine as it was: nothing is installed, mounted or linked outside of temporary folders.
test: setup
	$(BIN)/python -m pytest

# Two minutes: what needs no language model, no fit of somebody else's library and no workflow.
test-fast: setup
	$(BIN)/python -m pytest tests/unit -n 2 -m "not language_model and not library and not workflow"

# A real Slurm of one node, from Debian's packages, and disks of their own: installs, mounts, and needs root.
test-system: setup
	$(BIN)/python -m pytest tests/system

# The wheel in clean environments of PYTHONS, used without a checkout.
wheel: setup
	$(BIN)/python tools/try_wheel.py $(PYTHONS)

# This project beside what is used today; SPEED takes parts and options, see benchmarks/README.md.
speed: setup
	$(BIN)/python benchmarks/speed.py $(SPEED)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/Snakefile workflow/rules
	$(BIN)/snakemake --lint
	PYTHONPATH=workflow $(BIN)/lint-imports --no-cache
	$(BIN)/mypy

# Lines, imports and what an extension takes, beside what they are to stay under.
house: setup
	@PYTHONPATH=workflow $(BIN)/python tools/house.py

# Everything that is generated and kept in the repository.
docs: setup
	PYTHONPATH=workflow $(BIN)/python tools/environments.py
	PYTHONPATH=workflow $(BIN)/python -m topicbench.config.documentation
	PYTHONPATH=workflow $(BIN)/python tools/list_metrics.py

# Twenty kills and all malformed inputs; ends with a summary.
faults: setup
	TOPICBENCH_KILLS=20 $(BIN)/python -m pytest tests/faults

# A small configuration with every kind of result, twice in fresh folders with one core and with two: all bytes compared.
reproduce: setup
	PYTHONPATH=workflow $(BIN)/python tools/reproduce.py tests/workflow/tiny.yaml

# Known vulnerabilities of the pinned packages, from the advisory database of PyPI; in an environment of its own.
audit: $(AUDIT)/.complete
	$(AUDIT)/bin/pip-audit --strict --no-deps --disable-pip $(foreach file,$(PINS),--requirement $(file))

$(AUDIT)/.complete:
	test -x $(AUDIT)/bin/python || $(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	touch $@

clean:
	rm -rf .snakemake logs
	git clean -fdXq results
