internal import NIOCore
import VexportCore

/// Gets frames for scrapes: all that wait share one request, and none waits longer than its patience.
///
/// Lives on the server's event loop.
final class ScrapeCoordinator {
    private let frames: any FrameSource
    /// A scrape takes a tick this old.
    var maximumAge: Duration
    private let patience: Duration
    private let loop: any EventLoop
    private var waiting: [UInt64: (TickFrame?) -> Void] = [:]
    private var lastTicket: UInt64 = 0
    private var isRequested = false

    init(frames: any FrameSource, options: ServerOptions, loop: any EventLoop) {
        self.frames = frames
        maximumAge = options.maximumAge
        patience = options.patience
        self.loop = loop
    }

    /// Calls `body` on the event loop with a frame: a fresh one if the kernel gives it in time, else the last.
    ///
    /// - Parameter timeout: how long the client waits; half of it is left for the answer itself.
    func withFrame(timeout: Duration?, _ body: @escaping (TickFrame?) -> Void) {
        loop.assertInEventLoop()
        lastTicket += 1
        let ticket = lastTicket
        waiting[ticket] = body
        let patience = min(self.patience, timeout.map { $0 / 2 } ?? self.patience)
        loop.assumeIsolated().scheduleTask(in: TimeAmount(patience)) { [self] in
            waiting.removeValue(forKey: ticket)?(frames.latest)
        }
        guard !isRequested else { return }
        isRequested = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        frames.requestFrame(maxAge: maximumAge) { [loop] frame in
            loop.execute { bound.value.deliver(frame) }
        }
    }

    private func deliver(_ frame: TickFrame?) {
        isRequested = false
        let served = waiting
        waiting.removeAll(keepingCapacity: true)
        for body in served.values { body(frame) }
    }
}
