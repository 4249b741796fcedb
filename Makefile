# Each target makes the virtual environment it needs. `make demo` installs what the main job needs,
# `make test` and `make check` install everything: extras, peers and tools.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
export PYTHONWARNINGS :=

.PHONY: demo test check bench docs pins clean
.DEFAULT_GOAL := demo

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.core: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

.venv/.all: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) install --constraint constraints.txt torch==2.13.0
	$(PIP) install --constraint constraints.txt --editable '.[all,dev]'
	@touch .venv/.core $@

demo: .venv/.core  ## Render a film with known truth (or take MEDIA=path), run the main job, print how good it is
	$(BIN)/python examples/demo.py $(if $(MEDIA),--media '$(MEDIA)')

test: .venv/.all  ## Every test, example and documentation page; tests fill the cores, so each has one thread
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: .venv/.all  ## What a change must pass before it is offered
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.all  ## Every published number, each with its command
	$(BIN)/python -m benchmarks

docs: .venv/.all  ## The reference pages, made anew from the code
	$(BIN)/python docs/generate.py

pins: .venv/.all  ## The committed versions, from what is installed now
	@echo "# Every version that Cueline is tested with: core, extras and tools. Made by 'make pins'." > constraints.txt
	@$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu//' | grep -viE '^(pip|setuptools|wheel|cueline)==' >> constraints.txt

clean:
	rm -rf .venv demo build dist
