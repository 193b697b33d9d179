"""What the two replicas and PostgreSQL take, and the bounds of it."""

import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
# The bounds, said in docs/operating.md.
SLOPE = 100.0  # KB of memory a minute and replica
SLOPE_SHORT = 4096.0  # KB in all, where the part that is measured is shorter than 40 minutes
MAXIMUM = 1.25  # times the largest of the first quarter, and SLOPE_SHORT more
DESCRIPTORS = 1.25  # times the most of the first quarter, and 20 more
CONNECTIONS_SPARE = 3  # of a replica: beside the pool's it has a listener, one for record rules and one for retention
TABLES = 16.0  # MB that the feed's tables beside the log may grow after the first quarter


def memory(pid):
    """KB that a process has for itself, with its share of what it shares."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise ValueError("no Pss in smaps_rollup")


def cpu_of(pid, with_children=False):
    """Seconds of processor; with those of children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11 : 15 if with_children else 13]) / TICKS


def cpu_of_cluster(postmaster):
    """Of all of PostgreSQL's processes, present and past."""
    sum_of, children = (
        cpu_of(postmaster, with_children=True),
        Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(),
    )
    for child in children.split():
        try:
            sum_of += cpu_of(child)
        except (OSError, IndexError):
            pass  # It has just ended.
    return sum_of


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Gauges:
    """Samples, a dictionary each: seconds since the start, of each replica memory (KB) and descriptors, and so on."""

    def __init__(self, pids, postmaster, session, pool):
        self.pids, self.postmaster, self.session, self.pool = pids, postmaster, session, pool
        self.begun, self.samples = time.monotonic(), []
        self.cpu_begun = self.cpu()

    def cpu(self):
        return cpu_of_cluster(self.postmaster), [cpu_of(pid) for pid in self.pids]

    async def sample(self):
        [row] = await self.session.rows(
            "SELECT (SELECT count(*) FROM pg_stat_activity WHERE usename = 'changefeed_login') AS connections, "
            "coalesce(sum(s.megabytes) FILTER (WHERE c.relname LIKE 'event\\_%'), 0) AS log, "
            "coalesce(sum(s.megabytes) FILTER (WHERE c.relname NOT LIKE 'event\\_%'), 0) AS others "
            "FROM pg_class c CROSS JOIN LATERAL (SELECT pg_total_relation_size(c.oid) / 1048576.0 AS megabytes) s "
            "WHERE c.relnamespace = 'changefeed'::regnamespace AND c.relkind IN ('r', 'm')"
        )
        self.samples.append(
            {
                "at": time.monotonic() - self.begun,
                "memory": [memory(pid) for pid in self.pids],
                "descriptors": [descriptors(pid) for pid in self.pids],
                **row,
            }
        )

    def verdict(self):
        """The bounds that do not hold, as sentences."""
        warm, measured = self._parts()
        if len(measured) < 4:
            return ["memory: fewer than 4 samples after the first quarter"]
        minutes = (measured[-1]["at"] - measured[0]["at"]) / 60
        bound, wrong = max(SLOPE, SLOPE_SHORT / minutes), []
        for replica in range(len(self.pids)):
            slope, most = self.slope(replica), max(sample["memory"][replica] for sample in warm)
            top = max(sample["memory"][replica] for sample in measured)
            if slope > bound:
                wrong.append(f"memory of replica {replica} grows by {slope:.0f} KB a minute; at most {bound:.0f}")
            if top > most * MAXIMUM + SLOPE_SHORT:
                wrong.append(
                    f"memory of replica {replica} came to {top} KB; "
                    f"at most {MAXIMUM} × {most} KB of the first quarter and 4 MB"
                )
            most = max(sample["descriptors"][replica] for sample in warm)
            top = max(sample["descriptors"][replica] for sample in measured)
            if top > most * DESCRIPTORS + 20:
                wrong.append(
                    f"replica {replica} had {top} descriptors open; "
                    f"at most {DESCRIPTORS} × {most} of the first quarter and 20"
                )
        most, bound = (
            max(sample["connections"] for sample in self.samples),
            len(self.pids) * (self.pool + CONNECTIONS_SPARE),
        )
        if most > bound:
            wrong.append(f"{most} connections to PostgreSQL; at most {bound}")
        growth = measured[-1]["others"] - warm[-1]["others"]
        if growth > TABLES:
            wrong.append(
                f"the feed's tables beside the log grew by {growth:.1f} MB after the first quarter; "
                f"at most {TABLES:.0f}"
            )
        return wrong

    def _parts(self):
        length = self.samples[-1]["at"]
        warm = [sample for sample in self.samples if sample["at"] <= length / 4]
        return warm or self.samples[:1], [sample for sample in self.samples if sample["at"] > length / 4]

    def slope(self, replica):
        """KB a minute by least squares, after the first quarter."""
        points = [(sample["at"] / 60, sample["memory"][replica]) for sample in self._parts()[1]]
        mean_x, mean_y = (sum(point[axis] for point in points) / len(points) for axis in (0, 1))
        below = sum((x - mean_x) ** 2 for x, _ in points)
        return sum((x - mean_x) * (y - mean_y) for x, y in points) / below if below else 0.0

    def lines(self):
        """The samples at 25, 50, 75 and 100 %."""
        length = self.samples[-1]["at"]
        for part in (25, 50, 75, 100):
            sample = min(self.samples, key=lambda each: abs(each["at"] - length * part / 100))
            memories = ", ".join(f"{kilobytes / 1024:.1f}" for kilobytes in sample["memory"])
            yield (
                f"at {part:3} %: memory {memories} MB; descriptors {', '.join(map(str, sample['descriptors']))}; "
                f"connections {sample['connections']}; log {sample['log']:.1f} MB, "
                f"other tables {sample['others']:.1f} MB"
            )
        slopes = ", ".join(f"{self.slope(replica):+.0f}" for replica in range(len(self.pids)))
        yield f"memory after the first quarter: {slopes} KB a minute"
        database, replicas = self.cpu()
        seconds = time.monotonic() - self.begun
        shares = ", ".join(f"{(now - then) / seconds:.0%}" for now, then in zip(replicas, self.cpu_begun[1]))
        yield f"processor: PostgreSQL {(database - self.cpu_begun[0]) / seconds:.0%} of a core, replicas {shares}"
