#!/usr/bin/python3
"""./check: builds and runs all tests, in steps that are counted together.

Quick (the default): what fits in three minutes on two cores once built. --all: also long fuzzing, the corpus under
sanitizers, storms and kill tests. Each step says what it left out and why."""
import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PYTHON = "/usr/bin/python3"
BUILDS = {
    # name: (compiler, meson options)
    "gcc": ("gcc", ["-Dwerror=true", "-Dbuildtype=debugoptimized"]),
    "clang": ("clang", ["-Dwerror=true", "-Dbuildtype=debugoptimized"]),
    "asan": ("gcc", ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dbuildtype=debugoptimized"]),
    "tsan": ("gcc", ["-Db_sanitize=thread", "-Db_lundef=false", "-Dbuildtype=debugoptimized"]),
    "counted": ("gcc", ["-Dbuildtype=release", "-Db_lto=true", "-Dsimd=false"]),
    "fuzz": ("clang", ["-Dfuzz=enabled", "-Db_lundef=false", "-Dbuildtype=debugoptimized"]),
}


FILTER_CAPTURES = ["tour.pcapng", "http/keepalive.pcapng", "ip/fragments.pcapng.gz", "link/vlan.pcapng", "tcp/zero-window.pcapng",
                   "dns/dnssec.pcapng"]


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.left_out = []

    def add(self, step, passed, failed, skipped, seconds):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        print(f"{step:34} {passed:5} passed {failed:4} failed {skipped:4} skipped  {seconds:6.1f} s", flush=True)

    def leave_out(self, what, why):
        self.left_out.append(f"{what}: {why}")


def tail(text, lines=40):
    return "\n".join(text.splitlines()[-lines:])


def run(command, seconds, **kwargs):
    """(status, output); a command that takes too long is ended and counts as failed."""
    try:
        p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                           timeout=seconds, stdin=subprocess.DEVNULL, **kwargs)
        return p.returncode, p.stdout
    except subprocess.TimeoutExpired as e:
        out = e.stdout.decode(errors="replace") if isinstance(e.stdout, bytes) else e.stdout or ""
        return 124, out + f"\n[ended after {seconds} s]"


def build_dir(name):
    return os.path.join(TOP, "build-check", name)


def build(name, tally, targets=()):
    """Builds one configuration; a failure counts as one failed test. Returns whether it is usable."""
    start = time.time()
    compiler, options = BUILDS[name]
    if not shutil.which(compiler):
        tally.leave_out(f"build with {compiler}", "not installed")
        tally.add(f"build {name}", 0, 0, 1, 0)
        return False
    where = build_dir(name)
    status, out = 0, ""
    if not os.path.exists(os.path.join(where, "build.ninja")):
        env = dict(os.environ, CC=compiler)
        status, out = run(["meson", "setup", where, TOP, *options], 300, env=env)
    if status == 0:
        status, out = run(["ninja", "-C", where, *targets], 1500)
    if status:
        print(tail(out, 60))
    tally.add(f"build {name}", status == 0, status != 0, 0, time.time() - start)
    return status == 0


def count_tap(text):
    ok = len(re.findall(r"^ok \d+", text, re.M))
    bad = len(re.findall(r"^not ok \d+", text, re.M))
    skipped = len(re.findall(r"^ok \d+.*# skip", text, re.M | re.I))
    return ok - skipped, bad, skipped


