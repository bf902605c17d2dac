# Every command a person or a build server needs. `make` alone lists them.
#
# Nothing is installed outside .venv/ and nothing written outside build/.

PYTHON ?= $(shell scripts/find_python)
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Container images often set it. Hundreds of processes start here, and each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE
# Pass more to a command: make test-unit ARGS='-k claim -x'
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo demo-goals demo-mysfits drills new-account regions up down status shell test test-unit \
	test-integration test-long contract test-second-emulator lint format sanity molecule build readmes variables changelog clean venv

help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-21s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- Run it ----------------------------------------------------------------------------------------------------

demo: .venv/.ready-demo ## Set everything up and run the sales system on the embedded cloud
	$(BIN)/python -m demos.sales $(ARGS)

demo-goals: .venv/.ready-demo ## A database in a task: deployments that lose its data, that fail, and that do neither
	$(BIN)/python -m demos.goals $(ARGS)

demo-mysfits: .venv/.ready-demo ## A monolith is taken apart behind its load balancer, and no request fails
	$(BIN)/python -m demos.mysfits $(ARGS)

drills: .venv/.ready-demo ## Drills under traffic, with charts: build/drills/index.html; ARGS='graceful dead'
	$(BIN)/python -m drills $(ARGS)

regions: .venv/.ready-demo ## Plan the sales system in every region, and build it in odd ones; ARGS='plan us-west-1'
	$(BIN)/python -m drills.regions $(ARGS)

new-account: .venv/.ready-demo ## Whole lives on an account as AWS gives it; ARGS='--throttled-share 0.3 --lost-share 0.05 --rounds 5'
	$(BIN)/python -m drills.new_account $(ARGS)

up: .venv/.ready-demo ## Start the embedded cloud
	@$(BIN)/python -m localcloud up $(ARGS)

down: .venv/.ready-demo ## Stop the embedded cloud, whatever state it is in
	@$(BIN)/python -m localcloud down $(ARGS)

status: .venv/.ready-demo ## Show whether the embedded cloud runs, and where
	@$(BIN)/python -m localcloud status $(ARGS)

shell: .venv/.ready-demo ## Print the exports that point tools at the embedded cloud: eval "$(make -s shell)"
	@$(BIN)/python -m localcloud shell $(ARGS)

# --- Check it --------------------------------------------------------------------------------------------------

test: .venv/.ready-test ## Every lint and every test
	$(BIN)/python scripts/run_tests.py $(ARGS)

test-unit: .venv/.ready-test ## Fast tests, no server
	$(BIN)/pytest -q -n 3 --dist worksteal tests/unit $(ARGS)

test-integration: .venv/.ready-test ## Tests that start the embedded cloud
	$(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder tests/integration $(ARGS)

contract: .venv/.ready-test ## Every module: what check mode predicts is what happens, once
	$(BIN)/pytest -q -n 3 tests/contract $(ARGS)

test-long: .venv/.ready-test ## Whole lives through the pipeline and the buttons of AWX; minutes each, not in make test
	$(BIN)/pytest -q tests/long $(ARGS)

test-second-emulator: .venv/.ready-test build/second-emulator/.ready ## Every module against MiniStack, an emulator of others; not part of test
	$(BIN)/pytest -q -n 2 tests/second_emulator $(ARGS)

lint: .venv/.ready-test ## ruff, yamllint, ansible-lint, shellcheck, generated files up to date
	scripts/lint

sanity: .venv/.ready-test ## ansible-test sanity on the built artifact
	$(BIN)/python scripts/sanity.py $(ARGS)

molecule: .venv/.ready-test ## Molecule scenarios on the embedded cloud
	$(BIN)/python scripts/molecule.py $(ARGS)

# --- Change it -------------------------------------------------------------------------------------------------

format: .venv/.ready-test ## Format Python files
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

readmes: .venv/.ready-test ## Write the roles' READMEs from their argument specs
	$(BIN)/python scripts/role_readmes.py

variables: .venv/.ready-test ## Write docs/variables.md and awx/surveys.yml from docs/variables.yml
	$(BIN)/python -m scripts.playbook_variables

changelog: .venv/.ready-test ## Check the changelog fragments; RELEASE=1 turns them into a release
	$(if $(RELEASE),scripts/release_changelog,$(BIN)/antsibull-changelog lint)

build: .venv/.ready-demo ## Build the collection's artifact into build/
	$(BIN)/ansible-galaxy collection build --force --output-path build .

venv: .venv/.ready-test ## Make or refresh .venv/ with everything above needs

clean: ## Stop the embedded cloud, and remove the output of builds, tests and demos; .venv stays
	@if [ -x $(BIN)/python ] && [ -d localcloud ]; then $(BIN)/python -m localcloud down || true; fi
	rm -rf build .mypy_cache .pytest_cache .ruff_cache .ansible

.venv/.ready-demo: requirements/runtime.txt requirements/localcloud.txt
	@PYTHON=$(PYTHON) scripts/make_venv localcloud
	@touch $@

.venv/.ready-test: requirements/runtime.txt requirements/localcloud.txt requirements/test.txt
	@PYTHON=$(PYTHON) scripts/make_venv test
	@touch .venv/.ready-demo $@

# Not into .venv: it brings a botocore of its own, and nothing here imports it.
build/second-emulator/.ready: requirements/second_emulator.txt
	@PYTHON=$(PYTHON) scripts/make_venv second_emulator build/second-emulator
	@touch $@
