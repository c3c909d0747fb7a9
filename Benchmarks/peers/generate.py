#!/usr/bin/env python3
"""Deterministic clickstream generator: NDJSON + Parquet + manifest with ground truth.

  generate.py --events 10000000 --seed 1 --days 7 --out DIR

File order is arrival order. `--events` is the number of LINES; 0.5 % of them are exact
duplicates of an earlier line. Everything is drawn with numpy's PCG64 from --seed (the page
catalogue, referrers and elements do not depend on the seed), strings are formatted by polars
in chunks. Same numpy/polars versions + same arguments => the same bytes (sha256 in the manifest).
"""

import argparse, hashlib, json, os, sys, time
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

START = np.datetime64("2026-01-05T00:00:00.000", "ms").astype(np.int64)  # a Monday
DAY = 86_400_000
TYPES = ["page_view", "click", "scroll", "form_submit", "purchase", "session_start"]
PV, CLICK, SCROLL, FORM, PURCHASE, SSTART = range(6)
DEVICES = ["mobile", "desktop", "tablet"]
BROWSERS = [
    "Chrome",
    "Safari",
    "Firefox",
    "Edge",
    "Samsung Internet",
    "Opera",
    "Brave",
    "UC Browser",
]
OSES = ["Windows", "macOS", "iOS", "Android", "Linux", "ChromeOS"]
COUNTRIES = (
    "US IN BR GB DE FR JP CA MX IT ES ID TR AU NL PL KR AR PH VN CO ZA SE BE CH AT "
    "TH MY EG NG PK BD UA RO CZ PT GR HU DK NO FI IE IL SA AE CL PE SG HK TW NZ "
    "KE MA DZ VE EC KZ LK GH RS"
).split()
N_USERS, N_PAGES, N_REF = 1_000_000, 10_000, 2_000

# P(os | device), P(browser | os)
OS_GIVEN_DEV = np.array(
    [
        [0.00, 0.00, 0.38, 0.62, 0.00, 0.00],  # mobile
        [0.64, 0.22, 0.00, 0.00, 0.07, 0.07],  # desktop
        [0.06, 0.00, 0.58, 0.36, 0.00, 0.00],
    ]
)  # tablet
BR_GIVEN_OS = np.array(
    [
        [0.62, 0.00, 0.10, 0.21, 0.00, 0.04, 0.03, 0.00],  # Windows
        [0.45, 0.42, 0.07, 0.02, 0.00, 0.02, 0.02, 0.00],  # macOS
        [0.19, 0.75, 0.01, 0.02, 0.00, 0.01, 0.02, 0.00],  # iOS
        [0.68, 0.00, 0.03, 0.02, 0.15, 0.04, 0.02, 0.06],  # Android
        [0.48, 0.00, 0.40, 0.02, 0.00, 0.05, 0.05, 0.00],  # Linux
        [0.93, 0.00, 0.03, 0.02, 0.00, 0.01, 0.01, 0.00],
    ]
)  # ChromeOS


def mix(x):
    """splitmix64 finaliser: a bijection on uint64."""
    x = x.astype(np.uint64, copy=True)
    with np.errstate(over="ignore"):
        x += np.uint64(0x9E3779B97F4A7C15)
        x ^= x >> np.uint64(30)
        x *= np.uint64(0xBF58476D1CE4E5B9)
        x ^= x >> np.uint64(27)
        x *= np.uint64(0x94D049BB133111EB)
        x ^= x >> np.uint64(31)
    return x


def u01(x):
    return (mix(x) >> np.uint64(11)).astype(np.float64) * (1.0 / (1 << 53))


def zipf_cdf(n, s, shift=0.0):
    w = (np.arange(1, n + 1) + shift) ** -s
    c = np.cumsum(w)
    return c / c[-1]


