# The ways to build, run and check this project. `make` alone lists them.

SWIFT ?= swift
SCRATCH ?= .build

BUILD_PACKAGES = libmicrohttpd-dev libnghttp2-dev libuv1-dev libgnutls28-dev libsqlite3-dev libyaml-dev zlib1g-dev pkg-config
PROTO_PACKAGES = $(BUILD_PACKAGES) python3 python3-venv
TEST_PACKAGES = $(PROTO_PACKAGES) curl ca-certificates nginx-light nodejs node-typescript chromium chromium-driver
BENCH_PACKAGES = $(PROTO_PACKAGES) gcc libc6-dev nghttp2-client valgrind wrk
DEB_PACKAGES = $(BUILD_PACKAGES) python3 debhelper dpkg-dev fakeroot
DEPLOY_PACKAGES = $(PROTO_PACKAGES) $(DEB_PACKAGES) curl ca-certificates openssl nginx-light caddy haproxy prometheus debootstrap \
	lintian systemd systemd-container file binutils man-db zsh fish buildah iproute2

# Release builds carry Swift's own libraries, so that they run where there is no Swift.
RELEASE = -c release --static-swift-stdlib --scratch-path $(SCRATCH)

# What `test` looks at before it runs anything.
CHECKS = lint check-protos check-links check-openapi check-typescript check-docs check-configuration-reference

.DEFAULT_GOAL := help
.PHONY: help run build test unit-test $(CHECKS) configuration-reference openapi typescript schemathesis test-venv test-asan \
	test-tsan test-tsan-threads fuzz fuzz-http fuzz-http-asan soak idle-connections fuzz-corpus fuzz-build format protos fault-table \
	bench bench-check bench-baseline bench-scaling bench-executables bench-envoy compare bench-transcoding \
	clean executables deb test-deploy build-packages proto-packages test-packages \
	bench-packages deb-packages deploy-packages

# The steps of `test` build on each other.
.NOTPARALLEL:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-23s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: executables ## Build, then start the local training service and the gateway in front of it
	@SCRATCH=$(SCRATCH) scripts/run.sh

build: build-packages ## Build the gateway in release mode
	$(SWIFT) build $(RELEASE) --product mltraining-gateway

executables: build-packages # the gateway and the local training service, for release
	$(SWIFT) build $(RELEASE) --product mltraining-local
	$(SWIFT) build $(RELEASE) --product mltraining-gateway

deb: executables deb-packages ## Build Debian packages of both executables into DEB_DIR=.build/deb
	deploy/debian/build.sh $(SCRATCH)/release/mltraining-gateway $(SCRATCH)/release/mltraining-local \
		$(or $(DEB_DIR),$(SCRATCH)/deb)

test-deploy: executables deploy-packages ## Test all that is under deploy/, a line for each check
	SCRATCH=$(SCRATCH) deploy/test.sh

test: test-packages $(CHECKS) unit-test bench-check test-deploy test-asan test-tsan-threads ## Install what is missing, build, run every test
	@echo "make test: all checks passed"

# One test at a time: many block their thread on a socket or a process, and on two cores they would starve the others.
# The gateway is the one that ships; with assertions it is met by `test-asan`.
unit-test: test-venv # every Swift test, the integration tests with the real executables among them
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	$(SWIFT) build --scratch-path $(SCRATCH) --build-tests
	EXECUTABLE_MLTRAINING_GATEWAY=$(abspath $(SCRATCH)/release/mltraining-gateway) \
		$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --no-parallel

check-docs: # the README and the guides name no link, option, target or metric that there is none of; their commands work
	scripts/venv.sh .venv-protos scripts/protos-requirements.txt
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	scripts/check-docs.py $(SCRATCH)/release/mltraining-gateway

check-configuration-reference: # docs/configuration.md has every option of the release gateway as it is
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	scripts/configuration-reference.py $(SCRATCH)/release/mltraining-gateway --check

check-protos: # the committed descriptor set and generated Swift are those of the .proto files
	scripts/check-protos.sh

check-links: # the release gateway links neither NIO nor GRDB nor Foundation, but for its essentials
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	scripts/check-links.sh $(SCRATCH)/release/mltraining-gateway

check-openapi: # the committed OpenAPI documents are what the gateway says of itself
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	scripts/openapi.sh $(SCRATCH)/release/mltraining-gateway check

check-typescript: # the committed TypeScript client is what the gateway prints
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	scripts/typescript.sh $(SCRATCH)/release/mltraining-gateway check

