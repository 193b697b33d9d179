import ChangeFeed
import ChangeFeedSettings
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Reads the settings again at SIGHUP, takes over those that a running service can change, and names the others.
/// Settings that are wrong change nothing.
struct SettingsReload: Service {
    private let read: @Sendable () -> SettingLayers
    private let apply: @Sendable (Settings) -> Void
    private let logger: Logger
    private let texts: TextsInUse

    /// - Parameters:
    ///   - read: all sources as they are now.
    ///   - apply: takes over the values of `Setting.reloadable`.
    init(
        read: @escaping @Sendable () -> SettingLayers, logger: Logger, apply: @escaping @Sendable (Settings) -> Void
    ) {
        self.read = read
        self.apply = apply
        self.logger = logger
        texts = TextsInUse(read())
    }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() { reload() }
    }

    /// Once, as for a signal.
    func reload() {
        let layers = read()
        let settings: Settings
        do {
            settings = try Settings(layers)
        } catch {
            logger.error("the settings were not reloaded: nothing was changed. \("\(error)".plainLine)")
            return
        }
        let changed = texts.changed(layers)
        apply(settings)
        texts.note(layers, of: Setting.reloadable)
        let (taken, left) = (changed.filter(\.isReloadable), changed.filter { !$0.isReloadable })
        logger.info(
            "the settings were read again: \(taken.isEmpty ? "nothing to take over" : "took over \(Self.names(taken))")"
        )
        if !left.isEmpty {
            logger.warning("a restart is needed for \(Self.names(left)): a running service keeps its old values")
        }
    }

    /// Names only: values may be secrets.
    private static func names(_ settings: [Setting]) -> String {
        settings.map(\.variable).joined(separator: ", ")
    }
}

extension Setting {
    fileprivate var isReloadable: Bool { Setting.reloadable.contains { $0.variable == variable } }
}

/// The texts of the settings that the service works by.
private final class TextsInUse: Sendable {
    private let texts: Mutex<[String: String]>

    init(_ layers: SettingLayers) {
        texts = Mutex(Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.variable, layers.given($0)?.text ?? "") }))
    }

    func changed(_ layers: SettingLayers) -> [Setting] {
        texts.withLock { texts in Setting.all.filter { texts[$0.variable] != layers.given($0)?.text ?? "" } }
    }

    func note(_ layers: SettingLayers, of settings: [Setting]) {
        texts.withLock { texts in
            for setting in settings { texts[setting.variable] = layers.given(setting)?.text ?? "" }
        }
    }
}
