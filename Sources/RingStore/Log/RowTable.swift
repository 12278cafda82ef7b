/// What each row held last, and who is in it: a log's differences count from here.
///
/// Columns lie one after the other; rows come in groups of 64, so that one word says something of each row of a group.
@safe final class RowTable {
    static let groupSize = 64

    let columnCount: Int
    /// A multiple of `groupSize`.
    private(set) var capacity = 0
    /// The last value of each row that was ever present, column by column.
    private(set) var values: UnsafeMutablePointer<UInt64>
    /// Who is in each row.
    private(set) var subjects: [SubjectID?] = []
    /// Where each of them is.
    private(set) var rows: [SubjectID: Int] = [:]
    /// Rows whose subject the log knows.
    var announced: [UInt64] = []
    /// Rows whose differences count from 0, since the log holds no value of theirs.
    var fresh: [UInt64] = []
    /// Rows of the log's last tick.
    var present: [UInt64] = []
    /// Rows that were present since this was last cleared: what goes into the coarser tier's next tick.
    var seen: [UInt64] = []

    init(columnCount: Int) {
        self.columnCount = columnCount
        unsafe values = .allocate(capacity: 1)
    }

    deinit { unsafe values.deallocate() }

    var groupCount: Int { announced.count }
    var byteCount: Int { capacity * columnCount * 8 }

    /// Makes room for `rowCount` rows.
    func grow(to rowCount: Int) {
        guard rowCount > capacity else { return }
        let wanted = (max(rowCount, capacity + capacity / 4) + Self.groupSize - 1) / Self.groupSize * Self.groupSize
        let grown = UnsafeMutablePointer<UInt64>.allocate(capacity: wanted * columnCount)
        unsafe grown.initialize(repeating: 0, count: wanted * columnCount)
        for column in 0..<columnCount {
            unsafe (grown + column * wanted).update(from: values + column * capacity, count: capacity)
        }
        unsafe values.deallocate()
        unsafe values = grown
        subjects += repeatElement(nil, count: wanted - capacity)
        let groups = repeatElement(UInt64(0), count: (wanted - capacity) / Self.groupSize)
        announced += groups
        fresh += groups
        present += groups
        seen += groups
        capacity = wanted
    }

    /// Puts a subject that is in no other row into one, or nobody. The log learns of it before the row's next sample.
    func bind(_ subject: SubjectID?, to row: Int) {
        grow(to: row + 1)
        if let leaving = subjects[row] { rows[leaving] = nil }
        if let subject { rows[subject] = row }
        subjects[row] = subject
        let (group, bit) = Self.place(row)
        announced[group] &= ~bit
        seen[group] &= ~bit
    }

    /// Has the log be told again of a subject that comes back to its row: what it has from then on is another piece.
    func interrupt(_ subject: SubjectID) {
        guard let row = rows[subject] else { return }
        let (group, bit) = Self.place(row)
        announced[group] &= ~bit
    }

    /// What its row had in this step is not its last: it said farewell since.
    func forgetSeen(_ subject: SubjectID) {
        guard let row = rows[subject] else { return }
        let (group, bit) = Self.place(row)
        seen[group] &= ~bit
    }

    /// Has the next log begin with nothing.
    func beginLog() {
        for group in 0..<groupCount { (announced[group], present[group]) = (0, 0) }
    }

    func values(of row: Int) -> [UInt64] {
        (0..<columnCount).map { unsafe values[$0 * capacity + row] }
    }

    static func place(_ row: Int) -> (group: Int, bit: UInt64) { (row / groupSize, 1 << UInt64(row % groupSize)) }
}

/// The rows whose bits are set, lowest first.
struct Bits: Sequence, IteratorProtocol {
    private var rest: UInt64

    init(_ mask: UInt64) { rest = mask }

    mutating func next() -> Int? {
        guard rest != 0 else { return nil }
        defer { rest &= rest - 1 }
        return rest.trailingZeroBitCount
    }
}
