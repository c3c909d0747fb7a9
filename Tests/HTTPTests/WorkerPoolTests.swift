import Base
import HTTP
import Synchronization
import Testing

@Suite("Worker pool", .timeLimit(.minutes(1)))
struct WorkerPoolTests {
    @Test func runsAllJobsBeforeItStops() {
        let pool = WorkerPool(name: "jobs", threads: 4, queueLimit: 10_000)
        let sum = Atomic(0)
        for number in 1...5_000 {
            #expect(pool.submit { sum.add(number, ordering: .relaxed) })
        }
        pool.stop()
        #expect(sum.load(ordering: .relaxed) == 5_000 * 5_001 / 2)
        #expect(!pool.submit {})
    }

    @Test func refusesWhatExceedsTheQueue() {
        let pool = WorkerPool(name: "full", threads: 1, queueLimit: 2)
        let gate = Monitor(false)
        #expect(pool.submit { _ = gate.wait { $0 ? true : nil } })
        #expect(waitUntil { pool.waitingCount == 0 })
        #expect(pool.submit {})
        #expect(pool.submit {})
        #expect(!pool.submit {})
        gate.update { $0 = true }
        pool.stop()
    }
}
