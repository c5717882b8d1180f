"""Processes on cores of their own: starts them, waits for them, and says what they cost.

Owns everything that asks the kernel. Knows nothing of the tools that are run or of what their output means.
CPU time is the kernel's own account of the whole process (wait4), start-up and reporting included.
"""

from __future__ import annotations

import os
import platform
import re
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SAMPLE_EVERY_S = 0.2


class RunFailed(Exception):
    """A process ended with an exit code that nobody expected."""


@dataclass(frozen=True)
class Cost:
    """What one run of a process cost, and what else went on meanwhile."""

    exit_code: int
    stdout: str
    wall_s: float
    user_s: float
    system_s: float
    peak_rss_mib: float
    """Highest resident memory, mapped files included."""
    peak_anonymous_mib: float
    """Highest resident memory that is not backed by a file, as sampled."""
    target_cpu_s: float
    foreign_cores: float
    """Cores kept busy by neither the client nor the target, on average."""
    stolen_cores: float
    """Cores the hypervisor took away, on average."""

    @property
    def cpu_s(self) -> float:
        """CPU time of the whole process."""
        return self.user_s + self.system_s


class Target:
    """A server that runs for a whole session."""

    def __init__(self, command: list[str], cores: str) -> None:
        self._process = subprocess.Popen(
            pinned(command, cores), stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._stdout = self._process.stdout
        line = self._stdout.readline()
        url = re.search(r"http://\S+", line)
        if url is None:
            raise RunFailed(f"{' '.join(command)} did not say where it listens: {line!r}")
        self.url = url.group()

    def cpu_s(self) -> float:
        """CPU time used so far, to the kernel's tick."""
        fields = stat_fields(self._process.pid)
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def stop(self) -> str:
        """Ends the server and gives what it printed since its first line."""
        self._process.send_signal(signal.SIGINT)
        said = self._stdout.read()
        self._process.wait()
        return said


def run(command: list[str], cores: str, target: Target, expected: set[int]) -> Cost:
    """Runs a command to its end; raises RunFailed unless its exit code is expected."""
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        before = machine_seconds()
        target_before = target.cpu_s()
        began = time.monotonic()
        process = subprocess.Popen(pinned(command, cores), stdout=stdout, stderr=stderr)
        memory = MemoryWatch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - began
        memory.end()
        process.returncode = os.waitstatus_to_exitcode(status)
        target_cpu_s = target.cpu_s() - target_before
        after = machine_seconds()
        stdout.seek(0)
        stderr.seek(0)
        if process.returncode not in expected:
            raise RunFailed(
                f"{' '.join(command)} ended with {process.returncode}:\n{stderr.read()}"
            )
        ours_s = usage.ru_utime + usage.ru_stime + target_cpu_s
        foreign_s = max(0.0, after["busy"] - before["busy"] - ours_s)
        return Cost(
            exit_code=process.returncode,
            stdout=stdout.read(),
            wall_s=wall_s,
            user_s=usage.ru_utime,
            system_s=usage.ru_stime,
            peak_rss_mib=memory.peak_rss_mib,
            peak_anonymous_mib=memory.peak_anonymous_mib,
            target_cpu_s=target_cpu_s,
            foreign_cores=foreign_s / wall_s,
            stolen_cores=(after["stolen"] - before["stolen"]) / wall_s,
        )


class MemoryWatch:
    """Samples the memory of a process from a thread.

    wait4 would give a peak too, but a child inherits that figure from the process that forked it, and a small tool
    would then show the memory of Python.
    """

    def __init__(self, pid: int) -> None:
        self.peak_rss_mib = 0.0
        self.peak_anonymous_mib = 0.0
        self.anonymous_mib: list[tuple[float, float]] = []
        """Every sample: seconds since the beginning, and the memory that no file backs."""
        self._began = time.monotonic()
        self._status = Path(f"/proc/{pid}/status")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_EVERY_S):
            try:
                text = self._status.read_text()
            except OSError:
                return
            kib = {name: int(value) for name, value in re.findall(r"(\w+):\s+(\d+) kB", text)}
            # An exited process that was not yet waited for has no memory lines.
            self.peak_rss_mib = max(self.peak_rss_mib, kib.get("VmHWM", 0) / 1024)
            if "RssAnon" in kib:
                anonymous_mib = kib["RssAnon"] / 1024
                self.peak_anonymous_mib = max(self.peak_anonymous_mib, anonymous_mib)
                self.anonymous_mib.append((time.monotonic() - self._began, anonymous_mib))


def pinned(command: list[str], cores: str) -> list[str]:
    """Puts a command on a list of cores; taskset replaces itself by it, so the process id stays."""
    return ["taskset", "--cpu-list", cores, *command]


def core_list(text: str) -> list[int]:
    """Reads a list of cores as taskset does: 0,2-3."""
    cores = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        cores.extend(range(int(first), int(last or first) + 1))
    return cores


def stat_fields(pid: int) -> list[str]:
    """Gives the fields of /proc/PID/stat behind the command name, which may itself hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def machine_seconds() -> dict[str, float]:
    """Gives the seconds all cores together were busy, and were taken away by the hypervisor."""
    line = Path("/proc/stat").read_text().split("\n", 1)[0]
    user, nice, system, _idle, _iowait, irq, softirq, stolen = map(int, line.split()[1:9])
    return {
        "busy": (user + nice + system + irq + softirq) / TICKS_PER_S,
        "stolen": stolen / TICKS_PER_S,
    }


def machine_facts() -> dict[str, object]:
    """Gives what a reader must know about the machine."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())

    def setting(path: str) -> str | None:
        return Path(path).read_text().strip() if Path(path).exists() else None

    return {
        "kernel": platform.release(),
        "cpu": cpu.group(1) if cpu else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory.group(1)) / 2**20, 1) if memory else None,
        "governor": setting("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "tcp_congestion_control": setting("/proc/sys/net/ipv4/tcp_congestion_control"),
        "load_average": os.getloadavg()[0],
    }
