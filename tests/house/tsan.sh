#!/usr/bin/env bash
# The unit tests of the folders with threads under ThreadSanitizer, in a build of their own: build/tsan.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cmake --preset tsan
cmake --build build/tsan --target envs_test policy_test evolve_test
export TSAN_OPTIONS=halt_on_error=1
build/tsan/envs_test --gtest_filter='VectorEnvironment*'
build/tsan/policy_test --gtest_filter='Kernels.Update*:Kernels.Take*:Kernels.Pack*:Quantise.*'
build/tsan/evolve_test --gtest_filter='ParameterCacheTest.*:EvaluationPoolTest.*:Trainer.EpisodesAreTheSame*:Trainer.EveryMethod*:Trainer.GivesTheSameSearchWithAny*:Trainer.SearchesOfLowRank*:Trainer.Candidates*:Trainer.TheNext*:Trainer.Abandoned*:Speedometer.*:Exploration.IsTheSame*'
