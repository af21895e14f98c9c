"""wiretale capture: files that are whole whenever it is stopped, rotation, limits."""
import os
import random
import signal
import socket
import subprocess
import threading
import time

import pytest

from conftest import need
from frames import packets, read
from live import Live
from net import pair

pytestmark = pytest.mark.live


class Chatter:
    """Datagrams without a pause (or with one) until told to stop."""

    def __init__(self, lab, size=200, pause=0.0):
        self.stop, self.sent = False, 0
        self.socket = lab.socket('client', socket.AF_INET, socket.SOCK_DGRAM)
        self.data, self.pause = b'c' * size, pause
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.stop:
            try:
                self.socket.sendto(self.data, ('192.0.2.2', 4000))
                self.sent += 1
            except OSError:
                pass
            if self.pause:
                time.sleep(self.pause)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop = True
        self.thread.join()


def numbered(lab, count, pause=0.001):
    u = lab.socket('client', socket.AF_INET, socket.SOCK_DGRAM)
    for i in range(count):
        u.sendto(b'number %06d' % i, ('192.0.2.2', 4001))
        time.sleep(pause)


def numbers(path):
    return [int(p.frame.data[49:55]) for p in packets(path) if p.protocol == 17 and p.ports[1] == 4001 and p.frame.data[42:49] == b'number ']


@pytest.mark.parametrize('name', ['out.pcapng', 'out.pcap'])
def test_what_was_sent_is_in_the_file(wt, lab, tmp_path, name):
    pair(lab)
    path = tmp_path / name
    with Live(lab, wt, 'client', 'capture', '-i', 'c0', '-w', path) as w:
        numbered(lab, 300)
    assert w.status == 0, w.err
    assert numbers(path) == list(range(300))
    magic = path.read_bytes()[:4]
    assert magic == b'\x0a\x0d\x0d\x0a' if name.endswith('ng') else magic in (b'\xa1\xb2\xc3\xd4', b'\xd4\xc3\xb2\xa1', b'\xa1\xb2\x3c\x4d', b'\x4d\x3c\xb2\xa1')
    assert len(wt.run('packets', path, status=0).out.splitlines()) == len(read(path))


