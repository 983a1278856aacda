# Two commands do everything: `make run` and `make test`. `make help` lists the others.
PYTHON ?= python3
PORT ?= 8000
SCALE ?= 10000,100000
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
# What Python compiled is kept, wherever this runs: a start without it takes a second longer.
export PYTHONDONTWRITEBYTECODE :=
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: help install run test check lint types imports content audit prove bench bench-scale lock messages clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.compiled ## Install the locked dependencies, nothing else

run: $(VENV)/.compiled ## Install, prepare and serve at http://127.0.0.1:8000 (PORT=8001 make run for another port)
	@LONTAR_PORT=$(PORT) $(BIN)/lontar serve

# As many processes as processors: one more has to read and list all tests again, which costs more than it fills.
test: $(VENV)/.test ## The whole test suite, in JOBS=2 processes
	@$(BIN)/pytest -n $(JOBS) --dist worksteal

check: $(VENV)/.test lint types imports content audit ## Lint, types, import rules, the course's check, known-vulnerable pins

lint: $(VENV)/.test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .

types: $(VENV)/.test
	@$(BIN)/mypy

imports: $(VENV)/.test
	@$(BIN)/lint-imports --no-cache

content: $(VENV)/.test
	@$(BIN)/lontar check

audit: $(VENV)/.test
	@$(BIN)/python tests/known_vulnerable.py

prove: $(VENV)/.test ## The long proofs: fuzzed requests, kills, slow links, axe on every page, mutants
	@LONTAR_TEST_EXAMPLES=1000 $(BIN)/pytest tests/core tests/records/test_answers.py
	@$(BIN)/pytest -m prove -s --durations=0

bench: $(VENV)/.test ## Measure pages, answers, hand-ins and memory against a bare Flask view
	@$(BIN)/python -m tests.bench

bench-scale: $(VENV)/.test ## Measure pages, exports and the health report with SCALE=10000,100000 people
	@$(BIN)/python -m tests.bench_scale --scale $(SCALE)

lock: $(VENV)/.test ## Renew the locked dependencies
	@for one in "requirements.lock --extra build" "requirements-test.lock --extra build --extra test"; do \
	  $(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --upgrade \
	    --python-version 3.11 pyproject.toml -o $$one || exit 1; done

messages: $(VENV)/.test ## Collect the interface's texts into translations/
	@$(BIN)/pybabel --quiet extract -F babel.cfg -k N_ -k counted:1,2 --no-location --sort-output -o .messages.pot .
	@$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete -w 120 -l fr -i .messages.pot -o translations/fr/messages.po
	@rm .messages.pot

clean: ## Remove what was installed and compiled; the instance folder with its database stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Lontar needs Python 3.11 or newer; name one: PYTHON=python3.12 make run" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "This Python cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/pip
	@echo "Installing the locked dependencies …"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e . 2>/dev/null
	@touch $@

# Byte code: where a server may not write it into the checkout, each process would translate the program at its start.
$(VENV)/.compiled: $(VENV)/.run config.py $(shell find app -name '*.py')
	@$(BIN)/python -m compileall -q app config.py
	@touch $@

$(VENV)/.test: requirements-test.lock pyproject.toml | $(BIN)/pip
	@echo "Installing the locked dependencies and test tools …"
	@$(PIP) --require-hashes -r requirements-test.lock
	@$(PIP) --no-deps --no-build-isolation -e . 2>/dev/null
	@touch $@ $(VENV)/.run