def catalogue():
    """10,000 page paths of 15-60 chars in Zipf rank order, 2,000 referrers, 120 elements."""
    r = np.random.Generator(np.random.PCG64(20260105))
    top = (
        "shop blog docs help account news deals support community careers "
        "events gallery reviews guides brand"
    ).split()
    mid = (
        "electronics clothing home-garden sports books toys beauty grocery automotive health music "
        "outdoor kitchen office pets travel video photo software games"
    ).split()
    sub = (
        "headphones laptops shoes jackets sofas lamps tents bikes novels puzzles skincare coffee "
        "tyres vitamins guitars backpacks knives desks aquariums luggage cameras lenses consoles"
    ).split()
    adj = (
        "wireless classic premium ultra compact organic vintage smart portable heavy-duty "
        "slim waterproof refurbished limited eco modern"
    ).split()
    noun = (
        "bundle kit edition series set pack model review overview comparison guide faq "
        "collection sale release manual"
    ).split()
    pages, seen = [], set()
    while len(pages) < N_PAGES:
        k = r.random()
        n = int(r.integers(1, 99999))
        if len(pages) == 0:
            p = "/p/" + "home/landing"
        elif len(pages) == 6:
            p = "/p/shop/checkout/cart"
        elif k < 0.01:
            p = f"/p/shop/checkout/{noun[r.integers(len(noun))]}-{n}"
        elif k < 0.25:
            p = f"/p/{top[r.integers(len(top))]}/{sub[r.integers(len(sub))]}-{n}"
        elif k < 0.70:
            p = (
                f"/p/{top[r.integers(len(top))]}/{mid[r.integers(len(mid))]}/"
                f"{adj[r.integers(len(adj))]}-{sub[r.integers(len(sub))]}-{n}"
            )
        else:
            p = (
                f"/p/{top[r.integers(len(top))]}/{mid[r.integers(len(mid))]}/"
                f"{sub[r.integers(len(sub))]}/"
                f"{adj[r.integers(len(adj))]}-{noun[r.integers(len(noun))]}-{n}"
            )
        if 15 <= len(p) <= 60 and p not in seen:
            seen.add(p)
            pages.append(p)
    refs = [
        "https://www.google.com/",
        "",
        "https://www.bing.com/",
        "https://t.co/",
        "https://www.facebook.com/",
        "https://duckduckgo.com/",
        "https://www.reddit.com/",
        "https://news.ycombinator.com/",
    ]
    rs = set(refs)
    a = (
        "alpha nova blue green rapid open daily super meta pixel urban prime cloud happy north"
    ).split()
    b = "news blog shop forum times deals world hub review labs media post wire board feed".split()
    tld = "com net org io co.uk de fr".split()
    while len(refs) < N_REF:
        u = f"https://www.{a[r.integers(len(a))]}{b[r.integers(len(b))]}."
        u += f"{tld[r.integers(len(tld))]}/"
        if r.random() < 0.7:
            u += f"{sub[r.integers(len(sub))]}/{int(r.integers(1, 9999))}"
        if u not in rs:
            rs.add(u)
            refs.append(u)
    el = [
        "btn-add-to-cart",
        "btn-buy-now",
        "btn-checkout",
        "nav-home",
        "nav-search",
        "link-product",
        "btn-login",
        "img-hero",
    ]
    kinds = ["btn", "link", "nav", "card", "tab", "menu-item", "filter", "img"]
    while len(el) < 120:
        e = f"{kinds[r.integers(len(kinds))]}-{sub[r.integers(len(sub))]}-{int(r.integers(1, 40))}"
        if e not in el:
            el.append(e)
    return pages, refs, el


