# vexport: `make run` and `make test` are all one needs on a fresh Debian 12 with Swift 6.3.

# Small code: a twelfth less to load. What is hot and lost by it says @_optimize(speed).
RELEASE = -c release -Xswiftc -Osize --static-swift-stdlib -Xswiftc -use-ld=lld -Xlinker --gc-sections -Xlinker --icf=all \
  -Xswiftc -Xfrontend -Xswiftc -function-sections -Xlinker -z -Xlinker pack-relative-relocs -Xlinker -z -Xlinker now -Xlinker --no-export-dynamic -Xlinker --no-eh-frame-hdr
BINARY = .build/release/vexport
SUDO = $(shell [ "$$(id -u)" = 0 ] || echo sudo)
BUILD_PACKAGES = libmnl-dev libyaml-dev libcurl4-openssl-dev libexpat1-dev libsqlite3-dev libssl-dev zlib1g-dev pkg-config
TEST_PACKAGES = iproute2 procps util-linux python3 curl iputils-ping prometheus gcc libc6-dev \
  python3-prometheus-client prometheus-node-exporter prometheus-alertmanager openssl \
  qemu-system-x86 openvswitch-switch
BENCH_PACKAGES = prometheus-node-exporter netdata-core gcc
PACKAGING_PACKAGES = debhelper rpm chrpath python3
# Debian's own Python runs them, since it finds Debian's packages.
DASHBOARD_PACKAGES = jsonnet python3-yaml
DASHBOARD_TEST_PACKAGES = $(DASHBOARD_PACKAGES) prometheus python3-venv iproute2 iputils-ping util-linux gcc libc6-dev libmnl-dev
PACKAGES_TEST_PACKAGES = lintian rpmlint mandoc debootstrap systemd-container podman buildah runc \
  crun netavark curl iproute2 util-linux python3 python3-venv
# The only place that says it.
VERSION = $(shell sed -n 's/.*static let current = "\(.*\)"/\1/p' Sources/vexport/Vexport.swift)
# Sibling modules must be declared: dependencies point down only.
CHECKED = --explicit-target-dependency-import-check error
# One after the other: a test that waits for the kernel keeps one of Swift's few threads from all that run beside it.
TESTS = Tests/remove-leftovers && swift test --skip-build --no-parallel --skip StormTests && swift test --skip-build --filter StormTests

.PHONY: run release test test-unprivileged build-tests soak sanitize sanitize-thread sanitize-address fuzz lint catalogue \
  bench size deb rpm image test-packages dashboards test-dashboards pictures lint-packages test-deb test-rpm test-image \
  test-kubernetes build-deps test-deps bench-deps packaging-deps

run: release
	$(BINARY) serve --web.listen-address 127.0.0.1:10119 --web.enable-api

release: build-deps
	swift build $(RELEASE)

# As root: the tests make links in namespaces of their own. Storms keep the kernel's lock from everybody, so they run
# after the others.
test: build-tests
	$(TESTS)

# The same as any user, in a user namespace. Foundation's Process hangs where the loopback is down. Only root may make the
# kernel wait for a page, which is how the test lockHeld holds its lock.
test-unprivileged: build-tests
	unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run && ip link set lo up && $(TESTS) --skip lockHeld'

build-tests: test-deps
	swift build --build-tests $(CHECKED)

# The storms for a minute each, a daemon killed 100 times while alerts come and go, and a Matrix server as a receiver,
# against the release build; a store's writer killed 200 times; 2,000 containers that come and go without a finding; ten
# rounds of 2,000 pairs that go through namespaces; plugins of each kind started 1,000 times; a container of podman's; ten
# minutes of history.
SYNAPSE = matrix-synapse==1.163.2
soak: release build-tests bench-deps
	VEXPORT_SOAK=1 VEXPORT_BINARY=$(CURDIR)/$(BINARY) swift test --skip-build --filter StormTests
	@$(call install,python3-venv)
	python3 -m venv .build/synapse && .build/synapse/bin/pip install --quiet --only-binary :all: $(SYNAPSE)
	VEXPORT_SOAK=1 VEXPORT_BINARY=$(CURDIR)/$(BINARY) swift test --skip-build --no-parallel --filter 'KernelTests.(Alert|Matrix)'
	VEXPORT_SOAK=1 swift test --skip-build --filter KillTests
	VEXPORT_SOAK=1 swift test --skip-build --filter NoFindingTests/churn
	VEXPORT_SOAK=1 swift test --skip-build --filter NamespaceChurnTests
	VEXPORT_SOAK=1 swift test --skip-build --filter PluginHostTests.LeakTests
	@$(call install,podman runc)
	VEXPORT_SOAK=1 swift test --skip-build --filter PodmanTests
	Tests/Benchmarks/bench.py history --vexport $(BINARY)

# All tests but storms, under the thread and then the address sanitizer. UNSANITIZED: a pattern of what to leave out.
UNSANITIZED = StormTests
sanitize: sanitize-thread sanitize-address

# A plugin shares vexport's memory until it is another program. The thread sanitizer takes it for a thread, and ends there.
sanitize-thread: build-tests
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.supp \
	  swift test --sanitize=thread --scratch-path .build/thread --no-parallel --skip '$(UNSANITIZED)|PluginHostTests'

