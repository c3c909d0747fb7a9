#!/usr/bin/env python3
"""One system answers the query set.

  query_peer.py load  clickhouse|duckdb EVENTS.parquet DATABASE
  query_peer.py hot   clickhouse|duckdb DATABASE RUNS
  query_peer.py cold  clickhouse|duckdb DATABASE QUERY
  query_peer.py hot   weir BINARY DIR RUNS
  query_peer.py cold  weir BINARY DIR QUERY

Two threads each. Hot: one run to warm up, then the median of RUNS. Cold: the files are evicted from
the page cache, the database is opened, and the first run counts. The last line on standard output
is JSON.
"""
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import urllib.parse

from query_set import QUERIES

ENUMS = ["eventType", "device", "browser", "os", "country"]


class ClickHouse:
    spelling = "ch"

    def __init__(self, directory):
        from chdb import session
        self.session = session.Session(directory)
        self.session.query("SELECT 1")

    def ask(self, text):
        settings = " SETTINGS max_threads = 2, use_query_condition_cache = 0"
        return str(self.session.query(text + settings, "JSONCompactEachRow"))

    def rows(self, answer):
        return [json.loads(line) for line in answer.splitlines() if line], {}

    def close(self):
        self.session.close()


class DuckDB:
    spelling = "duck"

    def __init__(self, path):
        import duckdb
        self.connection = duckdb.connect(path, config={"threads": 2})
        self.connection.execute("SET TimeZone = 'UTC'")

    def ask(self, text):
        return self.connection.execute(text).fetchall()

    def rows(self, answer):
        return [list(row) for row in answer], {}

    def close(self):
        self.connection.close()


class Weir:
    spelling = "weir"

    def __init__(self, binary, directory):
        self.process = subprocess.Popen(
            [binary, "serve", "--data", directory, "--listen", "127.0.0.1:0",
             "--ingest-max-age", "forever", "--query-threads", "2", "--log-level", "warning"],
            stdout=subprocess.PIPE, text=True)
        port = int(self.process.stdout.readline().strip().rsplit(":", 1)[1])
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(self, text):
        # The set is about raw rows.
        target = urllib.parse.quote(text + " SETTINGS use_rollups = 0")
        self.connection.request("GET", "/api/v1/sql?q=" + target)
        response = self.connection.getresponse()
        body = response.read()
        if response.status != 200:
            sys.exit(f"query_peer.py: {response.status}: {body[:500]}\n{text}")
        return body

    def rows(self, answer):
        document = json.loads(answer)
        return document["rows"], document["stats"]

    def close(self):
        self.process.terminate()
        self.process.wait(60)


def opened(peer, arguments):
    if peer == "weir":
        return Weir(*arguments[:2]), arguments[2:]
    return {"clickhouse": ClickHouse, "duckdb": DuckDB}[peer](arguments[0]), arguments[1:]


def timed(system, text):
    start = time.perf_counter()
    answer = system.ask(text)
    return (time.perf_counter() - start) * 1000, answer


def hot(system, runs):
    found = {}
    for query in QUERIES:
        text = query[system.spelling]
        system.ask(text)
        times = []
        for _ in range(runs):
            elapsed, answer = timed(system, text)
            times.append(elapsed)
        rows, stats = system.rows(answer)
        found[query["name"]] = {
            "ms": statistics.median(times), "best": min(times), "stats": stats,
            "rows": json.loads(json.dumps(rows, default=str))}
    return found


def cold(system, name):
    text = next(query[system.spelling] for query in QUERIES if query["name"] == name)
    return {"ms": timed(system, text)[0]}


def evict(path):
    """Drops a file, or the files of a directory, from the page cache."""
    if os.path.isdir(path):
        paths = [os.path.join(d, f) for d, _, files in os.walk(path) for f in files]
    else:
        paths = [path]
    for name in paths:
        try:
            descriptor = os.open(name, os.O_RDONLY)
        except OSError:
            continue
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def load_clickhouse(events, directory):
    import pyarrow.parquet as pq
    from peers import KEY, clickhouse_type

    shutil.rmtree(directory, ignore_errors=True)
    system = ClickHouse(directory)
    schema = pq.read_schema(events)
    narrow = {"loadTimeMs": "UInt32", "depth": "UInt8"}
    columns = ", ".join(
        f"`{f.name}` {narrow.get(f.name) or clickhouse_type(f.name, f.type)}" for f in schema)
    names = ", ".join(f"`{field.name}`" for field in schema)
    system.session.query(
        f"CREATE TABLE events ({columns}) ENGINE = MergeTree PARTITION BY toDate(timestamp) "
        f"ORDER BY ({', '.join(KEY)})")
    system.session.query(
        f"INSERT INTO events SELECT {names} FROM file('{events}', 'Parquet') "
        "SETTINGS input_format_null_as_default = 1, max_threads = 2, "
        "max_partitions_per_insert_block = 1000")
    system.session.query("OPTIMIZE TABLE events FINAL")
    system.close()
    return {}


def load_duckdb(events, path):
    if os.path.exists(path):
        os.remove(path)
    system = DuckDB(path)
    run = system.connection.execute
    names = [row[0] for row in run(f"DESCRIBE SELECT * FROM '{events}'").fetchall()]
    for name in ENUMS:
        run(f'CREATE TYPE {name}_t AS ENUM (SELECT DISTINCT "{name}" FROM \'{events}\' '
            f'WHERE "{name}" IS NOT NULL)')
    narrow = {"loadTimeMs": "INTEGER", "depth": "UTINYINT", "timestamp": "TIMESTAMP"}
    columns = ", ".join(
        f'"{name}"::{name + "_t" if name in ENUMS else narrow[name]} AS "{name}"'
        if name in ENUMS or name in narrow else f'"{name}"' for name in names)
    run(f"CREATE TABLE events AS SELECT {columns} FROM '{events}'")
    run("CHECKPOINT")
    system.close()
    return {}


def main():
    step, peer, *arguments = sys.argv[1:]
    if step == "load":
        load = {"clickhouse": load_clickhouse, "duckdb": load_duckdb}[peer]
        print(json.dumps(load(*arguments)))
        return
    if step == "cold":
        evict(arguments[1] if peer == "weir" else arguments[0])
    system, rest = opened(peer, arguments)
    found = hot(system, int(rest[0])) if step == "hot" else cold(system, rest[0])
    system.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
