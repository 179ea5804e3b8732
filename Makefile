# `make` alone lists the targets. Each sets up .venv first if need be.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
READY := .venv/.ready

# An environment set up in another folder (the tree was moved or copied) is stale.
ifneq ($(shell cat $(READY) 2>/dev/null),$(shell pwd -P))
STALE := stale
endif

.PHONY: help setup run test check against bench format docs site lock clean $(STALE)

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | awk -F'|' '{printf "make %-9s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml scripts/setup $(STALE)
	@sh scripts/setup

setup: $(READY) ## make .venv ready

run: $(READY) ## assess the South Caucasus
	@$(BIN)/crossroads assess south-caucasus

test: $(READY) ## run the whole test suite
	@$(BIN)/python -m pytest

check: $(READY) ## lint, format, types, import layers
	@echo "check: ruff check"
	@$(BIN)/ruff check --quiet .
	@echo "check: ruff format"
	@$(BIN)/ruff format --quiet --check . || { echo "check: not formatted; run make format"; exit 1; }
	@echo "check: mypy"
	@$(BIN)/mypy --no-error-summary
	@echo "check: import layers"
	@if said=$$($(BIN)/lint-imports 2>&1); then :; else printf '%s\n' "$$said"; exit 1; fi

against: $(READY) ## compare with data files from outside (DATA=folder)
	@test -n "$(DATA)" || { echo "against: name the folder of data files: make against DATA=path" >&2; exit 2; }
	@test -d "$(DATA)" || { echo "against: DATA=$(DATA) is not a folder" >&2; exit 2; }
	@test -n "$$(ls "$(DATA)")" || { echo "against: DATA=$(DATA) is empty" >&2; exit 2; }
	@CROSSROADS_DATA="$$(cd "$(DATA)" && pwd)" $(BIN)/python -m pytest -m against

bench: $(READY) ## time import, help and a study
	@$(BIN)/python benchmarks/run.py

format: $(READY) ## format the code and fix what can be fixed
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

docs: $(READY) ## write reference pages, picture and examples anew
	@$(BIN)/python docs/reference/build.py
	@$(BIN)/python docs/picture.py
	@$(BIN)/python docs/examples.py

site: $(READY) ## build the documents into a website, build/site
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -c docs -d build/doctrees . build/site
	@echo "site: build/site/index.html"

lock: ## compile requirements.lock anew (needs uv)
	@command -v uv >/dev/null || { echo "lock: uv is needed" >&2; exit 2; }
	@uv pip compile pyproject.toml --group dev --group docs --universal --python-version 3.11 \
		--fork-strategy fewest --generate-hashes --no-header --no-annotate \
		--quiet --output-file requirements.lock

clean: ## remove .venv, caches and results
	@rm -rf .venv build dist results htmlcov .coverage .benchmarks .hypothesis
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find . -name .git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
