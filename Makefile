# The short way to everything; CMakePresets.json has the builds themselves. Each target first installs what it lacks.
.DEFAULT_GOAL := help
.PHONY: help build demo test bench format lint clean

BUILD := build/release

# A first build may have no ccache, none is ever required; CMake reads this variable when it configures.
ifneq ($(shell command -v ccache),)
export CMAKE_CXX_COMPILER_LAUNCHER ?= ccache
endif
configure = [ -f $(BUILD)/build.ninja ] || cmake --preset release $(if $(filter true,$(CI)),-DQUERN_WERROR=ON)

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

build: ## build everything; the program is build/release/quern
	@tools/bootstrap
	@$(configure)
	@cmake --build $(BUILD)

demo: ## train the embedded game from pixels, evaluate the champion, record it
	@tools/bootstrap
	@$(configure)
	@cmake --build $(BUILD) --target quern
	@tools/demo

test: ## build and run all the tests; the last lines are ctest's summary
	@tools/bootstrap --test
	@cmake --preset release -DQUERN_PYTHON=ON $(if $(filter true,$(CI)),-DQUERN_WERROR=ON) >/dev/null # anew: .venv may be younger than the build
	@cmake --build $(BUILD)
	@ctest --test-dir $(BUILD) --output-on-failure --parallel 2 --no-label-summary

bench: ## run the benchmarks, those against ale-py and EnvPool in a short form
	@tools/bootstrap --bench
	@cmake --preset release -DQUERN_PYTHON=ON $(if $(filter true,$(CI)),-DQUERN_WERROR=ON) >/dev/null
	@cmake --build $(BUILD)
	@for program in $(BUILD)/*_bench; do "$$program" || exit 1; done
	@.venv/bin/python bench/against_peers.py --build $(BUILD) --envs 200

format: ## format the C++ files in place
	@tools/bootstrap --format
	@tools/format

lint: ## clang-tidy over quern/
	@tools/bootstrap --lint
	@$(configure)
	@cmake --build $(BUILD)
	@tools/lint

clean: ## remove the build folder
	@rm -rf build
