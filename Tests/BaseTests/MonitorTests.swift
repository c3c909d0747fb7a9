import Base
import Testing

@Suite struct MonitorTests {
    @Test func aWaiterSeesWhatAnotherThreadUpdates() {
        let monitor = Monitor(0)
        let thread = WorkerThread(name: "test-monitor") {
            for _ in 0..<1_000 { monitor.update { $0 += 1 } }
        }
        let seen = monitor.wait { $0 == 1_000 ? $0 : nil }
        thread.join()
        #expect(seen == 1_000)
    }

    @Test func aWaitEndsAtItsDeadline() {
        let monitor = Monitor(0)
        let start = Clock.monotonicNanoseconds()
        let seen: Int? = monitor.wait(until: start + 20_000_000) { _ in nil }
        #expect(seen == nil)
        #expect(Clock.monotonicNanoseconds() - start >= 20_000_000)
    }
}
