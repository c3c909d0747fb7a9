/// The visits that are under way, each with the text that all its events share.
///
/// An event then is a handful of copies: that is what makes the generator cheaper than what it
/// measures.
struct SessionTable {
    /// Room for the text of one session: user, session, referrer and the four device texts.
    static let textBytesMax = 384

    private let catalogue: Catalogue
    private var nextSession: Int
    private let sessionStep: Int
    private var texts: [UInt8]
    /// Where the part before the timestamp ends, and the whole text.
    private var splits: [Int]
    private var ends: [Int]
    private(set) var users: [Int]
    /// Indices into the lists of the catalogue.
    private(set) var devices: [Int]
    private(set) var browsers: [Int]
    private(set) var countries: [Int]
    /// Events yet to come, the type of the next depends on how many were before.
    private var remaining: [Int]
    private var emitted: [Int]
    private var landingPages: [Int]

    /// Opens `count` sessions; `stream` and `step` keep the session ids of generators apart.
    init(
        _ catalogue: Catalogue, count: Int, stream: Int, step: Int, _ random: inout Randomness
    ) {
        self.catalogue = catalogue
        nextSession = stream
        sessionStep = step
        texts = Array(repeating: 0, count: count * Self.textBytesMax)
        splits = Array(repeating: 0, count: count)
        ends = splits
        users = splits
        devices = splits
        browsers = splits
        countries = splits
        remaining = splits
        emitted = splits
        landingPages = splits
        for slot in 0..<count {
            open(slot, &random)
            // A run begins in the midst of the traffic, not with the first event of every visit.
            emitted[slot] = random.below(remaining[slot])
            remaining[slot] -= emitted[slot]
        }
    }

    var count: Int { users.count }

    /// Takes the next event of a session: its type, and its page.
    mutating func advance(_ slot: Int, _ random: inout Randomness) -> (type: Int, page: Int) {
        if remaining[slot] == 0 { open(slot, &random) }
        remaining[slot] &-= 1
        emitted[slot] &+= 1
        switch emitted[slot] {
        case 1: return (EventType.sessionStart.rawValue, landingPages[slot])
        case 2: return (EventType.pageView.rawValue, landingPages[slot])
        default:
            let type = catalogue.typeChoice.draw(random.next())
            // A page view moves on; whatever follows happens on the page of that view.
            if type == EventType.pageView.rawValue {
                landingPages[slot] = catalogue.pageChoice.draw(random.next())
            }
            return (type, landingPages[slot])
        }
    }

    /// Appends the text from the user's number up to the timestamp.
    func appendBeforeTime(_ slot: Int, to buffer: inout ByteBuffer) {
        append(slot, 0..<splits[slot], to: &buffer)
    }

    /// Appends the text from the referrer to the loading time.
    func appendAfterPage(_ slot: Int, to buffer: inout ByteBuffer) {
        append(slot, splits[slot]..<ends[slot], to: &buffer)
    }

    private func append(_ slot: Int, _ range: Range<Int>, to buffer: inout ByteBuffer) {
        let base = slot &* Self.textBytesMax
        unsafe texts.withUnsafeBytes { all in
            let part = unsafe all[base &+ range.lowerBound..<base &+ range.upperBound]
            unsafe buffer.append(UnsafeRawBufferPointer(rebasing: part))
        }
    }

    private mutating func open(_ slot: Int, _ random: inout Randomness) {
        nextSession += sessionStep
        let user = catalogue.userChoice.draw(random.next())
        let device = catalogue.deviceChoice.draw(random.next())
        let system = catalogue.systemChoice[device].draw(random.next())
        let browser = catalogue.browserChoice[system].draw(random.next())
        let country = catalogue.countryChoice.draw(random.next())
        let referrer = catalogue.referrers[catalogue.referrerChoice.draw(random.next())]
        let before = #"\#(user + 1)","sessionId":"sess_\#(nextSession)","timestamp":""#
        let after =
            #"","referrer":"\#(referrer)","device":"\#(Catalogue.devices[device])","browser":"#
            + #""\#(Catalogue.browsers[browser])","os":"\#(Catalogue.systems[system])","country":"#
            + #""\#(Catalogue.countries[country])","loadTimeMs":"#
        let text = Array((before + after).utf8)
        let base = slot * Self.textBytesMax
        for index in text.indices { texts[base + index] = text[index] }
        splits[slot] = before.utf8.count
        ends[slot] = text.count
        users[slot] = user
        devices[slot] = device
        browsers[slot] = browser
        countries[slot] = country
        remaining[slot] = 2 + Int(exponential(random.fraction(), mean: 10.5))
        emitted[slot] = 0
        landingPages[slot] = catalogue.pageChoice.draw(random.next())
    }
}