def meson_test(name, tally, step, extra=()):
    start = time.time()
    where = build_dir(name)
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP", ASAN_OPTIONS="detect_leaks=1:abort_on_error=0",
               UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1", TSAN_OPTIONS="halt_on_error=1")
    log = os.path.join(where, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.unlink(log)
    status, out = run(["meson", "test", "-C", where, "--no-rebuild", "--num-processes", "2", *extra], 1800, env=env)
    passed = failed = skipped = 0
    if not os.path.exists(log):
        print(tail(out))
        tally.add(step, 0, 1, 0, time.time() - start)
        return
    for line in open(log, encoding="utf-8", errors="replace"):
        test = json.loads(line)
        p, f, s = count_tap(test.get("stdout", ""))
        if test["result"] == "SKIP":
            p, f, s = 0, 0, max(1, p + f + s)
        elif p + f + s == 0 or (test["result"] not in ("OK", "EXPECTEDFAIL") and f == 0):
            good = test["result"] in ("OK", "EXPECTEDFAIL")
            p, f = p + good, f + (not good)
        if f:
            print(f"--- {test['name']}: {test['result']}")
            print(tail(test.get("stdout", "") + test.get("stderr", ""), 60))
        passed, failed, skipped = passed + p, failed + f, skipped + s
    if status and not failed:
        failed = 1
        print(tail(out))
    tally.add(step, passed, failed, skipped, time.time() - start)


def script(step, command, tally, seconds=300, env=None):
    start = time.time()
    status, out = run(command, seconds, env=dict(os.environ, **(env or {})))
    passed, failed, skipped = count_tap(out)
    if passed + failed == 0 or (status and not failed):
        failed += status != 0
        passed += status == 0
    if failed:
        print(tail(out, 60))
    else:
        for note in re.findall(r"^# note: .*", out, re.M):
            print(note)
    tally.add(step, passed, failed, skipped, time.time() - start)


def pytest(step, mark, tally, seconds, env):
    start = time.time()
    xml = os.path.join(TOP, "build-check", f"{mark}.xml")
    if os.path.exists(xml):
        os.unlink(xml)
    status, out = run([PYTHON, "-m", "pytest", "-q", os.path.join(TOP, "test/e2e"), "-m", mark, f"--junitxml={xml}",
                       "-p", "no:cacheprovider"], seconds, env=dict(os.environ, **env), cwd=TOP)
    if not os.path.exists(xml):
        print(tail(out))
        tally.add(step, 0, 1, 0, time.time() - start)
        return
    suite = ET.parse(xml).getroot().find("testsuite")
    total, bad, skipped = (int(suite.get(k)) for k in ("tests", "failures", "skipped"))
    bad += int(suite.get("errors"))
    if bad or status not in (0, 5):
        print(tail(out, 80))
    for reason in sorted(set(re.findall(r"^SKIPPED \[\d+\] \S+: (.*)$", out, re.M))):
        tally.leave_out(f"some of {mark}", reason)
    tally.add(step, total - bad - skipped, bad or (status not in (0, 1, 5)), skipped, time.time() - start)


def fuzz(tally, seconds_each):
    start = time.time()
    where = os.path.join(build_dir("fuzz"), "test", "fuzz")
    targets = sorted(glob.glob(os.path.join(where, "fuzz-*")))
    targets = [t for t in targets if os.access(t, os.X_OK) and os.path.isfile(t)]
    passed = failed = 0
    for target in targets:
        name = os.path.basename(target)[len("fuzz-"):]
        work = os.path.join(build_dir("fuzz"), "corpus", name)
        os.makedirs(work, exist_ok=True)
        seeds = [d for d in (os.path.join(TOP, "test/fuzz/corpus", name), os.path.join(build_dir("fuzz"), "seeds", name))
                 if os.path.isdir(d)]
        status, out = run([target, f"-max_total_time={seconds_each}", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=0",
                           "-verbosity=0", f"-artifact_prefix={work}-", work, *seeds], seconds_each + 120)
        if status:
            print(f"--- fuzz {name}")
            print(tail(out, 60))
        passed, failed = passed + (status == 0), failed + (status != 0)
    if not targets:
        tally.leave_out("fuzzing", "no fuzz target was built (clang is needed)")
    tally.add(f"fuzzing, {seconds_each} s each", passed, failed, 0 if targets else 1, time.time() - start)


def fuzz_targets():
    names = (os.path.basename(f)[:-2] for f in glob.glob(os.path.join(TOP, "test/fuzz/*.c")))
    return [f"test/fuzz/fuzz-{n}" for n in sorted(names) if n not in ("replay", "mutants")]


def corpus_folder():
    given = os.environ.get("WIRETALE_CORPUS")
    if given:
        return given
    beside = os.path.join(os.path.dirname(TOP), "shared", "corpus")
    return beside if os.path.isdir(beside) else None


def main():
    parser = argparse.ArgumentParser(prog="./check", description=__doc__)
    parser.add_argument("--all", action="store_true", help="also what takes long (45 minutes at most)")
    parser.add_argument("--fuzz-seconds", type=int, help="seconds for each fuzz target")
    parser.add_argument("--only", help="only this step: static, unit, asan, tsan, clang, fuzz, e2e, cost, slow")
    a = parser.parse_args()
    tally = Tally()
    start = time.time()

    def wanted(step):
        return not a.only or a.only == step

    os.makedirs(os.path.join(TOP, "build-check"), exist_ok=True)
    if wanted("static"):
        script("house rules", [PYTHON, os.path.join(TOP, "test/layers.py")], tally)
    gcc = build("gcc", tally) if wanted("unit") or wanted("e2e") or wanted("slow") else False
    if gcc and wanted("unit"):
        meson_test("gcc", tally, "unit tests")
        script("installation and hardening", [PYTHON, os.path.join(TOP, "test/install/test.py"), build_dir("gcc")], tally)
    asan = build("asan", tally) if wanted("asan") or wanted("slow") or wanted("e2e") else False
    if asan and wanted("asan"):
        meson_test("asan", tally, "unit tests, ASan and UBSan")
    if wanted("tsan") and build("tsan", tally, ["test/unit/base/test-ring", "test/unit/engine/test-engine", "test/unit/tui/test-tui-model"]):
        meson_test("tsan", tally, "ring, pipeline and view, TSan", ["--suite", "threads"])
    if wanted("clang"):
        build("clang", tally)
    if wanted("fuzz") and build("fuzz", tally, fuzz_targets()):
        fuzz(tally, a.fuzz_seconds or (30 if a.all else 3))
    env = {"WIRETALE": os.path.join(build_dir("gcc"), "src/cli/wiretale"),
           "WIRETALE_ASAN": os.path.join(build_dir("asan"), "src/cli/wiretale"), "WIRETALE_BUILD": build_dir("gcc")}
    if gcc and wanted("e2e"):
        pytest("end to end", "quick", tally, 900, env)
    if wanted("cost") and build("counted", tally, ["src/cli/wiretale", "test/bench/bench-generate"]):
        script("instructions a packet", [os.path.join(TOP, "test/bench/instructions"), build_dir("counted")], tally, 600)
    if a.all and gcc and asan and wanted("slow"):
        corpus = corpus_folder()
        if corpus:
            env["WIRETALE_CORPUS"] = corpus
        else:
            tally.leave_out("the corpus under sanitizers", "WIRETALE_CORPUS names no folder of captures")
        pytest("end to end, slow", "slow", tally, 2100, env)
        captures = [os.path.join(TOP, "captures", c) for c in FILTER_CAPTURES]
        script("filters beside tshark", [PYTHON, os.path.join(TOP, "test/filters/compare.py"), env["WIRETALE"], *captures], tally,
               900)
    elif not a.all:
        tally.leave_out("long fuzzing, the corpus under sanitizers, storms, kill tests", "./check --all runs them")
    for line in tally.left_out:
        print("left out:", line)
    print(f"in {time.time() - start:.0f} s")
    nothing = tally.passed + tally.failed == 0
    print(f"{tally.passed} passed, {tally.failed + nothing} failed" + (f", {tally.skipped} skipped" if tally.skipped else ""))
    return 1 if tally.failed or nothing else 0


if __name__ == "__main__":
    sys.exit(main())
