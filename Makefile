# AutoLynx on a machine with Python 3.11 or newer: `make run`.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first interpreter that is new enough; PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
BIN := .venv/bin

.PHONY: help run setup setup-dev test lint format types check bench mutants

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## Start everything and print one address; Ctrl-C stops it
	@exec $(BIN)/python -m autolynx up

setup: ## Make the virtual environment .venv and install what is pinned
	@bin/setup "$(PYTHON)" requirements.txt

setup-dev: ## What the tests and checks need on top
	@bin/setup "$(PYTHON)" requirements-dev.txt

test: setup-dev ## Install what the tests need and run every test, the browser's too
	@bin/setup-system
	@bin/test

lint: setup-dev ## Look for mistakes and strayed style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

format: setup-dev ## Lay every file out as `make lint` wants it
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: setup-dev ## Strict on all that is shipped
	@$(BIN)/mypy

check: lint types test ## What CI runs: lint, types, tests

bench: setup-dev ## Measure how fast it is, against a floor measured in the same run
	@$(BIN)/python -m bench

mutants: setup-dev ## Make known mistakes one at a time and see that the tests notice
	@$(BIN)/python -m tests.mutants
