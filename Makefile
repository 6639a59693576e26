# `make demo` builds the sample client; `make test` runs every check. Both need Python 3.11+, git and make.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
CLIENT ?= harbour-dental

.PHONY: demo test lint types unit soak bench golden clean

demo: .venv/.installed
	$(BIN)/kb build $(CLIENT)
	@echo
	@echo "Open one of these, each written for other readers:"
	@ls -1 site/$(CLIENT)/*/draft/index.html | sed 's|^|  |'
	@echo "or preview it, following the records as you edit them:"
	@echo "  $(BIN)/kb serve $(CLIENT)"

test: .venv/.installed-test lint types unit

lint: .venv/.installed-test
	$(BIN)/ruff check kb_builder tests
	$(BIN)/ruff format --check kb_builder tests

types: .venv/.installed-test
	$(BIN)/mypy

unit: .venv/.installed-test
	$(BIN)/python tests/support/install_tools.py
	$(BIN)/pytest -n 2

soak: .venv/.installed-test
	$(BIN)/pytest tests/soak/power_cuts.py -n 0 -rs

golden: .venv/.installed-test
	$(BIN)/pytest tests/golden tests/browser/test_screens.py --renew -n 0

bench: .venv/.installed-test
	$(BIN)/python tests/benchmarks/bench.py

.venv/.python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found."; exit 2; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: .venv/.python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/.installed-test: .venv/.python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@ .venv/.installed

clean:
	rm -rf .venv site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
