#!/usr/bin/env python3
"""Q1-Q14 over raw events: Weir beside ClickHouse and DuckDB, hot and cold, two threads each.

  queries.py --build .build/release --work DIR [--events 10000000] [--seed 1] [--runs 7]
             [--no-cold] [--markdown FILE]

Makes a Python environment with chdb, duckdb, pyarrow, numpy, polars and zstandard of its own in DIR
(downloaded once from PyPI), generates the events there, loads the distinct rows into

  Weir        a server of its own over HTTP, until merges rest and days are closed
  ClickHouse  LZ4, by day, ORDER BY the same key, OPTIMIZE FINAL; in process
  DuckDB      enum columns, in the order of arrival; in process

asks all the same queries one after the other, compares the rows, and writes a table. Weir answers
over loopback HTTP, which its times contain. DIR keeps everything; remove it to start anew.
"""
import argparse
import datetime
import json
import math
import os
import subprocess
import sys

import size
from query_set import QUERIES

HERE = os.path.dirname(os.path.abspath(__file__))
# What one core reads from memory, in bytes a second: two cores scan together.
BANDWIDTH = 2 * 29e9


def normal(value):
    """A value as all systems mean it: times as epoch milliseconds, lists flat."""
    if isinstance(value, str):
        text = value.replace("T", " ").removesuffix("Z")
        for form in ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
            try:
                time = datetime.datetime.strptime(text, form)
            except ValueError:
                continue
            return time.replace(tzinfo=datetime.timezone.utc).timestamp()
        try:
            return float(value)
        except ValueError:
            return value
    return value


def same(left, right):
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    left, right = normal(left), normal(right)
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    return left == right


def comparable(rows):
    """Rows in an order of their own, as enums have another one than texts.

    Without the day of the events that weir_load.py sends last, to close the days before.
    """
    return sorted(
        (row for row in rows if not str(row[0]).startswith("2026-01-12")),
        key=lambda row: [str(normal(value)) for value in row])


def check(found):
    """The exact queries on which some system disagrees with Weir."""
    wrong = []
    for query in QUERIES:
        if not query["exact"]:
            continue
        rows = found["Weir"][query["name"]]["rows"]
        for peer in found:
            other = found[peer][query["name"]]["rows"]
            if not same(comparable(rows), comparable(other)):
                wrong.append(f"{query['name']}: Weir {rows[:3]} against {peer} {other[:3]}")
    return wrong


def geomean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def table(title, found, cold):
    lines = [
        f"**{title}**", "",
        "| query | Weir ms | ClickHouse ms | DuckDB ms | Weir against ClickHouse | against DuckDB |"
        " bytes decoded | share of memory bandwidth |"
        + (" cold: Weir | ClickHouse | DuckDB |" if cold else ""),
        "|---|" + "---:|" * (7 + (3 if cold else 0))]
    ratios = {"ClickHouse": [], "DuckDB": []}
    for query in QUERIES:
        name = query["name"]
        times = {peer: found[peer][name]["ms"] for peer in found}
        for peer, values in ratios.items():
            values.append(times[peer] / times["Weir"])
        read = found["Weir"][name]["stats"]["bytesScanned"]
        share = read / BANDWIDTH / (times["Weir"] / 1000)
        line = (
            f"| {name} {query['title']} | " + " | ".join(f"{times[p]:.1f}" for p in found)
            + f" | {ratios['ClickHouse'][-1]:.2f} × | {ratios['DuckDB'][-1]:.2f} × | "
            f"{read / 1e6:.1f} MB | {share:.0%} |")
        if cold:
            line += " " + " | ".join(f"{cold[p][name]:.0f}" for p in found) + " |"
        lines.append(line)
    means = {peer: geomean([found[peer][q["name"]]["ms"] for q in QUERIES]) for peer in found}
    lines.append(
        "| **geometric mean** | " + " | ".join(f"**{means[p]:.1f}**" for p in found)
        + f" | **{geomean(ratios['ClickHouse']):.2f} ×** | **{geomean(ratios['DuckDB']):.2f} ×** "
        "| | |" + (" | | |" if cold else ""))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="where weir and weir-part are")
    parser.add_argument("--work", required=True, help="where all is made, and kept")
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--no-cold", action="store_true", help="hot runs only")
    parser.add_argument("--markdown", help="where the table is written, beside standard output")
    arguments = parser.parse_args()
    size.PACKAGES = size.PACKAGES + ["duckdb"]
    work = os.path.abspath(arguments.work)
    os.makedirs(work, exist_ok=True)
    python = size.environment(work)
    data = size.generated(python, work, arguments.events, arguments.seed)
    binary = os.path.join(os.path.abspath(arguments.build), "weir")
    places = prepare(python, data, os.path.abspath(arguments.build))
    peers = {
        "Weir": ["weir", binary, places["Weir"]],
        "ClickHouse": ["clickhouse", places["ClickHouse"]],
        "DuckDB": ["duckdb", places["DuckDB"]],
    }
    found = {
        peer: size.step(python, "query_peer.py", "hot", *how, arguments.runs)
        for peer, how in peers.items()}
    cold = {} if arguments.no_cold else {
        peer: {
            q["name"]: size.step(python, "query_peer.py", "cold", *how, q["name"])["ms"]
            for q in QUERIES}
        for peer, how in peers.items()}
    with open(os.path.join(data, "queries.json"), "w") as file:
        json.dump({"hot": found, "cold": cold}, file, indent=1)
    text = table(
        f"{arguments.events:,} generated lines, seed {arguments.seed}, median of "
        f"{arguments.runs}", found, cold)
    print(text)
    if arguments.markdown:
        with open(arguments.markdown, "w") as file:
            file.write(text)
    wrong = check(found)
    for line in wrong:
        print(f"DIFFERENT {line}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


def prepare(python, data, build):
    """Loads what is not loaded yet; where each system has its rows."""
    ndjson = os.path.join(data, "events.ndjson")
    events = os.path.join(data, "events.parquet")
    places = {
        "Weir": os.path.join(data, "weir"), "ClickHouse": os.path.join(data, "clickhouse-lz4"),
        "DuckDB": os.path.join(data, "duckdb")}
    done = os.path.join(data, "loaded")
    if os.path.exists(done):
        return places
    step = size.step
    if not os.path.exists(events):
        step(python, "peers.py", "prepare", ndjson, events)
    step(
        python, "weir_load.py", os.path.join(build, "weir"), os.path.join(build, "weir-part"),
        places["Weir"], ndjson)
    step(python, "query_peer.py", "load", "clickhouse", events, places["ClickHouse"])
    step(python, "query_peer.py", "load", "duckdb", events, places["DuckDB"])
    open(done, "w").close()
    return places


if __name__ == "__main__":
    main()
