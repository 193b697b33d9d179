@testable import ChangeFeedCommand
@testable import ChangeFeedSettings
import ChangeFeedTesting
import Foundation
import Glibc
import Postgres
import Testing

/// Answers every login with one error, as a server does (PostgreSQL manual, Message Formats, ErrorResponse), on 127.0.0.1.
private final class RefusingServer: Sendable {
    let port: UInt16
    private let listener: Int32

    init(severity: String, sqlState: String, message: String) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor, size) = (listener, length)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw CancellationError() }
        port = UInt16(bigEndian: address.sin_port)
        var fields: [UInt8] = []
        for (code, text) in [("S", severity), ("V", "FATAL"), ("C", sqlState), ("M", message)] {
            fields += Array((code + text).utf8) + [0]
        }
        fields.append(0)
        let answer = [UInt8(ascii: "E")] + withUnsafeBytes(of: UInt32(fields.count + 4).bigEndian, Array.init) + fields
        Thread.detachNewThread {
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else {
                    // Closed by who accepts: the number may be another server's the moment after.
                    close(descriptor)
                    return
                }
                var startup = [UInt8](repeating: 0, count: 4_096)
                _ = recv(client, &startup, startup.count, 0)
                _ = answer.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                close(client)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    var conninfo: String {
        "host=127.0.0.1 port=\(port) dbname=odoo user=nobody password=x sslmode=disable gssencmode=disable"
    }
}

@Suite("A login that a server refuses, in whatever language", .timeLimit(.minutes(10)))
struct LoginRefusalTests {
    @Test(
        "is recognized by its SQLSTATE and reported in the server's words",
        arguments: [
            (
                "ÖLÜMCÜL", "28000", "\"nobody\" rolüne bağlanma izni verilmemiştir",
                ChangeFeedSettings.ExitStatus.notPermitted
            ),
            ("FATAL", "28P01", "Passwort-Authentifizierung für Benutzer »nobody« fehlgeschlagen", .notPermitted),
            ("ВАЖНО", "28000", "в pg_hba.conf нет записи для компьютера", .notPermitted),
            ("FATAL", "28000", "la aplicación no pasó: la identificación falló", .notPermitted),
            ("FATAL", "3D000", "Datenbank »odoo« existiert nicht", .unavailable),
            ("FATAL", "53300", "tut mir leid, schon zu viele Verbindungen", .unavailable),
            ("FATAL", "57P03", "das Datenbanksystem startet", .unavailable),
            ("FATAL", "28P01", "password authentication failed for user \"nobody\"", .notPermitted),
        ])
    func state(severity: String, sqlState: String, message: String, status: ChangeFeedSettings.ExitStatus) async throws
    {
        let server = try RefusingServer(severity: severity, sqlState: sqlState, message: message)
        do {
            let connection = try await Connection.connect(ConnectionConfiguration(server.conninfo))
            await connection.close()
            Issue.record("it let somebody in")
        } catch let error as PostgresError {
            #expect(error.code == .connectionFailed && error.message.contains(message))
            #expect(error.sqlState == sqlState, "\(error)")
            #expect(ChangeFeedSettings.ExitStatus(error) == status)
        }
    }

    @Test("a server that was not reached has no state")
    func unreachable() async throws {
        await #expect {
            _ = try await Connection.connect(ConnectionConfiguration("host=/nonexistent dbname=x"))
        } throws: {
            ($0 as? PostgresError)?.sqlState == nil && ($0 as? PostgresError)?.code == .connectionFailed
        }
    }
}
