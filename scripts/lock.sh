#!/usr/bin/env bash
# Write requirements.lock: every package that the project and its tests need, for all platforms, with hashes. torch and
# what only its CUDA builds need are left out: which build fits is the machine's own affair (constraints.txt pins torch).
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --constraint constraints.txt --extra dev \
    --no-header --no-annotate --output-file requirements.lock "$@" pyproject.toml
}
rm -f requirements.lock
compile --no-emit-package torch
mapfile -t cuda < <(grep -oE '^(triton|cuda-[a-z]+|nvidia-[a-z0-9-]+)==' requirements.lock | sed 's/==//')
rm requirements.lock
compile --no-emit-package torch "${cuda[@]/#/--no-emit-package=}"
