/// A record in a list: a JSON object with `record_id`.
enum ListedRecord {
    static func id(_ json: String) throws(WebhookError) -> Int64 {
        for (name, value) in JSONMembers(json) where name == "record_id" {
            if let id = Int64(value) { return id }
        }
        throw WebhookError(.eventInvalid, "a record of a list has no number")
    }
}
