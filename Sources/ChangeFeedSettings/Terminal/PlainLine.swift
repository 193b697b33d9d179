extension String {
    /// On one line, without anything that a terminal obeys: names from users or modules may contain anything.
    package var plainLine: String {
        var line = ""
        var isBlank = false
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar == "\n" || scalar == "\r" || scalar == "\t": isBlank = true
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                line += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                // A line break and the blanks around it are one blank.
                if isBlank && scalar == " " { continue }
                if isBlank && !line.isEmpty { line += " " }
                isBlank = false
                line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
