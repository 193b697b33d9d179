/// Of the service, its commands and the HTTP API.
package enum Version {
    package static let text = "0.1.0"
}
