"""The manifest: records and the state they make. Section "Manifest" of format-spec.md."""

import struct

from primitives import Cursor, Damage, Newer, check, crc32c

MAGIC = b"WMRF"
FRAME_BYTES = 20
PAYLOAD_BYTES_MAX = 268_435_456
COMMIT, MERGE, LOSS, SNAPSHOT_1, DERIVATION, SNAPSHOT_2, RETENTION, SNAPSHOT = range(1, 9)
REPAIR = 9
SNAPSHOTS = (SNAPSHOT_1, SNAPSHOT_2, SNAPSHOT)
NAMES = {COMMIT: "commit", MERGE: "merge", LOSS: "loss", DERIVATION: "derivation",
         RETENTION: "retention", REPAIR: "repair",
         **dict.fromkeys(SNAPSHOTS, "snapshot")}
HORIZON_GONE = (1 << 63) - 1


def many(cursor, read):
    return [read(cursor) for _ in range(cursor.varint())]


def position(cursor):
    return many(cursor, Cursor.varint)


def commit_point(cursor):
    point = {
        "flush": cursor.varint(), "position": position(cursor), "replayFrom": position(cursor),
        "watermark": cursor.zigzag(),
    }
    point["state"] = bytes(cursor.take(cursor.varint()))
    return point


def optional(cursor, read):
    flag = cursor.u8()
    check(flag <= 1, "a flag that is neither 0 nor 1", cursor.offset)
    return read(cursor) if flag else None


def partition(cursor, wide_bit):
    """The form of a partition: (name, whether the part is wide)."""
    form = cursor.u8()
    wide = wide_bit and form >= 16
    form -= 16 if wide else 0
    check(form <= 2, "form of a partition", cursor.offset)
    return (("mixed", None) if form == 0 else
            (("day", "month")[form - 1], cursor.zigzag())), wide


def part(cursor):
    number, table = cursor.varint(), cursor.text()
    where, wide = partition(cursor, True)
    return {
        "number": number, "table": table, "partition": partition_name(where), "wide": wide,
        "flushes": [cursor.varint(), cursor.varint()], "rows": cursor.varint(),
        "bytes": cursor.varint(), "times": [cursor.zigzag(), cursor.zigzag()],
    }


def loss(cursor):
    result = {"table": cursor.text()}
    flags = cursor.u8()
    check(flags <= 7, f"flags {flags} of a loss", cursor.offset)
    result["times"] = [cursor.zigzag(), cursor.zigzag()] if flags & 1 else None
    if flags & 2:
        where, _ = partition(cursor, False)
        result["place"] = {
            "partition": partition_name(where), "flushes": [cursor.varint(), cursor.varint()]}
    result["final"] = bool(flags & 4)
    result["rows"], result["file"] = cursor.varint(), cursor.text()
    result["reason"] = cursor.text()
    return result


def marks(cursor):
    names = many(cursor, Cursor.text)
    result = []
    for _ in range(cursor.varint()):
        where, _ = partition(cursor, False)
        flush = optional(cursor, Cursor.varint)
        for index in many(cursor, Cursor.varint):
            check(index < len(names), "a mark of a table without a name", cursor.offset)
            result.append(
                {"table": names[index], "partition": partition_name(where), "flush": flush})
    return result


def horizons(cursor):
    result = {}
    for _ in range(cursor.varint()):
        time = cursor.zigzag()
        result.update(dict.fromkeys(many(cursor, Cursor.text), time))
    return result


def civil(days):
    """Year, month, day of a number of days since 1970-01-01, in the Gregorian calendar."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524
                   - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    return year_of_era + era * 400 + (month <= 2), month, day


def partition_name(where):
    """The name of a partition's folder."""
    form, number = where
    if form == "mixed":
        return "mixed"
    if form == "day":
        year, month, day = civil(number)
        return (f"{year:04}-{month:02}-{day:02}" if 0 <= year <= 9999 else f"day-{number}")
    year, month = divmod(number, 12)
    return f"{year:04}-{month + 1:02}" if 0 <= year <= 9999 else f"month-{number}"


def record(payload):
    """What a payload says."""
    cursor = Cursor(payload)
    kind = cursor.u8()
    check(kind in NAMES, f"kind {kind} of a record", 0)
    result = {"kind": NAMES[kind]}
    if kind == COMMIT:
        result["commit"] = commit_point(cursor)
    elif kind in SNAPSHOTS:
        result["nextNumber"] = cursor.varint()
        result["commit"] = optional(cursor, commit_point)
    else:
        result["removed"] = many(cursor, Cursor.varint)
    if kind not in (LOSS, RETENTION):
        result["added"] = many(cursor, part)
    if kind == LOSS or kind in SNAPSHOTS:
        result["losses"] = many(cursor, loss)
    if kind in (DERIVATION, SNAPSHOT_2, RETENTION, SNAPSHOT, REPAIR):
        result["marks"] = marks(cursor)
    if kind in (RETENTION, SNAPSHOT):
        result["horizons"] = horizons(cursor)
    if kind == REPAIR:
        result["recovered"] = many(cursor, Cursor.text)
        result["losses"] = many(cursor, loss)
    cursor.at_end("a record")
    return result


def frame(data, offset):
    """The record at an offset as (sequence, what it says, its end), None if none is whole."""
    head = data[offset:offset + FRAME_BYTES]
    if len(head) < FRAME_BYTES or head[:4] != MAGIC:
        return None
    sequence, size, checksum = struct.unpack("<QII", head[4:])
    payload = data[offset + FRAME_BYTES:offset + FRAME_BYTES + size]
    if size > PAYLOAD_BYTES_MAX or len(payload) < size:
        return None
    if crc32c(head[:16] + payload) != checksum:
        return None
    try:
        return sequence, record(payload), offset + FRAME_BYTES + size
    except Damage:
        return None


def records(data):
    """All records that can be read: (offset, sequence, record); and where reading ended."""
    result, offset, due = [], 0, None
    damaged = []
    while offset < len(data):
        found = frame(data, offset)
        if found is None or (due is not None and found[0] != due):
            start = offset
            offset = next_record(data, start + 1, due)
            if offset is None:
                return result, damaged, start
            damaged.append((start, offset))
            found = frame(data, offset)
        result.append((offset, found[0], found[1]))
        offset, due = found[2], found[0] + 1
    return result, damaged, len(data)


def next_record(data, offset, due):
    """The offset of the next whole record from an offset on, None if there is none."""
    while (offset := data.find(MAGIC, offset)) >= 0:
        found = frame(data, offset)
        if found is not None and (due is None or found[0] >= due):
            return offset
        offset += 1
    return None


class State:
    """What the records say, in order."""

    def __init__(self):
        self.parts, self.losses, self.marks, self.commit = {}, [], {}, None
        self.horizons = {}

    def apply(self, said):
        if said["kind"] == "snapshot":
            self.__init__()
        for number in said.get("removed", []):
            self.parts.pop(number, None)
        for added in said.get("added", []):
            self.parts[added["number"]] = added
        for mark in said.get("marks", []):
            self.marks[(mark["table"], mark["partition"])] = mark["flush"]
        for table, horizon in said.get("horizons", {}).items():
            self.horizons[table] = horizon
            if horizon == HORIZON_GONE:
                del self.horizons[table]
        recovered = set(said.get("recovered", []))
        self.losses = [loss for loss in self.losses if loss["file"] not in recovered]
        self.losses += said.get("losses", [])
        if said.get("commit") is not None:
            self.commit = said["commit"]
