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

    @Test("a client that comes before the daemon is answered, where the manager holds the socket")
    func inheritedSocket() throws {
        let namespace = try Namespace()
        let program = """
            import os, socket, sys
            listener = socket.create_server(("127.0.0.1", 10120))
            client = socket.create_connection(("127.0.0.1", 10120))
            client.sendall(b"GET /-/healthy HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
            if os.fork():
                os.dup2(listener.fileno(), 3)
                os.set_inheritable(3, True)
                os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
                os.execvp(sys.argv[1], sys.argv[1:])
            listener.close()
            print(client.makefile().read().splitlines()[0], flush=True)
            """
        let daemon = try Background([
            "ip", "netns", "exec", namespace.name, "python3", "-c", program,
            DaemonTests.binary, "serve", "--web.listen-address", "127.0.0.1:10119", "--socket", "",
        ])
        try daemon.waitForLine("address=127.0.0.1:10120")
        try daemon.waitForLine("HTTP/1.1 200 OK")
        #expect(daemon.stop() == 0)
    }

    @Test(
        "whose sockets the environment tells of",
        arguments: [
            ([:], nil),
            (["LISTEN_PID": "7", "LISTEN_FDS": "1"], 3),
            (["LISTEN_PID": "8", "LISTEN_FDS": "1"], nil),
            (["LISTEN_PID": "7", "LISTEN_FDS": "0"], nil),
            (["LISTEN_PID": "7", "LISTEN_FDS": "one"], nil),
            (["LISTEN_PID": "7"], nil),
            (["LISTEN_FDS": "1"], nil),
        ] as [([String: String], CInt?)])
    func sockets(_ variables: [String: String], _ descriptor: CInt?) throws {
        #expect(try InheritedSocket.find(environment: { variables[$0] }, processID: 7) == descriptor)
    }

    @Test("two sockets are an error that says what to do")
    func excess() {
        let variables = ["LISTEN_PID": "7", "LISTEN_FDS": "2"]
        let error = #expect(throws: InheritedSocket.Excess.self) {
            try InheritedSocket.find(environment: { variables[$0] }, processID: 7)
        }
        #expect(error.map { "\($0)" }?.contains("one ListenStream") == true)
    }

    @Test("a manager that is gone is an error and no more")
    func gone() {
        #expect(
            ServiceManager(environment: { ["NOTIFY_SOCKET": "/nothing/here"][$0] }, processID: 1)?.notify("READY=1")
                == ENOENT)
    }
}
