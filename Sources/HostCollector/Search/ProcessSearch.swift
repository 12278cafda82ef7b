public import VexportCore

/// Answers what the diagnosis asks of /proc: who lives in a namespace, who holds it, who reads a tap.
public enum ProcessSearch {
    /// Answers by a look of this process' own, with the rights that it has.
    public static func answer(_ request: FactRequest, _ answer: inout FactAnswer) {
        let questions = ProcessQuestions(request)
        if !questions.isEmpty { self.answer(questions).fill(&answer, request) }
    }

    static func answer(_ questions: ProcessQuestions) -> ProcessAnswers {
        var answers = ProcessAnswers()
        let files = ProcFS()
        if questions.asksForInhabitants { findInhabitants(files, &answers) }
        let empty = answers.sawAllProcesses ? questions.namespaces.subtracting(answers.inhabited) : []
        guard !questions.taps.isEmpty || !empty.isEmpty else { return answers }
        var search = DescriptorSearch(taps: questions.taps, namespaces: empty, files: files)
        for process in files.numbers() { search.look(at: process.number) }
        answers.readers = search.readers
        answers.holders = search.holders
        answers.sawAllDescriptors = search.isComplete
        return answers
    }

    private static func findInhabitants(_ files: ProcFS, _ answers: inout ProcessAnswers) {
        // In a PID namespace, or with hidepid, other processes are out of sight; the kernel's own thread always is there.
        answers.sawAllProcesses = files.namespace("2/ns/net") != nil && files.seesAllProcesses
        for (pid, _) in files.numbers() {
            let threads = files.numbers(in: "\(pid)/task").map { "\(pid)/task/\($0.number)/ns/net" }
            for path in threads {
                switch files.look(at: path) {
                case .found(let namespace): answers.inhabited.insert(namespace.inode)
                case .gone: break
                case .refused: if !files.isExcused(pid) { answers.sawAllProcesses = false }
                }
            }
        }
    }
}
