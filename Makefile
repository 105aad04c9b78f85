# Two commands do all: `make demo` and `make test`. Needs Python 3.11, make and a package index; nothing else.
.DEFAULT_GOAL := help
# Some images forbid Python to keep what it has compiled. Tests start hundreds of processes, and the sandbox loads workflow code for every case.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
VENV := .venv
UV := $(shell command -v uv 2>/dev/null || echo $(VENV)/bin/uv)
RUN := $(UV) run --no-sync

.PHONY: help setup engine browser screenshots demo test check lint types stories bench clean secrets compose-check

help:  ## What can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.ready: pyproject.toml uv.lock
	@echo "setup: 安装依赖 installing dependencies (about a minute the first time)"
	@command -v uv >/dev/null 2>&1 || [ -x $(VENV)/bin/uv ] || { $(PYTHON) -m venv $(VENV) && $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv; }
	@$(UV) sync --frozen --quiet --inexact
	@touch $@

setup: $(VENV)/.ready  ## Install what the project needs into .venv

demo: $(VENV)/.ready  ## Run the main job: stories by the core, then on a real engine and database, and twenty named paths
	@$(RUN) huiyin demo

engine: $(VENV)/.ready  ## Find the Temporal server, or build it once (about 6 minutes where Go is present)
	@$(RUN) python -m engine.find || echo "no engine here: the tests that need one will be skipped and say so"

browser: $(VENV)/.ready  ## Find a Chromium, or install one where this machine's packages can
	@$(RUN) python -m engine.browser

screenshots: engine browser  ## Six pages of the demo as pictures, for the README
	@$(RUN) python -m cli.demo.screenshots

test: engine browser  ## Everything: lint, types, core, stories, proofs, and the parts on real servers and in a real browser
	@$(MAKE) --no-print-directory lint types
	@$(RUN) pytest -n 3 --dist worksteal

check: $(VENV)/.ready  ## Lint, types, core and stories, without an engine; at most a minute
	@$(MAKE) --no-print-directory lint types
	@$(RUN) pytest -n 2 --dist worksteal -m "not engine" tests/domain tests/architecture tests/cli

lint: $(VENV)/.ready
	@echo "lint: ruff"; $(RUN) ruff check .

types: $(VENV)/.ready
	@echo "types: mypy"; $(RUN) mypy

stories: $(VENV)/.ready  ## All stories against their hand-written expectations
	@$(RUN) huiyin stories

secrets:  ## Make the passwords of docker-compose.yml, as files (user 1000 or sudo; needs only Python)
	@$(PYTHON) -m engine.secret_files

compose-check: $(VENV)/.ready  ## docker-compose.yml: its schema, our rules, and each service's own command really run, without a daemon
	@$(RUN) python -m engine.compose_check

bench: engine  ## A case against the textbook way, on a fast and a slow disk; filing by HTTP; stories a second (about 6 minutes)
	@$(RUN) python -m bench $(BENCH)

clean:  ## Remove the environment and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
