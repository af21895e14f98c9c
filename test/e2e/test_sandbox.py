"""The sandbox: what it forbids is forbidden, and what the tool needs still works inside it."""
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time

import pytest

import frames

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


@pytest.mark.parametrize("filter", ["tcp", "dns && udp", "http.host contains \"a\"", "ip.addr == 10.99.99.99"])
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_report_of_a_filter_is_the_same_inside_and_outside(filter, form):
    """It reads its input twice, and both times it was opened before."""
    inside, outside = run("report", *form, "-Y", filter, TOUR), run("report", *form, "-Y", filter, "--no-sandbox", TOUR)
    assert outside.returncode == inside.returncode == 0
    assert inside.stdout == outside.stdout and inside.stderr == outside.stderr


@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
def test_export_is_the_same_inside_and_outside(tmp_path, kind):
    for name, more in (("in", []), ("out", ["--no-sandbox"])):
        assert run("export", "--conn", "1,2,3", *more, "-w", str(tmp_path / f"{name}.{kind}"), TOUR).returncode == 0
    assert (tmp_path / f"in.{kind}").read_bytes() == (tmp_path / f"out.{kind}").read_bytes()
    piped = subprocess.run([WIRETALE, "export", "--conn", "1,2,3", "-w", "-", TOUR], capture_output=True, timeout=60)
    assert piped.returncode == 0 and frames.read(tmp_path / "in.pcapng" if kind == "pcapng" else tmp_path / "in.pcap")
    (tmp_path / "piped").write_bytes(piped.stdout)
    assert [f.data for f in frames.read(tmp_path / "piped")] == [f.data for f in frames.read(tmp_path / f"in.{kind}")]


def test_export_to_where_nothing_can_be_written(tmp_path):
    r = run("export", "--conn", "1", "-w", str(tmp_path / "none" / "x.pcap"), TOUR)
    assert r.returncode == 2 and "No such file" in r.stderr and str(tmp_path) in r.stderr


def confined(pid):
    """Every thread of it, as the kernel tells."""
    tasks = [open(f"/proc/{pid}/task/{t}/status").read() for t in os.listdir(f"/proc/{pid}/task")]
    return all(re.search(r"^Seccomp:\t2$", t, re.M) and re.search(r"^CapPrm:\t0+$", t, re.M) for t in tasks)


def wait_until(what, seconds=10):
    deadline = time.time() + seconds
    while not what():
        assert time.time() < deadline
        time.sleep(0.02)


def send(lab, count):
    s = lab.socket("client", kind=socket.SOCK_DGRAM)
    for i in range(count):
        s.sendto(b"%08d" % i + bytes(492), ("192.0.2.2", 7777))
        time.sleep(0.0005)
    s.close()


