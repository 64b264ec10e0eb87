# make paper   set up, then derive, verify, simulate and draw everything into out/paper
# make test    set up, then run every check of the project that takes seconds
# make slow    set up, then run the tests that take minutes
# make mutants set up, then change signs and constants in theory/ and see that verification fails
# make bench   set up, then time the project beside what one would take instead → benchmarks/results.md
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
CODE   := theory numerics proofs_checks figures exitjoin
TESTS := tests/numerics/ $(filter-out tests/numerics/ %__pycache__/, $(wildcard tests/*/))
SOURCES := $(shell find $(CODE) scenarios -name '*.py' -o -name '*.toml')

.PHONY: paper test lint types walls unit slow claims mutants wheel bench format constraints clean

paper: out/paper/report.html

out/paper/report.html: $(VENV)/installed $(SOURCES)
	$(BIN)/exitjoin paper --out out/paper

# The wheel uses one core; the tests use all of them, and the results of the claims.
test: $(VENV)/installed
	$(MAKE) -j 2 wheel types lint walls claims
	$(MAKE) unit

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "exitjoin needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt setuptools
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[dev]'
	touch $@

lint: $(VENV)/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/installed
	$(BIN)/mypy

walls: $(VENV)/installed
	$(BIN)/lint-imports --no-cache

# In this order each process keeps to its folders, until one has nothing left to do: what a kernel's compilation or a
# fixture takes is spent once.
unit: $(VENV)/installed
	$(BIN)/pytest -n auto --dist worksteal --doctest-modules --doctest-glob='*.md' \
		$(TESTS) README.md docs $(CODE)

slow: $(VENV)/installed
	$(BIN)/pytest -n auto -m slow tests

# Every claim, then its certificates once more by a program that knows nothing of the project.
claims: $(VENV)/installed
	rm -rf out/certificates
	$(BIN)/exitjoin verify --certificates out/certificates
	$(BIN)/python proofs_checks/recheck.py out/certificates

mutants: $(VENV)/installed
	$(BIN)/python -m proofs_checks.mutation --state out/mutants.jsonl

# The wheel, installed into an environment that has nothing of the repository.
wheel: $(VENV)/installed
	rm -rf dist build $(VENV)/clean
	$(BIN)/python -m build --quiet --wheel --no-isolation --outdir dist
	$(PYTHON) -m venv $(VENV)/clean
	$(VENV)/clean/bin/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt dist/*.whl
	cd / && "$(CURDIR)/$(VENV)/clean/bin/python" "$(CURDIR)/tests/wheel_check.py"

bench: $(VENV)/bench/installed
	$(VENV)/bench/bin/python -m benchmarks

# An environment of its own: tests never see the packages that the project is compared with.
$(VENV)/bench/installed: $(VENV)/installed
	$(PYTHON) -m venv --clear $(VENV)/bench
	$(VENV)/bench/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt setuptools
	$(VENV)/bench/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[bench]'
	touch $@

format: $(VENV)/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Renew the pinned versions from the newest that pyproject.toml allows.
constraints: pyproject.toml
	$(PYTHON) -m venv --clear $(VENV)/newest
	$(VENV)/newest/bin/python -m pip install --quiet --disable-pip-version-check setuptools '.[dev]'
	(echo '# The versions every install uses; `make constraints` renews them.'; \
	 $(VENV)/newest/bin/python -m pip list --format=freeze | grep -v -i -E '^(pip|exitjoin)=' | sort -f) > constraints.txt
	rm -rf $(VENV)/newest

clean:
	rm -rf $(VENV) build dist out *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