test-venv: # the Python environment of the tests' grpcio and grpclib servers
	scripts/venv.sh .venv-tests scripts/tests-requirements.txt

# Optimized, since such a debug build takes two seconds to start, but with assertions. Without the tests of what others make of
# the documents: a browser, tsc, validators.
ASAN_BUILD = -c release --scratch-path $(SCRATCH)-asan --sanitize=address -Xswiftc -assert-config -Xswiftc Debug \
	-Xswiftc -enforce-exclusivity=checked
test-asan: test-venv # the integration tests again, with the gateway under AddressSanitizer
	$(SWIFT) build $(ASAN_BUILD) --product mltraining-gateway
	EXECUTABLE_MLTRAINING_GATEWAY=$(abspath $(SCRATCH)-asan/release/mltraining-gateway) \
		ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 \
		$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --no-parallel --filter IntegrationTests \
			--skip 'IntegrationTests\.(OpenAPICommand|ReferenceBrowser|TypeScript)Tests'

# Not optimized: arrays that are specialized into our code are checked there, but the counts of their owners, which
# order the accesses, are in a library that is not, so that each copy on write would be reported. Without documents, which
# such a build takes seconds to make at each reload.
#
# The tests in which threads meet: several workers, many clients, connections that come and go, stopping.
test-tsan-threads: TSAN_TESTS = IntegrationTests\.(Concurrency|Drain|KilledUpstream|Reload|ReloadLoad|ReloadSecrets|ReplacedConnection|Restart|Shutdown|StopSignal|UpstreamTLS)Tests
test-tsan: TSAN_TESTS = IntegrationTests
test-tsan: ## Run the integration tests with the gateway under ThreadSanitizer
test-tsan test-tsan-threads: test-venv
	$(SWIFT) build --scratch-path $(SCRATCH)-tsan --sanitize=thread --product mltraining-gateway
	EXECUTABLE_MLTRAINING_GATEWAY=$(abspath $(SCRATCH)-tsan/debug/mltraining-gateway) \
		MLTRAINING_GATEWAY_DOCS=false TSAN_OPTIONS=halt_on_error=1:suppressions=$(CURDIR)/scripts/tsan-suppressions.txt \
		$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --no-parallel --filter '$(TSAN_TESTS)'

fuzz: fuzz-build ## Fuzz the transcoder and the path templates, FUZZ_SECONDS=60 for each target
	SCRATCH=$(SCRATCH) FUZZ_SECONDS=$(or $(FUZZ_SECONDS),60) scripts/fuzz.sh

fuzz-http: test-packages ## Send FUZZ_HTTP_REQUESTS=1000000 mutated requests to a gateway, and read what it says
	$(SWIFT) build --scratch-path $(SCRATCH) --build-tests
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	EXECUTABLE_MLTRAINING_GATEWAY=$(abspath $(SCRATCH)/release/mltraining-gateway) \
		FUZZ_HTTP_REQUESTS=$(or $(FUZZ_HTTP_REQUESTS),1000000) \
		$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --no-parallel --filter HTTPFuzzTests

fuzz-http-asan: FUZZ_HTTP_REQUESTS ?= 100000
fuzz-http-asan: test-packages # the same under AddressSanitizer, FUZZ_HTTP_REQUESTS=100000
	$(SWIFT) build --scratch-path $(SCRATCH) --build-tests
	$(SWIFT) build $(ASAN_BUILD) --product mltraining-gateway
	EXECUTABLE_MLTRAINING_GATEWAY=$(abspath $(SCRATCH)-asan/release/mltraining-gateway) \
		ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 FUZZ_HTTP_REQUESTS=$(FUZZ_HTTP_REQUESTS) \
		$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --no-parallel --filter HTTPFuzzTests

soak: test-packages ## Mixed traffic for SOAK_SECONDS=600; memory and descriptors of the gateway must stay flat
	$(SWIFT) build --scratch-path $(SCRATCH) --build-tests
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	EXECUTABLE_MLTRAINING_GATEWAY=$(abspath $(SCRATCH)/release/mltraining-gateway) \
		SOAK_SECONDS=$(or $(SOAK_SECONDS),600) \
		$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --no-parallel --filter SoakTests

idle-connections: test-packages ## Hold IDLE_CONNECTIONS=10000 idle connections, in less than 200 MiB
	$(SWIFT) build --scratch-path $(SCRATCH) --build-tests
	IDLE_CONNECTIONS=$(or $(IDLE_CONNECTIONS),10000) \
		$(SWIFT) test --scratch-path $(SCRATCH) --skip-build --no-parallel --filter IdleConnectionsTests

