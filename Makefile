# Two commands on a fresh machine with Python 3.11 or newer:
#   make demo   the main job, offline: a map and two tables in out/
#   make test   every check: style, types, tests, documentation
# and for those who write it:
#   make docs   the documentation, in docs/_build/index.html
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test docs lint bench clean

demo: $(VENV)/.installed
	$(BIN)/corridors demo --output out

test: $(VENV)/.tested-with
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -p no:benchmark --numprocesses auto --dist loadfile

docs: $(VENV)/.tested-with
	$(BIN)/sphinx-build -W --keep-going -n -q docs docs/_build

lint: $(VENV)/.tested-with
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.tested-with
	$(BIN)/python -m pytest benchmarks --benchmark-only --benchmark-columns=min,median,rounds

clean:
	rm -rf $(VENV) out dist build docs/_build docs/generated .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.tested-with: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/.installed
