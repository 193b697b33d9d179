/// Reads pickles of plain values (Python's `pickle`, protocols 2 to 5, as `Lib/pickletools.py` describes them): str,
/// int, float, bool, None, dict, list and tuple. Opcodes that name a class, call something or build an object are
/// refused, so that a file can yield nothing but data, even a forged one.
///
/// Time and memory are linear in the length: an opcode creates at most one node, and a node that is referred to many
/// times exists once in memory. Its size when written out is limited, too.
struct PickleReader {
    struct Limits: Sendable {
        var bytes = StoredSession.maximumBytes
        var opcodes = 100_000
        /// Nested containers.
        var depth = 32
        /// Values, each counted once per reference.
        var values = 100_000
    }

    /// - Throws: `PickleError` unless all bytes are such a pickle.
    static func read(_ bytes: [UInt8], limits: Limits = Limits()) throws(PickleError) -> PickledValue {
        var reader = PickleReader(bytes: bytes, limits: limits)
        let root = try reader.run()
        return try PickleNodes.value(of: root, in: reader.nodes, limits: limits, offset: bytes.count)
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var position = 0
    /// Where the current opcode begins.
    private var start = 0
    /// Where the open frame ends; no argument extends beyond.
    private var frameEnd: Int?
    private var nodes: [PickleNodes.Node] = []
    /// Indexes in `nodes`.
    private var stack: [Int] = []
    /// Heights of the stack at each open MARK; nothing below the last is touched.
    private var marks: [Int] = []
    private var memo: [UInt32: Int] = [:]

    private init(bytes: [UInt8], limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    private mutating func run() throws(PickleError) -> Int {
        guard bytes.count <= limits.bytes else { throw error(.tooMuch("bytes")) }
        guard bytes.count >= 2, bytes[0] == 0x80, (2...5).contains(bytes[1]) else { throw error(.noPickle) }
        position = 2
        for _ in 0..<limits.opcodes {
            start = position
            if frameEnd == position { frameEnd = nil }
            let opcode = try take(1)[position - 1]
            if opcode == UInt8(ascii: ".") { return try end() }
            try apply(opcode)
        }
        throw error(.tooMuch("opcodes"))
    }

    private mutating func end() throws(PickleError) -> Int {
        let root = try pop()
        guard stack.isEmpty, marks.isEmpty else { throw error(.malformed("values are left over at its end")) }
        guard position == bytes.count, frameEnd == nil || frameEnd == position else {
            throw error(.malformed("it continues after its end"))
        }
        return root
    }

    private mutating func apply(_ opcode: UInt8) throws(PickleError) {
        switch opcode {
        case 0x95: try beginFrame()
        case UInt8(ascii: "N"): push(.none)
        case 0x88: push(.bool(true))
        case 0x89: push(.bool(false))
        case UInt8(ascii: "J"): push(.int(Int64(Int32(truncatingIfNeeded: try number(bytes: 4)))))
        case UInt8(ascii: "K"): push(.int(Int64(try number(bytes: 1))))
        case UInt8(ascii: "M"): push(.int(Int64(try number(bytes: 2))))
        case 0x8A: push(Self.long(try take(Int(try number(bytes: 1)))))
        case 0x8B: push(Self.long(try take(try length(bytes: 4))))
        case UInt8(ascii: "G"): push(.float(Double(bitPattern: try take(8).reduce(0) { $0 << 8 | UInt64($1) })))
        case 0x8C: try pushText(bytes: 1)
        case UInt8(ascii: "X"): try pushText(bytes: 4)
        case 0x8D: try pushText(bytes: 8)
        case UInt8(ascii: "]"): push(PickleNodes.Node(kind: .list))
        case UInt8(ascii: "}"): push(PickleNodes.Node(kind: .dict))
        case UInt8(ascii: ")"): push(PickleNodes.Node(kind: .tuple))
        case UInt8(ascii: "("): marks.append(stack.count)
        case 0x85, 0x86, 0x87: try pushTuple(of: Int(opcode) - 0x84)
        case UInt8(ascii: "t"): push(PickleNodes.Node(kind: .tuple, children: try popToMark()))
        case UInt8(ascii: "a"): try extend(.list, by: [try pop()])
        case UInt8(ascii: "e"): try extend(.list, by: try popToMark())
        case UInt8(ascii: "s"):
            let value = try pop()
            try extend(.dict, by: [try pop(), value])
        case UInt8(ascii: "u"): try extend(.dict, by: try popToMark())
        case 0x94: memo[UInt32(memo.count)] = try top()
        case UInt8(ascii: "q"): memo[UInt32(try number(bytes: 1))] = try top()
        case UInt8(ascii: "r"): memo[UInt32(try number(bytes: 4))] = try top()
        case UInt8(ascii: "h"): try recall(try number(bytes: 1))
        case UInt8(ascii: "j"): try recall(try number(bytes: 4))
        default: throw refusal(of: opcode)
        }
    }

    private func refusal(of opcode: UInt8) -> PickleError {
        switch opcode {
        case UInt8(ascii: "c"): error(.object("GLOBAL"))
        case 0x93: error(.object("STACK_GLOBAL"))
        case UInt8(ascii: "R"): error(.object("REDUCE"))
        case UInt8(ascii: "b"): error(.object("BUILD"))
        case UInt8(ascii: "i"): error(.object("INST"))
        case UInt8(ascii: "o"): error(.object("OBJ"))
        case 0x81: error(.object("NEWOBJ"))
        case 0x92: error(.object("NEWOBJ_EX"))
        case UInt8(ascii: "P"): error(.object("PERSID"))
        case UInt8(ascii: "Q"): error(.object("BINPERSID"))
        case 0x82...0x84: error(.object("EXT"))
        case 0x97, 0x98: error(.object("BUFFER"))
        case UInt8(ascii: "B"), UInt8(ascii: "C"), 0x8E: error(.type("bytes"))
        case 0x96: error(.type("bytearray"))
        case 0x8F, 0x90: error(.type("set"))
        case 0x91: error(.type("frozenset"))
        default: error(.opcode(opcode))
        }
    }

    private func error(_ reason: PickleError.Reason) -> PickleError { PickleError(reason: reason, offset: start) }
}

// MARK: arguments

extension PickleReader {
    private mutating func take(_ count: Int) throws(PickleError) -> ArraySlice<UInt8> {
        guard count <= (frameEnd ?? bytes.count) - position else { throw error(.truncated) }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// An unsigned number, lowest byte first.
    private mutating func number(bytes count: Int) throws(PickleError) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A length that the remaining bytes can satisfy.
    private mutating func length(bytes count: Int) throws(PickleError) -> Int {
        let length = try number(bytes: count)
        guard length <= UInt64(bytes.count) else { throw error(.truncated) }
        return Int(length)
    }

    /// Protocol 4 puts opcodes into frames, one after the other (PEP 3154).
    private mutating func beginFrame() throws(PickleError) {
        guard frameEnd == nil else { throw error(.malformed("a frame within a frame")) }
        let length = try length(bytes: 8)
        guard length > 0, length <= bytes.count - position else { throw error(.truncated) }
        frameEnd = position + length
    }

    private mutating func pushText(bytes count: Int) throws(PickleError) {
        guard let text = String(validating: try take(try length(bytes: count)), as: UTF8.self) else {
            throw error(.malformed("a text that is not UTF-8"))
        }
        push(.text(text))
    }

    private static func long(_ bytes: ArraySlice<UInt8>) -> PickledValue {
        var bytes = bytes
        while let last = bytes.last, let next = bytes.dropLast().last, last == (next & 0x80 == 0 ? 0 : 0xFF) {
            bytes.removeLast()
        }
        guard bytes.count <= 8 else { return .longInt(Array(bytes)) }
        let sign: UInt64 = (bytes.last ?? 0) & 0x80 == 0 ? 0 : .max
        return .int(Int64(bitPattern: bytes.reversed().reduce(sign) { $0 << 8 | UInt64($1) }))
    }
}

// MARK: the stack

extension PickleReader {
    private mutating func push(_ value: PickledValue) { push(PickleNodes.Node(kind: .leaf(value))) }

    private mutating func push(_ node: PickleNodes.Node) {
        stack.append(nodes.count)
        nodes.append(node)
    }

    private func top() throws(PickleError) -> Int {
        guard stack.count > marks.last ?? 0, let top = stack.last else { throw error(.malformed("a value is missing")) }
        return top
    }

    private mutating func pop() throws(PickleError) -> Int {
        let top = try top()
        stack.removeLast()
        return top
    }

    private mutating func popToMark() throws(PickleError) -> [Int] {
        guard let mark = marks.popLast() else { throw error(.malformed("a MARK is missing")) }
        // One by one: a slice would share the stack's storage, and removing would copy all that is below.
        var items: [Int] = []
        items.reserveCapacity(stack.count - mark)
        for place in mark..<stack.count { items.append(stack[place]) }
        stack.removeLast(items.count)
        return items
    }

    private mutating func pushTuple(of count: Int) throws(PickleError) {
        var items: [Int] = []
        for _ in 0..<count { items.append(try pop()) }
        push(PickleNodes.Node(kind: .tuple, children: items.reversed()))
    }

    /// Adds to the container on top of the stack: items, or alternately keys and values.
    private mutating func extend(_ kind: PickleNodes.Kind, by items: [Int]) throws(PickleError) {
        let container = try top()
        switch (kind, nodes[container].kind) {
        case (.list, .list): break
        case (.dict, .dict) where items.count.isMultiple(of: 2): break
        default: throw error(.malformed("items without a container of their kind"))
        }
        nodes[container].children += items
    }

    private mutating func recall(_ name: UInt64) throws(PickleError) {
        guard let node = memo[UInt32(name)] else { throw error(.malformed("a reference to nothing")) }
        stack.append(node)
    }
}
