"""The command line of the second reader.

    python3 Tests/Reader compare part PATH       rows against those of `weir-part dump` on stdin
    python3 Tests/Reader compare manifest PATH   against `weir-part manifest --json` on stdin
    python3 Tests/Reader compare log FOLDER      against `weir-part log --payload` on stdin
    python3 Tests/Reader check DIRECTORY         reads all that a data directory holds
    python3 Tests/Reader streams                 decodes streams, a line of JSON each, from stdin

Exits with 0 if all is alike or read, with 1 and a line on stderr otherwise.
"""

import json
import math
import os
import struct
import sys

import directory
import log
import manifest
from blocks import STATE, TIMESTAMP
from event_blocks import events
from footer import TYPES
from part import Part
from primitives import Cursor, Damage, Newer
from streams import FLOATS, STRINGS, values


class Difference(Exception):
    """Two readers read different things."""


def time_text(time):
    """RFC 3339 in UTC, milliseconds only where there are some; a number for far years."""
    days, rest = divmod(time, 86_400_000)
    year, month, day = manifest.civil(days)
    if not 0 <= year <= 9999:
        return time
    seconds, milliseconds = divmod(rest, 1000)
    fraction = f".{milliseconds:03}" if milliseconds else ""
    return (f"{year:04}-{month:02}-{day:02}T{seconds // 3600:02}:{seconds // 60 % 60:02}:"
            f"{seconds % 60:02}{fraction}Z")


def printed(value, column_type):
    """A value in the form in which `weir-part` prints it, read back from JSON."""
    if value is None or isinstance(value, bool):
        return value
    if column_type == TIMESTAMP:
        return time_text(value)
    if column_type == STATE:
        return value.hex()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def same(left, right):
    """Whether two values of JSON are the same, −0 and types of numbers included."""
    if isinstance(left, float) and isinstance(right, float):
        return struct.pack("<d", left) == struct.pack("<d", right)
    return type(left) is type(right) and left == right


def same_row(ours, theirs):
    return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)


def labels(columns):
    names = [column.name for column in columns]
    return [column.name if names.count(column.name) == 1 else f"{column.name}:{TYPES[column.type]}"
            for column in columns]


def compare_rows(ours, lines):
    """Compares rows with lines of JSON; returns how many there are."""
    count = 0
    for count, row in enumerate(ours, 1):
        line = next(lines, None)
        if line is None:
            raise Difference(f"row {count} is missing: {row}")
        if not same_row(row, json.loads(line)):
            raise Difference(f"row {count}: here {row}, there {line.strip()}")
    if (line := next(lines, None)) is not None:
        raise Difference(f"a row more, after {count}: {line.strip()}")
    return count


def part_rows(path):
    part = Part(path)
    columns = part.footer.columns
    names = labels(columns)
    # The first golden parts are not in order.
    for row in part.rows(ordered=False):
        yield {name: printed(value, column.type)
               for name, column, value in zip(names, columns, row) if value is not None}


def log_rows(folder):
    for _, frame in log.frames(folder):
        received, block = events(frame.payload)
        for event in block:
            row = {"position": frame.sequence, "receivedAt": time_text(received),
                   "eventId": event["eventId"].decode(), "timestamp": time_text(event["timestamp"])}
            if event["idAssigned"]:
                row["idAssigned"] = True
            for name in ("eventType", "userId", "sessionId"):
                if event[name] is not None:
                    row[name] = event[name].decode()
            row["properties"] = {
                name.decode(): printed(value, kind) for name, kind, value in event["properties"]}
            yield row


def compare_manifest(path, lines):
    with open(path, "rb") as file:
        read, damaged, end = manifest.records(file.read())
    if damaged or end != os.path.getsize(path):
        raise Difference(f"damage at {damaged}, the end at {end}")
    state = manifest.State()
    count = 0
    for offset, sequence, said in read:
        state.apply(said)
        theirs = json.loads(next(lines))
        ours = {"sequence": sequence, "offset": offset, **said}
        require_same_record(ours, theirs)
        count += 1
    theirs = json.loads(next(lines))
    ours = {"kind": "state", "added": list(state.parts.values()), "losses": state.losses,
            "commit": state.commit, "horizons": state.horizons, "marks": [
                {"table": table, "partition": partition, "flush": flush}
                for (table, partition), flush in state.marks.items() if flush is not None]}
    require_same_record(ours, theirs)
    return count


def require_same_record(ours, theirs):
    for key, value in ours.items():
        there = theirs.get(key)
        if key == "commit" and value is not None:
            value = {**value, "state": value["state"].hex()}
        if key in ("added", "marks"):
            value, there = sorted(value, key=order_of), sorted(there, key=order_of)
        if value != there:
            raise Difference(f"{key}: here {value}, there {there}")


def order_of(item):
    return json.dumps(item, sort_keys=True)


def read_streams(lines):
    """A line each: encoding, kind, count and bytes in hexadecimal; answers the values."""
    for line in lines:
        wanted = json.loads(line)
        cursor = Cursor(bytes.fromhex(wanted["bytes"]))
        kind = wanted["kind"]
        try:
            result = values(cursor, wanted["encoding"], kind, wanted["count"])
            cursor.at_end("a stream")
        except Damage as damage:
            print(json.dumps({"damage": str(damage)}))
            continue
        if kind == FLOATS:
            result = [struct.unpack("<q", struct.pack("<d", value))[0] for value in result]
        elif kind == STRINGS:
            result = [value.hex() for value in result]
        print(json.dumps(result, separators=(",", ":")))


def main(words):
    lines = iter(sys.stdin)
    if words[:2] == ["compare", "part"]:
        print(compare_rows(part_rows(words[2]), lines), "rows alike")
    elif words[:2] == ["compare", "log"]:
        print(compare_rows(log_rows(words[2]), lines), "events alike")
    elif words[:2] == ["compare", "manifest"]:
        print(compare_manifest(words[2], lines), "records alike")
    elif words[:1] == ["check"]:
        print(json.dumps(directory.check(words[1])))
    elif words == ["streams"]:
        read_streams(lines)
    else:
        sys.exit(__doc__)


try:
    main(sys.argv[1:])
except (Damage, Newer, Difference) as error:
    sys.exit(f"{type(error).__name__}: {error}")
