"""Attacks on algorithms, small: time grows with the input and no faster, memory has a bound, and the report tells of it.

test/bench/attacks runs the same at large sizes."""
import json
import random
import struct
import time

import pytest

from attacks import ATTACKS, Pcap, measure, syn, syn_template
from conftest import find_binary

SMALL, TIMES = 3000, 4
MOST_MIB = 100


def told(report, where):
    for key in where.split('.'):
        report = report[key]
    return report


@pytest.mark.parametrize('name', ATTACKS)
def test_time_is_linear_and_memory_bounded(name, tmp_path):
    make, args, where = ATTACKS[name]
    paths = [str(tmp_path / 'small.pcap'), str(tmp_path / 'large.pcap')]
    for path, n in zip(paths, (SMALL, SMALL * TIMES)):
        make(path, n)
    spent = [1e9, 1e9]
    for _ in range(6):          # the least of a few: other programs share the processor's caches
        for i, path in enumerate(paths):
            seconds, peak, status, out, err = measure(find_binary(), args, path)
            assert status in (0, 3) and peak < MOST_MIB, (status, peak, err)
            spent[i] = min(spent[i], seconds)
        # 4 times the input: 4 times the time; a quadratic one needs 16 times.
        if spent[1] < 0.05 + spent[0] * TIMES * 1.9:
            break
    else:
        pytest.fail(f'{SMALL} packets {spent[0]} s, {TIMES} times as many {spent[1]} s')
    if where:
        assert told(json.loads(out), where), f'{where} is empty'


def test_a_pattern_that_takes_too_long_is_counted_as_no_answer(tmp_path):
    """PCRE2's own limits end it; it does not match, and the run goes on."""
    path = str(tmp_path / 'slow.pcap')
    ATTACKS['slow patterns'][0](path, 70)
    began = time.time()
    seconds, _, status, out, _ = measure(find_binary(), ATTACKS['slow patterns'][1], path)
    assert status in (0, 3) and out == b'' and seconds < 5 and time.time() - began < 30


def test_nests_are_counted(tmp_path):
    path = str(tmp_path / 'nest.pcap')
    ATTACKS['header nests'][0](path, 300)
    capture = json.loads(measure(find_binary(), ['report', '--json'], path)[3])['capture']
    assert capture['packets'] == 300 and capture['too_deep_packets'] >= 200


def test_a_zstd_window_that_asks_for_gigabytes_is_refused(tmp_path):
    """A frame header that declares a window of 2 GiB (RFC 8878 3.1.1.1.2: exponent 21 above 1 KiB)."""
    path = tmp_path / 'window.zst'
    path.write_bytes(b'\x28\xb5\x2f\xfd' + bytes([0, 21 << 3]) + b'\1\0\0' * 10)
    _, peak, status, out, err = measure(find_binary(), ['report'], str(path))
    assert status == 2 and peak < 60 and 'zstd' in err and out == b''


def test_ends_that_differ_and_ends_that_are_chosen_cost_the_same(tmp_path):
    """5-tuples whose sums and exclusive-ors are equal, against random ones."""
    chosen, any_ = str(tmp_path / 'chosen.pcap'), str(tmp_path / 'any.pcap')
    n = 30000
    ATTACKS['chosen 5-tuples'][0](chosen, n)
    chance, t = random.Random(9), syn_template()
    with Pcap(any_) as p:
        for _ in range(n):
            t[30:34] = struct.pack('!I', chance.getrandbits(32))
            p.add(syn(t, chance.getrandbits(32), chance.randrange(1024, 65536), 7), 2)
    best = {path: min(measure(find_binary(), ['report', '--json'], path)[0] for _ in range(6)) for path in (chosen, any_)}
    assert best[chosen] < 0.03 + 2 * best[any_], best
