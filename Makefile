# make run      open the app            make test      the tests, the app in a browser included
# `make` alone lists the rest. PYTHON=python3.12 chooses another Python (3.11 or newer).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
# One compute thread each: with torch's default the workers would take the cores from each other. Three even on two
# cores, as a test in the browser waits half of its time; those come first, since they take longest.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder
CHROMIUMS := chromium chromium-browser google-chrome google-chrome-stable chrome

# A Python that was upgraded away leaves a dangling link behind: then everything is installed again.
$(shell [ -e $(BIN)/python ] || rm -f $(VENV)/.installed-*)

.DEFAULT_GOAL := help
.PHONY: help run test test-all check bench sample results browser

help:
	@echo "make run       open the app (installs what it needs the first time)"
	@echo "make test      run the tests"
	@echo "make test-all  run the slow tests too"
	@echo "make check     lint, format and types"
	@echo "make bench     measure speed and memory beside tuned rivals; DATA=\"FOLDER …\" adds data"
	@echo "make results   write docs/results.md; DATA=\"FOLDER …\" adds data"
	@echo "make sample    make the sample world again"

run: $(VENV)/.installed-run
	@$(BIN)/python -m streamlit run app.py

test: $(VENV)/.installed-dev browser
	@$(PYTEST)

test-all: $(VENV)/.installed-dev browser
	@$(PYTEST) -m "not external"

check: $(VENV)/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.installed-bench
	@$(BIN)/python -m benchmarks $(DATA)

results: $(VENV)/.installed-bench
	@$(BIN)/python -m benchmarks.results $(DATA)

sample: $(VENV)/.installed-run
	@$(BIN)/python -m relvid_core.simulation

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "RelVid Lab needs Python 3.11 or newer; name one with: make PYTHON=python3.11 …"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

# One pip command for everything: torch and torchvision must be resolved together.
$(VENV)/.installed-run: requirements.txt | $(BIN)/python
	@echo "Installing what the app needs (some minutes the first time) …"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing what the app and its tests need (some minutes the first time) …"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/.installed-run

# With the libraries of the rivals, which the app can use too.
$(VENV)/.installed-bench: requirements-bench.txt requirements-rivals.txt requirements.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing what the benchmarks need (some minutes the first time) …"
	@$(PIP_INSTALL) -r requirements-bench.txt
	@touch $@ $(VENV)/.installed-run $(VENV)/.installed-dev

# The browser tests skip, and say why, where this finds no way to a Chromium.
browser:
	@for name in $(CHROMIUMS); do command -v $$name >/dev/null && exit 0; done; \
	sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	if command -v apt-get >/dev/null && { [ -z "$$sudo" ] || $$sudo true 2>/dev/null; }; then \
		echo "Installing Chromium for the browser tests …"; \
		export DEBIAN_FRONTEND=noninteractive; \
		{ $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends chromium; } \
			</dev/null >/dev/null || echo "Chromium could not be installed; the browser tests will skip."; \
	fi
