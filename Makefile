.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

help: ## Show this
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# The lock where it fits the machine (hashes of all packages but torch); whatever it leaves is completed by the ranges.
.venv/ready: pyproject.toml constraints.txt requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --no-deps --require-hashes --requirement requirements.lock || echo "requirements.lock does not fit this machine"
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

.venv/cluster: .venv/ready
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[slurm]'
	touch $@

.venv/docs: .venv/ready
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[docs]'
	touch $@

setup: .venv/ready ## Make the virtual environment

train: setup ## Train the main job: cartoon heads, a few minutes on two cores (options: make train ARGS="model=vae")
	$(BIN)/python train.py $(ARGS)

lint: setup ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: setup ## Run the fast tests
	$(BIN)/python -m pytest -n auto -m "not slow and not gpu and not slurm"

coverage: setup ## Run the fast tests and say which lines they reach
	$(BIN)/python -m pytest -n auto -m "not slow and not gpu and not slurm" --cov=gen_models --cov-report=term:skip-covered

test-slurm: .venv/cluster ## Start a Slurm on this machine and run the tests that need one (root; docs/clusters.md)
	$(BIN)/python -m pytest -m slurm -rs

docs: .venv/docs ## Make a site of docs/ and of the sources in site/; a dead link ends it
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet

test-install: setup ## Build the wheel and try all commands where there is no checkout
	$(BIN)/python -m pytest tests/install

test-full: setup ## Run all tests that this machine can
	$(BIN)/python -m pytest

faults: setup ## Break runs in every way and count what holds, an hour or more on two cores (docs/reliability.md; ARGS="--size short")
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.faults $(ARGS)

peers: setup ## Make an environment for each library that `make bench` compares with, in .cache/peers
	$(BIN)/python -m benchmarks.peers.install

bench: peers ## Race against lean loops and other libraries, and write docs/benchmarks.md (five to ten minutes; ARGS="glow", ARGS="--rounds 15")
	$(BIN)/python -m benchmarks $(ARGS)

bench-gpu: setup ## Measure turns on a CUDA device: images a second, memory, share of its measured peak
	$(BIN)/python -m benchmarks.gpu

board: setup ## Train 50 families for the same minutes on one data set, and set them on one board (BUDGET=minutes|hour|night|40 SEEDS="1 2 3" DATA=… ONLY="gan vae")
	benchmarks/board.sh

lock: setup ## Write requirements.lock anew, with the hash of every package
	$(BIN)/pip install --quiet uv
	PATH="$(BIN):$$PATH" scripts/lock.sh

clean: ## Remove what can be made again: caches, not runs
	rm -rf .venv site .cache .pytest_cache .ruff_cache .mypy_cache build dist *.egg-info

.PHONY: help setup train lint test coverage docs test-slurm test-install test-full faults peers bench bench-gpu board lock clean
