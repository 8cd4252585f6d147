# `make demo` shows it, `make test` proves it; both set up everything they need in .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8080
SCALE  ?= small
ONLY   ?=
JOBS   ?= auto
FOLDER ?=
ARGS   ?=

.PHONY: demo test soak bench lint format clean help
.DEFAULT_GOAL := help

help:
	@echo "make demo [PORT=9000]                     a delivery point with products in it, until Ctrl-C"
	@echo "make test [ARGS='-k pattern']             the whole test suite"
	@echo "make soak                                 the long runs with full counts"
	@echo "make bench [ONLY=P1,P3] [SCALE=1m|full]   what is measured, against what, as ratios"
	@echo "make lint                                 ruff and mypy --strict"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "prip needs Python 3.11 or later; say PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test,bench]'
	@touch $@ $(VENV)/.installed

demo: $(VENV)/.installed
	@exec $(BIN)/prip demo --port $(PORT)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

soak: $(VENV)/.installed-test
	PRIP_SOAK=1 $(BIN)/python -m pytest -m soak --timeout 7200 $(ARGS)

bench: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks --scale $(SCALE) $(if $(ONLY),--only $(ONLY)) $(if $(FOLDER),--folder $(FOLDER)) $(ARGS)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
