"""How many replies are understood a second on one core, and how long importing the reader takes.

.venv/bin/python -m benchmarks.understanding
"""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from outreach.understanding import Context, read

REPLIES = Path(__file__).parent.parent / "tests" / "data" / "replies_written.jsonl"
NOW = datetime(2026, 12, 1, 18, tzinfo=UTC)
ROUNDS = 3
IMPORT = "import time; t = time.perf_counter(); import outreach.understanding; print(time.perf_counter() - t)"


def import_milliseconds() -> float:
    """Return the shortest of some imports, each in a process of its own."""
    runs = [subprocess.run([sys.executable, "-c", IMPORT], check=True, capture_output=True) for _ in range(5)]
    return round(min(float(run.stdout) for run in runs) * 1000, 1)


def readings_a_second() -> float:
    """Return how many readings a second of CPU time holds, in the best of some rounds over all written replies."""
    bodies = [json.loads(line)["text"] for line in REPLIES.read_text().splitlines()]
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for body in bodies:
            read(body, context=Context.ANY, now=NOW)
        taken.append(time.process_time() - began)
    return round(len(bodies) / min(taken))


def main() -> None:
    """Print the figures as JSON."""
    print(json.dumps({"readings/s on one core": readings_a_second(), "import, ms": import_milliseconds()}))


if __name__ == "__main__":
    main()
