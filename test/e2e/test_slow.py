"""Long ones: the corpus under sanitizers, storms."""
import os
import random
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import CAPTURES, all_captures, capture, records
from frames import ACK, PSH, SYN, conversation, pcap, tcp

pytestmark = pytest.mark.slow
LIMIT_S = 10          # of processor time; a busy machine must not look like a hang
WALL_S = 90
VARIANTS = [['report'], ['timeline'], ['packets', '-V'], ['report', '--json'], ['connections', '--json'], ['timeline', '--json'],
            ['packets', '-T', 'json']]


def corpus():
    place = os.environ.get('WIRETALE_CORPUS')
    if not place or not Path(place).is_dir():
        return None
    return sorted(p for p in Path(place).rglob('*') if p.is_file() and p.suffix not in ('.md', '.tsv', '.txt'))


def survive(wt, path, variant):
    """(what went wrong, or None, seconds)"""
    began = time.time()
    env = {**os.environ, 'ASAN_OPTIONS': 'detect_leaks=1:abort_on_error=0:exitcode=99', 'UBSAN_OPTIONS': 'halt_on_error=1:exitcode=98:print_stacktrace=1'}
    try:
        done = subprocess.run(['sh', '-c', f'ulimit -t {LIMIT_S}; exec "$@"', 'sh', wt.binary, *variant, '--workers', '1' if variant[0] == 'packets' else '2', str(path)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=WALL_S, env=env)
    except subprocess.TimeoutExpired:
        return f'{" ".join(variant)} {path}: hangs, more than {WALL_S} s', WALL_S
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return f'{" ".join(variant)} {path}: more than {LIMIT_S} s of processor time', LIMIT_S
    took = time.time() - began
    if done.returncode not in (0, 2, 3) or b'Sanitizer' in done.stderr or b'runtime error' in done.stderr:
        return f'{" ".join(variant)} {path}: status {done.returncode}: {done.stderr.decode(errors="replace")[:2000]}', took
    return None, took


@pytest.mark.parametrize('variant', VARIANTS, ids=' '.join)
def test_corpus_is_survived(wt_asan, variant):
    files = corpus()
    if files is None:
        pytest.skip('WIRETALE_CORPUS names no folder of captures')
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [problem for problem, _ in pool.map(lambda path: survive(wt_asan, path, variant), files) if problem]
    assert len(files) > 100
    assert not wrong, f'{len(wrong)} of {len(files)}:\n' + '\n'.join(wrong[:10])


@pytest.mark.parametrize('variant', VARIANTS, ids=' '.join)
def test_our_captures_under_sanitizers(wt_asan, variant):
    wrong = [p for p in (survive(wt_asan, capture(row['name']), variant)[0] for row in all_captures()) if p]
    assert not wrong, '\n'.join(wrong[:10])


def test_our_captures_damaged(wt_asan, tmp_path):
    """Bits flipped, bytes lost, blocks repeated: 600 mutants of our captures."""
    chance = random.Random(1)
    rows = [row for row in all_captures() if not row['name'].endswith(('.gz', '.zst'))]
    wrong = []
    for turn in range(600):
        data = bytearray(Path(capture(chance.choice(rows)['name'])).read_bytes()[:60000])
        for _ in range(chance.choice((1, 3, 20))):
            at = chance.randrange(len(data))
            what = chance.randrange(3)
            if what == 0:
                data[at] ^= 1 << chance.randrange(8)
            elif what == 1:
                del data[at:at + chance.randrange(1, 40)]
            else:
                data[at:at] = data[at:at + chance.randrange(1, 200)]
        path = tmp_path / 'mutant.bin'
        path.write_bytes(data)
        problem, _ = survive(wt_asan, path, chance.choice(VARIANTS))
        if problem:
            kept = tmp_path / f'kept-{turn}.bin'
            kept.write_bytes(data)
            wrong.append(f'{kept}: {problem}')
    assert not wrong, '\n'.join(wrong[:5])


def peak_mib(wt, *args):
    """Runs and returns (peak resident MiB, seconds, status). The peak is the kernel's VmHWM: wait4's would count our own."""
    began, peak = time.time(), 0
    child = subprocess.Popen([wt.binary, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while child.poll() is None:
        try:
            with open(f'/proc/{child.pid}/status') as f:
                peak = max([peak] + [int(line.split()[1]) for line in f if line.startswith('VmHWM')])
        except OSError:
            pass
        time.sleep(0.01)
    return peak / 1024, time.time() - began, child.returncode


@pytest.fixture(scope='module')
def storm(tmp_path_factory):
    """A million SYNs from as many ends, around one established connection that talks before, during and after."""
    import struct
    path = tmp_path_factory.mktemp('storm') / 'storm.pcap'
    pieces = []
    frames = conversation('192.0.2.1', 40000, '192.0.2.2', 80, [(0, b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')], close=False)
    template = bytearray(tcp('10.0.0.0', 1024, '192.0.2.2', 80, 1, 0, SYN))
    out = [pcap([(i * 1000, f) for i, f in enumerate(frames)])]
    chance = random.Random(3)
    n = 1_000_000
    for i in range(n):
        template[26:30] = struct.pack('!I', 0x0A000000 + i // 4)
        template[34:36] = struct.pack('!H', 1024 + i % 60000)
        template[38:42] = struct.pack('!I', chance.getrandbits(32))
        ns = 10**6 + i * 2000
        out.append(struct.pack('<IIII', 1700000000 + ns // 10**9, ns % 10**9 // 1000, len(template), len(template)) + template)
        if i % 100000 == 50000:
            data = tcp('192.0.2.2', 80, '192.0.2.1', 40000, 7001 + i // 100000 * 10, 1028, ACK | PSH, b'0123456789')
            out.append(struct.pack('<IIII', 1700000000 + ns // 10**9, ns % 10**9 // 1000, len(data), len(data)) + data)
    path.write_bytes(b''.join(out))
    return path


def test_syn_storm_is_bounded(wt, storm):
    """With a limit of 20,000 connections memory stays small, and the limit is told by status 3."""
    few, seconds, status = peak_mib(wt, 'report', '-o', 'max-connections:20000', storm)
    assert status == 3 and 0 < few < 96 + 20000 * 256 / 2**20 and seconds < 60, (few, seconds, status)
    many, _, status = peak_mib(wt, 'report', storm)
    assert 0 < many < 96 + 1_000_001 * 512 / 2**20, many


def test_syn_storm_loses_no_established_connection(wt, storm):
    out = wt.run('connections', '--json', '--port', '40000', '-o', 'max-connections:20000', storm, timeout=300).out
    found = [r for r in records(out) if r['client'].get('port') == 40000 and r['client']['address'] == '192.0.2.1']
    assert len(found) == 1
    assert found[0]['server']['payload_bytes'] == 100 and found[0]['outcome'] == 'open'
