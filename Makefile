# `make demo` and `make test` need only Python 3.11 to 3.14 and make; they set up the rest.
# Options: PYTHON=python3.12  WHEELS=folder (no network)  JOBS=4  ARGS="..." for the program run.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help demo test check evidence bench lock docs gallery clean

export PYTHON WHEELS
export NO_MKDOCS_2_WARNING = 1
JOBS ?= 2
BIN := .venv/bin
RUN := $(BIN)/python
READY := .venv/.ready-$(firstword $(shell printf %s "$(CURDIR)" | cksum))# a moved folder is set up anew
WARM := .venv/.warm
CODE := src tests tools examples benchmarks

help: ## show this list
	@echo "forewarn: purely defensive missile early warning"
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(WARM) ## the guided first run: a launch seen, followed, warned of, and the report
	@$(RUN) -m forewarn demo $(ARGS)

test: $(WARM) ## all tests, on JOBS=2 cores
	@$(RUN) -m pytest -n $(JOBS) $(ARGS)

check: $(WARM) ## everything CI asks beside the tests: style, types, rooms, rules, docs
	@echo "check: style";        $(BIN)/ruff check $(wildcard $(CODE))
	@echo "check: format";       $(BIN)/ruff format --check $(wildcard $(CODE))
	@echo "check: types";        $(BIN)/mypy
	@echo "check: rooms";        $(BIN)/lint-imports --no-cache
	@echo "check: house rules";  $(RUN) -m pytest -q tests/architecture
	@echo "check: examples";     $(RUN) -m pytest -q tests/docs
	@echo "check: docs";         $(BIN)/mkdocs build --strict --quiet
	@echo "check: all good"

evidence: $(WARM) ## the long statistical runs behind the score card
	@$(RUN) -m pytest -m evidence -n $(JOBS) $(ARGS)
	@$(RUN) -m benchmarks.scorecard

bench: $(WARM) ## how fast it is on this machine
	@$(RUN) -m benchmarks.speed $(ARGS)

docs: $(READY) ## the documentation as a web page, rebuilt as you write
	@$(BIN)/mkdocs serve

gallery: $(WARM) ## draw the pictures of the documentation anew
	@$(RUN) -m tools.gallery $(ARGS)

lock: $(READY) ## resolve requirements.lock anew (needs a network)
	@$(RUN) -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile pyproject.toml --extra dev --quiet --upgrade \
		--universal --fork-strategy fewest --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header \
		--output-file requirements.lock
	@echo "requirements.lock: $$(grep -c '^[a-z]' requirements.lock) packages"

clean: ## remove everything that make made
	@rm -rf .venv build dist site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
		.hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml tools/set_up.sh
	@tools/set_up.sh
	@touch $@

$(WARM): $(READY) $(wildcard src/forewarn/kernels/*.py src/forewarn/earth/*.py)
	@echo "forewarn: compiling the kernels (once, two or three minutes)"
	@$(RUN) -m forewarn warmup
	@touch $@
