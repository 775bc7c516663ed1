# `make demo` and `make test` need nothing but Python 3.11 or newer: each sets itself up in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test fast slow bench calibration lint format docs clean

demo: .venv/.core
	@$(BIN)/backtest run configs/quickstart.yaml | tee .venv/demo.txt
	@echo "open the report: $$(tail -n 1 .venv/demo.txt)/report.html"

test: .venv/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -n 2 --dist worksteal

fast: .venv/.dev
	$(BIN)/python -m pytest -x -q --ignore tests/property --ignore tests/cli

slow: .venv/.dev
	$(BIN)/python -m pytest -m slow

bench: .venv/.dev
	$(BIN)/python -m benchmarks

calibration: .venv/.dev
	$(BIN)/python -m benchmarks --calibration

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/.dev
	$(BIN)/backtest schema > configs/schema.json
	$(BIN)/python docs/make_configuration.py
	$(BIN)/python docs/make_allocation.py
	$(BIN)/python docs/make_metrics.py
	$(BIN)/python docs/make_pictures.py

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; try `make PYTHON=python3.12 …`" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/.core: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.dev: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@ .venv/.core
