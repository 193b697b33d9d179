import OdooAccess
import Testing

@Suite("Domain parser")
struct DomainParserTests {
    private func code(_ text: String) -> DomainError.Code? {
        do throws(DomainError) {
            _ = try DomainParser.parse(text)
            return nil
        } catch { return error.code }
    }

    @Test("escapes of strings are Python's")
    func escapes() throws {
        #expect(try DomainParser.parse(#"'\n\t\r\a\b\f\v\\\'\"'"#) == .string("\n\t\r\u{7}\u{8}\u{c}\u{b}\\'\""))
        #expect(try DomainParser.parse(#"'\x41\u00e9\U0001F600'"#) == .string("Aé😀"))
        // An escape that Python does not know stays as it is.
        #expect(try DomainParser.parse(#"'\%\d'"#) == .string(#"\%\d"#))
        #expect(try DomainParser.parse("'a\\\nb'") == .string("ab"))
        #expect(try DomainParser.parse(#"r'\n\''"#) == .string(#"\n\'"#))
        #expect(try DomainParser.parse("u'x'") == .string("x"))
    }

    @Test(
        "escapes that are incomplete, surrogates, octal or name a character are refused",
        arguments: [#"'\x4'"#, #"'\u00g0'"#, #"'\ud800'"#, #"'\U00110000'"#, #"'\101'"#, #"'\N{DASH}'"#, #"'\x00'"#])
    func badEscapes(text: String) { #expect(code(text) == .syntax) }

    @Test("triple quotes go over lines, single ones do not")
    func tripleQuotes() throws {
        #expect(try DomainParser.parse("'''a\n'b''c'''") == .string("a\n'b''c"))
        #expect(try DomainParser.parse("\"\"\"\"x\"\"\"") == .string("\"x"))
        #expect(code("'a\nb'") == .syntax)
    }

    @Test("strings beside one another are one")
    func adjacent() throws { #expect(try DomainParser.parse("('a' \"b\"\n'''c''' r'd')") == .string("abcd")) }

    @Test(
        "a string that does not end is a syntax error",
        arguments: ["[('a', '=', 'x)]", "'", "'''abc''", "'\\", "r'\\'"])
    func unterminated(text: String) { #expect(code(text) == .syntax) }

    @Test("f-strings, bytes and other prefixes are refused", arguments: ["f'x'", "b'x'", "rb'x'", "fr'x'", "x'y'"])
    func prefixes(text: String) { #expect(code(text) == .syntax) }

    @Test("comments and line breaks count for nothing")
    func comments() throws {
        #expect(try DomainParser.parse("# first\n[1, # 'one\n 2]\n#") == .list([.integer(1), .integer(2)]))
        #expect(try DomainParser.parse("\u{FEFF} [\\\n1]\r\n") == .list([.integer(1)]))
    }

    @Test("one value in brackets is the value, with a comma a tuple")
    func tuples() throws {
        #expect(try DomainParser.parse("(1)") == .integer(1))
        #expect(try DomainParser.parse("(1,)") == .tuple([.integer(1)]))
        #expect(try DomainParser.parse("()") == .tuple([]))
        #expect(try DomainParser.parse("((1, 2,),)") == .tuple([.tuple([.integer(1), .integer(2)])]))
    }

    @Test("a trailing comma is taken, an empty place is not")
    func commas() throws {
        #expect(try DomainParser.parse("[1,]") == .list([.integer(1)]))
        for text in ["[,]", "[1,,2]", "[1 2]", "(,)", "f(,)", "f(1 2)", "f(a=1, 2)", "f(a=1, a=2)", "f(1=2)"] {
            #expect(code(text) == .syntax, "\(text)")
        }
    }

    @Test("minus may precede numbers, also several times")
    func minus() throws {
        #expect(try DomainParser.parse("-1") == .integer(-1))
        #expect(try DomainParser.parse("--1") == .integer(1))
        #expect(try DomainParser.parse("-1.5e3") == .float("-1.5e3"))
        #expect(try DomainParser.parse("-x") == .negative(.name("x")))
        #expect(code(String(repeating: "-", count: 200) + "1") == .tooDeep)
    }

    @Test(
        "numbers that are too large or not Python's are refused",
        arguments: ["9223372036854775808", "1e400", "0x10", "012", "1__0", "1_", "12abc", "1e", "1.2.3", "0b1", "1j"])
    func badNumbers(text: String) { #expect(code(text) == .syntax) }

    @Test("numbers at the edge are taken")
    func numbers() throws {
        #expect(try DomainParser.parse("9223372036854775807") == .integer(.max))
        #expect(try DomainParser.parse("1_000") == .integer(1_000))
        #expect(try DomainParser.parse(".5") == .float(".5"))
        #expect(try DomainParser.parse("0") == .integer(0))
    }

    @Test("names and texts may be of any script")
    func unicode() throws {
        #expect(try DomainParser.parse("größe") == .name("größe"))
        #expect(try DomainParser.parse("'日本\u{200D}語'") == .string("日本\u{200D}語"))
        #expect(code("“a”") == .syntax)
    }

    @Test("NUL is refused, in a string and outside")
    func nul() {
        #expect(code("'a\0b'") == .syntax)
        #expect(code("'a\\\0b'") == .syntax)
        #expect(code("r'a\\\0b'") == .syntax)
        #expect(code("[1,\0 2]") == .syntax)
    }

    @Test("brackets, chains and lengths have a limit")
    func limits() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        #expect(code(nested(DomainParser.maximumDepth - 1)) == nil)
        #expect(code(nested(DomainParser.maximumDepth + 1)) == .tooDeep)
        #expect(code(nested(30_000)) == .tooDeep)
        #expect(code(Array(repeating: "a", count: 65).joined(separator: " or ")) == nil)
        #expect(code(Array(repeating: "a", count: 66).joined(separator: " and ")) == .tooDeep)
        #expect(code(Array(repeating: "a", count: 5_000).joined(separator: ".")) == .tooDeep)
        #expect(code(String(repeating: "not ", count: 5_000) + "a") == .tooDeep)
        #expect(code("a" + String(repeating: " if a else a", count: 3_000)) == .tooDeep)
        #expect(code("'" + String(repeating: "x", count: DomainParser.maximumLength - 2) + "'") == nil)
        #expect(code("'" + String(repeating: "x", count: DomainParser.maximumLength - 1) + "'") == .tooLong)
    }

    @Test(
        "the rest of Python is refused",
        arguments: [
            "lambda: 1", "[x for x in y]", "a[0]", "{}", "{'a': 1}", "a := 1", "a is None", "not in", "1 +", "a if b",
            "a.1", "a;b", "import os", "a == b == c", "*a",
            "a @ b", "...", "", "  # nothing", "a b", "a.'b'", "`a`", "1 < 2 < 3", "yield", "await x", ")", "[1)",
        ])
    func refused(text: String) { #expect(code(text) == .syntax, "\(text)") }

    @Test("operators bind as Python's do")
    func binding() throws {
        #expect(
            try DomainParser.parse("a or b and not c == d + e.f(1)(x=2)")
                == .or(
                    .name("a"),
                    .and(
                        .name("b"),
                        .not(
                            .comparison(
                                .name("c"), .equal,
                                .binary(
                                    .name("d"), .plus,
                                    .call(
                                        .call(.attribute(.name("e"), "f"), [.integer(1)], [:]), [], ["x": .integer(2)]))
                            )))))
        #expect(
            try DomainParser.parse("a if b else c if d else e")
                == .conditional(
                    condition: .name("b"), then: .name("a"),
                    otherwise: .conditional(condition: .name("d"), then: .name("c"), otherwise: .name("e"))))
        #expect(
            try DomainParser.parse("1 - 2 - 3")
                == .binary(.binary(.integer(1), .minus, .integer(2)), .minus, .integer(3)))
        #expect(try DomainParser.parse("a not in b") == .comparison(.name("a"), .isNotIn, .name("b")))
        #expect(try DomainParser.parse("a <> b") == .comparison(.name("a"), .notEqual, .name("b")))
    }
}
