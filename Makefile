# One command each; everything that is missing is made first, nothing is made twice.
# Paths stay relative: the clone may lie under a path with spaces.

.DEFAULT_GOAL := help
.PHONY: help run test check bench fmt texts lock assets install install-dev clean
.SUFFIXES:

# What Python compiled is kept, even where the machine says otherwise: each process would compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
SYSTEM_PYTHON := $(shell for p in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

# The stamps carry a digest of what was installed and of where the clone lies.
KEY := $(shell { pwd -P; cat requirements.txt pyproject.toml; } | cksum | cut -d ' ' -f 1)
DEV_KEY := $(shell { pwd -P; cat requirements.txt requirements-dev.txt pyproject.toml; } | cksum | cut -d ' ' -f 1)
INSTALLED := .venv/.installed-$(KEY)
INSTALLED_DEV := .venv/.installed-dev-$(DEV_KEY)
BUNDLE := webapp/static/dist/manifest.json
NODE_PACKAGES := node_modules/.package-lock.json

help:
	@echo "make run    start everything; Ctrl-C stops it (PORT, HOST, DATABASE_URL, WENMING_DATA, WENMING_DEMO)"
	@echo "make test   format, lint, types, import rules and all tests"
	@echo "make bench  measure and print the table of figures"
	@echo "make fmt    format the code"
	@echo "make texts  bring the English catalogue up to date with the texts of the program"
	@echo "make clean  remove what was installed and built; data under var/ stay"

run: $(INSTALLED) $(BUNDLE)
	@exec .venv/bin/wenming run

test: check
	@CHROMIUM="$$(sh .ci/chromium)" || exit 1; export CHROMIUM; exec $(PY) -m pytest tests -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(INSTALLED_DEV) $(BUNDLE)
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

bench: $(INSTALLED_DEV) $(BUNDLE)
	@exec $(PY) -m tests.benchmarks

fmt: $(INSTALLED_DEV)
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

texts: $(INSTALLED)
	@exec $(PY) -m webapp.language.collecting

install: $(INSTALLED)
install-dev: $(INSTALLED_DEV)
assets: $(BUNDLE)

$(INSTALLED):
	@if [ -z "$(SYSTEM_PYTHON)" ]; then \
		echo "需要带 venv 的 Python 3.11 或更新版本 / Python 3.11 or newer with venv is needed (Debian: apt-get install python3-venv)" >&2; exit 1; fi
	@if [ "$$(cat .venv/.location 2>/dev/null)" != "$$(pwd -P)" ] || ! $(PY) -c '' 2>/dev/null; then \
		echo "建立虚拟环境 / creating .venv"; "$(SYSTEM_PYTHON)" -m venv --clear .venv; fi
	@echo "安装依赖 / installing packages"
	@$(PIP) install -r requirements.txt
	@$(PIP) install --no-deps -e .
	@pwd -P > .venv/.location
	@rm -f .venv/.installed-[0-9]*; touch $@

$(INSTALLED_DEV): $(INSTALLED)
	@echo "安装开发工具 / installing development tools"
	@$(PIP) install -r requirements-dev.txt
	@rm -f .venv/.installed-dev-*; touch $@

# node from the machine when it is new enough, else from PyPI
WITH_NODE = PATH="$$PWD/.venv/bin:$$PATH"; export PATH; \
	{ node -e 'process.exit(Number(process.versions.node.split(".")[0] < 20))' && npm --version >/dev/null; } 2>/dev/null \
	|| { echo "安装 node / installing node"; $(PIP) install -e ".[node]"; } || exit 1;

$(NODE_PACKAGES): package.json package-lock.json | $(INSTALLED)
	@echo "安装前端依赖 / installing front-end packages"
	@$(WITH_NODE) npm ci --loglevel=error
	@touch $@

$(BUNDLE): $(NODE_PACKAGES) $(shell find webapp/assets forms/assets -type f)
	@echo "构建前端 / building the front end"
	@$(WITH_NODE) npm run --silent build
	@touch $@

lock: # write down what a fresh installation gets today; with the oldest Python there is: PYTHON=python3.11 make lock
	@rm -rf .venv-lock && "$(SYSTEM_PYTHON)" -m venv .venv-lock
	@.venv-lock/bin/python -m pip --quiet install .
	@.venv-lock/bin/python -m pip freeze --exclude wenming > requirements.txt
	@.venv-lock/bin/python -m pip --quiet install '.[dev]'
	@{ echo "-r requirements.txt"; .venv-lock/bin/python -m pip freeze --exclude wenming | grep -vxF -f requirements.txt; } > requirements-dev.txt
	@rm -rf .venv-lock build

clean:
	rm -rf .venv node_modules webapp/static/dist .mypy_cache .ruff_cache .import_linter_cache *.egg-info
	find webapp workflows forms migrations tests -name __pycache__ -prune -exec rm -rf {} +
