# Bottega. `make` alone prints this help.
.DEFAULT_GOAL := help
SHELL := /bin/bash

BIN     := .build/bin/bottega
MODULES := .build/modules
# For every go command below: what is compiled in one clone, or for the binary, is then
# compiled for the tests and for all clones.
export GOFLAGS := -trimpath
ROUNDS  ?= 200
SEED    ?= 1
PLANT   ?=
EVENTS  ?= 100000
FUZZTIME ?= 30s

# Pinned, run from the module proxy: nothing to install by hand.
GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0

.PHONY: help
help: ## Print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The admin is built when its sources have changed. Without Node the host is built
# all the same, with a page that says so in its place.
UI     := host/internal/admin/ui
UI_SRC := $(shell find $(UI)/src $(UI)/package.json $(UI)/package-lock.json $(UI)/index.html $(UI)/tsconfig.json $(UI)/vite.config.ts $(UI)/compress.js -type f)

$(UI)/dist/index.html: $(UI_SRC)
	@cd $(UI) && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run --silent build
	@touch $@

.PHONY: ui
ui: ## Build the admin, if its sources have changed
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(UI)/dist/index.html; \
	else echo "  no npm here: the host is built without its admin"; rm -rf $(UI)/dist; fi

.PHONY: build
build: ui ## Build the host with its admin, the apps and the plugins into .build/
	@mkdir -p .build/bin
	@go build $$(test -f $(UI)/dist/index.html && echo -tags admin) -o $(BIN) ./host/cmd/bottega
	@$(BIN) build -o $(MODULES)

.PHONY: run
run: build ## Start the demo retailer (simulated data) on http://127.0.0.1:8080
	@$(BIN) serve --demo --dir .bottega/demo --modules $(MODULES) --cache .build/cache

# go vet says all that go test would have it say again, with what the tag admin adds.
# host/e2e comes last and alone: its hostile guests are watched by the clock, and a
# browser beside them is no fault of the host.
.PHONY: test
test: ui ## Run every test that a change must pass
	@go vet ./...
	@tags=$$(test -f $(UI)/dist/index.html && echo -tags admin); \
	go vet $$tags ./host/internal/admin/... && \
	go test -vet=off $$tags $$(go list ./... | grep -v /host/e2e$$) && go test -vet=off $$tags ./host/e2e

.PHONY: crash
crash: ## Kill the host ROUNDS=200 times under load, SEED=1; PLANT=ack-before-sync must fail
	@rm -rf .build/crash && mkdir -p .build/crash
	@go test ./host/e2e -run '^TestCrash$$$$' -count=1 -timeout 60m -v -crash.dir=$(CURDIR)/.build/crash -crash.rounds=$(ROUNDS) -crash.seed=$(SEED) -crash.plant=$(PLANT)

.PHONY: soak
soak: ## Kill the host under EVENTS=100000 events and at every step of every change of its apps
	@go test ./host/e2e -run '^TestEventsExactlyOnce$$$$' -count=1 -timeout 60m -v -soak.events=$(EVENTS) -soak.kills=20
	@go test ./host/e2e -run '^TestLifecycleKilledAtEveryStep$$$$' -count=1 -timeout 60m -v -lifecycle.courses=-1

.PHONY: clients
clients: build ## Generate TypeScript and Go clients of the API and have them sell
	@BOTTEGA_LONG=1 BOTTEGA_MODULES=$(CURDIR)/$(MODULES) go test ./host/e2e/openapi -count=1 -timeout 10m

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
