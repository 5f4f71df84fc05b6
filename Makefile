# `make` alone says what there is. Everything that is installed or compiled goes to a cache folder of
# the user's, so that a fresh clone does not start from nothing.
HEARTH_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/hearth
PORT ?= 8080
export HEARTH_CACHE PORT

.DEFAULT_GOAL := help
.PHONY: help setup serve build package test fmt clippy clippy-wasm spelling deny test-native test-browser test-dawn test-long test-large bench fuzz train evaluate-model golden

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install what the page and its tests need, and nothing twice
	@scripts/setup.sh rust node chromium browsers vulkan dawn wasm-std tools typos

serve: ## Build the page and serve it on http://127.0.0.1:8080 (PORT=... for another port)
	@scripts/setup.sh rust node wasm-std tools
	@scripts/serve.sh

build: ## Build the page into dist/, as it ships
	@scripts/setup.sh rust node wasm-std tools
	@scripts/build.sh

package: build ## Make the npm package: target/hearth.tgz
	@scripts/package.sh

test: setup ## What every change must pass, and a closing line with the count
	@scripts/test.sh

fmt: ## Check the format of the Rust code
	@scripts/setup.sh rust
	@scripts/fmt.sh

clippy: ## Lint the Rust code; warnings are errors
	@scripts/setup.sh rust
	@scripts/clippy.sh

clippy-wasm: ## Lint the page's and the engine's programs as they are compiled for the browser
	@scripts/setup.sh rust wasm-std
	@scripts/clippy-wasm.sh

spelling: ## Check the spelling of code, documents and file names
	@scripts/setup.sh typos
	@scripts/check-text.sh

deny: ## Check licences and sources of all crates (ADVISORIES=1: known vulnerabilities too)
	@scripts/setup.sh rust cargo-deny
	@scripts/check-dependencies.sh $(if $(ADVISORIES),advisories)

test-native: ## The tests outside the browser
	@scripts/setup.sh rust vulkan
	@scripts/test-native.sh

test-browser: build ## The tests inside a browser, on a fresh build
	@scripts/setup.sh chromium browsers
	@scripts/test-browser.sh

test-dawn: build ## The kernels through Chrome's compiler, with f16 (HEARTH_LONG=1 for all of them)
	@scripts/setup.sh dawn
	@scripts/test-dawn.sh

test-long: build ## What takes too long for every commit: downloads, endurance, every view, all kernels (half an hour)
	@scripts/setup.sh chromium vulkan dawn
	@scripts/test-long.sh

test-large: build ## Full-size SD 1.5 and a hundred broken downloads (20 GB of disk, an hour)
	@scripts/setup.sh chromium vulkan python
	@scripts/test-large.sh

bench: build ## Hearth beside onnxruntime-web, into docs/performance.md (an hour; CASES=... for some)
	@scripts/setup.sh chromium python
	@scripts/bench.sh $(CASES)

fuzz: ## Broken files of every kind, ten minutes each
	@scripts/setup.sh rust
	@scripts/fuzz.sh

train: ## Train the small model that ships (Python, PyTorch; hours)
	@scripts/setup.sh python
	@scripts/train.sh

evaluate-model: ## Recompute the figures in the card of the model that ships (Python, PyTorch; half an hour)
	@scripts/setup.sh python
	@scripts/evaluate-model.sh

golden: ## Compute the reference values of the tests anew (Python, diffusers)
	@scripts/setup.sh python
	@scripts/golden.sh
