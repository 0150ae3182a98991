# Two commands do all set-up: `make demo` and `make test`. Needed: Python >= 3.11, git, make.

VENV := .venv
RUN := $(VENV)/bin
# The suite runs on the default interpreter and on those of these that exist.
ALSO := 3.11 3.13
PYTEST := -n 2 --dist loadfile -q
# The rooms whose coverage is pinned in .maint/coverage.txt: pure, so that no line comes and goes with the machine
# or with what is installed on it.
PINNED := tests/maint/coverage tests/maint/issues tests/maint/readers

export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test format lint types contracts dogfood ratchet suite suite-also fix reference clean

help:
	@echo "make demo       the benchmark gate on the example project"
	@echo "make test       format, lint, types, import contracts, and the suite on every Python found"
	@echo "make fix        let ruff put right what it can"
	@echo "make reference  write the generated pages of docs/reference"
	@echo "make clean      remove the virtual environments and caches"

demo: $(VENV)/.core
	@$(RUN)/python examples/demo.py

test: format lint types contracts dogfood ratchet suite suite-also
	@echo "== all passed"

format: $(VENV)/.dev
	@echo "== format"
	@$(RUN)/ruff format --check --quiet . || { echo "not formatted as ruff would; run: make fix"; exit 1; }

lint: $(VENV)/.dev
	@echo "== lint"
	@$(RUN)/ruff check --quiet .

types: $(VENV)/.dev
	@echo "== types"
	@$(RUN)/mypy

contracts: $(VENV)/.dev
	@echo "== import contracts"
	@$(RUN)/lint-imports --no-cache

# The project's own guardrails on itself; the gate compares with the commit before.
dogfood: $(VENV)/.dev
	@echo "== own guardrails"
	@$(RUN)/python -m flake8 --select=E900,E999,MNT maint pytest_maint flake8_maint
	@if git rev-parse --verify --quiet HEAD~1 >/dev/null; then \
	    $(RUN)/python -m pytest -q benchmarks/test_core.py --maint-baseline HEAD~1 --maint-baseline-at tip \
	        --maint-budget 90; \
	else \
	    echo "no commit before this one in this clone: the gate has nothing to compare with"; \
	fi

# In one process and with examples that are always the same: what is judged must not depend on chance.
ratchet: $(VENV)/.dev
	@echo "== own coverage"
	@$(RUN)/python -m coverage run -m pytest -q -p no:xdist --hypothesis-profile=ci $(PINNED)
	@$(RUN)/maint coverage check

suite: $(VENV)/.dev
	@echo "== suite on $$($(RUN)/python -V)"
	@$(RUN)/python -m pytest $(PYTEST)

suite-also: $(VENV)/.dev
	@default=$$($(RUN)/python -c 'import sys; print("{}.{}".format(*sys.version_info))'); \
	for version in $(ALSO); do \
	    if [ "$$version" = "$$default" ]; then continue; fi; \
	    if ! tools/find-python $$version >/dev/null; then echo "== no Python $$version here: not tested on it"; continue; fi; \
	    $(MAKE) --no-print-directory suite VENV=.venv-$$version WANTED=$$version || exit 1; \
	done

fix: $(VENV)/.dev
	@$(RUN)/ruff check --fix --quiet .
	@$(RUN)/ruff format --quiet .

reference: $(VENV)/.dev
	@$(RUN)/python -m maint.cli.reference docs/reference
	@$(RUN)/python -m maint.cli.schemas docs/reference/schemas

clean:
	rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .maint/out

# The stamps make a second run start at once; a change of pyproject.toml installs anew.
$(VENV)/.core: pyproject.toml
	@python=$$(tools/find-python $(WANTED)) || { \
	    echo "no Python >= 3.11 with venv and ensurepip on PATH (tried python3, python3.13, python3.12, python3.11)"; \
	    exit 1; }; \
	if ! $(RUN)/python -c "" 2>/dev/null; then \
	    echo "== $(VENV) with $$python"; \
	    "$$python" -m venv --clear $(VENV) || exit 1; \
	fi
	@$(RUN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@$(RUN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	@echo "== $(VENV): what the checks need"
	@$(RUN)/python -m pip install --quiet --group dev
	@touch $@
