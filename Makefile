# make demo: grade the built-in references and write the leaderboard.   make test: the whole test suite.
# make check: style, types and the documentation.   make docs: the documentation as a site, build/docs.   make benchmarks: every figure the docs claim.   make references: reference/RESULTS.md, a site of it and the pictures of the README.   make doctor: docs/measure/doctor-figures.md.   Each sets up .venv by itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: install demo test check docs benchmarks references doctor clean

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -c constraints.txt torch
	$(PIP) -c constraints.txt -e '.[dev]'
	touch $(STAMP)

install: $(STAMP)

demo: $(STAMP)
	$(BIN)/grader demo

# Two at a time; then, one by one, what watches the clock, the machine or the engine (a planted submission knocks at the
# sockets of boxes it finds). With PYTEST_ARGS, whatever they ask for, one by one.
test: $(STAMP)
ifdef PYTEST_ARGS
	$(BIN)/python -m pytest $(PYTEST_ARGS)
else
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not alone and not docker" --durations=20; first=$$?; $(BIN)/python -m pytest -m "alone or docker" --durations=20 && exit $$first
endif

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

clean:
	rm -rf $(VENV) .cache build dist demo site
