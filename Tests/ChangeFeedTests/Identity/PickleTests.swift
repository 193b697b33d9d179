@testable import ChangeFeed
import ChangeFeedTesting
import Foundation
import Testing

@Suite("A pickle of plain values")
struct PickleTests {
    private struct Case {
        let name: String
        let verdict: String
        let bytes: [UInt8]
    }

    /// What `Tests/Fixtures/pickles/make.py` wrote.
    private static let cases: [Case] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appendingPathComponent("Fixtures/pickles/values.txt")
        return ((try? String(contentsOf: path, encoding: .utf8)) ?? "").split(separator: "\n").map { line in
            let words = line.split(separator: " ")
            return Case(name: "\(words[0]) of protocol \(words[1])", verdict: String(words[2]), bytes: bytes(words[3]))
        }
    }()

    private static func bytes(_ hex: some StringProtocol) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
    }

    /// The notation of make.py.
    private static func notation(_ value: PickledValue) -> String {
        switch value {
        case .none: "N"
        case .bool(let bool): bool ? "T" : "F"
        case .int(let number): "i\(number)"
        case .longInt(let bytes): "i" + decimal(bytes)
        case .float(let number): "f" + hex(withUnsafeBytes(of: number.bitPattern.bigEndian) { Array($0) })
        case .text(let text): "s" + hex(Array(text.utf8))
        case .list(let items): "[" + items.map(notation).joined(separator: ",") + "]"
        case .tuple(let items): "(" + items.map(notation).joined(separator: ",") + ")"
        case .dict(let entries):
            "{" + entries.map { notation($0.key) + ":" + notation($0.value) }.joined(separator: ",") + "}"
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Two's complement, lowest byte first, in decimal digits.
    private static func decimal(_ bytes: [UInt8]) -> String {
        let isNegative = (bytes.last ?? 0) & 0x80 != 0
        var carry = isNegative
        let magnitude = bytes.map { byte -> UInt8 in
            guard isNegative else { return byte }
            let (sum, overflow) = (~byte).addingReportingOverflow(carry ? 1 : 0)
            carry = overflow
            return sum
        }
        var digits: [UInt8] = [0]
        for byte in magnitude.reversed() {
            var rest = Int(byte)
            for index in digits.indices {
                rest += Int(digits[index]) * 256
                digits[index] = UInt8(rest % 10)
                rest /= 10
            }
            while rest > 0 {
                digits.append(UInt8(rest % 10))
                rest /= 10
            }
        }
        return (isNegative ? "-" : "") + digits.reversed().map { "\($0)" }.joined()
    }

    private static func read(_ bytes: [UInt8], limits: PickleReader.Limits = .init()) -> Result<
        PickledValue, PickleError
    > {
        do throws(PickleError) {
            return .success(try PickleReader.read(bytes, limits: limits))
        } catch {
            return .failure(error)
        }
    }

    private static func reason(_ bytes: [UInt8], limits: PickleReader.Limits = .init()) -> PickleError.Reason? {
        guard case .failure(let error) = read(bytes, limits: limits) else { return nil }
        return error.reason
    }

    @Test("as Python writes it is read as Python reads it, and anything else is refused")
    func python() {
        #expect(Self.cases.count > 150)
        for each in Self.cases {
            switch Self.read(each.bytes) {
            case .success(let value): #expect(Self.notation(value) == each.verdict, "\(each.name)")
            case .failure(let error): #expect(each.verdict == "refused", "\(each.name): \(error)")
            }
        }
    }

    @Test(
        "that would build an object is refused by the opcode's name, whatever precedes it",
        arguments: [
            ("GLOBAL", "636f730a73797374656d0a"), ("STACK_GLOBAL", "8c026f738c0673797374656d93"), ("REDUCE", "4e2952"),
            ("BUILD", "4e7d62"),
            ("INST", "28696f730a73797374656d0a"), ("OBJ", "284e6f"), ("NEWOBJ", "4e2981"), ("NEWOBJ_EX", "4e297d92"),
            ("PERSID", "50780a"),
            ("BINPERSID", "4e51"), ("EXT", "8201"), ("EXT", "830100"), ("EXT", "8401000000"), ("BUFFER", "97"),
        ])
    func objects(name: String, opcodes: String) {
        #expect(Self.reason(Self.bytes("8004" + opcodes + "2e")) == .object(name))
        #expect(Self.reason(Self.bytes("80027d8c0375696458010000007828" + opcodes + "2e")) == .object(name))
    }

    @Test(
        "that is malformed is refused",
        arguments: [
            "", "80", "8004", "80042e", "80014e2e", "80064e2e", "4e2e", "80044e", "80044e4e2e", "80044e2e00",
            "8004284e2e", "80044e612e", "80044e4e612e",
            "80045d75", "80047d284e752e", "80047d4e4e612e", "80045d4e4e732e", "80045d286568", "8004742e",
            "8004285d652e", "8004752e", "800468002e", "80046a000000002e",
            "800494", "80047100", "80044e2868002e", "80048c0261", "800458ffffffff61", "80048dffffffffffffffff61",
            "80048d000000000000000161", "80048c01ff2e",
            "80048b0000008001", "80048a05012e", "8004950000000000000000", "8004950300000000000000950100000000000000",
            "8004950200000000000000580100000061", "8004ffffffffffffffff95", "80047d5d4e732e", "80047d28285d744e752e",
            "80045d942868006568002e",
        ])
    func malformed(_ hex: String) { #expect(Self.reason(Self.bytes(hex)) != nil) }

    @Test("may hold text larger than a frame, which lies outside of the frame")
    func outsideFrames() throws {
        let long = [UInt8](repeating: 0x61, count: 70_000)
        let bytes =
            Self.bytes("80049504000000000000007d944e9458") + [0x70, 0x11, 0x01, 0x00] + long
            + Self.bytes("950200000000000000732e")
        guard case .success(.dict(let entries)) = Self.read(bytes) else {
            Issue.record("\(Self.read(bytes))")
            return
        }
        #expect(entries.first?.key == PickledValue.none && entries.first?.value.text?.utf8.count == 70_000)
    }

    // MARK: limits

    @Test("of shared references that would be too much when written out is refused, in no time")
    func billionLaughs() {
        // A tuple of lists, each of ten references to the one before, which takes a few bytes for each level.
        func laughs(_ levels: Int) -> [UInt8] {
            var bytes: [UInt8] = [0x80, 4, 0x28, 0x5D, 0x94]
            for level in 0..<levels {
                bytes +=
                    [0x5D, 0x94, 0x28] + Array(Array(repeating: [0x68, UInt8(level)], count: 10).joined()) + [0x65]
            }
            return bytes + [0x74, 0x2E]
        }
        guard case .success(.tuple(let lists)) = Self.read(laughs(3)) else {
            Issue.record("\(Self.read(laughs(3)))")
            return
        }
        #expect(lists.count == 4)
        // Built out, thirty levels would be as many values as nobody could wait for.
        for levels in [5, 9, 30] { #expect(Self.reason(laughs(levels)) == .tooMuch("values")) }
    }

    @Test("deeper, longer, or of more opcodes than a session is refused")
    func limits() {
        func nested(_ levels: Int) -> [UInt8] { [0x80, 4, 0x4E] + Array(repeating: 0x85, count: levels) + [0x2E] }
        #expect(Self.reason(nested(32)) == nil)
        #expect(Self.reason(nested(33)) == .tooMuch("nested containers"))
        #expect(Self.reason(nested(90_000)) == .tooMuch("nested containers"))
        #expect(Self.reason([0x80, 4] + Array(repeating: 0x4E, count: 120_000) + [0x2E]) == .tooMuch("opcodes"))
        #expect(Self.reason([0x80, 4] + Array(repeating: 0x28, count: 300_000) + [0x2E]) == .tooMuch("bytes"))
        // A list reached first from nearby, then through thirty others.
        #expect(
            Self.reason(
                [0x80, 4, 0x4E, 0x85, 0x85, 0x85, 0x94, 0x68, 0x00] + Array(repeating: 0x85, count: 29) + [0x86, 0x2E])
                == .tooMuch("nested containers"))
    }

    @Test(
        "takes time that grows with its length alone",
        arguments: [
            // One by one into one list and one dict, a memo of everything, references to one thing, marks in marks.
            ([0x5D], [0x4E, 0x61], []), ([0x7D], [0x4B, 0x01, 0x4E, 0x73], []), ([0x5D, 0x28], [0x29, 0x94], [0x65]),
            ([0x28, 0x4B, 0x01, 0x85, 0x94], [0x68, 0x00], [0x74]), ([0x28], [0x28, 0x4E, 0x74], [0x74]),
        ] as [([UInt8], [UInt8], [UInt8])])
    func linear(head: [UInt8], part: [UInt8], tail: [UInt8]) {
        var limits = PickleReader.Limits()
        limits.opcodes = 200_000
        limits.values = 200_000
        // Of this thread alone: what else the machine does is not counted.
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        func time(_ count: Int) -> Double {
            let bytes = [0x80, 4] + head + Array(Array(repeating: part, count: count).joined()) + tail + [0x2E]
            return (0..<5).map { _ in
                let start = now()
                #expect(Self.reason(bytes, limits: limits) == nil)
                return now() - start
            }.min() ?? 0
        }
        let short = time(3_000)
        let long = time(48_000)
        // Sixteen times as long; quadratic would be 256 times.
        #expect(long < short * 64)
    }

    // MARK: fuzz

    @Test(
        "gives a value or an error for whatever bytes come, and never more than was allowed",
        arguments: 0..<8 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let opcodes =
            Array("NJKMGX]}(taesuhjqr.)".utf8) + [
                0x80, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8D, 0x85, 0x86, 0x87, 0x94, 0x95,
            ]
        let sources = Self.cases.filter { $0.bytes.count < 3_000 }.map(\.bytes)
        var read = 0
        for round in 0..<12_000 {
            var bytes: [UInt8]
            switch round % 4 {
            case 0:
                bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                    UInt8.random(in: .min ... .max, using: &random)
                }
            case 1:
                // Opcodes that the reader knows, in no order.
                bytes =
                    [0x80, 4]
                    + (0..<Int.random(in: 0..<400, using: &random)).map { _ in
                        random.chance(80)
                            ? opcodes.randomElement(using: &random) ?? 0 : UInt8.random(in: 0..<4, using: &random)
                    } + [0x2E]
            case 2:
                bytes = Array(
                    sources[Int.random(in: sources.indices, using: &random)].prefix(
                        Int.random(in: 0..<3_000, using: &random)))
            default:
                bytes = sources[Int.random(in: sources.indices, using: &random)]
                for _ in 0..<Int.random(in: 1..<6, using: &random) {
                    let place = Int.random(in: bytes.indices, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                    case 1: bytes.insert(opcodes.randomElement(using: &random) ?? 0, at: place)
                    case 2: if bytes.count > 1 { bytes.remove(at: place) }
                    default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: place)
                    }
                }
            }
            if case .success(let value) = Self.read(bytes) {
                read += 1
                #expect(Self.size(value) <= PickleReader.Limits().values)
            }
        }
        #expect(read > 100)
    }

    private static func size(_ value: PickledValue) -> Int {
        switch value {
        case .list(let items), .tuple(let items): items.reduce(1) { $0 + size($1) }
        case .dict(let entries): entries.reduce(1) { $0 + size($1.key) + size($1.value) }
        default: 1
        }
    }
}
