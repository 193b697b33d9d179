import OdooAccess
import Testing

@Suite("Domain parser")
struct DomainParserTests {
    @Test("an unterminated string is a syntax error")
    func unterminated() {
        #expect(throws: DomainError.self) { try DomainParser.parse("[('a', '=', 'x)]") }
    }
}
