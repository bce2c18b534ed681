"""How fast: this project beside what is used today, on the corpora of data/, in one run.

make speed                                   # everything, some ten minutes on two free cores
make speed SPEED="training retrieval"        # some of it
make speed SPEED="--pairs 5 --sizes 5000 20000 -- coherence"
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from topicbench.core.jobs import limit_threads  # noqa: E402

PARTS = ("extraction", "training", "coherence", "retrieval", "stages")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--sizes", nargs="+", type=int, default=[5_000, 20_000, 80_000], help="documents, for growth")
    parser.add_argument("--pairs", type=int, default=3, help="interleaved pairs of which the median is taken")
    parser.add_argument("--threads", type=int, default=1, help="threads of every library")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    # Before any numerical library is imported.
    limit_threads(arguments.threads)
    import torch
    from measure import hardware

    from topicbench.core.files import read_json, write_json, write_text

    torch.set_num_threads(arguments.threads)
    out = ROOT / "results"
    for part in arguments.parts or PARTS:
        busy = hardware()
        start = time.perf_counter()
        rows, growing, remarks = importlib.import_module(part).run(arguments.sizes, arguments.pairs)
        record = {
            "rows": [asdict(row) for row in rows],
            "growth": growing,
            "remarks": remarks,
            "hardware": {**busy, "threads": arguments.threads},
            "seconds": round(time.perf_counter() - start, 1),
        }
        write_json(out / "speed" / f"{part}.json", record)
        print(markdown({part: record}), flush=True)
    # Parts that were not asked for this time keep their last measurement.
    found = {part: out / "speed" / f"{part}.json" for part in PARTS}
    records = {part: read_json(path) for part, path in found.items() if path.is_file()}
    write_json(out / "speed.json", records)
    write_text(out / "speed.md", markdown(records))
    print(f"written: {out / 'speed.md'}, {out / 'speed.json'}")


def markdown(records: dict[str, Any]) -> str:
    """Tables of comparisons and of growth, the remarks, and what it ran on."""
    lines = [
        "| what | ours, s | theirs, s | ratio | of processor time | asked for | pairs |",
        "| --- | --: | --: | --: | --: | --: | --: |",
    ]
    for row in (row for record in records.values() for row in record["rows"]):
        goal = f"≥ {row['goal']:g}" if row["goal"] else "–"
        note = f" ({row['note']})" if row["note"] else ""
        lines.append(
            f"| {row['what']}{note} | {row['ours']:.3g} | {row['theirs']:.3g} | {row['ratio']:.3g}× | "
            f"{row['ratio_cpu']:.3g}× | {goal} | {row['pairs']} |"
        )
    growing = [each for record in records.values() for each in record["growth"]]
    if growing:
        lines += ["", "| growth | sizes | processor seconds | exponent |", "| --- | --- | --- | --: |"]
    for each in growing:
        sizes, seconds = (", ".join(f"{value:.3g}" for value in each[key]) for key in ("sizes", "cpu_seconds"))
        sizes = ", ".join(f"{size:,}" for size in each["sizes"])
        lines.append(f"| {each['what']} | {sizes} | {seconds} | {each['exponent']:.2f} |")
    for remark in (remark for record in records.values() for remark in record["remarks"]):
        lines += ["", remark]
    for part, record in records.items():
        hardware = ", ".join(f"{key} {value}" for key, value in record["hardware"].items())
        lines += ["", f"{part}: {hardware}; {record['seconds']:.0f} s in all"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
