# Everything a developer runs; each target sets up what it needs. `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
HELPDESK := examples/helpdesk
HELPDESK_READY := $(HELPDESK)/.venv/.ready
ARGS ?=

.PHONY: help demo test lint depth helpdesk picture docs self format bench loop judge services clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## Audit the bundled example, and write its report as a page
	$(BIN)/greenroom audit examples/helpdesk --report html=build/helpdesk.html --exit-zero
	@echo "The same as a page: build/helpdesk.html"

test: $(READY) $(HELPDESK_READY) services ## Run all tests; ARGS goes to pytest
	$(BIN)/python -m pytest $(ARGS)

lint: $(READY) ## Style, types and architecture; all of them, also when one fails
	@failed=0; \
	for check in "ruff check ." "ruff format --check ." "mypy" "lint-imports --no-cache"; do \
		echo "$$check"; $(BIN)/$$check || failed=1; \
	done; \
	exit $$failed

format: $(READY) ## Let ruff repair what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## Measure speed and memory against peers, and what recording costs
	$(BIN)/python bench/speed.py $(ARGS)
	$(BIN)/python bench/record.py --part --sensors

loop: $(READY) services ## Measure what is caught of 55 ways to block an event loop, beside peers
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,bench]' -c constraints.txt
	$(BIN)/python bench/loop.py $(ARGS)

judge: $(READY) ## Print the verdicts on code that nobody here wrote, by code
	$(BIN)/python bench/judge.py $(ARGS)

depth: $(READY) ## Compare what we and our peers find in checkouts: ARGS="--peers BIN PROJECT…"
	$(BIN)/python bench/depth.py $(ARGS)

picture: $(READY) ## Draw the README's picture anew, from an audit of the bundled example
	$(BIN)/python docs/picture.py

docs: $(READY) ## Write the tables of failure modes and operators anew, from the catalogue
	$(BIN)/python docs/modes.py
	$(BIN)/python docs/operators.py

self: $(READY) ## Audit ourselves; the score may not fall
	$(BIN)/greenroom audit . --output-format concise

helpdesk: $(HELPDESK_READY) ## Make the environment in which the example's own suites run

services: ## Install redis-server, PostgreSQL, chromium and its driver where they are missing
	@.ci/services

clean: ## Take away what the other targets made
	rm -rf $(VENV) $(HELPDESK)/.venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is needed; or name another: make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' -c constraints.txt
	@touch $@

$(HELPDESK_READY): $(HELPDESK)/pyproject.toml $(HELPDESK)/constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is needed; or name another: make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv $(HELPDESK)/.venv
	$(HELPDESK)/.venv/bin/python -m pip install --quiet --disable-pip-version-check -e '$(HELPDESK)[dev]' -c $(HELPDESK)/constraints.txt
	@touch $@
