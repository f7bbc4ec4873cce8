# `make check` is what a change must pass; `make` alone lists the targets.
SHELL := /bin/bash
GO    ?= go
# The race detector needs cgo and so a C compiler; `make test RACE=` goes without.
RACE  ?= -race

# Debian keeps PostgreSQL's server programs out of PATH.
export PATH := $(CURDIR)/bin:$(PATH):$(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin)))

# Every module of go.work by its folder, and those that go.work leaves out.
NESTED := $(shell $(GO) list -m -f '{{.Dir}}' | sed 's|^$(CURDIR)/||' | grep -vx '$(CURDIR)')
APART  := $(patsubst %/go.mod,%,$(wildcard tools/go.mod bench/go.mod internal/hosts/*/go.mod))

.PHONY: help check services fmt vet lint tidy tidy-check generated test test-work test-root \
        test-skips build-alone compiler bench bench-once bench-peers test-peers quickstart vuln clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 16

check: services fmt vet tidy-check generated lint bench-once quickstart test ## all that a change must pass

services: ## what tests need beside Go; installed if root on Debian, else named
	@.ci/services

fmt: ## gofmt would change nothing
	@out=$$(git ls-files -co --exclude-standard '*.go' | grep -v '/testdata/' | while read -r f; do [ -f "$$f" ] && gofmt -l "$$f"; done); \
	  [ -z "$$out" ] || { echo "gofmt would change these; run: gofmt -w FILE"; echo "$$out"; exit 1; }

vet: ## go vet over every module of go.work
	$(GO) vet work

lint: bin/golangci-lint ## golangci-lint with .golangci.yaml over every module of go.work
	golangci-lint run --allow-parallel-runners ./... $(NESTED:%=./%/...)

tidy: ## go mod tidy, module by module
	GOWORK=off $(GO) mod tidy
	@set -e; for m in $(NESTED) $(APART); do .ci/alone $$m mod tidy; done

tidy-check: ## go mod tidy would change nothing
	GOWORK=off $(GO) mod tidy -diff
	@bad=0; for m in $(NESTED) $(APART); do .ci/alone $$m mod tidy -diff || { echo "$$m is not tidy; run: make tidy"; bad=1; }; done; exit $$bad

generated: ## go generate changes nothing
	@before=$$(git status --porcelain; git diff); $(GO) generate work || exit 1; \
	  [ "$$before" = "$$(git status --porcelain; git diff)" ] || { echo "go generate changed files; commit what it wrote:"; git status --short; exit 1; }

test: test-work test-root build-alone test-peers test-skips ## every test: the workspace under -race, the root alone, the others built alone

# gotestsum prints what go test prints and ends with the skips by name.
GOTESTSUM = gotestsum --format standard-quiet --jsonfile $(1) -- -timeout 15m

test-work: bin/gotestsum compiler
	$(call GOTESTSUM,bin/test-work.json) $(RACE) work

test-root: bin/gotestsum
	GOWORK=off $(call GOTESTSUM,bin/test-root.json) ./...

# A host sees one module at a time and never go.work.
build-alone:
	@bad=0; for m in $(NESTED) $(filter-out tools,$(APART)); do .ci/alone $$m vet ./... || { echo "$$m does not build without go.work"; bad=1; }; done; exit $$bad

# What peers are measured against says the same as they do. Without -race, which
# would build all of them a second time.
test-peers:
	.ci/alone bench test ./...

test-skips: # with OKRKIT_NO_SKIP set, a skipped test is a failed one
	@.ci/skips bin/test-work.json bin/test-root.json

compiler:
	@[ -z "$(RACE)" ] || command -v $$($(GO) env CC) >/dev/null || { echo "go test -race needs a C compiler (Debian: apt-get install gcc libc6-dev); without one: make test RACE="; exit 1; }

bench: ## benchmarks, beside the code that they measure
	$(GO) test -run '^$$' -bench . -benchmem work

bench-once: # so that no benchmark rots
	@mkdir -p bin; $(GO) test -run '^$$' -bench . -benchtime 1x work > bin/bench-once.txt 2>&1 || { cat bin/bench-once.txt; exit 1; }

bench-peers: ## the rule engine beside hand-written Go, cel-go, expr, OPA and protovalidate
	.ci/alone bench test -run '^$$' -bench . -benchmem .

quickstart: ## the main job, as README has it
	@mkdir -p bin; $(GO) run ./examples/quickstart > bin/quickstart.txt || { cat bin/quickstart.txt; exit 1; }

# Outside check, because it asks https://vuln.go.dev for today's list.
vuln: bin/govulncheck ## known vulnerabilities in what is reached; needs the network
	@set -e; for m in . $(NESTED); do echo "$$m"; govulncheck -C $$m ./...; done

bin/%: tools/go.mod tools/go.sum
	GOWORK=off $(GO) build -C tools -o ../bin/ tool
	@touch bin/*

clean: ## remove what was built
	rm -rf bin
