/// Converts the nodes that a pickle's opcodes created into a value. Containers refer to their items, so one that is
/// written once and referred to a thousand times exists once.
struct PickleNodes {
    enum Kind {
        case leaf(PickledValue)
        case list, tuple
        /// Its children are alternately keys and values.
        case dict
    }

    struct Node {
        let kind: Kind
        /// Indexes of other nodes.
        var children: [Int] = []
    }

    private struct Made {
        let value: PickledValue
        /// Values, each counted once per reference.
        let size: Int
        let height: Int
        /// Whether Python accepts it as a key.
        let isKey: Bool
    }

    private enum State {
        case untouched, atWork
        case made(Made)
    }

    private let nodes: [Node]
    private let limits: PickleReader.Limits
    private let offset: Int
    private var states: [State]

    static func value(
        of root: Int, in nodes: [Node], limits: PickleReader.Limits, offset: Int
    ) throws(PickleError) -> PickledValue {
        var making = PickleNodes(
            nodes: nodes, limits: limits, offset: offset, states: Array(repeating: .untouched, count: nodes.count))
        return try making.make(root, depth: 0).value
    }

    /// Goes no deeper than the limit, whatever the nodes are.
    private mutating func make(_ place: Int, depth: Int) throws(PickleError) -> Made {
        let node = nodes[place]
        if case .leaf(let value) = node.kind { return Made(value: value, size: 1, height: 0, isKey: true) }
        switch states[place] {
        case .made(let made):
            guard depth + made.height <= limits.depth else { throw error(.tooMuch("nested containers")) }
            return made
        case .atWork: throw error(.malformed("a container that contains itself"))
        case .untouched: break
        }
        guard depth < limits.depth else { throw error(.tooMuch("nested containers")) }
        states[place] = .atWork
        var items: [PickledValue] = []
        items.reserveCapacity(node.children.count)
        var size = 1
        var height = 0
        var areKeys = true
        for (index, child) in node.children.enumerated() {
            let made = try make(child, depth: depth + 1)
            if case .dict = node.kind, index.isMultiple(of: 2), !made.isKey {
                throw error(.malformed("a key that Python does not accept"))
            }
            size += made.size
            guard size <= limits.values else { throw error(.tooMuch("values")) }
            height = max(height, made.height)
            areKeys = areKeys && made.isKey
            items.append(made.value)
        }
        let made =
            switch node.kind {
            case .leaf(let value): Made(value: value, size: 1, height: 0, isKey: true)
            case .list: Made(value: .list(items), size: size, height: height + 1, isKey: false)
            case .tuple: Made(value: .tuple(items), size: size, height: height + 1, isKey: areKeys)
            case .dict: Made(value: .dict(Self.entries(items)), size: size, height: height + 1, isKey: false)
            }
        states[place] = .made(made)
        return made
    }

    private static func entries(_ items: [PickledValue]) -> [PickledValue.Entry] {
        stride(from: 0, to: items.count - 1, by: 2).map { PickledValue.Entry(key: items[$0], value: items[$0 + 1]) }
    }

    private func error(_ reason: PickleError.Reason) -> PickleError { PickleError(reason: reason, offset: offset) }
}
