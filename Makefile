# irlens. `make` shows what can be made. Each target first installs what it needs
# and is missing (setup/), and does nothing that is already done.

BUILD  ?= build
PREFIX ?= /usr/local
# What a sanitized build folder is made with.
SANITIZE ?= address,undefined

NPM_FOLDERS := editors/vscode tests/editors/vscode tests/protocol
TOOLS       := irlens irlens-mlir irlens-torchscript irlens_python
LAUNCHER    := $(if $(shell command -v ccache),-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
CONFIGURE    = echo "build: configuring $(1)" && cmake -S . -B $(1) -G Ninja --log-level=NOTICE $(LAUNCHER) $(2)
# A newer Node than the system's, if setup/node.sh had to fetch one.
export PATH := $(abspath .node/bin):$(PATH)
# ccache caches files that use a precompiled header only when told to.
export CCACHE_SLOPPINESS ?= pch_defines,time_macros
export IRLENS_BIN_DIR ?= $(abspath $(BUILD))/bin
export IRLENS_PYTHON  ?= $(abspath .venv)/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test bench lint build vsix install setup setup-packages setup-python setup-test compile-without-torch build-test build-sanitized clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 26

demo: build ## lower examples/resnet18.py to every stage and print a table of them
	@$(BUILD)/bin/irlens lower examples/resnet18.py --to all --out out/resnet18

test: build-test build-sanitized ## run all tests; SUITES="unit lint" runs only those
	@.venv/bin/python tests/run.py --build $(BUILD) --sanitized $(BUILD)-asan $(SUITES)

bench: build-test ## measure irlens beside what one would do without it
	@$(call CONFIGURE,$(BUILD),-DIRLENS_WITH_BENCH=ON)
	@cmake --build $(BUILD)
	@.venv/bin/python bench/run.py

lint: build-test ## only the lint suite
	@.venv/bin/python tests/run.py --build $(BUILD) lint

build: $(BUILD)/build.ninja setup ## build irlens and its workers into build/
	@cmake --build $(BUILD) --target $(TOOLS)

vsix: ## package the VS Code extension as editors/vscode/irlens.vsix (needs npm)
	@setup/node.sh editors/vscode
	@cd editors/vscode && npm run --silent package

install: build ## copy the programs and their data below PREFIX (/usr/local)
	@cmake --install $(BUILD) --prefix $(PREFIX)

setup: setup-packages setup-python ## install what building and running needs: Debian packages, .venv

setup-packages:
	@setup/apt.sh setup/apt-build.txt

setup-python: setup-packages
	@setup/python.sh setup/requirements.txt

setup-test: setup ## install what the tests need besides
	@setup/apt.sh setup/apt-test.txt
	@setup/python.sh setup/requirements-test.txt
	@setup/node.sh $(NPM_FOLDERS)

# Warnings are errors in a build folder that the tests made.
build-test build-sanitized: STRICT := -DCMAKE_COMPILE_WARNING_AS_ERROR=ON
build-test: $(BUILD)/build.ninja setup-test
	@cmake --build $(BUILD)

# Server and engine under sanitizers. LLVM, MLIR and libtorch are not built with
# them, so the compiled workers are the plain ones.
build-sanitized: setup-test $(BUILD)-asan/build.ninja
	@cmake --build $(BUILD)-asan
	@for worker in irlens-mlir irlens-torchscript; do ln -sf $(IRLENS_BIN_DIR)/$$worker $(BUILD)-asan/bin/$$worker; done

# The first time, what needs no torch is compiled while torch is downloaded. A
# sub-make with two jobs and not a shell's `&`, whose jobs Ctrl-C does not reach.
$(BUILD)/build.ninja: | setup-packages
	@[ -e .venv/.installed-requirements.txt ] || \
	  $(MAKE) --no-print-directory -j2 setup-python compile-without-torch STRICT="$(STRICT)"
	@$(call CONFIGURE,$(BUILD),$(STRICT) -DIRLENS_WITH_TORCHSCRIPT=ON)

compile-without-torch: setup-packages
	@$(call CONFIGURE,$(BUILD),$(STRICT) -DIRLENS_WITH_TORCHSCRIPT=OFF)
	@cmake --build $(BUILD) --target $(filter-out irlens-torchscript,$(TOOLS))

# A build folder that was left half configured is configured again.
.DELETE_ON_ERROR:

$(BUILD)-asan/build.ninja: | setup-test
	@$(call CONFIGURE,$(BUILD)-asan,$(STRICT) -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 \
	  -DIRLENS_WITH_MLIR=OFF -DIRLENS_WITH_TORCHSCRIPT=OFF -DIRLENS_WITH_FUZZERS=ON -DIRLENS_SANITIZE=$(SANITIZE) \
	  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-gline-tables-only \
	  -DCMAKE_CXX_FLAGS="-O1 -D_GLIBCXX_ASSERTIONS")

clean: ## remove what was built and lowered; keeps .venv and node_modules
	rm -rf $(BUILD) $(BUILD)-asan out
