#!/usr/bin/python3
"""The rules of the house, as far as a machine can see them: includes point one way, every protocol has its pair, files
and functions keep a size that can be read, nothing is left undone. Prints TAP."""
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ORDER = ["base", "dissectors", "source", "decode", "track", "depth", "stream", "message", "finding", "engine", "broker", "filter", "report",
         "tui", "cli"]
# Stages that are called only through include/wiretale by those behind the engine.
INNER = {"source", "decode", "track", "depth", "stream", "message", "finding", "engine"}
CLIENTS = {"filter", "report", "tui", "cli"}
MAX_FILE, MAX_FUNCTION = 700, 100
results = []


def check(name, problems):
    results.append(not problems)
    print(("ok" if not problems else "not ok"), len(results), "-", name)
    for p in problems[:40]:
        print("#", p)


def files(*suffixes):
    out = subprocess.run(["git", "-C", TOP, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    names = out.stdout.splitlines() if out.returncode == 0 else walk()
    return [f for f in names if f.endswith(suffixes) and os.path.isfile(os.path.join(TOP, f))]


def walk():
    for folder, dirs, names in os.walk(TOP):
        dirs[:] = [d for d in dirs if not d.startswith((".", "build"))]
        for n in names:
            yield os.path.relpath(os.path.join(folder, n), TOP)


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def stage_of(path):
    parts = path.split("/")
    if parts[0] == "dissectors":
        return "dissectors"
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def includes(path):
    for m in re.finditer(r'^\s*#\s*include\s+"([^"]+)"', read(path), re.M):
        yield m.group(1)


def target_stage(source, include):
    first = include.split("/")[0]
    if first == "wiretale":
        return None
    return first if "/" in include and first in ORDER else stage_of(source)


def arrows():
    wrong = []
    for path in files(".c", ".h"):
        stage = stage_of(path)
        if not stage or stage not in ORDER:
            continue
        for inc in includes(path):
            target = target_stage(path, inc)
            if target is None or target == stage:
                continue
            if ORDER.index(target) > ORDER.index(stage):
                wrong.append(f"{path} includes {inc}, which is a later stage")
            elif stage in CLIENTS and target in INNER:
                wrong.append(f"{path} includes {inc}; go through include/wiretale/ instead")
            elif stage == "dissectors" and target != "base":
                wrong.append(f"{path} includes {inc}; a dissector knows wiretale/ and base/ only")
    return wrong


def public_headers_alone():
    wrong = []
    for path in files(".h"):
        if path.startswith("include/"):
            wrong += [f"{path} includes {i}" for i in includes(path) if not i.startswith("wiretale/")]
    return wrong


def pairs():
    wrong = []
    sources = {os.path.basename(f)[:-2] for f in files(".c") if f.startswith("dissectors/")}
    registry = read("dissectors/registry.c")
    names = re.findall(r"&(\w+)_dissector,", registry)
    for inc in re.findall(r'"dissectors/(\w+)\.h"', registry):
        if inc not in sources:
            wrong.append(f"dissectors/{inc}.h has no dissectors/{inc}.c")
    everything = "".join(read(f) for f in files(".c") if f.startswith("dissectors/"))
    for n in names:
        if not re.search(r"const struct wt_dissector " + n + r"_dissector\b", everything) and f"{n}," not in everything:
            wrong.append(f"the registry has {n}_dissector, and no file defines it")
    return wrong


def sizes():
    wrong = []
    for path in files(".c", ".h", ".py"):
        n = read(path).count("\n")
        if n > MAX_FILE:
            wrong.append(f"{path} has {n} lines; {MAX_FILE} at most")
    return wrong


def functions():
    wrong = []
    for path in files(".c"):
        start = None
        for number, line in enumerate(read(path).splitlines(), 1):
            if line.startswith("{") and start is None:
                start = number
            elif line.startswith("}") and start is not None:
                if number - start > MAX_FUNCTION and line.strip() == "}":
                    wrong.append(f"{path}:{start}: a function of {number - start} lines; {MAX_FUNCTION} at most")
                start = None
    return wrong


def left_undone():
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    return [f"{p}:{i}: {line.strip()[:80]}" for p in files(".c", ".h", ".py", ".sh") for i, line in
            enumerate(read(p).splitlines(), 1) if marks.search(line)]


def banned_calls():
    banned = re.compile(r"(?<![\w.>])(strcpy|strcat|sprintf|vsprintf|gets|alloca|setjmp|longjmp|strtok|atoi)\s*\(")
    return [f"{p}:{i}: {line.strip()[:80]}" for p in files(".c", ".h") if p.startswith(("src/", "dissectors/", "include/"))
            for i, line in enumerate(read(p).splitlines(), 1) if banned.search(line)]


def mutable_globals():
    """File-scope variables that are not const, outside cli/, the terminal (which may have signal flags) and the broker's
    socket (one a process; the command's alone, no part of the library)."""
    pattern = re.compile(r"^(static\s+)?(?!.*\b(const|typedef|extern|struct \w+;|enum \w+;|inline)\b)"
                         r"[A-Za-z_][\w\s\*]*\b\w+(\[[^\]]*\])?\s*(=[^=].*)?;\s*(/\*.*)?$")
    wrong = []
    for p in files(".c"):
        if not p.startswith(("src/", "dissectors/")) or p.startswith("src/cli/") or p in ("src/tui/screen.c", "src/broker/broker.c"):
            continue
        for i, line in enumerate(read(p).splitlines(), 1):
            if line[:1].isspace() or "(" in line or line.startswith(("}", "#", "/", "*", "return")):
                continue
            if pattern.match(line) and not re.match(r"^(enum|struct|union)\b[^=]*;$", line):
                wrong.append(f"{p}:{i}: {line[:80]}")
    return wrong


def limits_page():
    out = subprocess.run([sys.executable, os.path.join(TOP, "tools/limits")], capture_output=True, text=True).stdout
    return [] if out == read("docs/limits.md") else ["docs/limits.md is old: tools/limits > docs/limits.md"]


def skeleton_compiles():
    source = read("dissectors/skeleton.c.txt")
    out = subprocess.run(["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", os.path.join(TOP, "include"),
                          "-x", "c", "-"], input=source, capture_output=True, text=True)
    return out.stderr.splitlines()


def protocols_listed():
    page = read("dissectors/README.md")
    text = "".join(read(f) for f in files(".c") if f.startswith("dissectors/"))
    names = re.findall(r'\.name = "([\w.]+)"(?=, \.short_name)', text)
    return [f"dissectors/README.md does not name {n}" for n in names if f"`{n}`" not in page]


def main():
    check("docs/limits.md is what the table says", limits_page())
    check("the skeleton of a protocol compiles", skeleton_compiles())
    check("every protocol is listed in dissectors/README.md", protocols_listed())
    check("includes point to earlier stages only", arrows())
    check("public headers include public headers only", public_headers_alone())
    check("every protocol of the registry has its pair", pairs())
    check(f"files have at most {MAX_FILE} lines", sizes())
    check(f"functions have at most {MAX_FUNCTION} lines", functions())
    check("nothing is marked as left undone", left_undone())
    check("no call that cannot be bounded", banned_calls())
    check("no mutable globals in the library", mutable_globals())
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
