"""Event blocks, the payloads of the log. Section "Event blocks" of format-spec.md."""

from primitives import Cursor, Newer, check, decompress, limit
from streams import BOOLEANS, CODES, FLOATS, INTEGERS, stream

VERSION = 1
STRING, INTEGER, FLOAT, BOOLEAN, JSON = range(1, 6)


def events(payload):
    """The events of a payload, each a dictionary in the form of `weir-part log --payload`."""
    cursor = Cursor(payload)
    version = cursor.u8()
    if version != VERSION:
        raise Newer(f"version {version} of event blocks")
    identities = section(cursor)
    columns = section(cursor)
    cursor.at_end("an event block")
    result, received = read_identities(identities)
    read_columns(columns, result)
    return received, result


def section(cursor):
    """A section's content, decompressed if it has to be."""
    method = cursor.u8()
    length = limit(cursor.varint(), 1 << 30, "bytes of a section", cursor.offset)
    if method == 0:
        return Cursor(cursor.take(length))
    check(method == 1, f"method {method} of a section", cursor.offset)
    stored = cursor.u32()
    check(length < 65_536 * (stored + 1), "a section that grows too much", cursor.offset)
    return Cursor(decompress(cursor.take(stored), length))


def texts(cursor, count):
    lengths = stream(cursor, CODES, count)
    return [bytes(cursor.take(length)) for length in lengths]


def read_identities(cursor):
    start = cursor.offset
    count = limit(cursor.varint(), 1 << 20, "events of a block", start)
    check(count >= 1, "a block without events", start)
    received = cursor.i64()
    assigned = stream(cursor, BOOLEANS, count)
    times = stream(cursor, INTEGERS, count)
    ids = texts(cursor, count)
    cursor.at_end("the section of identities")
    result = [
        {"eventId": event, "idAssigned": made, "timestamp": time, "properties": []}
        for event, made, time in zip(ids, assigned, times)
    ]
    return result, received


def coded(cursor, count, rows, least):
    """Entries and a stream of codes: the values, None for code 0."""
    entries = texts(cursor, limit(count, rows, "entries", cursor.offset))
    codes = stream(cursor, CODES, rows)
    check(all(least <= code <= len(entries) for code in codes), "a code that no entry has")
    return [entries[code - 1] if code else None for code in codes]


def read_columns(cursor, result):
    count = len(result)
    limit(cursor.varint(), count, "skewed events", cursor.offset)
    for name in ("eventType", "userId", "sessionId"):
        least = 1 if name == "eventType" else 0
        for event, value in zip(result, coded(cursor, cursor.varint(), count, least)):
            event[name] = value
    before, total = None, 0
    for _ in range(cursor.varint()):
        start = cursor.offset
        name = bytes(cursor.take(cursor.varint()))
        kind = cursor.u8()
        check(before is None or before < (name, kind), "columns do not ascend", start)
        before = (name, kind)
        rows = read_rows(cursor, count)
        total += len(rows)
        limit(total, 1 << 26, "values of an event block", start)
        for row, value in zip(rows, read_values(cursor, kind, len(rows))):
            result[row]["properties"].append((name, kind, value))
    cursor.at_end("the section of columns")


def read_rows(cursor, count):
    """The rows that have a value of a column."""
    start = cursor.offset
    form = cursor.u8()
    if form == 0:
        return range(count)
    if form == 1:
        return [row for row, here in enumerate(stream(cursor, BOOLEANS, count)) if here]
    check(form == 2, f"form {form} of rows", start)
    rows = stream(cursor, CODES, limit(cursor.varint(), count, "rows", start))
    check(all(a < b for a, b in zip(rows, rows[1:])), "rows do not ascend", start)
    check(not rows or rows[-1] < count, "a row beyond the block", start)
    return rows


def read_values(cursor, kind, rows):
    if kind in (STRING, JSON):
        return coded(cursor, cursor.varint(), rows, 1)
    kinds = {INTEGER: INTEGERS, FLOAT: FLOATS, BOOLEAN: BOOLEANS}
    check(kind in kinds, f"type {kind} of a property", cursor.offset)
    return stream(cursor, kinds[kind], rows)
