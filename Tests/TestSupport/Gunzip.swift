import Foundation

/// Unpacks a gzip file that has one member and nothing behind it, by another's implementation: Python's.
public func gunzip(_ file: [UInt8]) throws -> [UInt8] {
    let directory = FileManager.default.temporaryDirectory.appending(path: "vexport-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: directory) }
    let (packed, text) = (directory.appending(path: "packed"), directory.appending(path: "text"))
    try Data(file).write(to: packed)
    let program = """
        import sys, zlib
        unpacker = zlib.decompressobj(31)
        text = unpacker.decompress(open(sys.argv[1], "rb").read())
        if not unpacker.eof or unpacker.unused_data:
            sys.exit("not one whole member")
        open(sys.argv[2], "wb").write(text)
        """
    try Command.run("python3", "-c", program, packed.path, text.path)
    return try Array(Data(contentsOf: text))
}
