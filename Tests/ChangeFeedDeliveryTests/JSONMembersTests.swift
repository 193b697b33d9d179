import Testing

@testable import ChangeFeedDelivery

@Suite("Parts of JSON")
struct JSONMembersTests {
    private static func members(_ text: String) -> [String] {
        JSONMembers(text).map { "\($0.name)=\(JSONMembers.text($0.value))" }
    }

    @Test("members with their values as they stand there")
    func members() {
        #expect(Self.members("{}") == [])
        #expect(Self.members(#"{"id":7,"name":"a\"}b","x":null}"#) == ["id=7", #"name="a\"}b""#, "x=null"])
        #expect(
            Self.members("{ \"a\" : {\"b\": [1, {\"c\":\"]\"}]} , \"d\":-1.50e3\n}")
                == [#"a={"b": [1, {"c":"]"}]}"#, "d=-1.50e3"])
    }

    @Test("elements of an array")
    func elements() {
        func elements(_ text: String) -> [String] { JSONElements(text).map { JSONMembers.text($0) } }
        #expect(elements("[]") == [])
        #expect(elements(#"[{"a":"[,"},[1,2], "x,y",3]"#) == [#"{"a":"[,"}"#, "[1,2]", #""x,y""#, "3"])
        #expect(elements("{}") == [])
    }

    @Test("strings")
    func strings() {
        func string(_ text: String) -> String? { JSONMembers.string(Array(text.utf8)[...]) }
        #expect(string(#""é""#) == "é")
        #expect(string(#""a\u00e9\n\"""#) == "aé\n\"")
        #expect(string("7") == nil && string("\"") == nil && string("") == nil)
    }

    @Test(
        "what is not JSON harms nothing",
        arguments: ["", "{", "{\"", "{\"a", "{\"a\":", "{\"a\":[", "[1", "}", "{]", "{\"a\\"])
    func others(text: String) {
        _ = Self.members(text)
        _ = JSONElements(text).map { $0 }
        #expect(throws: WebhookError.self) { try DeliveredEvent(json: text) }
    }
}
