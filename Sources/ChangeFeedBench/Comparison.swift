import ArgumentParser
import ChangeFeedSettings

/// How often and how long each variant of a benchmark runs.
struct RoundOptions: ParsableArguments {
    @Option(help: "Number of interleaved rounds; the median is printed.")
    var rounds = 5

    @Option(help: "Seconds per variant and round.")
    var seconds = 2

    func validate() throws {
        guard (1...100).contains(rounds) else { throw ValidationError("--rounds takes 1 to 100.") }
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds takes 1 to 600.") }
    }
}

/// One of the things that a benchmark compares.
struct Variant {
    let name: String
    /// Runs once and returns the figure.
    let run: () async throws -> Double
}

/// Figures of interleaved variants, so that disturbances of the machine affect all of them.
struct Comparison {
    let names: [String]
    /// Per variant, one figure per round.
    let figures: [[Double]]

    /// Runs every variant once to warm up, and then all of them in each round, in an order shuffled each time.
    init(_ variants: [Variant], rounds: Int) async throws {
        var figures = variants.map { _ in [Double]() }
        for variant in variants { _ = try await variant.run() }
        for _ in 0..<rounds {
            for index in variants.indices.shuffled() { figures[index].append(try await variants[index].run()) }
        }
        names = variants.map(\.name)
        self.figures = figures
    }

    /// A table: median, range, and the median of the rounds' ratios to the first variant.
    func lines(unit: String, format: (Double) -> String) -> [String] {
        let rows = names.indices.map { index in
            let ratios = zip(figures[index], figures[0]).map { $0 / $1 }
            return [
                names[index], format(Figures.median(figures[index])),
                "\(format(figures[index].min() ?? 0)) to \(format(figures[index].max() ?? 0))",
                Figures.fixed(Figures.median(ratios), 2),
            ]
        }
        return TextTable.align([["", "median (\(unit))", "range", "ratio"]] + rows)
    }
}

/// Medians, percentiles and numbers as text.
enum Figures {
    static func median(_ values: [Double]) -> Double { percentile(values, 0.5) }

    /// The nearest-rank percentile; 0 for no values.
    static func percentile(_ values: [Double], _ part: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }

    static func fixed(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let whole = Int((value * scale).rounded())
        if digits == 0 { return String(whole) }
        let text = String(abs(whole))
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return "\(whole < 0 ? "-" : "")\(padded.dropLast(digits)).\(padded.suffix(digits))"
    }

    static func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }
}
