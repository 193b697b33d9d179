internal import Foundation

/// Lines for people on standard output and standard error.
package enum Terminal {
    package static func line(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    package static func lines(_ lines: [String]) {
        line(lines.joined(separator: "\n"))
    }

    package static func error(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
