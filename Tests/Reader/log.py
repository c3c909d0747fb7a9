"""The log: segments and frames. Section "Log" of format-spec.md."""

import os
import re
import struct

from primitives import Newer, crc32c

SEGMENT_MAGIC, FRAME_MAGIC = b"weir.log", b"weir"
VERSION = 1
HEADER_BYTES = FRAME_BYTES = 48
PAYLOAD_BYTES_MAX = 1 << 28


class Segment:
    """A segment file: its header, whose damage is no obstacle."""

    def __init__(self, path):
        self.path = path
        self.first = int(os.path.basename(path)[:20])
        with open(path, "rb") as file:
            self.data = file.read()
        head = self.data[:HEADER_BYTES]
        self.checksum = self.salt = self.previous_end = None
        if len(head) == HEADER_BYTES and crc32c(head[:44]) == struct.unpack("<I", head[44:])[0]:
            magic, version, salt, first, end, _, _, checksum = struct.unpack("<8sIIQQqII", head)
            if magic == SEGMENT_MAGIC and version != VERSION:
                raise Newer(f"{path}: version {version} of the segment")
            if magic == SEGMENT_MAGIC and first == self.first:
                self.checksum, self.salt, self.previous_end = checksum, salt, end


class Frame:
    """A frame whose magic and both checksums are right; None is made of anything else."""

    @staticmethod
    def at(data, offset):
        head = data[offset:offset + FRAME_BYTES]
        if len(head) < FRAME_BYTES or head[:4] != FRAME_MAGIC:
            return None
        if crc32c(head[8:]) != struct.unpack("<I", head[4:8])[0]:
            return None
        frame = Frame()
        (_, frame.checksum, frame.sequence, frame.time, frame.synced, size, payload_checksum,
         frame.previous, frame.salt) = struct.unpack("<4sIQqQIIII", head)
        frame.offset = offset
        frame.payload = data[offset + FRAME_BYTES:offset + FRAME_BYTES + size]
        if size > PAYLOAD_BYTES_MAX or len(frame.payload) != size:
            return None
        if crc32c(frame.payload) != payload_checksum:
            return None
        frame.end = offset + FRAME_BYTES + (size + 7) // 8 * 8
        return frame


def segments(folder):
    """The segments of a log, by their first sequence."""
    names = [name for name in os.listdir(folder) if re.fullmatch(r"[0-9]{20}\.log", name)]
    found = [Segment(os.path.join(folder, name)) for name in sorted(names)]
    # A last segment without any frame is not part of the log.
    if found and not any(True for _ in good_frames(found[-1], None)):
        found.pop()
    return found


def good_frames(segment, end):
    """The good frames of a segment in order, below the sequence `end` if there is one."""
    offset, due = HEADER_BYTES, segment.first
    previous, salt = segment.checksum, segment.salt
    while end is None or due < end:
        frame = Frame.at(segment.data, offset)
        if frame is None or frame.sequence != due:
            return
        if previous is not None and frame.previous != previous:
            return
        if salt is not None and frame.salt != salt:
            return
        yield frame
        previous, salt = frame.checksum, frame.salt
        offset, due = frame.end, due + 1


def frames(folder):
    """All frames of an undamaged log, as (segment, frame)."""
    found = segments(folder)
    for segment, after in zip(found, found[1:] + [None]):
        end = None if after is None else after.first
        for frame in good_frames(segment, end):
            yield segment, frame