def daily_cdf(days):
    m = np.arange(days * 1440)
    h = (m % 1440) / 60.0
    dow = (m // 1440) % 7  # 0 = Monday
    w = 1.0 + 0.75 * np.sin((h - 9.5) / 24 * 2 * np.pi) + 0.15 * np.sin((h - 5) / 12 * 2 * np.pi)
    w *= np.where(dow >= 5, 0.82, 1.0)
    c = np.cumsum(w)
    return c / c[-1]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--events", type=int, default=1_000_000, help="lines, duplicates included")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--days", type=int, default=7)
    ap.add_argument("--out", required=True)
    ap.add_argument("--chunk", type=int, default=500_000)
    ap.add_argument("--no-parquet", action="store_true")
    ap.add_argument("--no-ndjson", action="store_true")
    a = ap.parse_args()
    t0 = time.time()
    os.makedirs(a.out, exist_ok=True)
    g = np.random.Generator(np.random.PCG64(a.seed))
    pages, refs, elements = catalogue()

    n_lines = a.events
    n_dup = round(n_lines * 0.005)
    n = n_lines - n_dup  # distinct events

    # ---- sessions ---------------------------------------------------------------------------
    ns = n // 11 + 1000
    length = (2 + np.floor(g.exponential(10.5, ns))).astype(np.int64)
    ends = np.cumsum(length)
    ns = int(np.searchsorted(ends, n)) + 1  # first ns sessions cover n events
    length = length[:ns]
    ends = ends[:ns]
    length[-1] -= ends[-1] - n
    ends[-1] = n
    starts = ends - length
    upop = zipf_cdf(N_USERS, 0.8, 20)
    perm = g.permutation(N_USERS)
    s_user = perm[np.searchsorted(upop, g.random(ns))].astype(np.int64)  # user_N, N = s_user + 1
    s_id = (g.permutation(ns) + 1).astype(np.int64)  # sess_N
    u = s_user.astype(np.uint64)
    base = np.uint64(a.seed) << np.uint64(40)
    dev_cdf = np.array([0.58, 0.94, 1.0])
    prim = np.searchsorted(dev_cdf, u01(u * np.uint64(8) + base), side="right")
    s_dev = np.where(
        g.random(ns) < 0.85, prim, np.searchsorted(dev_cdf, g.random(ns), side="right")
    ).astype(np.int8)
    key = u * np.uint64(8) + s_dev.astype(np.uint64) + base
    x = u01(key + np.uint64(1 << 36))
    s_os = (x[:, None] >= np.cumsum(OS_GIVEN_DEV, 1)[s_dev][:, :-1]).sum(1).astype(np.int8)
    x = u01(key + np.uint64(2 << 36))
    s_br = (x[:, None] >= np.cumsum(BR_GIVEN_OS, 1)[s_os][:, :-1]).sum(1).astype(np.int8)
    s_ctry = np.searchsorted(
        zipf_cdf(60, 1.0), u01(u * np.uint64(8) + base + np.uint64(3 << 36))
    ).astype(np.int8)
    s_ref = np.searchsorted(zipf_cdf(N_REF, 1.05), g.random(ns)).astype(np.int16)
    dc = daily_cdf(a.days)
    s_t0 = (np.searchsorted(dc, g.random(ns)) * 60_000 + g.integers(0, 60_000, ns)).astype(np.int64)
    del upop, perm, u, key, x, prim

    # ---- events -----------------------------------------------------------------------------
    sess = np.repeat(np.arange(ns, dtype=np.int32), length)
    first = np.zeros(n, bool)
    first[starts] = True
    second = np.zeros(n, bool)
    second[np.minimum(starts + 1, n - 1)] = True
    second &= ~first
    gap = np.minimum(g.lognormal(np.log(12_000), 1.2, n), 1_500_000).astype(np.int64)
    gap[first] = 0
    gap[second] = g.integers(0, 50, int(second.sum()))
    cs = np.cumsum(gap)
    rel = cs - np.repeat(cs[starts], length)
    dur = cs[ends - 1] - cs[starts]
    end_ms = a.days * DAY
    s_t0 = np.maximum(
        0, s_t0 - np.maximum(0, s_t0 + dur - (end_ms - 1))
    )  # keep sessions inside the window
    ts = np.minimum(np.repeat(s_t0, length) + rel, end_ms - 1) + START
    del gap, cs, rel
    typ = np.searchsorted(
        np.array([0.43, 0.73, 0.93, 0.98, 1.0]), g.random(n), side="right"
    ).astype(np.int8)
    typ[first] = SSTART
    typ[second] = PV
    ispv = typ == PV
    npv = int(ispv.sum())
    draws = np.searchsorted(zipf_cdf(N_PAGES, 1.1), g.random(npv + 1)).astype(np.int16)
    cpv = np.cumsum(ispv)
    page = draws[np.where(first, cpv, cpv - 1)]  # a session_start carries the landing page
    del cpv, draws, ispv, first, second
    slow = (
        np.array([0.0, -0.15, 0.08, 0.02, 0.18, 0.10, -0.05, 0.30])[s_br]
        + np.array([0.35, 0.0, 0.2])[s_dev]
    )
    load = np.clip(np.exp(g.normal(0, 0.65, n) + np.log(620) + slow[sess]), 5, 120_000).astype(
        np.int32
    )
    elem = np.searchsorted(zipf_cdf(len(elements), 0.9), g.random(n)).astype(np.int8)
    depth = g.integers(1, 101, n).astype(np.int8)
    cents = np.clip(g.lognormal(np.log(4500), 0.9, n), 99, 5_000_000).astype(np.int32)
    late = g.random(n) < 0.01
    arrival = ts + g.integers(20, 1500, n)
    arrival[late] = ts[late] + g.integers(2 * 60_000, 60 * 60_000, int(late.sum()))
    dup = np.sort(g.choice(n, n_dup, replace=False)).astype(np.int64)
    dup_arr = arrival[dup] + np.exp(g.uniform(np.log(1000), np.log(1_800_000), n_dup)).astype(
        np.int64
    )
    order = np.argsort(np.concatenate([arrival, dup_arr]), kind="stable")
    src = np.concatenate([np.arange(n, dtype=np.int64), dup])[order]  # line -> distinct event
    isdup = order >= n
    del arrival, dup_arr, order
    t_draw = time.time() - t0

    # ---- ground truth -------------------------------------------------------------------------
    day = ((ts - START) // DAY).astype(np.int8)
    lts = ts[src]
    wm = np.maximum.accumulate(lts)
    lag = wm - lts

    def per_day(mask_src):
        c = np.bincount(day[mask_src], minlength=a.days)
        return {str(np.datetime64("2026-01-05") + i): int(c[i]) for i in range(a.days)}

    lt = typ[src]
    manifest = {
        "generator": "Benchmarks/peers/generate.py",
        "events": n_lines,
        "seed": a.seed,
        "days": a.days,
        "start": "2026-01-05T00:00:00.000Z",
        "versions": {"numpy": np.__version__, "polars": pl.__version__, "pyarrow": pa.__version__},
        "lines": n_lines,
        "distinct_event_ids": n,
        "duplicate_lines": n_dup,
        "distinct_users": int(np.unique(s_user).size),
        "distinct_sessions": ns,
        "events_per_session": n / ns,
        "distinct_pages": int(np.unique(page).size),
        "distinct_referrers": int(np.unique(s_ref).size),
        "late_distinct": int(late.sum()),
        "late_lines": int(late[src].sum()),
        "lines_more_than_60s_behind_max_ts": int((lag > 60_000).sum()),
        "max_lag_ms": int(lag.max()),
        "ts_min": str(ts.min().astype("datetime64[ms]")) + "Z",
        "ts_max": str(ts.max().astype("datetime64[ms]")) + "Z",
        "events_by_type_lines": {
            TYPES[i]: int(c) for i, c in enumerate(np.bincount(lt, minlength=6))
        },
        "events_by_type_distinct": {
            TYPES[i]: int(c) for i, c in enumerate(np.bincount(typ, minlength=6))
        },
        "page_views_per_day_lines": per_day(src[lt == PV]),
        "page_views_per_day_distinct": per_day(typ == PV),
        "revenue_lines": int(cents[src][lt == PURCHASE].sum(dtype=np.int64)) / 100,
        "revenue_distinct": int(cents[typ == PURCHASE].sum(dtype=np.int64)) / 100,
    }
    del wm, lag, lts, lt, day

    # ---- write ----------------------------------------------------------------------------------
    series = [("page", pages), ("ref", refs), ("el", elements), ("ty", TYPES), ("dev", DEVICES)]
    series += [("br", BROWSERS), ("os", OSES), ("c", COUNTRIES)]
    S = {name: pl.Series(name, values) for name, values in series}
    names = dict(page="page", ref="referrer", el="element", ty="event_type", dev="device")
    names |= dict(br="browser", os="os", c="country")
    dic = {names[name]: pa.array(values) for name, values in series}
    HEX = np.frombuffer(b"".join(b"%02x" % i for i in range(256)), np.uint8).reshape(256, 2)
    nd = None if a.no_ndjson else open(os.path.join(a.out, "events.ndjson"), "wb", buffering=0)
    sha, nbytes = hashlib.sha256(), 0
    writer = None
    id_base = np.uint64((a.seed & 0xFFFF) << 44)
    for lo in range(0, n_lines, a.chunk):
        ix = src[lo : lo + a.chunk]
        m = len(ix)
        sx = sess[ix]
        t = typ[ix]
        raw = HEX[mix(ix.astype(np.uint64) + id_base).astype(">u8").view(np.uint8)].reshape(m, 16)
        full = np.empty((m, 20), np.uint8)
        full[:, :4] = np.frombuffer(b"evt_", np.uint8)
        full[:, 4:] = raw
        eid = (
            pa.FixedSizeBinaryArray.from_buffers(pa.binary(20), m, [None, pa.py_buffer(full)])
            .cast(pa.binary())
            .cast(pa.string())
        )
        if nd:
            df = pl.DataFrame(
                {
                    "eid": pl.Series(eid),
                    "t": t,
                    "u": s_user[sx] + 1,
                    "s": s_id[sx],
                    "ts": pl.Series(ts[ix]).cast(pl.Datetime("ms")),
                    "load": load[ix],
                    "depth": depth[ix],
                    "rev": cents[ix] / 100.0,
                }
            ).with_columns(
                S["ty"].gather(t.astype(np.uint32)).alias("ty"),
                S["page"].gather(page[ix].astype(np.uint32)).alias("page"),
                S["ref"].gather(s_ref[sx].astype(np.uint32)).alias("ref"),
                S["dev"].gather(s_dev[sx].astype(np.uint32)).alias("dev"),
                S["br"].gather(s_br[sx].astype(np.uint32)).alias("br"),
                S["os"].gather(s_os[sx].astype(np.uint32)).alias("os"),
                S["c"].gather(s_ctry[sx].astype(np.uint32)).alias("c"),
                S["el"].gather(elem[ix].astype(np.uint32)).alias("el"),
            )
            L = pl.lit
            line = df.select(
                pl.concat_str(
                    [
                        L('{"eventId":"'),
                        "eid",
                        L('","eventType":"'),
                        "ty",
                        L('","userId":"user_'),
                        "u",
                        L('","sessionId":"sess_'),
                        "s",
                        L('","timestamp":"'),
                        pl.col("ts").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"),
                        L('","properties":{"page":"'),
                        "page",
                        L('","referrer":"'),
                        "ref",
                        L('","device":"'),
                        "dev",
                        L('","browser":"'),
                        "br",
                        L('","os":"'),
                        "os",
                        L('","country":"'),
                        "c",
                        L('","loadTimeMs":'),
                        "load",
                        pl.when(pl.col("t") == CLICK)
                        .then(pl.concat_str([L(',"element":"'), "el", L('"')]))
                        .when(pl.col("t") == SCROLL)
                        .then(pl.concat_str([L(',"depth":'), "depth"]))
                        .when(pl.col("t") == PURCHASE)
                        .then(pl.concat_str([L(',"revenue":'), "rev"]))
                        .otherwise(L("")),
                        L("}}\n"),
                    ]
                ).alias("l")
            )["l"]
            la = line.to_arrow(
                compat_level=pl.CompatLevel.oldest()
            )  # LargeString: data buffer is the file text
            chunks = la.chunks if isinstance(la, pa.ChunkedArray) else [la]
            for c in chunks:
                off = np.frombuffer(c.buffers()[1], np.int64, len(c) + 1, c.offset * 8)
                mv = memoryview(c.buffers()[2])[int(off[0]) : int(off[-1])]
                sha.update(mv)
                nbytes += len(mv)
                w = 0
                while w < len(mv):
                    w += nd.write(mv[w:])
        if not a.no_parquet:

            def D(name, idx):
                return pa.DictionaryArray.from_arrays(pa.array(idx.astype(np.int32)), dic[name])

            tab = pa.table(
                {
                    "event_id": eid,
                    "event_type": D("event_type", t),
                    "user_id": pa.array(
                        pl.select(pl.concat_str([pl.lit("user_"), pl.Series(s_user[sx] + 1)]))
                        .to_series()
                        .to_arrow()
                    ).cast(pa.string()),
                    "session_id": pa.array(
                        pl.select(pl.concat_str([pl.lit("sess_"), pl.Series(s_id[sx])]))
                        .to_series()
                        .to_arrow()
                    ).cast(pa.string()),
                    "ts": pa.array(ts[ix]).cast(pa.timestamp("ms", "UTC")),
                    "page": D("page", page[ix]),
                    "referrer": D("referrer", s_ref[sx]),
                    "device": D("device", s_dev[sx]),
                    "browser": D("browser", s_br[sx]),
                    "os": D("os", s_os[sx]),
                    "country": D("country", s_ctry[sx]),
                    "load_time_ms": pa.array(load[ix]),
                    "element": pa.DictionaryArray.from_arrays(
                        pa.array(elem[ix].astype(np.int32), mask=t != CLICK), dic["element"]
                    ),
                    "depth": pa.array(depth[ix].astype(np.uint8), mask=t != SCROLL),
                    "revenue": pa.array(cents[ix] / 100.0, mask=t != PURCHASE),
                }
            )
            if writer is None:
                writer = pq.ParquetWriter(
                    os.path.join(a.out, "events.parquet"),
                    tab.schema,
                    compression="zstd",
                    compression_level=1,
                )
            writer.write_table(tab)
    if nd:
        nd.close()
        manifest.update(
            ndjson_bytes=nbytes,
            ndjson_bytes_per_event=nbytes / n_lines,
            ndjson_sha256=sha.hexdigest(),
        )
    if writer:
        writer.close()
        manifest["parquet_bytes"] = os.path.getsize(os.path.join(a.out, "events.parquet"))
    manifest["seconds"] = {"draw": round(t_draw, 1), "total": round(time.time() - t0, 1)}
    with open(os.path.join(a.out, "manifest.json"), "w") as f:
        json.dump(manifest, f, indent=1)
    print(json.dumps(manifest, indent=1))


if __name__ == "__main__":
    sys.exit(main())
