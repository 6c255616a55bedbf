# What one does with this project; `make` alone lists it.
SHELL := /bin/bash
export TIMEFORMAT := -- took %0R s
PROFILE ?= dev
ARGS ?=

.PHONY: help run test bench gen fmt schemathesis clients

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: ## Start a demonstration hospital (PROFILE=release for speed, ARGS="--listen ADDRESS")
	cargo run --profile $(PROFILE) --package nadi -- serve --demo $(ARGS)

test: ## Everything that must hold before a commit, on both engines
	time cargo fmt --all --check
	time cargo run --quiet --package xtask -- tidy
	time cargo clippy --workspace --all-targets -- -D warnings
	time cargo run --quiet --package xtask -- gen --check
	NADI_TEST_PG_FAST=1 scripts/postgres run cargo test --workspace

schemathesis: ## Hold a running server against its own OpenAPI document (needs python3)
	scripts/schemathesis $(ARGS)

clients: ## Install the clients that sockets are tested with (needs node, npm and python3)
	scripts/clients

bench: ## Measure, on both engines and with a real disk
	cargo build --release --package nadi
	scripts/postgres run cargo run --release --package bench -- $(ARGS)

gen: ## Write the files that are made from the program: generated/openapi.json, docs/CONFIG.md
	cargo run --quiet --package xtask -- gen

fmt: ## Format the sources
	cargo fmt --all
