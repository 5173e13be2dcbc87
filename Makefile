# make demo   runs the main job on a fresh machine
# make test   runs every check on a fresh machine
.DEFAULT_GOAL := help
SHELL := /bin/bash
RUN := .venv/bin/python -m

.PHONY: help setup demo test test-types test-unit test-behind test-alone lint types imports lock diagrams screenshots clean

help:
	@echo "make demo         the main job: service, seat window, the customer's link"
	@echo "make test         every check that continuous integration runs"
	@echo "make setup        only the environment"
	@echo "make screenshots  every screen and state of all roles and of the phone, in build/screenshots"
	@echo "make lock         resolve installer/requirements.lock again"
	@echo "make diagrams     write the state diagrams into ARCHITECTURE.md"

setup:
	@installer/setup.sh

demo: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	    $(RUN) signing.cli demo; \
	else \
	    echo "No display here: running the demonstration unattended into build/demo"; \
	    rm -rf build/demo; \
	    $(RUN) signing.cli demo --unattended --parties 1 --out build/demo; \
	fi

# Calls, windows and demonstrations run in real time and go first for the processor; what needs no clock runs behind them.
ALONE := tests/end2end tests/integration/bench tests/integration/desktop tests/integration/media \
    tests/integration/replicas tests/integration/turn tests/unit/media/test_checker.py
BEHIND := --ignore=tests/unit $(addprefix --ignore=,$(ALONE))

test: lint imports
	@mkdir -p build; \
	nice -n 10 $(MAKE) -sk -j3 --output-sync test-types test-unit test-behind > build/behind.log 2>&1 & behind=$$!; \
	$(MAKE) -s test-alone 2>&1 | tee build/alone.log; alone=$${PIPESTATUS[0]}; \
	wait $$behind; behind=$$?; \
	if [ $$behind = 0 ]; then sed -n '/^UNSTEADY/,/^===/p' build/behind.log; else cat build/behind.log; fi; \
	grep -hE '^(FAILED|ERROR|UNSTEADY)|^Found [0-9]+ error|^=+ .* in [0-9.]+s' build/behind.log build/alone.log; \
	[ $$behind = 0 ] && [ $$alone = 0 ] || { echo "behind $$behind, alone $$alone"; exit 1; }

test-types:
	@$(RUN) mypy

test-unit:
	@$(call twice,unit,tests/unit --ignore=tests/unit/media/test_checker.py)

test-behind:
	@$(call twice,behind,$(BEHIND))

test-alone:
	@$(call twice,alone,$(ALONE))

# A test on a clock may miss its moment on a busy machine: what failed runs once more by itself and is named as such.
# More than five failures are no bad luck, and what fails again has failed.
define twice
$(RUN) pytest -o cache_dir=.pytest_cache/$(1) --maxfail=6 $(2); first=$$?; \
if [ $$first = 1 ] && [ "$$(grep -c :: .pytest_cache/$(1)/v/cache/lastfailed)" -le 5 ]; then \
    echo "UNSTEADY, once more by themselves:"; grep :: .pytest_cache/$(1)/v/cache/lastfailed; \
    $(RUN) pytest -o cache_dir=.pytest_cache/$(1) --last-failed --last-failed-no-failures none $(2); \
else exit $$first; fi
endef

lint: setup
	$(RUN) ruff check .
	$(RUN) ruff format --check .

types: setup test-types

imports: setup
	.venv/bin/lint-imports --no-cache

lock:
	uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --constraint installer/constraints.txt --no-header --no-annotate -o installer/requirements.lock

diagrams: setup
	$(RUN) tests.diagrams --write

screenshots: setup
	$(RUN) tests.screenshots --out build/screenshots

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache
