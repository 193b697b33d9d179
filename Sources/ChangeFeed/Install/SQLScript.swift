/// A script of `sql/`, parsed into the steps that psql takes.
///
/// The top-level scripts use a small, fixed part of psql's language, so that the same file serves psql and this
/// binary: `--` comments, `\set`, `\echo`, `\ir FILE`, `SELECT … AS name \gset` on one line, `\if :name … \endif`,
/// and SQL statements that end with `;` at the end of a line. See
/// <https://www.postgresql.org/docs/current/app-psql.html>.
public struct SQLScript: Sendable, Equatable {
    /// One step of a script.
    public indirect enum Step: Sendable, Equatable {
        /// One statement as psql would send it.
        case statement(String)
        /// A whole file, sent in one message of the simple query protocol.
        case file(path: String, text: String)
        /// A query of one row whose column is stored as a variable.
        case variable(query: String)
        /// Steps that run only when the variable is true.
        case conditional(variable: String, steps: [Step])
        /// A line for the reader.
        case echo(String)
    }

    public let name: String
    public let steps: [Step]

    /// Parses the script `name`, reading included files with `read`.
    /// - Throws: `ChangeFeedError.scriptUnsupported`, naming the line.
    public init(name: String, read: @escaping (String) throws -> String) throws {
        var parser = Parser(name: name, read: read)
        self.name = name
        self.steps = try parser.parse(read(name))
    }

    private struct Parser {
        let name: String
        let read: (String) throws -> String
        /// Steps per open `\if`, outermost first.
        var frames: [(variable: String, steps: [Step])] = [("", [])]
        var pending = ""

        mutating func parse(_ text: String) throws -> [Step] {
            var number = 0
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                number += 1
                try take(String(line), number)
            }
            guard pending.isEmpty, frames.count == 1 else {
                throw unsupported("ends inside a statement or an \\if", number)
            }
            return frames[0].steps
        }

        mutating func take(_ line: String, _ number: Int) throws {
            let trimmed = line.trimmingSpaces()
            if pending.isEmpty {
                if trimmed.isEmpty || trimmed.hasPrefix("--") { return }
                if trimmed.hasPrefix("\\") { return try takeMeta(trimmed, number) }
                if trimmed.hasSuffix("\\gset") {
                    append(.variable(query: String(trimmed.dropLast(5)).trimmingSpaces()))
                    return
                }
            }
            pending += pending.isEmpty ? line : "\n" + line
            if trimmed.hasSuffix(";") {
                append(.statement(pending))
                pending = ""
            }
        }

        mutating func takeMeta(_ line: String, _ number: Int) throws {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            let argument = words.count > 1 ? words[1].trimmingSpaces() : ""
            switch words[0] {
            case "\\set":
                break
            case "\\echo":
                append(.echo(argument.trimming("'")))
            case "\\ir":
                append(.file(path: argument, text: try read(argument)))
            case "\\if":
                guard argument.hasPrefix(":") else { throw unsupported("\\if takes a variable", number) }
                frames.append((String(argument.dropFirst()), []))
            case "\\endif":
                guard frames.count > 1, let frame = frames.popLast() else {
                    throw unsupported("\\endif without \\if", number)
                }
                append(.conditional(variable: frame.variable, steps: frame.steps))
            default:
                throw unsupported("\(words[0]) is not among the commands that both psql and the binary run", number)
            }
        }

        mutating func append(_ step: Step) {
            frames[frames.count - 1].steps.append(step)
        }

        func unsupported(_ what: String, _ number: Int) -> ChangeFeedError {
            ChangeFeedError(.scriptUnsupported, "sql/\(name), line \(number): \(what).")
        }
    }
}

extension String {
    fileprivate func trimming(_ character: Character) -> String {
        var slice = self[...]
        while slice.first == character { slice.removeFirst() }
        while slice.last == character { slice.removeLast() }
        return String(slice)
    }

    fileprivate func trimmingSpaces() -> String {
        var slice = self[...]
        while let first = slice.first, first.isWhitespace { slice.removeFirst() }
        while let last = slice.last, last.isWhitespace { slice.removeLast() }
        return String(slice)
    }
}
