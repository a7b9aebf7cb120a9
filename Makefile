# The two commands are `make demo` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

INSTALLED := node_modules/.package-lock.json
UNIT_ENGINE := 'runtime/{kernel,scan}/*.test.ts' 'runtime/stream/!(invariants).test.ts'
UNIT_RUNTIME := 'runtime/*.test.ts' 'runtime/!(kernel|scan|stream)/**/*.test.ts'
UNIT_OPERATOR := 'operator/**/!(history|transition).test.ts'
UNIT_TOOLS := 'dev/**/*.test.ts' 'bench/**/!(fold).test.ts' 'test/golden/*.test.ts' test/chaos/mutant.test.ts
# Random histories, and the guard of what an event costs: seconds each.
HISTORIES_TESTS := 'operator/**/history.test.ts' operator/reconcile/transition.test.ts \
  runtime/stream/invariants.test.ts bench/fold.test.ts
# Suites that start servers and processes.
LIVE := node --import ./test/ends.ts --test
SOURCES := package.json $(shell find operator runtime -name '*.ts' ! -name '*.test.ts') runtime/kernel/kernel.wasm

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 20

$(INSTALLED): package.json package-lock.json
	@echo "installing npm packages"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

##@ The front door

.PHONY: demo
demo: $(INSTALLED) bundle ## a real Kubernetes and Kafka on this machine, the sample pipeline, its first window
	@node dev/main.ts demo

.PHONY: demo-down
demo-down: $(INSTALLED) ## remove everything that `make demo` started
	@node dev/main.ts down demo

.PHONY: test
test: verify bundle ## everything that must pass; what waits more than it works runs two at a time, the longest first
	@$(MAKE) -j2 test-integration test-e2e test-faults test-chaos test-operations

##@ The parts of `make test`

.PHONY: verify
verify: $(INSTALLED) ## generated files, format, lint, types, dead code, unit tests
	@node dev/generate.ts --check
	@oxfmt --check . >/dev/null || { echo 'not formatted; run: make format'; exit 1; }
	@oxlint --type-aware --quiet .
	@tsc -p .
	@knip
	@$(MAKE) test-unit

.PHONY: test-unit
test-unit: $(INSTALLED) ## the unit tests: no broker, no cluster, seconds
	@NODE_COMPILE_CACHE=node_modules/.cache/node $(MAKE) -j2 --output-sync=target unit-engine unit-runtime unit-operator unit-tools

# Four processes, the longest first, as each runs its tests one after the other.
.PHONY: unit-engine unit-runtime unit-operator unit-tools
unit-engine:
	@node --test --test-isolation=none $(UNIT_ENGINE)
unit-runtime:
	@node --test --test-isolation=none $(UNIT_RUNTIME)
unit-operator:
	@node --test --test-isolation=none $(UNIT_OPERATOR)
unit-tools:
	@node --test --test-isolation=none $(UNIT_TOOLS)

.PHONY: test-integration
test-integration: $(INSTALLED) ## against a real etcd and API server, and a real Kafka broker
	@$(LIVE) --test-concurrency=1 'test/integration/**/*.test.ts' 'test/chaos/!(chaos|mutant).test.ts'

# Some files start an API server and a broker each; two at a time.
.PHONY: test-operations
test-operations: $(INSTALLED) bundle ## alerts, panels and documents beside running pods; rights, children, texts; fifty pipelines; random histories
	@$(LIVE) --test-concurrency=2 'test/{monitoring,scale,security}/*.test.ts' $(HISTORIES_TESTS)

.PHONY: test-faults
test-faults: $(INSTALLED) ## the operator on an API server that fails in every way: the short form of `make faults`
	@$(LIVE) test/faults/faults.test.ts

# Its trials judge exactness, not speed: they give way to those beside them that have limits of time.
.PHONY: test-chaos
test-chaos: $(INSTALLED) ## processors killed, frozen, cut off on a real broker: the short form of `make chaos`
	@NODE_COMPILE_CACHE=node_modules/.cache/node nice -n 5 $(LIVE) test/chaos/chaos.test.ts

