# make demo: grade the built-in references and write the leaderboard.   make test: the tests of every change.   make test-all: and what is left to the night.
# make check: style, types and the documentation.   make docs: the documentation as a site, build/docs.   make benchmarks: every figure the docs claim.   make references: reference/RESULTS.md, a site of it and the pictures of the README.   make doctor: docs/measure/doctor-figures.md.   Each sets up .venv by itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: install demo test test-all attack-table check docs benchmarks references doctor doctor-strangers zoo clean

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -c constraints.txt torch
	$(PIP) -c constraints.txt -e '.[dev]'
	touch $(STAMP)

install: $(STAMP)

demo: $(STAMP)
	$(BIN)/grader demo

# First what may run side by side, two at a time, each on a core of its own (make test WORKERS=3 for more); then, one by
# one, what watches the clock and what has the engine to itself. With PYTEST_ARGS, whatever they ask for, one by one.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest --durations=20
BESIDE := -n $(WORKERS) --dist worksteal -m "not clock and not engine"
ALONE := -m "clock or engine"

test: $(STAMP)
ifdef PYTEST_ARGS
	$(BIN)/python -m pytest $(PYTEST_ARGS)
else
	$(PYTEST) $(BESIDE); first=$$?; $(PYTEST) $(ALONE) && exit $$first
endif

test-all: $(STAMP)
	$(PYTEST) --nightly $(BESIDE); first=$$?; $(PYTEST) --nightly $(ALONE) && exit $$first

# The table in docs/measure/security.md of what every planted attack tries, and what must come of it.
attack-table: $(STAMP)
	PYTHONPATH=tests $(BIN)/python -m support.attack_table

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) --no-print-directory docs

# Fails on a link or an anchor that leads nowhere, and on a page the navigation lacks.
docs: $(STAMP)
	$(BIN)/python docs/assemble.py
	$(BIN)/zensical build --strict --clean
	$(BIN)/python docs/assemble.py --built

benchmarks: $(STAMP)
	$(BIN)/python -m benchmarks

references: $(STAMP)
	$(BIN)/python -m benchmarks.references
	$(BIN)/python -m benchmarks.pictures

doctor: $(STAMP)
	$(BIN)/python -m benchmarks.doctor

# Who of a folder of programs gets through, by kind of refusal: make zoo FOLDER=my-programs.
zoo: $(STAMP)
	$(BIN)/python -m benchmarks.zoo $(FOLDER)

# Grades a folder of programs that say at their top which mistake they have, and prints how often it was named.
STRANGERS ?= tests/data/doctor_strangers/development
doctor-strangers: $(STAMP)
	$(BIN)/python -m benchmarks.doctor.strangers $(STRANGERS)

clean:
	rm -rf $(VENV) .cache build dist demo site