@pytest.mark.live
@pytest.mark.parametrize("options", [[], ["-b", "packets:40"], ["-b", "packets:20", "-b", "files:3"]], ids=["one", "row", "ring"])
def test_capture_inside_the_sandbox(wt, lab, tmp_path, options):
    """One file, a row of files and a ring of them: the broker opens each, and deletes the oldest."""
    from net import pair
    pair(lab)
    os.chmod(tmp_path, 0o700)       # whom root becomes may not write here; the broker may
    child = lab.popen("client", [wt.binary, "capture", "-i", "c0", "-f", "udp port 7777", *options, "-c", "100", "-w", str(tmp_path / "x.pcapng")],
                      stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_until(lambda: os.listdir(tmp_path))
    assert confined(child.pid)
    time.sleep(0.3)
    send(lab, 100)
    _, err = child.communicate(timeout=20)
    assert child.returncode == 0, err
    files = sorted(os.listdir(tmp_path))
    kept = [f.data[42:50] for name in files for f in frames.read(tmp_path / name)]
    if not options:
        assert files == ["x.pcapng"] and len(kept) == 100
    elif len(options) == 2:
        assert len(files) == 3 and len(kept) == 100
    else:
        assert len(files) == 3 and [name[:7] for name in files] == ["x_00003", "x_00004", "x_00005"] and len(kept) == 60
    assert kept == [b"%08d" % i for i in range(100)][-len(kept):]


@pytest.mark.live
@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another")
def test_capture_becomes_the_named_user_and_the_file_is_the_callers(wt, lab, tmp_path):
    from net import pair
    pair(lab)
    daemon = pwd.getpwnam("daemon")
    out = tmp_path / "x.pcap"
    env = dict(os.environ, SUDO_UID=str(daemon.pw_uid), SUDO_GID=str(daemon.pw_gid))
    child = lab.popen("client", [wt.binary, "capture", "-i", "c0", "--user", "bin", "-w", str(out)], env=env, stderr=subprocess.PIPE)
    wait_until(out.exists)
    wait_until(lambda: re.search(r"^Seccomp:\t2$", open(f"/proc/{child.pid}/status").read(), re.M))
    status = open(f"/proc/{child.pid}/status").read()
    assert set(re.search(r"^Uid:\t(.*)$", status, re.M).group(1).split()) == {str(pwd.getpwnam("bin").pw_uid)}
    child.send_signal(2)
    child.communicate(timeout=20)
    assert child.returncode == 0 and out.stat().st_uid == daemon.pw_uid and out.stat().st_gid == daemon.pw_gid


@pytest.mark.live
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives capabilities to files")
@pytest.mark.parametrize("command", ["capture", "report"])
def test_a_user_without_root_captures_by_file_capabilities(wt, lab, command, tmp_path_factory):
    """`setcap cap_net_raw,cap_net_admin+eip`, as the message says: no setuid, and the rights are gone inside."""
    from net import pair
    pair(lab)
    setcap = shutil.which("setcap", path=os.environ["PATH"] + ":/sbin:/usr/sbin")
    if not setcap:
        pytest.skip("setcap is not installed")
    daemon = pwd.getpwnam("daemon")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        os.chmod(place, 0o755)
        binary = os.path.join(place, "wiretale")
        shutil.copy(wt.binary, binary)
        os.chmod(binary, 0o755)
        if subprocess.run([setcap, "cap_net_raw,cap_net_admin+eip", binary], capture_output=True).returncode:
            pytest.skip("this file system or container keeps no file capabilities")
        mine = os.path.join(place, "mine")
        os.mkdir(mine)
        os.chown(mine, daemon.pw_uid, daemon.pw_gid)
        more = ["-w", os.path.join(mine, "x.pcapng")] if command == "capture" else ["--json"]
        argv = ["setpriv", f"--reuid={daemon.pw_uid}", f"--regid={daemon.pw_gid}", "--clear-groups", binary, command, "-i", "c0", *more]
        child = lab.popen("client", argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until(lambda: child.poll() is not None or re.search(r"^Seccomp:\t2$", open(f"/proc/{child.pid}/status").read(), re.M))
        time.sleep(0.3)
        assert child.poll() is None and confined(child.pid), child.communicate(timeout=5)
        status = open(f"/proc/{child.pid}/status").read()
        assert set(re.search(r"^Uid:\t(.*)$", status, re.M).group(1).split()) == {str(daemon.pw_uid)}
        send(lab, 50)
        time.sleep(0.3)
        child.send_signal(2)
        out, err = child.communicate(timeout=20)
        assert child.returncode == 0, err
        if command == "capture":
            assert sum(b"\x1e\x61" == f.data[36:38] for f in frames.read(more[1])) == 50
            assert os.stat(more[1]).st_uid == daemon.pw_uid
        else:
            assert b"7777" in out


def test_the_trying_leaves_nothing_behind():
    for binary in {WIRETALE, os.environ.get("WIRETALE_ASAN", WIRETALE)}:
        subprocess.run([binary, "--sandbox-status"], capture_output=True, timeout=60)
    assert not [n for n in os.listdir("/tmp") if n.startswith("wiretale-sandbox-test-")]
