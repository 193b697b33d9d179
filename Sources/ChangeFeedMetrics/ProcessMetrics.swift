internal import Glibc

/// The kernel's figures of the process (proc(5)). Without /proc nothing is recorded.
enum ProcessMetrics {
    static func record(in registry: MetricsRegistry) {
        registry.replace(.openFiles, openFiles())
        registry.replace(.maximumFiles, maximumFiles())
        guard let stat = read("/proc/self/stat") else { return }
        // The name in brackets may contain blanks and brackets; the fields after the last one are numbered from 3.
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ").dropFirst()
        func field(_ number: Int) -> Double? {
            let index = fields.startIndex + number - 3
            return fields.indices.contains(index) ? Double(fields[index]) : nil
        }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        if let user = field(14), let system = field(15) { registry.replace(.cpuSeconds, (user + system) / ticks) }
        registry.replace(.virtualBytes, field(23))
        if let pages = field(24) { registry.replace(.residentBytes, pages * Double(sysconf(Int32(_SC_PAGESIZE)))) }
        if let start = field(22), let boot = bootTime() { registry.replace(.startTime, boot + start / ticks) }
    }

    /// Seconds since 1970.
    private static func bootTime() -> Double? {
        read("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst(6)) }
    }

    private static func openFiles() -> Double? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0.0
        while readdir(folder) != nil { count += 1 }
        // Not the folder itself, its parent, and the descriptor that reads it.
        return max(0, count - 3)
    }

    /// The soft limit, at which opening another one fails.
    private static func maximumFiles() -> Double? {
        let name = "Max open files"
        let limit = read("/proc/self/limits")?.split(separator: "\n").first { $0.hasPrefix(name) }?
            .dropFirst(name.count).split(separator: " ").first
        return limit == "unlimited" ? .infinity : limit.flatMap { Double($0) }
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[0..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
