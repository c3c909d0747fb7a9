/// What a shop's visitors see and use: pages, referrers, elements, devices and where they live.
///
/// Each with how often it comes up; nothing here depends on the seed of a run.
package final class Catalogue: Sendable {
    package static let eventTypes = [
        "page_view", "click", "scroll", "form_submit", "purchase", "session_start",
    ]
    package static let pageCount = 10_000
    package static let userCount = 1_000_000
    private static let referrerCount = 2_000
    private static let elementCount = 120

    package let pages: TextPool
    package let elements: TextPool
    let referrers: [String]
    let pageChoice = AliasTable.zipf(count: pageCount, exponent: 1.1)
    let userChoice = AliasTable.zipf(count: userCount, exponent: 0.8, shift: 20)
    let referrerChoice = AliasTable.zipf(count: referrerCount, exponent: 1.05)
    let elementChoice = AliasTable.zipf(count: elementCount, exponent: 0.9)
    let countryChoice = AliasTable.zipf(count: countries.count, exponent: 1)
    /// Types of the events that are neither the first nor the second of a session.
    let typeChoice = AliasTable(weights: [0.43, 0.30, 0.20, 0.05, 0.02])
    let deviceChoice = AliasTable(weights: [0.58, 0.36, 0.06])
    let systemChoice = systemShares.map { AliasTable(weights: $0) }
    let browserChoice = browserShares.map { AliasTable(weights: $0) }

    static let devices = ["mobile", "desktop", "tablet"]
    static let systems = ["Windows", "macOS", "iOS", "Android", "Linux", "ChromeOS"]
    static let browsers = [
        "Chrome", "Safari", "Firefox", "Edge", "Samsung Internet", "Opera", "Brave", "UC Browser",
    ]
    static let countries = Words.countries.split(separator: " ").map(String.init)

    /// The share of each system on a device, and of each browser on a system.
    private static let systemShares: [[Double]] = [
        [0, 0, 0.38, 0.62, 0, 0], [0.64, 0.22, 0, 0, 0.07, 0.07], [0.06, 0, 0.58, 0.36, 0, 0],
    ]
    private static let browserShares: [[Double]] = [
        [0.62, 0, 0.10, 0.21, 0, 0.04, 0.03, 0], [0.45, 0.42, 0.07, 0.02, 0, 0.02, 0.02, 0],
        [0.19, 0.75, 0.01, 0.02, 0, 0.01, 0.02, 0], [0.68, 0, 0.03, 0.02, 0.15, 0.04, 0.02, 0.06],
        [0.48, 0, 0.40, 0.02, 0, 0.05, 0.05, 0], [0.93, 0, 0.03, 0.02, 0, 0.01, 0.01, 0],
    ]

    package init() {
        var random = Randomness(seed: 20_260_105)
        pages = TextPool(Self.distinct(Self.pageCount) { Self.page($0, &random) })
        referrers = Self.distinct(Self.referrerCount) { Self.referrer($0, &random) }
        elements = TextPool(Self.distinct(Self.elementCount) { Self.element($0, &random) })
    }

    private static func distinct(_ count: Int, _ make: (Int) -> String) -> [String] {
        var seen: Set<String> = []
        var texts: [String] = []
        while texts.count < count {
            let text = make(texts.count)
            if seen.insert(text).inserted { texts.append(text) }
        }
        return texts
    }

    /// A path of 15 to 60 characters; the landing page and the cart have fixed ranks.
    private static func page(_ rank: Int, _ random: inout Randomness) -> String {
        if rank == 0 { return "/p/welcome/landing" }
        if rank == 6 { return "/p/shop/checkout/cart" }
        let kind = random.fraction()
        let number = 1 + random.below(99_998)
        let top = Words.pick(Words.sections, &random)
        let product = Words.pick(Words.products, &random)
        if kind < 0.01 {
            return "/p/shop/checkout/\(Words.pick(Words.nouns, &random))-\(number)"
        }
        if kind < 0.25 { return "/p/\(top)/\(product)-\(number)" }
        let middle = Words.pick(Words.departments, &random)
        let adjective = Words.pick(Words.adjectives, &random)
        if kind < 0.70 { return "/p/\(top)/\(middle)/\(adjective)-\(product)-\(number)" }
        let noun = Words.pick(Words.nouns, &random)
        let path = "/p/\(top)/\(middle)/\(product)/\(adjective)-\(noun)-\(number)"
        return path.utf8.count <= 60 ? path : "/p/\(top)/\(product)/\(adjective)-\(number)"
    }

    private static func referrer(_ rank: Int, _ random: inout Randomness) -> String {
        let known = [
            "https://www.google.com/", "", "https://www.bing.com/", "https://t.co/",
            "https://www.facebook.com/", "https://duckduckgo.com/", "https://www.reddit.com/",
            "https://news.ycombinator.com/",
        ]
        if rank < known.count { return known[rank] }
        let site = Words.pick(Words.siteBeginnings, &random) + Words.pick(Words.siteEnds, &random)
        let host = "https://www.\(site).\(Words.pick(Words.domains, &random))/"
        guard random.fraction() < 0.7 else { return host }
        return host + "\(Words.pick(Words.products, &random))/\(1 + random.below(9_998))"
    }

    private static func element(_ rank: Int, _ random: inout Randomness) -> String {
        let known = [
            "btn-add-to-cart", "btn-buy-now", "btn-checkout", "nav-home", "nav-search",
            "link-product", "btn-login", "img-hero",
        ]
        if rank < known.count { return known[rank] }
        let kind = Words.pick(Words.controls, &random)
        return "\(kind)-\(Words.pick(Words.products, &random))-\(1 + random.below(39))"
    }
}

/// The words that paths and addresses are made of.
private enum Words {
    static let sections =
        "shop blog docs help account news deals support community careers events gallery reviews "
        + "guides brand"
    static let departments =
        "electronics clothing home-garden sports books toys beauty grocery automotive health "
        + "music outdoor kitchen office pets travel video photo software games"
    static let products =
        "headphones laptops shoes jackets sofas lamps tents bikes novels puzzles skincare coffee "
        + "tyres vitamins guitars backpacks knives desks aquariums luggage cameras lenses consoles"
    static let adjectives =
        "wireless classic premium ultra compact organic vintage smart portable heavy-duty slim "
        + "waterproof refurbished limited eco modern"
    static let nouns =
        "bundle kit edition series set pack model review overview comparison guide faq collection "
        + "sale release manual"
    static let siteBeginnings =
        "alpha nova blue green rapid open daily super meta pixel urban prime cloud happy north"
    static let siteEnds =
        "news blog shop forum times deals world hub review labs media post wire board feed"
    static let domains = "com net org io co.uk de fr"
    static let controls = "btn link nav card tab menu-item filter img"
    static let countries =
        "US IN BR GB DE FR JP CA MX IT ES ID TR AU NL PL KR AR PH VN CO ZA SE BE CH AT TH MY EG "
        + "NG PK BD UA RO CZ PT GR HU DK NO FI IE IL SA AE CL PE SG HK TW NZ KE MA DZ VE EC KZ LK "
        + "GH RS"

    static func pick(_ words: String, _ random: inout Randomness) -> String {
        let list = words.split(separator: " ")
        return String(list[random.below(list.count)])
    }
}
