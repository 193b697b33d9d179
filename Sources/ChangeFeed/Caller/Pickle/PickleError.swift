/// Why a pickle is not read. Gives the position, never the content.
struct PickleError: Error, Equatable, CustomStringConvertible {
    enum Reason: Equatable {
        /// It ends before its STOP, or a part is longer than its container.
        case truncated
        /// It does not begin with a protocol from 2 to 5.
        case noPickle
        /// It would build an object, which runs Python code: this opcode.
        case object(String)
        /// A value of a type that sessions do not use.
        case type(String)
        /// A byte that no pickler of these protocols writes here.
        case opcode(UInt8)
        /// Opcodes that do not fit together, with the reason.
        case malformed(String)
        /// More of this than `PickleReader.Limits` allows.
        case tooMuch(String)
    }

    let reason: Reason
    /// Bytes before the offending opcode.
    let offset: Int

    var description: String {
        switch reason {
        case .truncated: "the pickle ends too early (byte \(offset))"
        case .noPickle: "it is not a pickle of protocol 2 to 5"
        case .object(let opcode): "the pickle would build an object (\(opcode), byte \(offset))"
        case .type(let type): "the pickle holds a value of the type \(type) (byte \(offset))"
        case .opcode(let opcode): "the pickle has an unknown opcode \(opcode) (byte \(offset))"
        case .malformed(let what): "the pickle is malformed: \(what) (byte \(offset))"
        case .tooMuch(let what): "the pickle has too many \(what), or too large ones (byte \(offset))"
        }
    }
}
