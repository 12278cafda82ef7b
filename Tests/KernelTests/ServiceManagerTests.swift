import Foundation
import TestSupport
import Testing

@testable import vexport

@Suite struct ServiceManagerTests {
    @Test(
        "a manager by path and one by abstract name hear that the daemon is ready, alive and stopping",
        arguments: [true, false])
    func notifications(_ isAbstract: Bool) throws {
        let namespace = try Namespace()
        let path = "\(FileManager.default.temporaryDirectory.path)/\(namespace.name).notify"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let name = isAbstract ? "@\(namespace.name)" : path
        let program = """
            import socket, sys
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            listener.bind(sys.argv[1].replace("@", "\\0"))
            print("listening", flush=True)
            number = 0
            while True:
                print(number, listener.recv(4096).decode().replace("\\n", " "), flush=True)
                number += 1
            """
        let manager = try Background(["ip", "netns", "exec", namespace.name, "python3", "-c", program, name])
        try manager.waitForLine("listening")
        let daemon = try Background([
            "ip", "netns", "exec", namespace.name, "env", "NOTIFY_SOCKET=\(name)", "WATCHDOG_USEC=100000",
            DaemonTests.binary, "serve", "--web.listen-address", "127.0.0.1:10119", "--socket", "",
            "--storage.path", "",
        ])
        try manager.waitForLine("0 READY=1 STATUS=Serving on 127.0.0.1:10119")
        for number in 1...3 { try manager.waitForLine("\(number) WATCHDOG=1") }
        #expect(daemon.stop() == 0)
        try manager.waitForLine("STOPPING=1")
        manager.kill()
    }

    @Test(
        "what the environment asks for",
        arguments: [
            ([:], false, nil),
            (["NOTIFY_SOCKET": "/run/x"], true, nil),
            (["NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "30000000"], true, .seconds(15)),
            (["NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"], true, .seconds(15)),
            (["NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"], true, nil),
            (["NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "0"], true, nil),
            (["NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "-5"], true, nil),
            (["NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "soon"], true, nil),
            (["WATCHDOG_USEC": "30000000"], false, nil),
            (["NOTIFY_SOCKET": ""], false, nil),
            (["NOTIFY_SOCKET": "@"], false, nil),
            (["NOTIFY_SOCKET": "vsock:2:1"], false, nil),
            (["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 107)], false, nil),
        ] as [([String: String], Bool, Duration?)])
    func environment(_ variables: [String: String], _ isManaged: Bool, _ interval: Duration?) {
        let manager = ServiceManager(environment: { variables[$0] }, processID: 7)
        #expect((manager != nil) == isManaged)
        #expect(manager?.watchdogInterval == interval)
    }

    @Test("a manager that is gone is an error and no more")
    func gone() {
        #expect(
            ServiceManager(environment: { ["NOTIFY_SOCKET": "/nothing/here"][$0] }, processID: 1)?.notify("READY=1")
                == ENOENT)
    }
}
