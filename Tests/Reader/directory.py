"""A whole data directory. Section "Data directory" of format-spec.md."""

import os
import re

import log
import manifest
import states
from event_blocks import events
from part import Part
from primitives import Damage, Newer, check as require

VERSION_MAX = 3


def check_format(path):
    """The version that FORMAT says."""
    with open(os.path.join(path, "FORMAT"), "rb") as file:
        match = re.fullmatch(rb"weir ([0-9]+)\n", file.read())
    require(match, f"{path}/FORMAT says something else than a version")
    version = int(match[1])
    if version > VERSION_MAX:
        raise Newer(f"{path}: format version {version}")
    require(version >= 1, f"{path}/FORMAT says version 0")
    return version


def check_part(root, entry):
    """Reads all rows of a part, and compares it with what the manifest says of it."""
    path = os.path.join(root, "tables", entry["table"], entry["partition"],
                        f"{entry['flushes'][1]}-{entry['number']}.part")
    part = Part(path)
    footer = part.footer
    require(part.is_wide == entry["wide"], f"{path}: the container")
    require(footer.table == entry["table"] and footer.rows == entry["rows"], f"{path}: the entry")
    require(list(footer.flushes) == entry["flushes"], f"{path}: the flushes")
    require(list(footer.time_range) == entry["times"], f"{path}: the times")
    column = footer.sort_indexes
    time = next(index for index, each in enumerate(footer.columns)
                if each.name == footer.time_column)
    uniq = [index for index, each in enumerate(footer.columns) if each.role == 4]
    rows, times, before = 0, [], None
    for row in part.rows():
        rows += 1
        times.append(row[time])
        for index in uniq:
            if row[index] is not None:
                states.distinct(row[index])
        key = [row[index] for index in column]
        require(footer.kind == 1 or key != before, f"{path}: a key twice")
        before = key
    require(rows == footer.rows, f"{path}: {rows} rows")
    require([min(times), max(times)] == entry["times"], f"{path}: times of the rows")
    require(part.byte_count() == entry["bytes"], f"{path}: {part.byte_count()} bytes")
    return rows


def check(path):
    """Reads everything; returns counts."""
    version = check_format(path)
    with open(os.path.join(path, "manifest"), "rb") as file:
        read, damaged, _ = manifest.records(file.read())
    if damaged:
        raise Damage(f"{path}/manifest is damaged at {damaged}")
    state = manifest.State()
    for _, _, said in read:
        state.apply(said)
    counts = {"version": version, "records": len(read), "parts": len(state.parts), "rows": 0,
              "frames": 0, "events": 0}
    for entry in state.parts.values():
        counts["rows"] += check_part(path, entry)
    for _, frame in log.frames(os.path.join(path, "log")):
        counts["frames"] += 1
        counts["events"] += len(events(frame.payload)[1])
    return counts
