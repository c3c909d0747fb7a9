// The dashboard mix: twelve questions that a shop's dashboards ask, published so that anyone can
// ask them again. docs/performance.md lists them. Each is asked over a range that ends where the
// filled rollups end (`upToNow` false), or that also has the events which arrive meanwhile.

internal import Base

/// One query of the mix, without its range.
struct DashboardQuery: Sendable {
    /// How far buckets reach; the names are those of the API.
    enum Granularity: String, Sendable {
        case minute, hour, day, week, month, all
    }

    /// What the answer is compared with.
    enum Expectation: Sendable {
        /// Rows by these labels; the prefix stands for dimensions that a filter has fixed.
        case counts(@Sendable (DashboardTruth) -> CountTable, prefix: String?)
        /// Distinct people by country.
        case visitors
    }

    let name: String
    let parameters: String
    let granularity: Granularity
    /// Days before the end of the filled rollups; nil for all of them.
    var days: Int?
    var upToNow = true
    /// The value of the parameter `limit`.
    var limit: Int?
    let expectation: Expectation

    /// The path without `start` and `end`.
    var path: String {
        var path = "/api/v1/metrics/query?\(parameters)&granularity=\(granularity.rawValue)"
        if let limit { path += "&order=-value&limit=\(limit)" }
        return path
    }
}

enum DashboardMix {
    /// The page that two of the queries are about: by rank, and that of the cart.
    static let filledPage = 40
    static let cartPage = 6

    static func queries(_ catalogue: Catalogue) -> [DashboardQuery] {
        overview + breakdowns + pages(catalogue)
    }

    private static let overview = [
        DashboardQuery(
            name: "page views by hour, 7 d", parameters: "metric=page_views", granularity: .hour,
            days: 7, expectation: .counts({ $0.viewsByDevice }, prefix: nil)),
        DashboardQuery(
            name: "top 20 (page, device) by hour, 7 d",
            parameters: "metric=page_views&dimensions=page,device", granularity: .hour, days: 7,
            limit: 20, expectation: .counts({ $0.viewsByPageAndDevice }, prefix: nil)),
        DashboardQuery(
            name: "page views by day, 30 d", parameters: "metric=page_views", granularity: .day,
            expectation: .counts({ $0.viewsByDevice }, prefix: nil)),
        DashboardQuery(
            name: "top 10 countries by hour in Asia/Kolkata, 7 d",
            parameters: "metric=page_views&dimensions=country&timezone=Asia/Kolkata",
            granularity: .hour, days: 7, limit: 10,
            expectation: .counts({ $0.viewsByCountry }, prefix: nil)),
        DashboardQuery(
            name: "events by type and day, 30 d", parameters: "metric=events&dimensions=eventType",
            granularity: .day, expectation: .counts({ $0.eventsByType }, prefix: nil)),
    ]

    private static let breakdowns = [
        DashboardQuery(
            name: "devices by week, 30 d", parameters: "metric=page_views&dimensions=device",
            granularity: .week, expectation: .counts({ $0.viewsByDevice }, prefix: nil)),
        DashboardQuery(
            name: "countries by month, 30 d", parameters: "metric=page_views&dimensions=country",
            granularity: .month, upToNow: false,
            expectation: .counts({ $0.viewsByCountry }, prefix: nil)),
        DashboardQuery(
            name: "unique visitors by country and day, 30 d",
            parameters: "metric=unique_visitors&dimensions=country", granularity: .day,
            expectation: .visitors),
        DashboardQuery(
            name: "devices by minute, one day",
            parameters: "metric=page_views&dimensions=device", granularity: .minute, days: 1,
            upToNow: false, expectation: .counts({ $0.viewsByDevice }, prefix: nil)),
    ]

    private static func pages(_ catalogue: Catalogue) -> [DashboardQuery] {
        let cart = catalogue.pages.text(cartPage)
        let filled = catalogue.pages.text(filledPage)
        return [
            DashboardQuery(
                name: "top 10 pages and the rest, 30 d",
                parameters: "metric=page_views&dimensions=page&other=1", granularity: .all,
                limit: 10, expectation: .counts({ $0.viewsByPage }, prefix: nil)),
            DashboardQuery(
                name: "devices of one page by hour, 7 d",
                parameters: "metric=page_views&dimensions=device&filter.page=\(cart)",
                granularity: .hour, days: 7,
                expectation: .counts({ $0.viewsByPageAndDevice }, prefix: cart)),
            DashboardQuery(
                name: "clicks of one page by hour, zeros filled, 7 d",
                parameters: "metric=clicks&fill=zero&filter.page=\(filled)", granularity: .hour,
                days: 7, expectation: .counts({ $0.clicksByPage }, prefix: filled)),
        ]
    }
}
