"""Faults: full disks, kills, devices that go, clocks that step back, files that change or are no captures, no memory."""
import gzip
import io
import os
import random
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import frames
from conftest import ROOT, capture, find_binary, need
from live import Live

TOUR = capture('tour.pcapng')
KILL = ROOT / 'test/faults/kill'


def run(*args, **more):
    return subprocess.run([find_binary(), *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60, **more)


# ---- full disks ----

@pytest.mark.parametrize('args', [['report'], ['report', '--json'], ['packets'], ['packets', '-T', 'json'], ['timeline'], ['connections'], ['help'],
                                  ['fields']], ids=' '.join)
def test_output_to_a_full_disk_is_an_error(args):
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([find_binary(), *args, *([] if args[0] in ('help', 'fields') else [TOUR])], stdout=full, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 2 and b'No space left on device' in done.stderr, done


def limited(size):
    """A disk that is full after so many bytes; without the signal, a write fails with EFBIG."""
    def set_limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return set_limit


@pytest.mark.parametrize('size', [0, 100, 4096, 20001])
def test_output_file_on_a_full_disk_leaves_no_half(tmp_path, size):
    out = tmp_path / 'out'
    out.write_text('what was there before')
    done = run('packets', '-V', '-o', 'max-names:100', '--output', out, TOUR, preexec_fn=limited(size))
    assert done.returncode == 2 and b'File too large' in done.stderr, done
    assert out.read_text() == 'what was there before' and os.listdir(tmp_path) == ['out']


@pytest.mark.parametrize('kind', ['pcap', 'pcapng'])
@pytest.mark.parametrize('size', [300, 5000, 20001])
def test_export_to_a_full_disk_stays_readable(tmp_path, kind, size):
    big = tmp_path / 'big.pcap'
    chain = [frames.udp('192.0.2.1', 4000, '192.0.2.2', 5000, bytes([i % 256]) * 700) for i in range(100)]
    big.write_bytes(frames.pcap([(i * 1000, f) for i, f in enumerate(chain)]))
    out = tmp_path / f'part.{kind}'
    done = run('export', '--port', '5000', '-w', out, big, preexec_fn=limited(size))
    assert done.returncode == 2 and b'File too large' in done.stderr and b'are missing' in done.stderr, done
    kept = frames.read(out)
    assert [f.data for f in kept] == chain[:len(kept)] and out.stat().st_size <= size
    assert size - out.stat().st_size < 800           # nothing that was whole is given up
    assert run('report', out).returncode == 0
    assert int(done.stderr.split(b' are missing')[0].split()[-1]) == 100 - len(kept)


def flood(lab, count, size=800, gap=0.0):
    """`count` datagrams from client to server, from a fixed port to one that listens."""
    receiver = lab.socket('server', kind=socket.SOCK_DGRAM)
    receiver.bind(('192.0.2.2', 7777))
    sender = lab.socket('client', kind=socket.SOCK_DGRAM)
    for i in range(count):
        sender.sendto(struct.pack('!I', i) + bytes(size), ('192.0.2.2', 7777))
        if gap:
            time.sleep(gap)
    sender.close()
    receiver.close()


@pytest.mark.live
@pytest.mark.parametrize('kind', ['pcap', 'pcapng'])
def test_capture_to_a_full_disk_says_what_is_missing(wt, lab, tmp_path, kind):
    from net import pair
    pair(lab)
    out = tmp_path / f'full.{kind}'
    fd = os.open(tmp_path, os.O_RDONLY)
    argv = ['sh', '-c', 'trap "" XFSZ; ulimit -f 64; exec "$@"', 'sh', wt.binary, 'capture', '-i', 'c0', '-w', str(out)]
    child = lab.popen('client', argv, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    until = time.time() + 10
    while not out.exists() and time.time() < until:
        time.sleep(0.02)
    time.sleep(0.3)
    flood(lab, 300)
    _, err = child.communicate(timeout=20)           # it ends by itself
    os.close(fd)
    assert child.returncode == 2 and b'File too large' in err and b'it is whole up to there' in err, err
    assert run('report', out).returncode == 0
    assert 20 < len(frames.read(out)) < 90           # `ulimit -f` counts 512 or 1024 bytes


def test_temporary_file_on_a_full_disk_is_told(tmp_path):
    """`connections` sorts through a temporary file when there are more than memory holds."""
    big = tmp_path / 'many.pcap'
    out = [frames.tcp(f'10.{i >> 16}.{i >> 8 & 255}.{i & 255}', 1024, '192.0.2.2', 80, 1, 0, frames.SYN) for i in range(3000)]
    big.write_bytes(frames.pcap([(i * 1000, f) for i, f in enumerate(out)]))
    whole = run('connections', big)
    assert whole.returncode == 0 and whole.stdout.count(b'\n') > 3000
    done = run('connections', big, preexec_fn=limited(0))
    assert done.stdout == whole.stdout or (done.returncode in (2, 3) and done.stderr), done


# ---- the reader goes away ----

@pytest.mark.parametrize('args', [['packets', '-V'], ['timeline', '--json'], ['packets', '-T', 'pdml'], ['connections', '--json']], ids=' '.join)
def test_a_closed_pipe_ends_it_quietly(args):
    child = subprocess.Popen([find_binary(), *args, TOUR], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.read(10)
    child.stdout.close()
    err = child.stderr.read()
    assert child.wait(20) in (0, -signal.SIGPIPE) and err == b''


@pytest.mark.live
def test_capture_into_a_closed_pipe_ends(wt, lab):
    from net import pair
    pair(lab)
    child = lab.popen('client', [wt.binary, 'capture', '-i', 'c0', '-w', '-'], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.read(24)                            # it has begun
    child.stdout.close()
    flood(lab, 100, gap=0.01)
    assert child.wait(10) in (2, 3, -signal.SIGPIPE)


# ---- SIGKILL at any moment ----

def kill_often(lab, times, binary):
    lab.space('alone')
    out = lab.popen('alone', [sys.executable, str(KILL), '--times', str(times), '--seed', str(random.randrange(1 << 30)), binary],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said, _ = out.communicate(timeout=600)
    assert out.returncode == 0, said
    assert f'killed {times} times' in said and ' 0 unreadable' in said


@pytest.mark.live
def test_killed_ten_times_what_was_written_is_readable(wt, lab):
    kill_often(lab, 10, wt.binary)


@pytest.mark.live
@pytest.mark.slow
def test_killed_two_hundred_times_what_was_written_is_readable(wt, lab):
    kill_often(lab, 200, wt.binary)


# ---- devices ----

@pytest.mark.live
def test_an_interface_that_goes_down_and_comes_back(wt, lab, tmp_path):
    """The packets of before are kept either way; if it goes on, those of after are there, too."""
    from net import pair
    pair(lab)
    out = tmp_path / 'updown.pcapng'
    with Live(lab, wt, 'client', 'capture', '-i', 'c0', '-w', out) as w:
        flood(lab, 20)
        time.sleep(0.3)
        lab.run('client', 'ip link set c0 down')
        time.sleep(0.4)
        lab.run('client', 'ip link set c0 up')
        until = time.time() + 10
        while 'state UP' not in lab.run('client', 'ip -o link show c0') and time.time() < until:
            time.sleep(0.05)
        time.sleep(0.4)
        if w.child.poll() is None:
            flood(lab, 20, gap=0.02)
    mine = [f for f in frames.read(out) if b'\x1e\x61' in f.data[34:38]]
    assert len(mine) == 40 and w.status == 0, (len(mine), w.status, w.err, w.child.returncode)


@pytest.mark.live
@pytest.mark.parametrize('command', ['capture', 'report', 'connections'])
def test_a_device_that_is_removed_ends_it_with_what_there_was(wt, lab, tmp_path, command):
    from net import pair
    pair(lab)
    out = tmp_path / 'gone.pcapng'
    more = ['-w', out] if command == 'capture' else ['--json']
    child = None
    with Live(lab, wt, 'client', command, '-i', 'c0', *more, stop=None) as w:
        flood(lab, 20)
        time.sleep(0.3)
        lab.run('client', 'ip link del c0')
        child = w.child
    assert child.returncode == 3, w.err
    assert 'c0: the capture ended after' in w.err
    if command == 'capture':
        assert len(frames.read(out)) >= 20 and run('report', out).returncode == 0
    else:
        assert '7777' in w.out


# ---- time ----

def spoken(start_ms, gap_ms=10):
    turns = [(0, b'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), (1, b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')]
    talk = frames.conversation('192.0.2.1', 40000, '192.0.2.2', 80, turns)
    return [((start_ms + i * gap_ms) * 1000000, f) for i, f in enumerate(talk)]


def one_tcp(path):
    import json
    done = run('connections', '--json', path)
    assert done.returncode == 0, done.stderr
    from conftest import records
    return [r for r in records(done.stdout.decode()) if r['protocol'] in (6, 'tcp')], json


@pytest.mark.parametrize('step_ms', [50, 5000, 3600000, 86400000 * 365])
def test_a_clock_that_steps_back_splits_no_connection(tmp_path, step_ms):
    talk = spoken(step_ms + 1000)
    half = len(talk) // 2
    talk = talk[:half] + [(ns - step_ms * 1000000, f) for ns, f in talk[half:]]
    path = tmp_path / 'back.pcap'
    path.write_bytes(frames.pcap(talk))
    found, _ = one_tcp(path)
    assert len(found) == 1 and found[0]['outcome'] == 'closed', found
    for args in (['report', '--json'], ['timeline'], ['timeline', '--json'], ['packets', '-V']):
        done = run(*args, path)
        assert done.returncode == 0 and b'18446744' not in done.stdout and b'92233720' not in done.stdout


def test_time_stamps_out_of_order_change_no_count(tmp_path):
    """The order of a file is the order in which the kernel saw the packets; stamps may jitter."""
    talk = spoken(1000)
    chance = random.Random(5)
    plain, shaken = tmp_path / 'plain.pcap', tmp_path / 'shaken.pcap'
    plain.write_bytes(frames.pcap(talk))
    shaken.write_bytes(frames.pcap([(ns + chance.randrange(-30, 31) * 1000000, f) for ns, f in talk]))
    (a,), _ = one_tcp(plain)
    (b,), _ = one_tcp(shaken)
    for what in ('outcome',):
        assert a[what] == b[what]
    for side in ('client', 'server'):
        for what in ('packets', 'payload_bytes', 'retransmissions', 'out_of_order'):
            assert a[side].get(what) == b[side].get(what), what


# ---- files that change ----

def test_a_file_that_becomes_shorter_while_read(tmp_path):
    """It is cut below what was there when the reading began: what is missing is told, not passed over."""
    path = tmp_path / 'shrinks.pcap'
    talk = [f for i in range(4000) for f in [(i * 1000000, frames.udp('192.0.2.1', 5, '192.0.2.2', 6, bytes(1000)))]]
    path.write_bytes(frames.pcap(talk))
    record = 16 + 14 + 20 + 8 + 1000
    read_end, write_end = os.pipe()
    child = subprocess.Popen([find_binary(), 'packets', '-V', '--line-buffered', str(path)], stdout=write_end, stderr=subprocess.PIPE)
    os.close(write_end)
    os.read(read_end, 100)                           # it waits for us, and has not read all
    os.truncate(path, 24 + 3000 * record)            # at a record's end: nothing looks cut
    while os.read(read_end, 1 << 20):
        pass
    os.close(read_end)
    err = child.stderr.read()
    assert child.wait(20) == 3 and b'became shorter while it was read' in err, (child.returncode, err)


def test_a_file_that_is_replaced_while_read_is_read_on(tmp_path):
    path = tmp_path / 'replaced.pcap'
    talk = [(i * 1000000, frames.udp('192.0.2.1', 5, '192.0.2.2', 6, bytes(1000))) for i in range(4000)]
    path.write_bytes(frames.pcap(talk))
    read_end, write_end = os.pipe()
    child = subprocess.Popen([find_binary(), 'packets', '--line-buffered', str(path)], stdout=write_end, stderr=subprocess.PIPE)
    os.close(write_end)
    got = os.read(read_end, 100)
    other = tmp_path / 'other'
    other.write_text('no capture')
    os.rename(other, path)
    while more := os.read(read_end, 1 << 20):
        got += more
    os.close(read_end)
    assert child.stderr.read() == b'' and child.wait(20) == 0
    assert got.count(b'\n') == 4000


# ---- files that are no captures ----

def tar_bytes(mode):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as t:
        t.addfile(tarfile.TarInfo('a'), None)
    return out.getvalue()


PNG = struct.pack('>8sI4sIIBBBBB', b'\x89PNG\r\n\x1a\n', 13, b'IHDR', 1, 1, 8, 0, 0, 0, 0)
OTHERS = {
    'a tar archive': lambda: tar_bytes('w'), 'a tar archive, packed with gzip': lambda: tar_bytes('w:gz'), 'a PNG picture': lambda: PNG,
    'text': lambda: b'not a capture\n' * 9, 'text, packed with gzip': lambda: gzip.compress(b'words\n' * 50),
    'an ELF program': lambda: Path(sys.executable).read_bytes()[:5000], 'a PDF document': lambda: b'%PDF-1.7\n%\xe2\xe3\xcf\xd3\n' + bytes(60),
    'a zip archive': lambda: b'PK\3\4' + bytes(60), 'an SQLite database': lambda: b'SQLite format 3\0' + bytes(100),
}


@pytest.mark.parametrize('what', OTHERS)
@pytest.mark.parametrize('command', ['report', 'packets', 'timeline', 'connections'])
def test_another_format_is_named(tmp_path, what, command):
    path = tmp_path / 'other'
    path.write_bytes(OTHERS[what]())
    done = run(command, path)
    assert done.returncode == 2 and done.stdout == b''
    assert f'it looks like {what}\n' in done.stderr.decode(), done.stderr


def test_an_empty_file_is_called_empty(tmp_path):
    path = tmp_path / 'empty'
    path.write_bytes(b'')
    done = run('report', path)
    assert done.returncode == 2 and b'is empty' in done.stderr


def test_random_bytes_are_refused_or_read_to_their_damage(tmp_path):
    chance = random.Random(11)
    path = tmp_path / 'random'
    for size in [1, 2, 3, 4, 7, 12, 23, 24, 25, 100, 5000]:
        for _ in range(4):
            path.write_bytes(chance.randbytes(size))
            done = run('report', path)
            assert done.returncode in (2, 3) and done.stderr, (size, done)


# ---- no memory ----

@pytest.fixture(scope='module')
def nomem(tmp_path_factory):
    need('cc')
    made = tmp_path_factory.mktemp('nomem') / 'nomem.so'
    subprocess.run(['cc', '-shared', '-fPIC', '-O1', '-o', made, ROOT / 'test/faults/nomem.c'], check=True)
    return made


def starve(nomem, args, at, on):
    env = {**os.environ, 'LC_ALL': 'C', 'LD_PRELOAD': str(nomem), 'NOMEM_AT': str(at), **({'NOMEM_ON': '1'} if on else {})}
    return at, on, run(*args, env=env)


def starved(nomem, args, stride, place):
    count = place / 'count'
    env = {**os.environ, 'LC_ALL': 'C', 'LD_PRELOAD': str(nomem), 'NOMEM_COUNT': str(count)}
    whole = run(*args, env=env)
    assert whole.returncode == 0, whole
    sites = max(map(int, count.read_text().split()))
    assert sites > 100
    wrong = []
    with ThreadPoolExecutor(2) as pool:
        tasks = [pool.submit(starve, nomem, args, at, on) for at in range(1, sites + 1, stride) for on in (False, True)]
        for task in tasks:
            at, on, done = task.result()
            silent = done.returncode == 0 and done.stdout != whole.stdout
            unsaid = done.returncode in (1, 2, 3) and not done.stderr
            if done.returncode not in (0, 1, 2, 3) or silent or unsaid:
                wrong.append((at, on, done.returncode, done.stderr[-300:]))
    assert not wrong, f'{len(wrong)} of {len(tasks)}: {wrong[:5]}'


STARVED = [['report'], ['timeline', '--json'], ['packets', '-V'], ['packets', '-T', 'json'], ['packets', '-Y', 'http.host matches "a+"'],
           ['connections', '--json'], ['report', '--json', '-Y', 'tcp']]


@pytest.mark.parametrize('args', STARVED[:3], ids=' '.join)
def test_an_allocation_that_fails_is_told(nomem, args, tmp_path):
    """Every 37th: the answer is whole, or the status and a message say that it is not."""
    if os.environ.get('WIRETALE') == os.environ.get('WIRETALE_ASAN', ''):
        pytest.skip('a build with sanitizers has its own malloc')
    starved(nomem, [*args, '--no-sandbox', TOUR], 37, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize('args', STARVED, ids=' '.join)
def test_any_allocation_that_fails_is_told(nomem, args, tmp_path):
    starved(nomem, [*args, '--no-sandbox', TOUR], 1, tmp_path)
