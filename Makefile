# `make run` starts the whole counter, `make test` tests it. Nothing else is needed but Python 3.11 or newer.

SHELL := /bin/bash
VENV := .venv
export VENV

# Without bytecode every start takes twice as long; the others would let foreign packages in.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME PYTHONSTARTUP

.DEFAULT_GOAL := help
.PHONY: help run test check sdl lock

help: ## Say what can be made
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: ## Start the whole counter on this machine; Ctrl-C stops it
	@scripts/venv requirements.lock
	@exec $(VENV)/bin/python -m mesadepartes run

test: ## Check and test everything; installs what the tests need where it may
	@scripts/venv requirements-dev.lock
	@scripts/real-parts
	@scripts/check
	$(VENV)/bin/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(PYTEST)

check: ## Format, lint, types, walls between rooms, SDL, migrations
	@scripts/venv requirements-dev.lock
	@scripts/check

sdl: ## Print the schema anew into schema/schema.graphql
	@scripts/venv requirements-dev.lock
	$(VENV)/bin/python -m mesadepartes sdl > schema/schema.graphql.new
	mv schema/schema.graphql.new schema/schema.graphql

lock: ## Choose versions anew (maintainers; needs uv)
	scripts/lock
