# Learning Loop. `make` alone lists the targets.

PORT ?= 8400
DATA ?= .loop
# The first Python that is new enough, unless one is named: make setup PYTHON=python3.12
PYTHON ?= $(shell tools/find-python)

BIN := .venv/bin
LOOP = $(BIN)/loop
WORKERS ?= 2
# Where it is set, every process of ours compiles all of its modules again, and pytest rewrites every test in every worker.
export PYTHONDONTWRITEBYTECODE =
SECONDS ?= 600
soak: SECONDS := $(if $(filter file,$(origin SECONDS)),3600,$(SECONDS))
SEED ?= 1
# For example: make test ARGS="cli -k port"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo up down status reset test check fmt bench chaos soak fuzz fuzz-api lock docs tour sbom browser proxies

help: ## List the targets
	@awk -f tools/help.awk $(MAKEFILE_LIST)

##@ Try it

demo: setup ## Load real figures and compare them with print; CHECK=1 stops by itself, PORT=8400
	@$(LOOP) demo --data $(DATA) --port $(PORT) $(if $(CHECK),--check)

up: setup ## Start everything with the data in DATA=.loop; Ctrl-C stops it
	@$(LOOP) up --data $(DATA) --port $(PORT)

down: setup ## Stop what `make up` or `make demo` started
	@$(LOOP) down --data $(DATA)

status: setup ## Show what runs
	@$(LOOP) status --data $(DATA)

reset: setup ## Delete the data folder
	@$(LOOP) reset --data $(DATA)

##@ Work on it

setup: ## Make .venv with every locked package and our own; quick when nothing changed
	@test -n "$(PYTHON)" || { echo "Learning Loop needs Python 3.11 or newer, and there is no python3 on PATH."; exit 1; }
	@$(PYTHON) tools/bootstrap.py

# A worker that dies is not replaced: xdist gives the new one its tests and never lets it run the last (3.8).
test: setup browser proxies ## Run all tests, WORKERS=2 at a time; ARGS is passed to pytest
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --max-worker-restart 0 $(ARGS)

check: setup ## Formatting, lint, types, import contracts, generated files, known vulnerabilities
	@$(BIN)/python tools/check.py $(ARGS)

fmt: setup ## Format, and mend what lint can mend by itself
	@$(BIN)/ruff check --quiet --fix --exit-zero .
	@$(BIN)/ruff format .

bench: setup ## Measure against plain PostgreSQL on this machine
	@$(BIN)/python -m tests.bench $(ARGS)

chaos: setup ## Break one thing after the other under load for SECONDS, from SEED, and audit what is left; ARGS="--three-nodes"
	@$(BIN)/python -m tests.chaos --seconds $(SECONDS) --seed $(SEED) $(ARGS)

soak: setup ## Load it for SECONDS=3600 and print what memory and descriptors of every process do
	@$(BIN)/python -m tests.chaos.soak --seconds $(SECONDS) --seed $(SEED) $(ARGS)

fuzz-api: setup ## Try every operation of the API as everybody, with what nobody would send; ARGS="--examples 50 --seed 1"
	@$(BIN)/python -m tests.fuzz_api $(ARGS)

fuzz: setup ## Send anything to every parser for SECONDS=600, from SEED=1; ARGS names tests
	@$(BIN)/python tools/fuzz.py --seconds $(SECONDS) --seed $(SEED) $(ARGS)

##@ Now and then

lock: setup ## Write locks/*.txt anew from the pyproject files
	@$(BIN)/python tools/lock.py $(ARGS)

docs: setup ## Build build/site, the documentation as pages to browse and search; strict, without network
	@$(BIN)/python tools/documentation.py

tour: setup browser ## Take the pictures of docs/tour.md anew from a demonstration of its own, DATA=.loop PORT=8400
	@$(BIN)/python tools/tour.py --data $(DATA) --port $(PORT)

sbom: setup ## Write build/sbom/*.cdx.json, what each deployable is made of (CycloneDX)
	@$(BIN)/python tools/sbom.py

browser: setup ## Make sure that there is a Chromium for the page tests
	@$(BIN)/python tools/browser.py

proxies: setup ## Make sure that there are an nginx, a Caddy, an Envoy and a promtool for the tests of what is in deploy
	@$(BIN)/python tools/proxies.py
