# Everything a person does with this repository. `make demo` and `make test` set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?= config/node.toml

.PHONY: setup setup-dev demo test check lint types fmt bench run clean

setup: $(VENV)/.serving
setup-dev: $(VENV)/.development

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# Serving needs no torch: this is what a site installs.
$(VENV)/.serving: pyproject.toml constraints.txt | $(VENV)/bin/python
	@deploy/check-python.sh $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.development: pyproject.toml constraints.txt | $(VENV)/bin/python
	@deploy/check-python.sh $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,train,cohort]'
	@touch $@ $(VENV)/.serving

demo: setup
	$(BIN)/lumbar-node demo

run: setup
	$(BIN)/lumbar-node run --config $(CONFIG)

test: setup-dev
	@deploy/system-packages.sh
	PATH="$$PATH:$(abspath $(BIN))" $(BIN)/python -m pytest

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: setup-dev
	$(BIN)/mypy

check: lint types test

fmt: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-dev
	@deploy/system-packages.sh
	PATH="$$PATH:$(abspath $(BIN))" $(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache build *.egg-info
