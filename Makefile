# Bottega. `make` alone prints this help.
.DEFAULT_GOAL := help
SHELL := /bin/bash

BIN     := .build/bin/bottega
MODULES := .build/modules
GOFLAGS := -trimpath
ROUNDS  ?= 200
SEED    ?= 1
PLANT   ?=
FUZZTIME ?= 30s

# Pinned, run from the module proxy: nothing to install by hand.
GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0

.PHONY: help
help: ## Print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the host, the apps and the plugins into .build/
	@mkdir -p .build/bin
	@go build $(GOFLAGS) -o $(BIN) ./host/cmd/bottega
	@$(BIN) build -o $(MODULES)

.PHONY: run
run: build ## Start the demo retailer (simulated data) on http://127.0.0.1:8080
	@$(BIN) serve --demo --dir .bottega/demo --modules $(MODULES) --cache .build/cache

.PHONY: test
test: ## Run every test that a change must pass
	@go vet ./...
	@go test ./...

.PHONY: crash
crash: ## Kill the host ROUNDS=200 times under load, SEED=1; PLANT=ack-before-sync must fail
	@rm -rf .build/crash && mkdir -p .build/crash
	@go test ./host/e2e -run '^TestCrash$$$$' -count=1 -timeout 60m -v -crash.dir=$(CURDIR)/.build/crash -crash.rounds=$(ROUNDS) -crash.seed=$(SEED) -crash.plant=$(PLANT)

.PHONY: bench
bench: build ## Measure against the peers; table on stdout, samples in .build/bench.json
	@cd host/bench && go run . -out ../../.build/bench.json

.PHONY: fuzz
fuzz: ## Fuzz everything that parses, FUZZTIME=30s each
	@set -e; for p in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
			echo "$$p $$f"; go test $$p -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x; done; done

.PHONY: lint
lint: ## Run the linters of .golangci.yml
	@$(GOLANGCI) run ./...

.PHONY: check
check: lint test ## Everything that is checked before a change lands

.PHONY: clean
clean: ## Remove what was built (not the demo's data)
	@rm -rf .build
