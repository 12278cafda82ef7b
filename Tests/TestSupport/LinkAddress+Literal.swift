import VexportCore

/// In tests a number alone is a link of vexport's own namespace.
extension LinkAddress: ExpressibleByIntegerLiteral {
    public init(integerLiteral index: Int32) {
        self.init(nil, index)
    }
}
