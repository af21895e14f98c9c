"""The sandbox: what it forbids is forbidden, and what the tool needs still works inside it."""
import os
import pwd
import re
import subprocess
import time

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WIRETALE = os.environ.get("WIRETALE", os.path.join(TOP, "build/src/cli/wiretale"))
TOUR = os.path.join(TOP, "captures/tour.pcapng")
pytestmark = pytest.mark.quick


def run(*args, **more):
    return subprocess.run([WIRETALE, *args], capture_output=True, text=True, timeout=60, **more)



def test_each_forbidden_thing_is_refused():
    r = run("--sandbox-status")
    if "profile                      wide" in r.stdout:
        pytest.skip("a build for sanitizers or coverage")
    lines = r.stdout.split("inside it:\n")[1].splitlines()
    assert r.returncode == 0, r.stdout
    assert len(lines) >= 17
    assert all(line.endswith(" refused") for line in lines), r.stdout


def follow_a_file(tmp_path, *options):
    """A report that waits at the end of a file, so that /proc can be asked about it."""
    copy = tmp_path / "growing.pcapng"
    copy.write_bytes(open(TOUR, "rb").read())
    p = subprocess.Popen([WIRETALE, "packets", "--follow", *options, str(copy)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        deadline = time.time() + 10
        while True:
            status = dict(line.split(":\t", 1) for line in open(f"/proc/{p.pid}/status").read().splitlines() if ":\t" in line)
            tasks = [open(f"/proc/{p.pid}/task/{t}/status").read() for t in os.listdir(f"/proc/{p.pid}/task")]
            if (status["Seccomp"] == "2" and len(tasks) >= 3) or time.time() > deadline:
                break
            time.sleep(0.02)
    finally:
        p.kill()
        p.communicate(timeout=20)
    return status, tasks


def test_the_kernel_says_that_the_rights_are_gone(tmp_path):
    status, tasks = follow_a_file(tmp_path)
    assert len(tasks) >= 3    # main, capture, worker
    for t in tasks:
        assert re.search(r"^Seccomp:\t2$", t, re.M) and re.search(r"^NoNewPrivs:\t1$", t, re.M)
        for which in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
            assert re.search(rf"^{which}:\t0+$", t, re.M), which
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        assert set(status["Uid"].split()) == {str(nobody.pw_uid)}
        assert set(status["Gid"].split()) == {str(nobody.pw_gid)} and status["Groups"].split() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give up")
@pytest.mark.parametrize("who", ["sudo", "option"])
def test_root_becomes_the_caller_or_the_named_user(tmp_path, who, monkeypatch):
    other = pwd.getpwnam("daemon")
    if who == "sudo":
        monkeypatch.setenv("SUDO_UID", str(other.pw_uid))
        monkeypatch.setenv("SUDO_GID", str(other.pw_gid))
    status, _ = follow_a_file(tmp_path, *([] if who == "sudo" else ["--user", "daemon"]))
    assert set(status["Uid"].split()) == {str(other.pw_uid)}
    assert set(status["Gid"].split()) == {str(other.pw_gid)}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another")
def test_a_user_that_does_not_exist_is_an_error():
    r = run("report", "--user", "no-such-user", TOUR)
    assert r.returncode == 2 and "no-such-user" in r.stderr and r.stdout == ""


@pytest.mark.parametrize("args", [["report"], ["report", "--json"], ["packets"], ["packets", "-V"], ["timeline"],
                                  ["connections"], ["connections", "--json"], ["timeline", "--json"]])
def test_the_same_answer_inside_and_outside(args, tmp_path):
    inside, outside = run(*args, TOUR), run(*args, "--no-sandbox", TOUR)
    assert outside.returncode == 0 and outside.stdout
    assert inside.stdout == outside.stdout and inside.returncode == 0
    to = tmp_path / "out"
    assert run(*args, "--output", str(to), TOUR).returncode == 0
    assert to.read_text() == run(*args, "--no-sandbox", "--output", "-", TOUR).stdout
    assert os.listdir(tmp_path) == ["out"]


def test_an_output_that_cannot_be_opened_is_told(tmp_path):
    r = run("report", "--output", str(tmp_path / "none" / "out"), TOUR)
    assert r.returncode == 2 and "No such file" in r.stderr


def test_killed_in_the_middle_no_half_output_stays(tmp_path):
    pipe_read, pipe_write = os.pipe()
    p = subprocess.Popen([WIRETALE, "packets", "--output", str(tmp_path / "out"), "-"], stdin=pipe_read)
    os.write(pipe_write, open(TOUR, "rb").read(30000))
    deadline = time.time() + 10
    while not os.listdir(tmp_path) and time.time() < deadline:
        time.sleep(0.02)
    assert os.listdir(tmp_path)
    p.kill()
    p.wait()
    os.close(pipe_write)
    while os.listdir(tmp_path) and time.time() < deadline:
        time.sleep(0.02)
    assert os.listdir(tmp_path) == []