def test_others_read_it(wt, lab, tmp_path):
    need('tshark')
    need('capinfos')
    pair(lab)
    path = tmp_path / 'out.pcapng'
    with Live(lab, wt, 'client', 'capture', '-i', 'c0', '-w', path):
        numbered(lab, 50)
    done = subprocess.run(['tshark', '-r', path, '-T', 'fields', '-e', 'frame.time_epoch'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0 and 'cut short' not in done.stderr
    ours = wt.run('packets', path, '-T', 'fields', '-e', 'frame.time_epoch', status=0).out
    assert done.stdout == ours
    info = subprocess.run(['capinfos', path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert info.returncode == 0 and 'c0' in info.stdout


def test_to_standard_output(wt, lab, tmp_path):
    pair(lab)
    with Live(lab, wt, 'client', 'capture', '-i', 'c0', '-w', '-') as w:
        numbered(lab, 20)
    (tmp_path / 'piped').write_bytes(w.raw)
    assert numbers(tmp_path / 'piped') == list(range(20))


@pytest.mark.parametrize('stop', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_any_moment_leaves_a_whole_file(wt, lab, tmp_path, stop):
    pair(lab)
    chance = random.Random(20261120)
    with Chatter(lab):
        for turn in range(6):
            path = tmp_path / f'{turn}.pcapng'
            with Live(lab, wt, 'client', 'capture', '-i', 'c0', '-w', path, settle=chance.random() * 0.4, stop=stop) as w:
                pass
            assert w.status in (0, 3), w.err            # 3: the kernel dropped some
            data = path.read_bytes()
            assert whole(data), turn
            assert wt.run('report', path, status=0)


def whole(data):
    """Every block is whole and its two lengths agree."""
    import struct
    at = 0
    while at < len(data):
        if at + 12 > len(data):
            return False
        length = struct.unpack_from('<I', data, at + 4)[0]
        if at + length > len(data) or struct.unpack_from('<I', data, at + length - 4)[0] != length:
            return False
        at += length
    return at == len(data)


def test_rotation_by_size(wt, lab, tmp_path):
    pair(lab)
    with Live(lab, wt, 'client', 'capture', '-i', 'c0', '-w', tmp_path / 'ring.pcapng', '-b', 'filesize:20', '-b', 'files:3'):
        u = lab.socket('client', socket.AF_INET, socket.SOCK_DGRAM)
        for i in range(400):
            u.sendto(b'number %06d' % i + b'.' * 400, ('192.0.2.2', 4001))
            time.sleep(0.001)
    files = sorted(tmp_path.glob('ring*'))
    assert len(files) == 3
    for path in files:
        assert whole(path.read_bytes()) and wt.run('report', path, status=0)
        assert path.stat().st_size < 24 * 1024
    kept = [n for path in files for n in numbers(path)]
    assert kept == list(range(kept[0], 400))        # the last ones, without a hole


def test_rotation_by_time_and_count(wt, lab, tmp_path):
    pair(lab)
    with Live(lab, wt, 'client', 'capture', '-i', 'c0', '-w', tmp_path / 't.pcapng', '-b', 'duration:1'):
        numbered(lab, 1200, pause=0.002)
    files = sorted(tmp_path.glob('t*'))
    assert len(files) >= 3
    assert [n for path in files for n in numbers(path)] == list(range(1200))
    with Live(lab, wt, 'client', 'capture', '-i', 'c0', '-w', tmp_path / 'p.pcapng', '-b', 'packets:100'):
        numbered(lab, 350)
    files = sorted(tmp_path.glob('p*'))
    assert [n for path in files for n in numbers(path)] == list(range(350))
    assert max(len(read(path)) for path in files) == 100


@pytest.mark.parametrize('limit', [['-c', '40'], ['-a', 'packets:40']])
def test_count(wt, lab, tmp_path, limit):
    pair(lab)
    with Live(lab, wt, 'client', 'capture', '-i', 'c0', '-w', tmp_path / 'c.pcapng', *limit, stop=None):
        numbered(lab, 60)
    assert len(read(tmp_path / 'c.pcapng')) == 40


def test_snaplen(wt, lab, tmp_path):
    pair(lab)
    with Live(lab, wt, 'client', 'capture', '-i', 'c0', '-w', tmp_path / 's.pcapng', '-s', '60'):
        u = lab.socket('client', socket.AF_INET, socket.SOCK_DGRAM)
        u.sendto(b'z' * 500, ('192.0.2.2', 4001))
    big, = [f for f in read(tmp_path / 's.pcapng') if f.wire == 542]
    assert len(big.data) == 60


def test_a_full_disk_is_told(wt, lab, tmp_path):
    """Writing to /dev/full fails at once: status 2, with the reason."""
    pair(lab)
    child = lab.popen('client', [wt.binary, 'capture', '-i', 'c0', '-w', '/dev/full'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                      stderr=subprocess.PIPE)
    with Chatter(lab, pause=0.001):
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGINT)
    err = child.communicate(timeout=10)[1].decode()
    assert child.returncode in (2, 3) and '/dev/full' in err, (child.returncode, err)


@pytest.mark.slow
def test_sigkill_leaves_a_readable_file(wt, lab, tmp_path):
    pair(lab)
    chance = random.Random(7)
    with Chatter(lab):
        for turn in range(60):
            path = tmp_path / f'{turn}.pcapng'
            child = lab.popen('client', [wt.binary, 'capture', '-i', 'c0', '-w', path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
            time.sleep(0.05 + chance.random() * 0.5)
            child.kill()
            child.wait()
            lab.children.remove(child)
            if path.exists() and path.stat().st_size:
                r = wt.run('report', path)
                assert r.status in (0, 3), r.err
                path.unlink()