sanitize-address: build-tests
	ASAN_OPTIONS=suppressions=$(CURDIR)/Tests/address-sanitizer.supp \
	  LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/leak-sanitizer.supp \
	  swift test --sanitize=address --scratch-path .build/address --no-parallel --skip '$(UNSANITIZED)'

# Feeds decoders and the HTTP server what nobody should send. SECONDS are shared out among the targets.
SECONDS = 600
fuzz: build-deps
	Tests/Fuzz/run $(SECONDS)

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

# Writes the tables of metrics and configuration keys into the documents, from the program's own.
catalogue:
	swift build --product vexport
	.build/debug/vexport metrics --catalogue > .build/catalogue.md
	.build/debug/vexport check --config.reference > .build/reference.md
	$(call fill,catalogue,docs/metrics.md)
	$(call fill,reference,docs/configuration.md)

# Puts .build/NAME.md between a document's marks.
fill = sed -i -e '/^<!-- $(1)/,/^<!-- end of/{/^<!--/!d}' -e '/^<!-- $(1)/{G;r .build/$(1).md' -e 'a\\' -e '}' $(2)

bench: release bench-deps
	$(foreach links,100 1000 5000 10000,Tests/Benchmarks/bench.py scrapes --vexport $(BINARY) --links $(links) &&) true
	$(foreach links,100 1000 5000 10000,Tests/Benchmarks/bench.py ticks --vexport $(BINARY) --links $(links) &&) true
	Tests/Benchmarks/bench.py alerts --vexport $(BINARY)
	Tests/Benchmarks/bench.py rules
	Tests/Benchmarks/bench.py owners --vexport $(BINARY)
	Tests/Benchmarks/bench.py plugins --vexport $(BINARY)
	Tests/Benchmarks/bench.py rendering
	Tests/Benchmarks/bench.py allocations --vexport $(BINARY)
	$(foreach links,1000 5000,Tests/Benchmarks/bench.py minutes --vexport $(BINARY) --links $(links) &&) true
	Tests/Benchmarks/Diagnosis/run
	Tests/Benchmarks/bench.py netdata --vexport $(BINARY)
	Tests/Benchmarks/start.py $(BINARY)
	Tests/Benchmarks/namespaces.py --vexport $(BINARY)
	Tests/Benchmarks/namespaces.py --vexport $(BINARY) --idle
	Tests/Benchmarks/namespaces.py --vexport $(BINARY) --events
	swift build -c release --product ring-tool && .build/release/ring-tool bench

# The gate that catches a dependency which drags the full Foundation in (ICU: over 50 MB).
size: release
	@strip -o .build/vexport-stripped $(BINARY)
	@size=$$(stat -c %s .build/vexport-stripped); echo "stripped binary: $$size bytes, 20000000 allowed"; \
	  test $$size -lt 20000000

# The packages: .build/deb/*.deb, .build/rpm/*.rpm.
deb: release packaging-deps
	packaging/deb/build $(VERSION) .build/deb

rpm: release packaging-deps
	packaging/rpm/build $(VERSION) .build/rpm

# A container image from the Debian package.
ENGINE = podman
image: deb
	$(ENGINE) build --tag vexport:$(VERSION) --file packaging/container/Containerfile .build/deb

# As root: boots a clean system, in a container, and installs, upgrades, removes and purges there. Each part waits more than
# it computes, so two run at a time; each tells what it did when it is done.
test-packages: deb rpm
	@$(call install,$(PACKAGES_TEST_PACKAGES))
	Tests/Packages/machine.py
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-deb test-rpm test-image test-kubernetes lint-packages

lint-packages:
	packaging/man/manual $(BINARY) | mandoc -T lint -W warning
	lintian --allow-root --pedantic --fail-on error,warning,pedantic .build/deb/*.changes
	rpmlint --strict --config packaging/rpm/rpmlint.toml .build/rpm/*.rpm

test-deb:
	Tests/Packages/run .build/deb/*.deb

test-rpm:
	Tests/Packages/run .build/rpm/*.rpm

test-image:
	Tests/Packages/image .build/deb

test-kubernetes:
	Tests/Packages/kubernetes $(VERSION)

# dashboards/out, for those who don't use jsonnet.
dashboards:
	@$(call install,$(DASHBOARD_PACKAGES))
	dashboards/generate

# As root: asks all that dashboards and rules ask of a Prometheus that scrapes the release build.
test-dashboards: release
	@$(call install,$(DASHBOARD_TEST_PACKAGES))
	Tests/Dashboards/run $(BINARY)

# The same, then draws the dashboards from what their queries return.
pictures: release
	@$(call install,$(DASHBOARD_TEST_PACKAGES))
	Tests/Dashboards/run $(BINARY) docs/pictures

build-deps:
	@$(call install,$(BUILD_PACKAGES))

test-deps: build-deps
	@$(call install,$(TEST_PACKAGES))

bench-deps:
	@$(call install,$(BENCH_PACKAGES))

packaging-deps: build-deps
	@$(call install,$(PACKAGING_PACKAGES))

# Installs what is missing, and only that.
define install
missing=$$(for package in $(1); do dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
  if [ -n "$$missing" ]; then $(SUDO) apt-get update -qq && \
  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; fi
endef
