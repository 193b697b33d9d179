import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres

/// Writers, devices and retention in one random order that a seed repeats. At the end each device's copy must equal the
/// database, for the models that it follows; on the way, what must never happen is looked for.
///
/// One step at a time, over several connections: what matters is the order of statements and commits, and that is the
/// seed's. Writers keep to records of their own, so that nobody waits for anybody.
final class SyncChecker {
    /// What was broken, with the steps that led to it.
    struct Violation: Error, CustomStringConvertible {
        let seed: UInt64
        let what: String
        let history: [String]
        var description: String { "seed \(seed): \(what)\n" + history.suffix(60).joined(separator: "\n") }
    }

    static let models = ["x.alpha", "x.beta", "x.gamma", "x.parent", "x.child"]

    /// Three small models that user 2 may read, a parent that is shown while it is open, with children that are shown while their parent is; and windows so small that batches have many, of which the larger ones are kept; made by the administrator of the database.
    static let setUp = """
        SET ROLE odoo;
        CREATE TABLE x_alpha (id serial PRIMARY KEY, name varchar, writer int NOT NULL, write_date timestamp);
        CREATE TABLE x_beta (LIKE x_alpha INCLUDING ALL);
        CREATE TABLE x_gamma (LIKE x_alpha INCLUDING ALL);
        CREATE TABLE x_parent (LIKE x_alpha INCLUDING ALL, is_open boolean NOT NULL DEFAULT true);
        CREATE TABLE x_child (LIKE x_alpha INCLUDING ALL, parent_id int NOT NULL REFERENCES x_parent ON DELETE CASCADE);
        INSERT INTO ir_model (model, name) SELECT m, '{}' FROM unnest(ARRAY['x.alpha', 'x.beta', 'x.gamma', 'x.parent', 'x.child']) m;
        INSERT INTO ir_model_access (name, model_id, active, perm_read) SELECT model, id, true, true FROM ir_model WHERE model LIKE 'x.%';
        INSERT INTO ir_model_fields (model, name, ttype, store, state)
            SELECT m, f.name, f.ttype, true, 'manual' FROM unnest(ARRAY['x.alpha', 'x.beta', 'x.gamma', 'x.parent', 'x.child']) m,
                (VALUES ('id', 'integer'), ('name', 'char'), ('writer', 'integer'), ('write_date', 'datetime')) f (name, ttype);
        INSERT INTO ir_model_fields (model, name, ttype, store, relation, state) VALUES
            ('x.parent', 'is_open', 'boolean', true, NULL, 'manual'), ('x.child', 'parent_id', 'many2one', true, 'x.parent', 'manual');
        \(whatIsShown)
        \(whatIsKept)
        \(whatIsCounted)
        INSERT INTO ir_rule (name, model_id, domain_force)
            SELECT 'open', id, CASE model WHEN 'x.parent' THEN $$[('is_open', '=', True)]$$ ELSE $$[('parent_id.is_open', '=', True)]$$ END
            FROM ir_model WHERE model IN ('x.parent', 'x.child');
        RESET ROLE;
        SELECT changefeed.track('x.alpha'), changefeed.track('x.beta'), changefeed.track('x.gamma'), changefeed.track('x.parent'), changefeed.track('x.child');
        SELECT changefeed.decide_model(m, 'allow') FROM unnest(ARRAY['x.alpha', 'x.beta', 'x.gamma', 'x.parent', 'x.child']) m;
        SELECT changefeed.check_identity();
        DO $small$ BEGIN
            EXECUTE replace(replace(pg_get_functiondef('changefeed.pull'::regproc), 'window_events CONSTANT int := 4096', 'window_events CONSTANT int := 40'),
                'kept_entries CONSTANT int := 500', 'kept_entries CONSTANT int := 6');
            EXECUTE replace(pg_get_functiondef('changefeed.data_digest'::regproc), 'most CONSTANT int := 2000', 'most CONSTANT int := 20');
        END $small$;
        """

