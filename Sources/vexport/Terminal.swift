import Glibc
import VexportCore

/// Where standard output goes to.
enum Terminal {
    /// How a table is to look there.
    static var style: TableStyle {
        TableStyle(terminalWidth: width) { name in unsafe getenv(name).map { unsafe String(cString: $0) } }
    }

    /// Its columns; nil when it is not a terminal.
    private static var width: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        // A serial line does not know its size.
        let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return isKnown ? Int(size.ws_col) : 80
    }
}
