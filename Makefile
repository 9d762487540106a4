# make report   sets up and publishes the sample company's latest quarter
# make test     sets up and runs the tests of the first stage: every kind of promise once
# make test-all sets up and runs every test: all seeds, kills, disks, browsers, databases, clusters, planted faults
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

PYTEST = $(BIN)/python -m pytest -n auto

.PHONY: report test test-rest planted test-all lab lock sample notebooks docs screenshots clean

report: $(READY)
	$(BIN)/workbench report sample

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(PYTEST) -m "not slow"

test-rest: $(READY)
	$(PYTEST) -m slow --junitxml build/tests-rest.xml

planted: $(READY)
	$(BIN)/python -m tests.planted

test-all: test test-rest planted

lab: $(READY)
	$(BIN)/workbench lab

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m compileall -q -j 0 .venv/lib || true
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	touch $(READY)

# The rest is for those who change the workbench.
lock:
	uv pip compile pyproject.toml --extra dev --universal --fork-strategy fewest --generate-hashes --no-annotate --no-header --no-emit-index-url --output-file requirements.lock

sample: $(READY)
	$(BIN)/python data/make_sample.py

notebooks: $(READY)
	$(BIN)/python -m tests.notebooks.store

docs: $(READY)
	$(BIN)/python -m workbench.sources.new.codebook > data/README.md
	$(BIN)/python docs/make_plan_columns.py

screenshots: $(READY)
	$(BIN)/python docs/make_screenshots.py

clean:
	rm -rf .venv build reports/sample
