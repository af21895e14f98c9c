"""What the programs of this folder share: a process measured, the machine described, where the build's programs are."""
import ctypes
import os
import re
import subprocess
import sys
import threading
import time

MIB = 1 << 20
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def be_reaper():
    """Grandchildren that lose their parent become ours (PR_SET_CHILD_SUBREAPER)."""
    if ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def reap_left_over():
    """Children of the measured process that ended before it, unseen."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def measured(argv, seconds, stdin="/dev/null"):
    """Runs argv; (status, CPU s, wall s, peak bytes). A process starts as a copy of its parent, and the peak that the
    kernel keeps includes that copy: so a small shell starts it and leaves it to us, not this interpreter. It waits for a
    line, so that the shell is gone and cannot reap it."""
    ready, go = os.pipe()
    shell = subprocess.run(["/bin/sh", "-c", f'{{ read -r go; exec "$@" <"$0"; }} <&{ready} >/dev/null 2>&1 & echo $!', stdin,
                            *argv], stdout=subprocess.PIPE, check=True, pass_fds=(ready,))
    pid = int(shell.stdout)
    alarm = threading.Timer(seconds, os.kill, (pid, 9))
    alarm.start()
    start = time.monotonic()
    os.write(go, b"\n")
    _, status, used = os.wait4(pid, 0)
    wall = time.monotonic() - start
    alarm.cancel()
    os.close(ready)
    os.close(go)
    reap_left_over()
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "unknown")
    commit = subprocess.run(["git", "-C", TOP, "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True).stdout.strip()
    return {"cpus": len(os.sched_getaffinity(0)), "model": model, "kernel": os.uname().release, "commit": commit or None,
            "load": round(os.getloadavg()[0], 2)}


def shipped_captures():
    """Those that libpcap reads as they are."""
    found = []
    for folder, _, names in os.walk(os.path.join(TOP, "captures")):
        found += [os.path.join(folder, n) for n in names if n.endswith(".pcapng")]
    return sorted(found)


class Programs:
    def __init__(self, build, wiretale=None):
        self.build = os.path.abspath(build)
        self.wiretale = os.path.abspath(wiretale) if wiretale else os.path.join(self.build, "src/cli/wiretale")
        for name in ("generate", "replay", "pcapcount", "mapwalk"):
            setattr(self, name, self.bench(name))
        for program in (self.wiretale, self.generate, self.replay, self.pcapcount, self.mapwalk):
            if not os.access(program, os.X_OK):
                sys.exit(f"{program} is not built: see {sys.argv[0]} --help")

    def bench(self, name):
        return os.path.join(self.build, "test/bench/bench-" + name)

    def generator(self, kind, n, out):
        """argv that makes a capture of some n thousand packets (mix), connections or SYNs"""
        if kind == "mix":
            return [self.replay, "-n", str(n), "-o", out, *shipped_captures()]
        return [self.generate, *(w.format(n=n) for w in {
            "connections": ["-n", "{n}", "-l", "0.5", "-6", "10"],
            "bulk": ["-n", "{n}", "-b", "100000", "-l", "0.1", "-6", "10"],
            "flood": ["-n", "0", "-f", "{n}"]}[kind]), "-o", out]

    def count(self, path):
        out = subprocess.run([self.pcapcount, path], stdout=subprocess.PIPE, check=True, text=True).stdout
        return int(re.match(r"\d+", out)[0])
