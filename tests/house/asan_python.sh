#!/usr/bin/env bash
# The Python package under AddressSanitizer, by hand: many vectors made and dropped, a long run of many environments.
#   tests/house/asan_python.sh            as long as tests/python/soak_test.py says
#   QUERN_SOAK_CREATE=10000 QUERN_SOAK_ENVS=100 QUERN_SOAK_STEPS=10000 tests/house/asan_python.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cmake --preset asan -DQUERN_PYTHON=ON
cmake --build build/asan --target _quern
# Python itself is not built with the sanitizer, and frees little at its end.
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=4
export PYTHONPATH=build/asan/python
LD_PRELOAD="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libstdc++.so.6)" \
  .venv/bin/python tests/python/soak_test.py
