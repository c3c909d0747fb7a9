"""The query set Q1-Q14 over raw events, as each system spells it.

`ch` and `duck` are ClickHouse's and DuckDB's text, `weir` Weir's. `exact`: all must give the same
rows, floats to 1e-9. The tables have the names of the events' fields and properties as columns.
"""
DAY = ("2026-01-08 00:00:00", "2026-01-09 00:00:00")
WINDOW = ("2026-01-08 14:00:00", "2026-01-08 14:10:00")
PAGE = "/p/guides/laptops-15209"  # about 1 % of the events


def between(bounds, peer):
    low, high = bounds
    if peer == "ch":
        return (f"timestamp >= toDateTime64('{low}', 3, 'UTC') AND "
                f"timestamp < toDateTime64('{high}', 3, 'UTC')")
    return f"timestamp >= TIMESTAMP '{low}' AND timestamp < TIMESTAMP '{high}'"


def query(name, title, exact, text, **words):
    """One query: `{hour}` and the like are filled in by each system's own words."""
    common = {
        "ch": dict(hour="toStartOfHour(timestamp)", minute="toStartOfMinute(timestamp)",
                   day="toDate(timestamp)", distinct="uniqExact({0})", about="uniq({0})",
                   sum="sum(revenue)", views="countIf(eventType='page_view')",
                   quantiles="quantilesExact(0.5,0.95,0.99)(loadTimeMs)",
                   first="argMin(page, timestamp)",
                   span="toUnixTimestamp64Milli(max(timestamp)) - "
                        "toUnixTimestamp64Milli(min(timestamp))"),
        "duck": dict(hour="date_trunc('hour', timestamp)", minute="date_trunc('minute', timestamp)",
                     day="CAST(timestamp AS DATE)", distinct="count(DISTINCT {0})",
                     about="approx_count_distinct({0})", sum="sum(coalesce(revenue, 0))",
                     views="count(*) FILTER (eventType='page_view')",
                     quantiles="quantile_disc(loadTimeMs, [0.5,0.95,0.99])",
                     first="arg_min(page, timestamp)",
                     span="epoch_ms(max(timestamp)) - epoch_ms(min(timestamp))"),
    }
    common["weir"] = dict(common["duck"], views="countIf(eventType = 'page_view')")
    found = dict(name=name, title=title, exact=exact)
    for peer, spelling in common.items():
        spelling = dict(spelling, day_range=between(DAY, peer), window=between(WINDOW, peer))
        column = words.get("column", "userId")
        spelling["distinct"] = spelling["distinct"].format(column)
        spelling["about"] = spelling["about"].format(column)
        found[peer] = text.format(page=PAGE, **spelling)
    return found


QUERIES = [
    query("Q1", "page views per hour, 7 days", True,
          "SELECT {hour} AS h, count(*) AS c FROM events WHERE eventType = 'page_view' "
          "GROUP BY h ORDER BY h"),
    query("Q3", "by page and device, one day, top 100", True,
          "SELECT page, device, count(*) AS c FROM events WHERE eventType = 'page_view' AND "
          "{day_range} GROUP BY page, device ORDER BY c DESC, page, device LIMIT 100"),
    query("Q4", "one page on mobile, per hour", True,
          "SELECT {hour} AS h, count(*) AS c FROM events WHERE page = '{page}' AND "
          "device = 'mobile' GROUP BY h ORDER BY h"),
    query("Q5 exact", "users per day and country", True,
          "SELECT {day} AS d, country, {distinct} AS u FROM events GROUP BY d, country "
          "ORDER BY d, country"),
    query("Q5 approx", "the same, estimated", False,
          "SELECT {day} AS d, country, {about} AS u FROM events GROUP BY d, country "
          "ORDER BY d, country"),
    query("Q6 exact", "users overall", True, "SELECT {distinct} FROM events"),
    query("Q6 approx", "the same, estimated", False, "SELECT {about} FROM events"),
    query("Q7", "p50, p95, p99 of loadTimeMs by browser", False,
          "SELECT browser, {quantiles} AS q FROM events GROUP BY browser ORDER BY browser"),
    query("Q8", "top 10 pages LIKE '%checkout%'", True,
          "SELECT page, count(*) AS c FROM events WHERE page LIKE '%checkout%' GROUP BY page "
          "ORDER BY c DESC, page LIMIT 10"),
    query("Q9", "top 10 users by events", True,
          "SELECT userId, count(*) AS c FROM events GROUP BY userId ORDER BY c DESC, userId "
          "LIMIT 10"),
    query("Q10", "revenue by day and country", True,
          "SELECT {day} AS d, country, sum(revenue) AS r FROM events WHERE "
          "eventType = 'purchase' GROUP BY d, country ORDER BY d, country"),
    query("Q11", "session duration by landing page", True,
          "SELECT landing, count(*) AS n, avg(dur) AS a FROM (SELECT sessionId, {first} AS landing,"
          " {span} AS dur FROM events GROUP BY sessionId) AS s GROUP BY landing "
          "ORDER BY n DESC, landing LIMIT 20"),
    query("Q12", "ten minutes, by minute", True,
          "SELECT {minute} AS m, count(*) AS c, {views} AS pv, {distinct} AS u, {sum} AS r, "
          "avg(loadTimeMs) AS l FROM events WHERE {window} GROUP BY m ORDER BY m"),
    query("Q13", "by minute and four dimensions, one day", True,
          "SELECT {minute} AS m, eventType, device, browser, country, count(*) AS c, "
          "avg(loadTimeMs) AS l FROM events WHERE {day_range} "
          "GROUP BY m, eventType, device, browser, country "
          "ORDER BY c DESC, m, eventType, device, browser, country LIMIT 100"),
    query("Q14 exact", "sessions per hour on Firefox", True,
          "SELECT {hour} AS h, {distinct} AS s FROM events WHERE browser = 'Firefox' GROUP BY h "
          "ORDER BY h", column="sessionId"),
    query("Q14 approx", "the same, estimated", False,
          "SELECT {hour} AS h, {about} AS s FROM events WHERE browser = 'Firefox' GROUP BY h "
          "ORDER BY h", column="sessionId"),
]
