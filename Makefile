# What one does with this project; `make` alone lists it.
SHELL := /bin/bash
export TIMEFORMAT := -- took %0R s
PROFILE ?= dev
ARGS ?=
FUZZ ?= 60

.PHONY: help run test bench gen fmt schemathesis clients fuzz

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

fuzz: ## Throw made-up bytes at what reads stored points (needs nightly and cargo-fuzz; FUZZ=600 seconds each)
	cd crates/signals && for target in unpack numbers rows; do \
		cargo +nightly fuzz run --target-dir ../../target/fuzz $$target -- -max_total_time=$(FUZZ) || exit 1; done

bench: ## Measure, on both engines and with a real disk
	cargo build --release --package nadi
	scripts/postgres run cargo run --release --package bench -- $(ARGS)

gen: ## Write the files that are made from the program: generated/openapi.json, docs/CONFIG.md
	cargo run --quiet --package xtask -- gen

fmt: ## Format the sources
	cargo fmt --all