fuzz-corpus: fuzz-build # takes what `make fuzz` found worth keeping into the committed corpus
	SCRATCH=$(SCRATCH) scripts/fuzz.sh minimize

# SwiftPM links one sanitizer with `--sanitize`, so AddressSanitizer comes as a flag. Dead stripping would drop the
# counters that guide the fuzzer. Optimized, or it would be slow, but with assertions.
fuzz-build: build-packages
	$(SWIFT) build -c release --scratch-path $(SCRATCH)-fuzz --product fuzz-targets --disable-dead-strip \
		--sanitize=fuzzer -Xswiftc -sanitize=fuzzer,address -Xswiftc -DFUZZING -Xswiftc -assert-config -Xswiftc Debug

lint: ## Check the style of every Swift file
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks

format: ## Apply the style
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks

protos: proto-packages ## Make the descriptor set and the generated Swift anew from the .proto files
	scripts/protos.sh

configuration-reference: ## Write the reference of options in docs/configuration.md anew
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	scripts/configuration-reference.py $(SCRATCH)/release/mltraining-gateway

openapi: build-packages ## Write openapi/mltraining.v1.yaml and .json anew
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	scripts/openapi.sh $(SCRATCH)/release/mltraining-gateway write

typescript: build-packages ## Write the client openapi/mltraining.ts anew
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	scripts/typescript.sh $(SCRATCH)/release/mltraining-gateway write

schemathesis: test-packages test-venv ## Send SCHEMATHESIS_EXAMPLES=300 requests of each kind to each operation, by the OpenAPI document
	$(SWIFT) build $(RELEASE) --product mltraining-local
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	scripts/schemathesis.sh $(SCRATCH)/release/mltraining-gateway $(SCRATCH)/release/mltraining-local \
		--max-examples $(or $(SCHEMATHESIS_EXAMPLES),300)

fault-table: ## Write the tables of docs/faults.md anew from the tests
	$(SWIFT) build --scratch-path $(SCRATCH) --build-tests
	FAULT_TABLE=write $(SWIFT) test --scratch-path $(SCRATCH) --skip-build --filter IntegrationTests.FaultTableTests

# Benchmarks/README.md says what the variables do that these take, such as ROUNDS and SECONDS_PER_RUN.
BENCH = PYTHONPATH=Benchmarks SCRATCH=$(SCRATCH) .venv-protos/bin/python -B -m bench
bench: bench-executables bench-envoy ## Measure the gateway beside Envoy and the limits, for Benchmarks/RESULTS.md
	$(BENCH) run

bench-check: bench-executables ## Count instructions a request with valgrind; fails if they are more than those stored
	$(BENCH) check

bench-baseline: bench-executables ## Store instructions a request in Benchmarks/instructions.json
	$(BENCH) baseline

bench-scaling: bench-executables ## Measure answers, connections, latency and workers, for Benchmarks/SCALING.md
	$(BENCH) scaling

compare: bench-executables bench-envoy ## Measure and ask the gateway, Envoy and, where installed, grpc-gateway
	$(BENCH) compare

bench-executables: bench-packages
	scripts/venv.sh .venv-protos scripts/protos-requirements.txt
	$(SWIFT) build $(RELEASE) --product mltraining-gateway
	$(SWIFT) build $(RELEASE) --product canned-upstream

bench-envoy:
	scripts/venv.sh .venv-compare Benchmarks/Comparison/requirements.txt

bench-transcoding: build-packages ## Compare the transcoder with swift-protobuf; large and hostile inputs
	$(SWIFT) build $(RELEASE) --product transcoding-benchmark
	$(SCRATCH)/release/transcoding-benchmark

clean: ## Remove everything that was built
	rm -rf $(SCRATCH) $(SCRATCH)-* .venv* .run .fuzz

build-packages:
	@scripts/install-packages.sh $(BUILD_PACKAGES)

proto-packages:
	@scripts/install-packages.sh $(PROTO_PACKAGES)

test-packages:
	@scripts/install-packages.sh $(TEST_PACKAGES)

bench-packages:
	@scripts/install-packages.sh $(BENCH_PACKAGES)

deb-packages:
	@scripts/install-packages.sh $(DEB_PACKAGES)

deploy-packages:
	@scripts/install-packages.sh $(DEPLOY_PACKAGES)
