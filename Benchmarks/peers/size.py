#!/usr/bin/env python3
"""What events take on disk, column by column: Weir beside ClickHouse and Parquet.

  size.py --build .build/release --work DIR [--events 10000000] [--seed 1]
          [--real FILE.ndjson.zst] [--markdown FILE]

Makes a Python environment with chdb, pyarrow, numpy, polars and zstandard of its own in DIR
(downloaded once from PyPI), generates the events there (generate.py), and loads

  Weir        a server of its own: all events over HTTP, then until merges rest and days are closed
  ClickHouse  the distinct rows, CODEC(ZSTD(1)), by day, ORDER BY the same key, OPTIMIZE FINAL
  Parquet     the distinct rows, Zstd level 1, a file a day, in the same order

and writes a table of bytes an event. Weir's own columns (receivedAt, late) count; what is no
column (footers, marks, indexes) is the row "rest". `--real` does the same with a file of events as
clients send them. Without the network: nothing. DIR keeps everything; remove it to start anew.
"""
import argparse
import json
import os
import subprocess
import sys
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = ["chdb", "pyarrow", "numpy", "polars", "zstandard"]


def environment(work):
    """The Python of the environment in `work`, which is made if it is not there."""
    python = os.path.join(work, "venv", "bin", "python")
    if not os.path.exists(python):
        venv.create(os.path.join(work, "venv"), with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def step(python, script, *arguments):
    """Runs one step in a process of its own; its last line is what it found."""
    command = [python, os.path.join(HERE, script), *map(str, arguments)]
    print("  " + " ".join([script, *map(str, arguments)]), file=sys.stderr)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"size.py: {script} failed with {done.returncode}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def generated(python, work, events, seed):
    """The directory of generated events, which are made if they are not there."""
    data = os.path.join(work, f"generated-{events}-{seed}")
    if not os.path.exists(os.path.join(data, "manifest.json")):
        os.makedirs(data, exist_ok=True)
        subprocess.run(
            [python, os.path.join(HERE, "generate.py"), "--events", str(events),
             "--seed", str(seed), "--no-parquet", "--out", data],
            check=True, stdout=subprocess.DEVNULL)
    return data


def table(title, found):
    """A Markdown table: columns of all peers, the largest of Weir first."""
    peers = list(found)
    names = sorted(
        {name for peer in peers for name in found[peer]["columns"]},
        key=lambda name: -found["Weir"]["columns"].get(name, 0))
    rows = {peer: found[peer]["rows"] for peer in peers}
    lines = [f"**{title}** ({rows['Weir']:,} rows)", "", "| column | " + " | ".join(peers) + " |"]
    lines.append("|---|" + "---:|" * len(peers))
    for name in names:
        cells = [found[peer]["columns"].get(name) for peer in peers]
        lines.append(f"| {name} | " + " | ".join(
            "–" if cell is None else f"{cell / rows[peer]:.3f}"
            for peer, cell in zip(peers, cells)) + " |")
    rest = [found[p]["bytes"] - sum(found[p]["columns"].values()) for p in peers]
    lines.append("| rest | " + " | ".join(
        f"{cell / rows[peer]:.3f}" for peer, cell in zip(peers, rest)) + " |")
    totals = [found[peer]["bytes"] / rows[peer] for peer in peers]
    lines.append("| **all** | " + " | ".join(f"**{total:.2f}**" for total in totals) + " |")
    clickhouse = found["ClickHouse ZSTD(1)"]
    ratio = totals[0] / (clickhouse["bytes"] / clickhouse["rows"])
    lines += ["", f"Weir takes {ratio:.2f} × ClickHouse `ZSTD(1)`."]
    return "\n".join(lines) + "\n"


def compare(python, arguments, work, title, ndjson):
    """Loads one set of events into all, and returns the table."""
    events = os.path.join(work, "events.parquet")
    build = os.path.abspath(arguments.build)
    step(python, "peers.py", "prepare", ndjson, events)
    found = {
        "Weir": step(
            python, "weir_load.py", os.path.join(build, "weir"), os.path.join(build, "weir-part"),
            os.path.join(work, "weir"), ndjson),
        "ClickHouse ZSTD(1)": step(
            python, "peers.py", "clickhouse", events, os.path.join(work, "clickhouse")),
        "Parquet": step(python, "peers.py", "parquet", events, os.path.join(work, "parquet")),
    }
    with open(os.path.join(work, "size.json"), "w") as file:
        json.dump(found, file, indent=1)
    return table(title, found)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="where weir and weir-part are")
    parser.add_argument("--work", required=True, help="where all is made, and kept")
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", help="events as clients send them, .ndjson.zst")
    parser.add_argument("--markdown", help="where the tables are written, beside standard output")
    arguments = parser.parse_args()
    work = os.path.abspath(arguments.work)
    os.makedirs(work, exist_ok=True)
    python = environment(work)
    data = generated(python, work, arguments.events, arguments.seed)
    tables = [compare(
        python, arguments, data, f"{arguments.events:,} generated lines, seed {arguments.seed}",
        os.path.join(data, "events.ndjson"))]
    if arguments.real:
        real = os.path.join(work, "real")
        os.makedirs(real, exist_ok=True)
        tables.append(compare(
            python, arguments, real, "Real events", os.path.abspath(arguments.real)))
    text = "\n".join(tables)
    print(text)
    if arguments.markdown:
        with open(arguments.markdown, "w") as file:
            file.write(text)


if __name__ == "__main__":
    main()
