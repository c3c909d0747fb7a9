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


class Totals:
    """What raw rows and rollups must agree on: section "Tables"."""

    def __init__(self):
        self.raw = self.rollup = 0
        self.viewers, self.states = set(), set()

    def add(self, table, names, row):
        values = dict(zip(names, row))
        if table == "events":
            self.raw += 1
            if values["eventType"] == b"page_view":
                self.viewers.add(values["userId"] or values["sessionId"])
        elif table in ("events_minute", "events_minute_corrections"):
            self.rollup += values["events"]
        elif table in ("unique_visitors_minute", "unique_visitors_minute_corrections"):
            kind, members = states.distinct(values["users"])
            require(kind == "sparse", "more viewers than this check is for")
            self.states.update(members)

    def require_equal(self):
        require(self.raw == self.rollup, f"{self.raw} raw rows, {self.rollup} in the rollup")
        kind, members = states.distinct(states.state_of(self.viewers - {None}))
        require(kind == "sparse" and set(members) == self.states, "viewers of rows and of states")


def check_part(root, entry, totals):
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
    names = [each.name for each in footer.columns]
    for row in part.rows():
        rows += 1
        times.append(row[time])
        totals.add(footer.table, names, row)
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
    totals = Totals()
    for entry in state.parts.values():
        counts["rows"] += check_part(path, entry, totals)
    totals.require_equal()
    for _, frame in log.frames(os.path.join(path, "log")):
        counts["frames"] += 1
        counts["events"] += len(events(frame.payload)[1])
    return counts
