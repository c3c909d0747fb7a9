#!/usr/bin/env python3
"""Loads events into a server of its own and says what the raw table takes, column by column.

  weir_load.py BINARY WEIR-PART DIR FILE.ndjson[.zst]
"""
import datetime
import http.client
import io
import json
import os
import shutil
import subprocess
import sys
import time

LINES_A_REQUEST = 2_000
# A day is closed once its hour of grace and so many flushes without rows of it are over.
CLOSING_FLUSHES = 40


def lines(path):
    """Bodies of so many lines each."""
    if path.endswith(".zst"):
        import zstandard
        file = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(open(path, "rb")))
    else:
        file = open(path, "rb")
    body = []
    for line in file:
        body.append(line)
        if len(body) == LINES_A_REQUEST:
            yield b"".join(body)
            body = []
    if body:
        yield b"".join(body)


class Server:
    """A running server over a directory."""

    def __init__(self, binary, directory):
        self.process = subprocess.Popen(
            [binary, "serve", "--data", directory, "--listen", "127.0.0.1:0",
             "--ingest-max-age", "forever", "--stream-flush-interval", "1s",
             "--log-level", "warning"], stdout=subprocess.PIPE, text=True)
        port = int(self.process.stdout.readline().strip().rsplit(":", 1)[1])
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def send(self, body):
        """Sends events; how many were accepted."""
        self.connection.request(
            "POST", "/api/v1/events/batch?ack=durable", body,
            {"Content-Type": "application/x-ndjson"})
        response = self.connection.getresponse()
        text = response.read()
        if response.status != 202:
            sys.exit(f"weir_load.py: {response.status}: {text[:300]}")
        return json.loads(text)["count"]

    def figures(self):
        """What /metrics says, by name."""
        self.connection.request("GET", "/metrics")
        text = self.connection.getresponse().read().decode()
        pairs = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def stop(self):
        self.process.terminate()
        if self.process.wait(60) != 0:
            sys.exit("weir_load.py: the server did not end as it should")


def rest(server, table, last):
    """Sends an event a flush, of a day that is not measured, and waits until merges rest."""
    instant = datetime.datetime.fromtimestamp(last / 1000, datetime.timezone.utc)
    event = {"eventType": "end", "timestamp": instant.isoformat()}
    for _ in range(CLOSING_FLUSHES):
        server.send(json.dumps(event).encode() + b"\n")
        time.sleep(1.1)
    begun, quiet, before = time.time(), 0, None
    # A large merge is silent for a while; days whose rest is small may stay as two parts.
    while quiet < 60 and time.time() - begun < 600 and not are_single(table):
        time.sleep(1)
        written = server.figures()["weir_merge_written_bytes_total"]
        quiet = quiet + 1 if written == before else 0
        before = written


def are_single(table):
    """Whether every day has one part."""
    days = sorted(os.listdir(table))[:-1]
    return all(len(os.listdir(os.path.join(table, day))) == 1 for day in days)


def main():
    binary, tool, directory, ndjson = sys.argv[1:]
    shutil.rmtree(directory, ignore_errors=True)
    server = Server(binary, directory)
    begun, sent, last = time.time(), 0, 0
    for body in lines(ndjson):
        sent += server.send(body)
    seconds = time.time() - begun
    table = os.path.join(directory, "tables", "events")
    while server.figures()["weir_flushes_total"] < 2:
        time.sleep(0.5)
    days = sorted(name for name in os.listdir(table) if name[:1] == "2")
    last = datetime.datetime.fromisoformat(days[-1] + "T00:00:00+00:00").timestamp() * 1000
    rest(server, table, last + 26 * 3_600_000)
    server.stop()
    found = json.loads(subprocess.run(
        [tool, "stats", directory, "--table", "events", "--partition", ",".join(days), "--json"],
        check=True, stdout=subprocess.PIPE).stdout)
    print(json.dumps({
        "rows": found["rows"], "bytes": found["bytes"], "parts": found["parts"],
        "columns": {
            column["name"].removeprefix("properties."): column["bytes"]
            for column in found["columns"]},
        "encodings": {column["name"]: column["encodings"] for column in found["columns"]},
        "sent": sent, "seconds": round(seconds, 1)}))


if __name__ == "__main__":
    main()
