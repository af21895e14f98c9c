"""Captures that attack algorithms, as generators of any size: tables, timers, reassembly, names, headers, packed files.

Used small by test_attacks.py, large by test/bench/attacks."""
import gzip
import os
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frames  # noqa: E402

HEAD = struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)


class Pcap:
    """A pcap written as it goes: a large one needs no memory."""

    def __init__(self, path, opener=open):
        self.out, self.n = opener(path, 'wb'), 0
        self.out.write(HEAD)

    def add(self, frame, gap_us=10):
        self.n += 1
        us = self.n * gap_us
        self.out.write(struct.pack('<IIII', 1700000000 + us // 10**6, us % 10**6, len(frame), len(frame)) + frame)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.out.close()


def syn(template, source, port, seq):
    template[26:30] = struct.pack('!I', source)
    template[34:36] = struct.pack('!H', port)
    template[38:42] = struct.pack('!I', seq)
    return bytes(template)


def syn_template():
    return bytearray(frames.tcp('10.0.0.0', 1024, '192.0.2.2', 80, 1, 0, frames.SYN))


def syn_flood(path, n):
    t = syn_template()
    with Pcap(path) as p:
        for i in range(n):
            p.add(syn(t, 0x0A000000 + i, 1024 + i % 60000, i), 2)


def chosen_tuples(path, n):
    """Sums and exclusive-ors of addresses and ports are all equal, as are the low bits: a hash without a key would put them into few buckets."""
    t = syn_template()
    with Pcap(path) as p:
        for i in range(n):
            high = i & 0xFFFF
            t[30:34] = struct.pack('!I', 0xC0000000 | (high ^ 0x5555) << 12)
            p.add(syn(t, 0x0A000000 | high << 12, 1024 + (i >> 16) * 64, 7), 2)


def fragment_flood(path, n):
    """First fragments whose datagrams never become whole, and overlapping ones."""
    with Pcap(path) as p:
        whole = bytearray(frames.ipv4('10.1.1.1', '192.0.2.2', 17, bytes(64)))
        for i in range(n):
            f = bytearray(whole)
            f[4:6] = struct.pack('!H', i & 0xFFFF)
            f[12:16] = struct.pack('!I', 0x0A000000 + (i >> 3))
            f[6:8] = struct.pack('!H', 0x2000 | (i % 5))
            f[10:12] = b'\0\0'
            f[10:12] = struct.pack('!H', frames.checksum(bytes(f[:20])))
            p.add(frames.ether(0x0800, bytes(f)))


def hole_flood(path, n):
    """One connection of which every second segment is missing: each that comes begins behind a new hole."""
    with Pcap(path) as p:
        for f in frames.conversation('192.0.2.1', 40000, '192.0.2.2', 80, [], close=False):
            p.add(f)
        for i in range(n):
            p.add(frames.tcp('192.0.2.1', 40000, '192.0.2.2', 80, 1001 + 200 + i * 200, 7001, frames.ACK, b'a' * 100))


def reversed_segments(path, n):
    """Segments from the last to the first: each is in front of all that are held."""
    with Pcap(path) as p:
        for f in frames.conversation('192.0.2.1', 40000, '192.0.2.2', 80, [], close=False):
            p.add(f)
        for i in range(n, 0, -1):
            p.add(frames.tcp('192.0.2.1', 40000, '192.0.2.2', 80, 1001 + i * 16, 7001, frames.ACK, b'b' * 16))


def one_byte_segments(path, n):
    """A request whose header comes byte by byte."""
    text = b'GET / HTTP/1.1\r\nHost: a\r\n' + b'X: yyyyyyyyyyyyyyyyyy\r\n' * (n // 23 + 1)
    with Pcap(path) as p:
        for f in frames.conversation('192.0.2.1', 40000, '192.0.2.2', 80, [], close=False):
            p.add(f)
        for i in range(n):
            p.add(frames.tcp('192.0.2.1', 40000, '192.0.2.2', 80, 1001 + i, 7001, frames.ACK | frames.PSH, text[i:i + 1]))


def header_bomb(path, n):
    """Headers without an end, on one connection after the other, 64 KiB each."""
    with Pcap(path) as p:
        for i in range(max(1, n // 48)):
            port = 1024 + i % 60000
            for f in frames.conversation('192.0.2.1', port, '192.0.2.2', 80, [], close=False):
                p.add(f)
            for k in range(48):
                start = b'GET / HTTP/1.1\r\n' if k == 0 else b''
                p.add(frames.tcp('192.0.2.1', port, '192.0.2.2', 80, 1001 + k * 1400, 7001, frames.ACK, (start + b'A: b\r\n' * 240)[:1400]))


def dns_nest(path, n):
    """Each name of a message of names points to the one before it, and each has a label of its own."""
    name, parts, at = b'\1a\0', [], 12
    parts.append(name + struct.pack('!HH', 1, 1))
    last, where = at, at + len(parts[0])
    for _ in range(80):
        body = b'\1b' + struct.pack('!H', 0xC000 | last)
        parts.append(body + struct.pack('!HHIH', 5, 1, 60, 2) + struct.pack('!H', 0xC000 | where))
        last, where = where, where + len(parts[-1])
    with Pcap(path) as p:
        for i in range(max(1, n // 5)):
            p.add(frames.udp('192.0.2.53', 53, '192.0.2.1', 1024 + i % 60000, struct.pack('!HHHHHH', i & 0xFFFF, 0x8180, 1, 80, 0, 0) + b''.join(parts)))


def header_nest(path, n):
    """VLAN tags, extension headers and tunnels as deep as a frame is long."""
    with Pcap(path) as p:
        vlan = b'\2\0\0\0\0\1\2\0\0\0\0\2' + b'\x81\0\0\1' * 370 + b'\x08\0'
        six = frames.ether(0x86DD, b'\x60\0\0\0' + struct.pack('!HBB', 1400, 0, 64) + bytes(15) + b'\1' + bytes(15) + b'\2' + (b'\0\0' + b'\1\4' + bytes(4)) * 175)
        tunnel = b''
        for _ in range(60):
            tunnel = frames.ipv4('10.0.0.1', '10.0.0.2', 4, tunnel)
        for i in range(n):
            p.add((vlan, six, frames.ether(0x0800, tunnel))[i % 3])


def slow_pattern(path, n):
    """Hosts that a pattern with nested repeats takes ages to refuse."""
    with Pcap(path) as p:
        for i in range(max(1, n // 7)):
            for f in frames.conversation('192.0.2.1', 1024 + i % 60000, '192.0.2.2', 80,
                                         [(0, b'GET / HTTP/1.1\r\nHost: ' + b'x' * 200 + b'\r\n\r\n')], close=False):
                p.add(f)


def packed_bomb(path, n):
    """Frames of zeros, packed a thousand to one."""
    frame = frames.udp('192.0.2.1', 5, '192.0.2.2', 6, bytes(60000))
    with Pcap(path, lambda name, mode: gzip.open(name, mode, 6)) as p:
        for _ in range(max(1, n // 10)):
            p.add(frame)


# name: (generator, arguments of the run, what of the report (a path in its JSON) or of standard error tells of it)
ATTACKS = {
    'chosen 5-tuples': (chosen_tuples, ['report', '--json'], 'tcp.connections'),
    'SYN flood': (syn_flood, ['report', '--json'], 'tcp.connections'),
    'fragment flood': (fragment_flood, ['report', '--json'], 'capture.fragments'),
    'holes': (hole_flood, ['report', '--json'], 'limits'),
    'segments backwards': (reversed_segments, ['report', '--json'], 'tcp.out_of_order'),
    'one-byte segments': (one_byte_segments, ['report', '--json'], 'tcp.segments'),
    'HTTP header bombs': (header_bomb, ['report', '--json'], 'limits'),
    'DNS compression nests': (dns_nest, ['report', '--json'], 'dns.transactions'),
    'header nests': (header_nest, ['report', '--json'], 'capture.too_deep_packets'),
    'gzip bomb': (packed_bomb, ['report', '--json'], 'capture.packets'),
    'slow patterns': (slow_pattern, ['packets', '-Y', 'http.host matches "(x+x+)+y"'], None),
}


def measure(binary, args, path):
    """(seconds of processor time, peak MiB, status, output, what was said)"""
    child = subprocess.Popen([binary, *args, path], stdin=subprocess.DEVNULL, stdout=open(path + '.out', 'wb'), stderr=open(path + '.err', 'wb'))
    peak = 0
    while True:
        try:
            with open(f'/proc/{child.pid}/status') as f:
                peak = max([peak] + [int(line.split()[1]) for line in f if line.startswith('VmHWM')])
        except OSError:
            pass
        pid, status, use = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.005)
    child.returncode = os.waitstatus_to_exitcode(status)
    with open(path + '.out', 'rb') as f:
        said = f.read()
    with open(path + '.err', 'rb') as f:
        err = f.read().decode(errors='replace')
    os.unlink(path + '.out')
    os.unlink(path + '.err')
    return use.ru_utime + use.ru_stime, peak / 1024, child.returncode, said, err

