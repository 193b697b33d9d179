internal import OdooAccess

private let compiler = RuleCompiler(catalog: TestSchema.catalog)

/// The first byte chooses the model, the rest is a domain. It must be refused with a `DomainError` or become sound SQL.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    guard let first = bytes.first else { return 0 }
    let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
    let model = TestSchema.roots[Int(first) % TestSchema.roots.count]
    let alone = try? compiler.compile(domain: text, model: model)
    if let alone { check(alone) }
    let half = text.unicodeScalars.count / 2
    let rules = [
        RecordRule(id: 1, name: "whole", domain: text, isGlobal: true),
        RecordRule(id: 2, name: "begin", domain: String(String.UnicodeScalarView(text.unicodeScalars.prefix(half))), isGlobal: false),
    ]
    var held = ["x.order": [rules[0]]]
    held[model] = rules
    let set = compiler.compile(rules: held, model: model)
    if let domain = set.domain { check(domain) }
    precondition(set.domain != nil || !set.findings.isEmpty, "closed without a finding")
    return 0
}

/// libFuzzer's own main(), which SwiftPM's name for an executable's entry keeps from being linked.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@_cdecl("DomainFuzz_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments, fuzz)
}

private func check(_ domain: CompiledDomain) {
    if let fault = SQLShape.fault(domain.sql) { preconditionFailure("\(fault): \(domain.sql)") }
    precondition(SQLShape.refersToColumnsOfRowAlone(domain.sql), domain.sql)
    precondition(domain.texts.allSatisfy { !$0.utf8.contains(0) }, "NUL in a parameter")
}