    /// Each state of a record has a number above that of the one before.
    private static let whatIsCounted = """
        CREATE SEQUENCE x_version;
        CREATE FUNCTION x_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.version := nextval('x_version'); RETURN NEW; END $$;
        DO $$
        DECLARE model text;
        BEGIN
            FOREACH model IN ARRAY ARRAY['x.alpha', 'x.beta', 'x.gamma', 'x.parent', 'x.child'] LOOP
                EXECUTE format('ALTER TABLE %I ADD COLUMN version int NOT NULL DEFAULT 0', replace(model, '.', '_'));
                EXECUTE format('CREATE TRIGGER x_count BEFORE INSERT OR UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION x_count()', replace(model, '.', '_'));
                INSERT INTO ir_model_fields (model, name, ttype, store, state) VALUES (model, 'version', 'integer', true, 'manual');
            END LOOP;
        END $$;
        """

    private let seed: UInt64
    var random: SeededGenerator
    private(set) var history: [String] = []
    var writers: [Writer] = []
    var devices: [Device] = []
    let administrator: Connection
    /// Two, as two replicas of the service would have them.
    private let services: [Connection]
    var uuid = 0
    var isPaused = false

    let release: Int
    /// Devices ask by filters in every third run, chosen by numbers of their own, so that the others are as without.
    var hasFilters: Bool { seed % 3 == 0 }
    var filterRandom: SeededGenerator
    /// Endpoints are in every fourth run, by numbers of their own as well.
    var hasEndpoints: Bool { seed % 4 == 0 }
    var endpointRandom: SeededGenerator
    var receivers: [Receiver] = []
    var replicas: [Replica] = []
    /// How many processes have delivered.
    var processes = 0
    /// The database has another identity, and nobody has adopted it yet.
    var isCopy = false
    private var delivery: Delivery?

    init(_ database: TestDatabase, seed: UInt64, release: Int = 18) async throws {
        self.seed = seed
        self.release = release
        random = SeededGenerator(seed: seed)
        filterRandom = SeededGenerator(seed: seed)
        endpointRandom = SeededGenerator(seed: seed)
        administrator = try await database.connect()
        services = [
            try await database.connect(user: "changefeed_login"), try await database.connect(user: "changefeed_login"),
        ]
        for number in 0..<4 {
            writers.append(Writer(number: number, connection: try await database.connect(user: "odoo")))
        }
        for number in 0..<4 {
            devices.append(Device(name: "device \(number)", start: random.chance(50) ? "all" : "earliest"))
        }
        for device in devices { device.filters = someFilters() }
        let service = services[0]
        var compilation = RuleCompilation { try await service.query($0) }
        _ = try await compilation.compile(try await service.query("SELECT * FROM changefeed.access_rules(2)"))
        if hasEndpoints {
            let delivery = try Delivery(database)
            self.delivery = delivery
            try await addEndpoints(delivery)
        }
    }

    func close() async {
        for connection in [administrator] + services + writers.map(\.connection) { await connection.close() }
        await delivery?.pool.close()
    }

    // MARK: running

    /// - Throws: `Violation`, or `PostgresError`, which is one as well.
    func run(steps: Int) async throws {
        do {
            for _ in 0..<steps {
                if hasFilters, filterRandom.chance(2) {
                    refilter(devices.randomElement(using: &filterRandom) ?? devices[0])
                }
                if let delivery, endpointRandom.chance(40) { try await deliver(delivery) }
                // What disturbs is rare: a device that is told to take all anew needs a hundred steps until events come again,
                // and only then shows what gets lost.
                switch Int.random(in: 0..<200, using: &random) {
                case 0..<90: try await write(Int.random(in: 0..<writers.count, using: &random))
                case 90..<184: try await device(Int.random(in: 0..<devices.count, using: &random))
                case 184..<196: try await retain()
                default: try await disturb()
                }
            }
            try await finish(delivery)
        } catch let violation as Violation {
            throw violation
        } catch {
            throw Violation(seed: seed, what: "a step failed: \(error)", history: history)
        }
    }

    func note(_ text: String) { history.append(text) }

    func violated(_ what: String) -> Violation { Violation(seed: seed, what: what, history: history) }

    var service: Connection { services.randomElement(using: &random) ?? services[0] }
}
