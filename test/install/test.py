#!/usr/bin/python3
"""Installs a build into a folder, compiles a program against it through pkg-config, with the shared and with the
static library, and looks at what was installed. Prints TAP. Arguments: the build folder."""
import json
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
results = []


def check(name, good, why=""):
    results.append(bool(good))
    print("ok" if good else "not ok", len(results), "-", name)
    if not good:
        print("#", str(why).replace("\n", "\n# "))


def run(*command, **kwargs):
    return subprocess.run(command, capture_output=True, text=True, **kwargs)


def find(root, name):
    return [os.path.join(d, name) for d, _, files in os.walk(root) if name in files]


def installed(root):
    for name in ("wiretale", "libwiretale.so", "libwiretale.a", "wiretale.h", "wiretale.pc", "wiretale.1", "_wiretale",
                 "wiretale.fish"):
        check(f"{name} is installed", find(root, name))


def compiled(root, work):
    env = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(find(root, "wiretale.pc")[0]), PKG_CONFIG_SYSROOT_DIR=root,
               LD_LIBRARY_PATH=os.path.dirname(find(root, "libwiretale.so")[0]))
    capture = os.path.join(TOP, "captures/tour.pcapng")
    needs = ["libpcap", "zlib", "libzstd", "libpcre2-8"]
    for kind in ("shared", "static"):
        flags = run("pkg-config", "--cflags", "--libs", "wiretale", env=env)
        out = os.path.join(work, kind)
        libs = flags.stdout.split()
        if kind == "static":
            libs = [find(root, "libwiretale.a")[0] if w == "-lwiretale" else w for w in libs]
            libs += run("pkg-config", "--libs", *needs).stdout.split() + ["-lpthread"]
        built = run("cc", "-o", out, os.path.join(TOP, "test/install/count.c"), *libs)
        check(f"a program compiles against the {kind} library", built.returncode == 0, flags.stderr + built.stderr)
        if built.returncode:
            continue
        ran = run(out, capture, env=env)
        check(f"and counts connections ({kind})", ran.returncode == 0 and int(ran.stdout or 0) > 1, ran.stdout + ran.stderr)
    symbols = run("nm", "-D", "--defined-only", find(root, "libwiretale.so")[0]).stdout.split("\n")
    names = [s.split()[-1] for s in symbols if s and " A " not in s]
    foreign = [n for n in names if not n.startswith("wt_")]
    check("the shared library shows wt_ names only", names and not foreign, foreign)


def hardened(program):
    headers = run("readelf", "-W", "-h", "-l", "-d", program).stdout
    symbols = run("nm", "-u", program).stdout + run("nm", "-D", program).stdout
    check("position-independent", re.search(r"Type:\s+DYN", headers))
    check("relocations are read-only (full RELRO)", "GNU_RELRO" in headers and "BIND_NOW" in headers or "NOW" in headers)
    check("the stack is not executable", re.search(r"GNU_STACK.*RW ", headers))
    check("stack protector", "__stack_chk_fail" in symbols)
    check("fortified calls", "_chk" in symbols.replace("__stack_chk_fail", ""))
    banned = re.findall(r" U (strcpy|stpcpy|strcat|strncat|sprintf|vsprintf|gets|strncpy|wcscpy|setjmp|longjmp|_setjmp|strtok|v?f?s?scanf"
                        r"|__isoc99_\w*scanf|__(?:str|stp|wcs)\w*cpy_chk|__strn?cat_chk|__v?sprintf_chk|system|popen|mktemp|tmpnam)(?:@|$)", symbols, re.M)
    check("no unbounded calls are linked, and none that starts a shell", not banned, banned)
    executes = re.findall(r" U (exec\w+|posix_spawn\w*|fexecve)(?:@|$)", symbols, re.M)
    check("only the trying of the sandbox executes", set(executes) == {"execve"}, executes)
    if re.search(r"Machine:.*X86-64", headers):
        code = run("objdump", "-d", "--no-show-raw-insn", "--disassemble=main", program).stdout
        check("functions begin with a landing pad (CET)", re.search(r"<main>:\n\s*[0-9a-f]+:\s+endbr64", code), code[:500])


WANTED = ["-fstack-protector-strong", "-fstack-clash-protection", "-fcf-protection=full", "-D_FORTIFY_SOURCE=3", "-Wvla", "-Wshadow", "-Wconversion"]


def compiled_with(build):
    """What each file of the program was compiled with: the flags do not all show in the result."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        commands = [c for c in json.load(f) if re.search(r"(^|/)(src|dissectors)/[^/]*(/[^/]*)?\.c$", c["file"])]
    for flag in WANTED:
        without = sorted({c["file"] for c in commands if flag not in c["command"].split()})
        check(f"every file is compiled with {flag}", len(commands) > 100 and not without, without[:5])
    place = sorted({c["file"] for c in commands if not {"-fPIE", "-fPIC"} & set(c["command"].split())})
    check("every file is position-independent", not place, place[:5])


def main():
    build = sys.argv[1]
    with tempfile.TemporaryDirectory() as work:
        root = os.path.join(work, "root")
        done = run("meson", "install", "-C", build, "--no-rebuild", "--quiet", env=dict(os.environ, DESTDIR=root))
        check("meson install", done.returncode == 0, done.stdout + done.stderr)
        if done.returncode == 0:
            installed(root)
            compiled(root, work)
            compiled_with(build)
            hardened(next(p for p in find(root, "wiretale") if p.endswith("bin/wiretale")))
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


sys.exit(main())
