# The front door of trading-ops: one line a command. `make help` lists them; flags for a command go after `--`:
#   make reconcile-daily -- --snapshot-date 2026-11-23 --cash-gbp 1000.50 --position AAPL=10 --notes "manual etoro snapshot"
.DEFAULT_GOAL := help
# A position may be of a symbol that make and the shell know as a variable: PATH is UiPath's. The real ones are make's own.
override SHELL := /bin/sh
ifeq ($(origin PATH),command line)
override PATH := $(or $(shell command -p tr '\0' '\n' < /proc/$$PPID/environ 2>/dev/null | command -p sed -n 's/^PATH=//p'),/usr/local/bin:/usr/bin:/bin)
endif
override TRADING_OPS_CLI := node dist/cli/main.js
# Programs of this repository that take flags after `--` too, and are no commands of the CLI.
override TRADING_OPS_TOOLS := faults
override TRADING_OPS_FORMATTED := '{src,test,bench,tools,types,ops}/**/*.{ts,mjs}' vitest.config.ts
override TRADING_OPS_SOURCES := $(shell find src types migrations -type f 2>/dev/null) tsconfig.json tsconfig.build.json

# Commands of the CLI that have a target of the same name.
override TRADING_OPS_COMMANDS := up desk down logs ps health psql status migrate db-tables run-ops run-0800 reconcile-daily run-1400 \
  confirm confirm-fills ticket tickets-last runs-last alerts-last alerts ledger-report ledger-baseline cash ledger performance kill-switch market-fetch \
  data-quality actions account policy universe day rebuild watch render audit books statement simulate demo worker schedules \
  backup backups restore-test restore-fresh-test doctor install-service uninstall-service install-backup-timer uninstall-backup-timer artifacts-retention explain

# What follows `--` belongs to the command, not to make: then the first goal is the only one, and words that happen to
# be names of targets (a note saying "test") run nothing.
override TRADING_OPS_DASHES := $(shell tr '\0' '\n' < /proc/$$PPID/cmdline 2>/dev/null | grep -cx -e --)
override TRADING_OPS_ONLY := $(if $(filter-out 0,$(TRADING_OPS_DASHES))$(filter --%,$(MAKECMDGOALS)),$(firstword $(MAKECMDGOALS)))

ifneq ($(TRADING_OPS_ONLY),)
ifeq ($(filter $(TRADING_OPS_ONLY),$(TRADING_OPS_COMMANDS) $(TRADING_OPS_TOOLS)),)
$(error make $(TRADING_OPS_ONLY) takes nothing after --)
endif
override TRADING_OPS_TARGETS := $(filter-out $(TRADING_OPS_TOOLS),$(TRADING_OPS_ONLY))
.DEFAULT: ; @:
# A flag given twice is a goal named twice, of which make would say that it "is up to date".
MAKEFLAGS += --silent
else
override TRADING_OPS_TARGETS := $(TRADING_OPS_COMMANDS)

.PHONY: help test lint format typecheck bench incidents pictures mutate sbom audit-packages pin-images clean
help: ## list the targets
	@echo 'trading-ops: make <target> [-- flags]'; echo
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 22
	@echo; echo '  commands of the CLI, each with --help (make up -- --help):'; echo '  $(TRADING_OPS_COMMANDS)' | fold -s -w 100

test: build ## build, check types, lint, and run every test on a real Postgres and a real Temporal server
	@node tools/chromium.mjs
	@node_modules/.bin/tsc -p tsconfig.json & types=$$!; \
	node_modules/.bin/prettier --check --log-level=warn $(TRADING_OPS_FORMATTED) & layout=$$!; \
	node_modules/.bin/oxlint --type-aware --quiet; style=$$?; \
	wait $$types || style=$$?; wait $$layout || style=$$?; \
	test $$style -eq 0 && node_modules/.bin/vitest run --reporter=default --reporter=./test/support/totals.ts

lint: .build/packages ## check the style of the code
	@node_modules/.bin/oxlint --type-aware && node_modules/.bin/prettier --check $(TRADING_OPS_FORMATTED)

format: .build/packages ## lay the code out as .prettierrc.json says
	@node_modules/.bin/prettier --write --list-different $(TRADING_OPS_FORMATTED)

typecheck: .build/packages ## check the types of code, tests and benches
	@node_modules/.bin/tsc -p tsconfig.json

bench: build ## measure, beside what each figure is compared with; writes bench/results/latest.json
	@node_modules/.bin/tsx bench/main.ts

incidents: .build/packages ## write the codes of src/reports/catalogue into docs/INCIDENTS.md
	@node_modules/.bin/tsx tools/incidents.ts

mutate: .build/packages ## change rules one at a time and see whether a unit test fails (minutes; tools/mutate/main.ts --help)
	@node_modules/.bin/tsx tools/mutate/main.ts

sbom: .build/packages ## write what every package is into .build/sbom.json (CycloneDX)
	@node tools/sbom.mjs

audit-packages: .build/packages ## ask the registry whether it signed what is installed, and which flaws are known
	@node tools/audit-packages.mjs

pin-images: ## write the digest of each image beside its tag (asks the registry through Docker)
	@node tools/pin-images.mjs

clean: ## remove what was built (never data)
	@rm -rf dist .build node_modules
endif

.PHONY: build $(TRADING_OPS_TARGETS) $(TRADING_OPS_TOOLS)
build: dist/.built

pictures: build ## make the pictures of the desk in docs/pictures: the demonstration, and the day after it in a browser
	@node_modules/.bin/tsx tools/pictures/main.ts

faults: build ## play days by the thousand while things fail, checking all after each; flags after -- (docs/FAULTS.md)
	@TRADING_OPS_MAKE_PID=$$PPID node_modules/.bin/tsx tools/faults/main.ts

$(TRADING_OPS_TARGETS): dist/.built
	@TRADING_OPS_MAKE_PID=$$PPID $(TRADING_OPS_CLI) $@

.build/packages: package.json package-lock.json .npmrc tools/install-scripts.mjs
	@node -e 'const [line, minor] = process.versions.node.split(".").map(Number); process.exit(line >= 24 || minor >= { 20: 19, 22: 12 }[line] ? 0 : 1)' 2>/dev/null \
	  || { echo 'trading-ops needs 20.19 or later of Node 20, 22.12 or later of Node 22, or Node 24 or later on PATH' >&2; exit 64; }
	@echo 'Installing packages (once) ...' >&2
	@# Not npm ci: it refuses a lock file without other platforms' binaries, which a registry mirror may not have.
	@npm install --no-save --no-audit --no-fund --loglevel=error >&2
	@node tools/install-scripts.mjs >&2
	@mkdir -p $(@D) && touch $@

dist/.built: .build/packages $(TRADING_OPS_SOURCES)
	@echo 'Building ...' >&2
	@rm -rf dist && node_modules/.bin/tsc -p tsconfig.build.json && node_modules/.bin/tsc -p src/desk/browser && node dist/worker/bundle.js
	@touch $@
