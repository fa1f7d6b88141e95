# Two commands for a newcomer: `make run` and `make test`. `make help` lists all.
# a version manager's stand-in may be found and yet not run
PYTHON ?= $(or $(shell for p in python3.12 python3.11 python3; do $$p -c '' 2>/dev/null && echo $$p && break; done),python3)
VENV ?= .venv
PORT ?= 7071
DATA ?= .local
STORES ?= embedded
BIN := $(VENV)/bin
READY := $(VENV)/.ready-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d' ' -f1)
.DEFAULT_GOAL := help
.PHONY: help setup run test soak test-stores test-browser lint types check bench reset lock docs smoke

help: ## list the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## prepare the virtual environment (the other commands do it by themselves)

$(READY): requirements.txt requirements-dev.txt
	@$(PYTHON) dev/check_python.py
	@echo "Preparing $(VENV) with $$($(PYTHON) --version) (once; about a minute) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt -r requirements-dev.txt
	@# Microsoft's hosted indexer asks for 3.13, yet runs on our versions: the system tests hold the app against it.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python azure-functions-runtime==1.3.0
	@rm -f $(VENV)/.ready-* && touch $@

run: $(READY) ## serve the app, the demo page and demo data on http://localhost:7071 (PORT=, DATA=, STORES=real, RELOAD=1)
	@exec $(BIN)/python -m dev.run --port $(PORT) --data $(DATA) --stores $(STORES) $(if $(RELOAD),--reload) --extra dev.demo.routes:demo

test: $(READY) ## unit, integration, contract on the embedded stack, system (about four minutes on two cores, no network)
	@$(BIN)/python -m pytest -m "not stores and not browser" -n auto

soak: $(READY) ## the same with many more examples of each property (an hour or so)
	@SOAK=1 $(BIN)/python -m pytest -m "not stores and not browser" -n auto --timeout 3600

test-stores: $(READY) ## contract and end-to-end suites on real stores, whose addresses the environment gives
	@$(BIN)/python dev/check_stores.py
	@$(BIN)/python -m pytest -m stores

test-browser: $(READY) ## the demo page in a real headless Chromium (CHROMIUM=/path)
	@$(BIN)/python -m pytest -m browser -n auto

smoke: $(READY) ## serve on fresh data, try the page and the API, stop (what CI does last)
	@$(PYTHON) dev/smoke.py

lint: $(READY) ## formatting, lint, import contracts, spelling
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/codespell

types: $(READY) ## mypy, strict
	@$(BIN)/mypy

check: lint types test ## everything a change must pass before it lands

bench: $(READY) ## performance as ratios against named peers, in one run
	@$(BIN)/python -m benchmarks

docs: $(READY) ## rewrite the generated reference pages
	@$(BIN)/python -m dev.reference

reset: ## forget the local data
	@rm -rf $(DATA)
	@echo "$(DATA) is gone; the next make run starts anew."

lock: $(READY) ## pin requirements*.in anew (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url requirements.in -o requirements.txt
	@uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url requirements-dev.in -o requirements-dev.txt