.PHONY: test-e2e
test-e2e: $(INSTALLED) bundle ## on a real node with real pods; needs root
	@if [ "$$(id -u)" != 0 ]; then \
	  echo 'SKIPPED: the end-to-end tests start a Kubernetes node, which needs root'; \
	  [ -z "$${CI:-}" ] || { echo 'in CI they may not be skipped'; exit 1; }; \
	else \
	  trap 'node dev/main.ts down test' EXIT; \
	  NODE_OPTIONS=--disable-warning=TimeoutNegativeWarning \
	    $(LIVE) --test-concurrency=1 'test/e2e/**/*.test.ts'; \
	fi

.PHONY: faults
faults: $(INSTALLED) ## every fault of the API server in its long form, or those of ONLY=…; writes docs/resilience.md
	@$(if $(ONLY),:,HISTORIES=1000 node --test operator/reconcile/transition.test.ts)
	@$(if $(ONLY),:,HISTORIES=10000 node --test operator/reconcile/history.test.ts operator/topics/history.test.ts)
	@FAULTS=all $(LIVE) $(if $(ONLY),--test-name-pattern='$(ONLY)') test/faults/faults.test.ts

.PHONY: chaos
chaos: $(INSTALLED) ## every fault in its long form, or those of ONLY=…; writes docs/resilience.md
	@$(if $(ONLY),:,HISTORIES=3000 node --test runtime/stream/invariants.test.ts)
	@CHAOS=all NODE_COMPILE_CACHE=node_modules/.cache/node $(LIVE) $(if $(ONLY),--test-name-pattern='$(ONLY)') test/chaos/chaos.test.ts

.PHONY: bench
bench: $(INSTALLED) bundle ## the runtime beside its peers, all parts or ONLY=drain,…; writes docs/benchmarks.md
	@node bench/main.ts

.PHONY: bench-operator
bench-operator: ## the operator with a thousand pipelines, a part of `make bench`; EVENTS= pipelines, ROUNDS= idle minutes
	@$(MAKE) bench ONLY=operator

.PHONY: bench-fold
bench-fold: $(INSTALLED) ## what one event costs a task: the kernel beside the two scans
	@node bench/fold.ts

##@ Making things

.PHONY: generate
generate: $(INSTALLED) ## the CRD, the roles, the policies, the dashboard, the documents and the kernel, from the code
	@node dev/generate.ts

.PHONY: golden
golden: $(INSTALLED) ## write the samples' children anew: read the difference before you commit it
	@UPDATE_GOLDEN=1 node --test test/golden/*.test.ts
	@git --no-pager diff --stat test/golden

.PHONY: format
format: $(INSTALLED) ## format the code
	@oxfmt .

.PHONY: bundle
bundle: dist/operator.mjs dist/runtime.mjs ## what the images run

dist/operator.mjs dist/runtime.mjs: dist/%.mjs: $(INSTALLED) $(SOURCES) dev/bundle.ts
	@node dev/bundle.ts $* $@.new
	@cp runtime/kernel/kernel.wasm dist/
	@mv $@.new $@

.PHONY: sbom
sbom: $(INSTALLED) ## dist/sbom.json: the packages in the images, as CycloneDX
	@node dev/sbom.ts dist/sbom.json

##@ A cluster that exists

REGISTRY ?= localhost
VERSION := $(shell sed -n 's/^  "version": "\(.*\)",/\1/p' package.json)
ENGINE ?= $(notdir $(firstword $(shell command -v podman docker buildah)))
OVERLAY ?= default
IMAGES := $(foreach part,operator runtime,$(REGISTRY)/clickstream-$(part):$(VERSION))

.PHONY: images
images: $(INSTALLED) bundle ## both images, named REGISTRY/clickstream-…:VERSION, by podman, docker or buildah
	@for part in operator runtime; do \
	  $(ENGINE) build --file $$part/Containerfile --tag $(REGISTRY)/clickstream-$$part:$(VERSION) .; \
	done

.PHONY: push
push: ## push both images to REGISTRY
	@for image in $(IMAGES); do $(ENGINE) push $$image; done

.PHONY: deploy
deploy: $(INSTALLED) ## apply config/OVERLAY with your images to the cluster of your kubeconfig
	@node dev/overlay.ts dist/overlay $(IMAGES) $(OVERLAY)
	@kubectl apply -k dist/overlay

##@ The rest

.PHONY: screenshot
screenshot: $(INSTALLED) ## the picture of the live page in docs/images, by headless Chromium
	@node dev/screenshot.ts

.PHONY: clean
clean: ## remove what was built in the checkout; the cache of binaries stays
	@rm -rf dist node_modules
