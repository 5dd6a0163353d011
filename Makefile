# What people who run or change this system type. A recipe longer than three lines lives in scripts/.
# Needs GNU Make 3.81 or newer (what macOS ships) and Python 3.11 or newer; everything else is installed.

PORT ?= 8000
ARGS ?=
# One more than the two cores it is meant for: what waits for a browser or a database leaves a core free.
WORKERS ?= 3
export PORT

IN_VENV := scripts/venv
MANAGE := $(IN_VENV) python manage.py
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development
FRONT_END := node_modules/.installed
MESSAGES := locale/.compiled
CODE := lms courses certificates cms

.DEFAULT_GOAL := help
.PHONY: help run test test-distributed check check-deploy check-templates check-translations audit bench \
	format messages install clean system-run system-test

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) $(FRONT_END) $(MESSAGES)  ## install what is missing, load policies and demonstration data once, serve (PORT=8000)
	@scripts/run

test: system-test $(DEVELOPMENT) $(FRONT_END) $(MESSAGES)  ## the whole suite on the embedded default (ARGS="tests/rules -x")
	$(IN_VENV) pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-distributed: system-test $(DEVELOPMENT) $(FRONT_END) $(MESSAGES)  ## the same suite on PostgreSQL, RabbitMQ and Redis
	services=$$(scripts/services) && eval "$$services" && $(IN_VENV) pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(DEVELOPMENT) $(FRONT_END)  ## format, lint, types, import contracts, migrations, translations, templates, deployment
	@scripts/check

bench: $(DEVELOPMENT) $(FRONT_END) $(MESSAGES)  ## every benchmark, one JSON file each in var/bench/
	@scripts/bench

audit: $(DEVELOPMENT)  ## known weaknesses of the locked packages (asks the network)
	$(IN_VENV) pip-audit --disable-pip --require-hashes -r requirements.lock
	$(IN_VENV) npm audit --omit=dev

format: $(DEVELOPMENT)  ## write Python as ruff formats it
	$(IN_VENV) ruff check --fix-only .
	$(IN_VENV) ruff format .

messages: $(DEVELOPMENT)  ## bring locale/ up to date with the texts in code and templates
	$(IN_VENV) python scripts/translations.py update

install: $(DEVELOPMENT) $(FRONT_END)  ## everything a developer needs, without running anything

clean:  ## remove what the tools made; the data in var/ stays
	rm -rf .venv node_modules staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(CODE) tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete -o -name .compiled -delete

system-run:
	@scripts/system-packages run

system-test: system-run
	@scripts/system-packages test

$(RUNTIME): requirements.lock | system-run
	scripts/install-python requirements.lock
	@touch $@

$(DEVELOPMENT): requirements-dev.lock | system-run
	scripts/install-python requirements-dev.lock
	@touch $@ $(RUNTIME)

$(FRONT_END): package.json package-lock.json | $(RUNTIME)
	$(IN_VENV) npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(MESSAGES): $(wildcard locale/*/LC_MESSAGES/*.po) | $(RUNTIME)
	@scripts/compile-messages
