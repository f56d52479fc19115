PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ON_POSTGRESQL := $(BIN)/python tests/with_postgresql.py

# Half an environment is none: what was interrupted is made again.
.DELETE_ON_ERROR:
.PHONY: run setup system-packages lint lint-types lint-texts lint-tests test test-sqlite test-postgresql test-long test-anew bench

# The site on this machine: http://127.0.0.1:8000, or PORT=…; its data in ./data, or DATA_DIR=…
run: $(VENV)/.run
	@$(BIN)/python -m opsrecords.run

setup: $(VENV)/.dev

# A stamp is newer than the lock it was installed from; packages are asked for again only when the lock has changed.
$(VENV)/.run: requirements.lock | $(BIN)/python
	@echo "Installing what the site needs into $(VENV)"
	@$(call install,$<)
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(BIN)/python
	@echo "Installing what working on the site needs into $(VENV)"
	@$(call install,$<)
	@touch $@ $(VENV)/.run

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# The lock is complete, so nothing is resolved; uv does the same faster where somebody has it.
define install
if command -v uv >/dev/null; then uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r $(1); \
else $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps -r $(1); fi
endef

system-packages:
	@.ci/system-packages

# Types take one core for as long as all else takes on the other.
lint: setup
	@$(MAKE) --no-print-directory -j 2 lint-types lint-texts lint-tests

lint-types: setup
	$(BIN)/mypy

lint-texts: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates

# Every test can be read; and each module is compiled once, here, rather than by every worker.
lint-tests: setup
	@$(PYTEST) --collect-only -q >$(VENV)/.collected || { cat $(VENV)/.collected; exit 1; }

# One database after the other: five workers and what they start on two cores take 60 s longer at once (590 s, not 530).
test: system-packages lint test-sqlite test-postgresql

# More workers than cores: journeys and processes wait more than they compute. On PostgreSQL there are hardly any, and
# its server computes as well. Who has nothing left takes from others.
WORKERS := -n 3 --dist worksteal
test-postgresql: WORKERS := -n 2 --dist worksteal
# Every worker, and every process that a test starts, would compile all modules again where compiled ones aren't kept.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest

test-sqlite: setup
	$(PYTEST) $(WORKERS)

test-postgresql: setup
	$(ON_POSTGRESQL) $(PYTEST) $(WORKERS)

# The long proofs: all of them, or those whose name holds PART. Some ask for no database: then 5, nothing to run again.
LONG := -n 2 -m long $(if $(PART),-k "$(PART)")
test-long: setup
	$(PYTEST) $(LONG)
	$(ON_POSTGRESQL) $(PYTEST) $(LONG) || [ $$? -eq 5 ]

# Whatever is drawn in `make test` is the same each time; here it is drawn anew, and much more of it.
test-anew: setup
	$(PYTEST) -n 2 -m "hypothesis and not long" --hypothesis-profile=anew $(if $(PART),-k "$(PART)")

# How long things take, as ratios to a bare Django application; MILLION=1 for lists among a million records as well.
bench: setup
	$(if $(MILLION),$(ON_POSTGRESQL)) $(BIN)/python -m tests.bench.run
