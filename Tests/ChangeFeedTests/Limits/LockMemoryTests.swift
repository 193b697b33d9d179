@testable import ChangeFeed
import Testing

@Suite("Which tables are known to be locked")
struct LockMemoryTests {
    private let table = LockMemory.Table(source: "public.product_category", model: "product.category")
    private let start = ContinuousClock.now

    @Test("while no lock is known, no request is refused, and all wait as usual")
    func nothing() {
        var memory = LockMemory()
        #expect(memory.decide("a", now: start) == .ask)
        memory.waited("a", for: [], now: start)
        #expect(memory.patience(now: start) == nil)
        #expect(memory.decide("a", now: start) == .ask)
    }

    @Test("the question that waited is refused for a moment; others ask, and wait shortly")
    func refused() {
        var memory = LockMemory()
        memory.waited("a", for: [table], now: start)
        #expect(memory.decide("a", now: start) == .refuse([table]))
        #expect(memory.decide("b", now: start) == .ask)
        #expect(memory.patience(now: start) == LockMemory.patience)
        #expect(memory.patience(now: start + LockMemory.lifetime) == nil)
    }

    @Test("then one of them looks, and the others are refused until it knows")
    func looks() {
        var memory = LockMemory()
        for question in ["a", "b"] { memory.waited(question, for: [table], now: start) }
        let later = start + LockMemory.pause
        #expect(memory.decide("a", now: later) == .ask)
        #expect(memory.decide("b", now: later) == .refuse([table]))
        memory.answered("a")
        #expect(memory.decide("b", now: later) == .ask)
        #expect(memory.tables.isEmpty)
    }

    @Test("an answer to who was not in the way says nothing about the table")
    func unrelated() {
        var memory = LockMemory()
        memory.waited("a", for: [table], now: start)
        memory.answered("b")
        #expect(memory.decide("a", now: start) == .refuse([table]))
    }

    @Test("a lock that blocked no request for a while is forgotten")
    func forgotten() {
        var memory = LockMemory()
        memory.waited("a", for: [table], now: start)
        #expect(memory.decide("a", now: start + LockMemory.lifetime) == .ask)
        #expect(memory.tables.isEmpty)
    }

    @Test("a question with two tables in its way is refused while one is held")
    func two() {
        let other = LockMemory.Table(source: "public.res_country", model: nil)
        var memory = LockMemory()
        memory.waited("a", for: [table, other], now: start)
        memory.waited("b", for: [table], now: start)
        memory.answered("b")
        #expect(memory.decide("a", now: start) == .refuse([other]))
    }
}
