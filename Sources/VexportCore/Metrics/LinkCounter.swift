/// A link's counters in the order of struct rtnl_link_stats64, which is also the order of a tick's columns.
public enum LinkCounter: Int, CaseIterable, Sendable {
    case receivePackets, transmitPackets, receiveBytes, transmitBytes
    case receiveErrors, transmitErrors, receiveDropped, transmitDropped
    case multicast, collisions
    case receiveLengthErrors, receiveOverErrors, receiveCRCErrors, receiveFrameErrors, receiveFIFOErrors
    case receiveMissedErrors
    case transmitAbortedErrors, transmitCarrierErrors, transmitFIFOErrors, transmitHeartbeatErrors
    case transmitWindowErrors
    case receiveCompressed, transmitCompressed
    case receiveNoHandler
    /// Since Linux 5.19; absent on older kernels.
    case receiveOtherHostDropped
}
