#!/usr/bin/env bash
# The unit tests of the folders with threads under ThreadSanitizer, in a build of their own: build/tsan.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cmake --preset tsan
cmake --build build/tsan --target envs_test evolve_test
export TSAN_OPTIONS=halt_on_error=1
build/tsan/envs_test --gtest_filter='VectorEnvironment*'
build/tsan/evolve_test --gtest_filter='ParameterCache.*:Trainer.EpisodesAreTheSame*'
