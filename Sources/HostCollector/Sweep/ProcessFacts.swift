import VexportCore

/// What a look at one process found.
struct ProcessFacts {
    /// Since the boot, in clock ticks.
    var start: UInt64
    /// Where it and its threads live, each with one that does.
    var namespaces: [NamespaceFile: Int32] = [:]
    /// The taps and tuns that it holds, and by how many queues.
    var taps: [Owners.Tap: Int] = [:]
    /// How many descriptors were looked at.
    var descriptors = 0
    /// False when the kernel did not show its descriptors.
    var isReadable = true
    /// What it is part of; nil while nobody needs to know.
    var part: Part?

    /// The two answers to "whose is it": a virtual machine in a container holds its taps itself, but the container's veth is
    /// the container's.
    struct Part: Equatable {
        var asHolder: Workload
        var asInhabitant: Workload
    }
}

extension ProcessFacts.Part {
    /// - Parameters:
    ///   - cgroup: what its control group says.
    ///   - machine: what its command line says, if it is QEMU.
    ///   - name: the program's.
    init(cgroup: Workload?, machine: Workload?, name: [UInt8]) {
        let isContained = cgroup.map { $0.kind == .container || $0.kind == .pod } ?? false
        let fallback = cgroup ?? Workload(.process, name: name)
        asHolder = machine ?? fallback
        asInhabitant = isContained ? fallback : machine ?? fallback
    }
}

/// Decides between several processes that hold one tap, or live in one namespace.
struct Claim {
    var workload: Workload
    var start: UInt64
    /// The process, or the thread that lives in the namespace.
    var thread: Int32

    /// What isolates goes before what serves it; of two alike the older, whose namespace the younger joined.
    func goesBefore(_ other: Claim) -> Bool {
        (-rank, start, thread) < (-other.rank, other.start, other.thread)
    }

    private var rank: Int {
        switch workload.kind {
        case .vm, .container, .pod: 2
        case .service: 1
        case .process: 0
        }
    }
}
