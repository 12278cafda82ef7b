import VexportCore

/// What libvirt says of a domain in its files, with what Nova wrote there.
struct LibvirtDomain: Equatable {
    var name: [UInt8]?
    var uuid: [UInt8]?
    /// The process, in the file of a running domain. Source: domstatus/@pid.
    var pid: UInt64?
    var instance: [UInt8]?
    var project: [UInt8]?
    var flavor: [UInt8]?

    /// - Parameter xml: /run/libvirt/qemu/NAME.xml of a running domain, or /etc/libvirt/qemu/NAME.xml.
    /// - Throws: `XMLReader.Failure`.
    init(xml: [UInt8]) throws(XMLReader.Failure) {
        var path: [String] = []
        var text: [UInt8] = []
        var domain = LibvirtDomain()
        try XMLReader.read(xml) { event in
            switch event {
            case .start(let element, let attributes):
                path.append(Self.short(element))
                text = []
                domain.enter(path, attributes)
            case .text(let bytes):
                if text.count < Workload.textLimit { text += bytes }
            case .end:
                domain.leave(path, text)
                path.removeLast()
                text = []
            }
        }
        self = domain
    }

    private init() {}

    /// `nova:` for the names in Nova's namespace, which has a version at its end.
    private static func short(_ element: String) -> String {
        let parts = element.split(separator: "|", maxSplits: 1)
        guard parts.count == 2 else { return element }
        return parts[0].hasPrefix("http://openstack.org/xmlns/libvirt/nova/") ? "nova:\(parts[1])" : element
    }

    private mutating func enter(_ path: [String], _ attributes: [String: [UInt8]]) {
        if path == ["domstatus"] { pid = attributes["pid"]?.number }
        if Self.below(path) == ["metadata", "nova:instance", "nova:flavor"] { flavor = attributes["name"] }
    }

    private mutating func leave(_ path: [String], _ text: [UInt8]) {
        switch Self.below(path) {
        case ["name"]: name = text
        case ["uuid"]: uuid = text
        case ["metadata", "nova:instance", "nova:name"]: instance = text
        case ["metadata", "nova:instance", "nova:owner", "nova:project"]: project = text
        default: break
        }
    }

    /// The path inside the domain, which is the document or stands in its status.
    private static func below(_ path: [String]) -> ArraySlice<String> {
        path.first == "domstatus"
            ? path.dropFirst().first == "domain" ? path.dropFirst(2) : []
            : path.first == "domain" ? path.dropFirst() : []
    }
}
