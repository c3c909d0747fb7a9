#!/usr/bin/env python3
"""The same events in Parquet and in ClickHouse, and what each column takes there.

  peers.py prepare    FILE.ndjson[.zst] EVENTS.parquet    the distinct events as a flat table
  peers.py clickhouse EVENTS.parquet DIR
  peers.py parquet    EVENTS.parquet DIR

The last line on standard output is JSON: rows, bytes, bytes by column.
"""
import collections
import json
import os
import shutil
import sys

KEY = ["eventType", "page", "timestamp"]
IDS = {"eventId", "userId", "sessionId"}


def prepare(ndjson, target):
    """Reads events block by block, with one column for each property."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.json
    import pyarrow.parquet as pq

    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from weir_load import lines

    tables, body, size = [], [], 0

    def take():
        options = pa.json.ReadOptions(block_size=1 << 28)
        table = pa.json.read_json(pa.BufferReader(b"".join(body)), read_options=options)
        names = [name.removeprefix("properties.") for name in table.flatten().column_names]
        table = table.flatten().rename_columns(names)
        stamp = table["timestamp"]
        if not pa.types.is_timestamp(stamp.type):
            stamp = pc.cast(pc.replace_substring(stamp, "Z", ""), pa.timestamp("ms"))
        index = table.column_names.index("timestamp")
        tables.append(table.set_column(index, "timestamp", stamp.cast(pa.timestamp("ms"))))

    for lot in lines(ndjson):
        body.append(lot)
        size += len(lot)
        if size > 1 << 27:
            take()
            body, size = [], 0
    if body:
        take()
    table = pa.concat_tables(tables, promote_options="default")
    _, firsts = distinct(table["eventId"])
    table = table.take(firsts)
    pq.write_table(table, target, compression="zstd", compression_level=1)
    return {"rows": table.num_rows, "bytes": os.path.getsize(target), "columns": {}}


def distinct(ids):
    """The first row of each id."""
    import numpy as np
    import pyarrow as pa

    codes = ids.combine_chunks().dictionary_encode().indices.to_numpy()
    found, firsts = np.unique(codes, return_index=True)
    return found, pa.array(np.sort(firsts))


def clickhouse_type(name, kind):
    import pyarrow as pa

    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "String" if name in IDS else "LowCardinality(String)"
    if pa.types.is_timestamp(kind):
        return "DateTime64(3, 'UTC')"
    return "Float64" if pa.types.is_floating(kind) else "Int64"


def clickhouse(events, directory):
    import pyarrow.parquet as pq
    from chdb import session

    shutil.rmtree(directory, ignore_errors=True)
    schema = pq.read_schema(events)
    narrow = {"loadTimeMs": "UInt32", "depth": "UInt8"}
    columns = ", ".join(
        f"`{field.name}` {narrow.get(field.name) or clickhouse_type(field.name, field.type)}"
        " CODEC(ZSTD(1))" for field in schema)
    names = ", ".join(f"`{field.name}`" for field in schema)
    server = session.Session(directory)
    server.query(
        f"CREATE TABLE events ({columns}) ENGINE = MergeTree PARTITION BY toDate(timestamp) "
        f"ORDER BY ({', '.join(KEY)}) SETTINGS min_bytes_for_wide_part = 0")
    server.query(
        f"INSERT INTO events SELECT {names} FROM file('{events}', 'Parquet') "
        "SETTINGS input_format_null_as_default = 1, max_threads = 2, "
        "max_partitions_per_insert_block = 1000")
    server.query("OPTIMIZE TABLE events FINAL")

    def rows(sql):
        text = str(server.query(sql, "JSONCompactEachRow"))
        return [json.loads(line) for line in text.splitlines() if line]

    of_table = "WHERE active AND database = 'default' AND table = 'events'"
    count, size = rows(f"SELECT sum(rows), sum(bytes_on_disk) FROM system.parts {of_table}")[0]
    found = rows(
        "SELECT column, sum(column_data_compressed_bytes) FROM system.parts_columns "
        f"{of_table} GROUP BY column")
    server.close()
    return {
        "rows": int(count), "bytes": int(size),
        "columns": {name: int(value) for name, value in found}}


def parquet(events, directory):
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    table = pq.read_table(events)
    days = pc.floor_temporal(table["timestamp"], unit="day")
    sizes = collections.Counter()
    total = 0
    for day in sorted(pc.unique(days).to_pylist()):
        rows = table.filter(pc.equal(days, day)).sort_by([(name, "ascending") for name in KEY])
        path = os.path.join(directory, f"{day:%Y-%m-%d}.parquet")
        pq.write_table(rows, path, compression="zstd", compression_level=1)
        total += os.path.getsize(path)
        file = pq.ParquetFile(path).metadata
        for group in range(file.num_row_groups):
            for column in range(file.num_columns):
                chunk = file.row_group(group).column(column)
                sizes[chunk.path_in_schema] += chunk.total_compressed_size
    return {"rows": table.num_rows, "bytes": total, "columns": sizes}


if __name__ == "__main__":
    steps = {"prepare": prepare, "clickhouse": clickhouse, "parquet": parquet}
    print(json.dumps(steps[sys.argv[1]](*sys.argv[2:])))
