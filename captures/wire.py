#!/usr/bin/env python3
"""A wire in user space between two TAP (or TUN) devices: delays, drops, repeats, reorders, changes or wraps frames, and
writes down each thing it does.

    wire.py --left tap0 --right tap1 --delay 10 --log wire.jsonl \\
            --rule 'right data 5 drop' --rule 'right data 9 twice' --rule 'right data 12 hold 3'

A rule is: DIRECTION KIND NUMBERS ACTION. DIRECTION: left, right (where the frame goes) or both. KIND: any; tcp; data (TCP
with payload); syn; fin; udp; fragment (of IPv4, not the first). NUMBERS: which of its kind in that direction, from 1 (5; 5,8; 5-9; */7 every seventh; *).
ACTION: drop; twice [MS] (again, MS later); hold N (let N later frames of that direction pass first); late MS; stall
MS (late, and all that follows waits behind it, in order); ce (mark congestion experienced).

--across A,B  carries the frames wrapped (see --wrap) over a real link: A and B are interfaces, both ends of one cable, so
              that a recorder on the link sees the wrapping. Without it frames go straight from one device to the other.
--wrap        vlan:ID | qinq:OUTER:INNER | gre[:KEY] | ipip | 6in4 | pppoe:SESSION   (the last four take TUN devices)

The log: one JSON object a line: ns (CLOCK_REALTIME), to, did, and what the frame was. 'sent' totals come last."""
import argparse
import fcntl
import heapq
import json
import os
import random
import select
import signal
import socket
import struct
import sys
import time

TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI = 0x400454CA, 1, 2, 0x1000


def open_device(name, tun):
    fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH22x', name.encode(), (IFF_TUN if tun else IFF_TAP) | IFF_NO_PI))
    return fd


def look(frame, tun):
    """What the frame is: {'kind', 'seq', 'len', ...}. Only for plain IPv4 and IPv6 without extension headers."""
    at = 0
    if not tun:
        if len(frame) < 14:
            return {'kind': 'other'}
        kind, at = struct.unpack_from('!H', frame, 12)[0], 14
        if kind not in (0x800, 0x86DD):
            return {'kind': 'other', 'ethertype': kind}
    version = frame[at] >> 4
    told = {'kind': 'ip'}
    if version == 4:
        total, told['ip_id'] = struct.unpack_from('!HH', frame, at + 2)
        protocol, head = frame[at + 9], (frame[at] & 15) * 4
        offset = struct.unpack_from('!H', frame, at + 6)[0] & 0x1FFF
        if offset:
            return {**told, 'kind': 'fragment', 'offset': offset * 8}
    else:
        total, protocol, head = struct.unpack_from('!H', frame, at + 4)[0] + 40, frame[at + 6], 40
    up = at + head
    if protocol == 6 and len(frame) >= up + 20:
        told['kind'] = 'tcp'
        told['sport'], told['dport'], told['seq'], told['ack'] = struct.unpack_from('!HHII', frame, up)
        told['flags'] = frame[up + 13]
        told['len'] = total - head - (frame[up + 12] >> 4) * 4
    elif protocol == 17 and len(frame) >= up + 8:
        told['kind'] = 'udp'
        told['sport'], told['dport'] = struct.unpack_from('!HH', frame, up)
    return told


def kinds(told):
    yield 'any'
    if told['kind'] in ('udp', 'fragment'):
        yield told['kind']
    if told['kind'] == 'tcp':
        yield 'tcp'
        if told['len'] > 0:
            yield 'data'
        if told['flags'] & 2:
            yield 'syn'
        if told['flags'] & 1:
            yield 'fin'


class Rule:
    def __init__(self, text):
        words = text.split()
        self.text = text
        self.to, self.kind, self.numbers, self.action = words[0], words[1], words[2], words[3]
        self.value = float(words[4]) if len(words) > 4 else 0.0

    def takes(self, to, kind, number):
        if self.to not in (to, 'both') or self.kind != kind:
            return False
        if self.numbers == '*':
            return True
        if self.numbers.startswith('*/'):
            return number % int(self.numbers[2:]) == 0
        for part in self.numbers.split(','):
            low, _, high = part.partition('-')
            if int(low) <= number <= int(high or low):
                return True
        return False


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Wrap:
    """Builds and opens the wrapping that is carried over the link."""
    A, B = bytes.fromhex('020000000011'), bytes.fromhex('020000000012')

    def __init__(self, text):
        self.kind, *values = text.split(':')
        self.values = [int(v) for v in values]
        self.ident = 1

    def ipv4(self, protocol, payload, to):
        self.ident += 1
        a, b = bytes([198, 51, 100, 1]), bytes([198, 51, 100, 2])
        source, target = (a, b) if to == 'right' else (b, a)
        head = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), self.ident, 0x4000, 64, protocol, 0, source, target)
        return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + payload

    def ethernet(self, kind, payload, to):
        source, target = (self.A, self.B) if to == 'right' else (self.B, self.A)
        return target + source + struct.pack('!H', kind) + payload

    def close(self, frame, to):
        inner = 0x800 if frame[0] >> 4 == 4 else 0x86DD
        if self.kind == 'vlan':
            return frame[:12] + struct.pack('!HH', 0x8100, self.values[0]) + frame[12:]
        if self.kind == 'qinq':
            return frame[:12] + struct.pack('!HHHH', 0x88A8, self.values[0], 0x8100, 0x2000 | self.values[1]) + frame[12:]
        if self.kind == 'gre':
            head = struct.pack('!HHI', 0x2000, inner, self.values[0]) if self.values else struct.pack('!HH', 0, inner)
            return self.ethernet(0x800, self.ipv4(47, head + frame, to), to)
        if self.kind == 'ipip':
            return self.ethernet(0x800, self.ipv4(4, frame, to), to)
        if self.kind == '6in4':
            return self.ethernet(0x800, self.ipv4(41, frame, to), to)
        ppp = struct.pack('!H', 0x21 if inner == 0x800 else 0x57) + frame
        return self.ethernet(0x8864, struct.pack('!BBHH', 0x11, 0, self.values[0], len(ppp)) + ppp, to)

    def open(self, frame):
        if self.kind == 'vlan':
            return frame[:12] + frame[16:] if frame[12:14] == b'\x81\0' else None
        if self.kind == 'qinq':
            return frame[:12] + frame[20:] if frame[12:14] == b'\x88\xa8' else None
        if self.kind == 'pppoe':
            length = struct.unpack_from('!H', frame, 18)[0]
            return frame[22:20 + length] if frame[12:14] == b'\x88\x64' else None
        protocol = {'gre': 47, 'ipip': 4, '6in4': 41}[self.kind]
        if frame[12:14] != b'\x08\0' or frame[23] != protocol:
            return None
        total = struct.unpack_from('!H', frame, 16)[0]
        return frame[34 + (0 if protocol != 47 else 8 if self.values else 4):14 + total]


def receive(link):
    """A frame as it was on the link (its VLAN tag put back), and its packet type."""
    frame, extra, _, where = link.recvmsg(65536, 128)
    for level, kind, data in extra:
        if (level, kind) == (263, 8) and len(data) >= 20:
            status, _, _, _, _, tci, tpid = struct.unpack_from('=IIIHHHH', data)
            if status & 0x10:
                frame = frame[:12] + struct.pack('!HH', tpid if status & 0x40 else 0x8100, tci) + frame[12:]
    return frame, where[2]


class Wire:
    def __init__(self, options):
        self.options = options
        self.tun = options.tun
        self.fd = {'left': options.left_fd if options.left_fd is not None else open_device(options.left, self.tun),
                   'right': options.right_fd if options.right_fd is not None else open_device(options.right, self.tun)}
        self.rules = [Rule(text) for text in options.rule]
        self.random = random.Random(options.seed)
        self.counts, self.queue, self.held, self.order = {}, [], {'left': [], 'right': []}, 0
        self.latest = {'left': 0, 'right': 0}
        self.sent = {'left': 0, 'right': 0}
        self.log = open(options.log, 'w') if options.log else None
        self.wrap = Wrap(options.wrap) if options.wrap else None
        self.link = {}
        if options.link_fd:
            a, b = (int(fd) for fd in options.link_fd.split(','))
            self.link = {'left': socket.socket(fileno=a), 'right': socket.socket(fileno=b)}
        elif options.across:
            for side, dev in zip(('left', 'right'), options.across.split(',')):
                self.link[side] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
                self.link[side].bind((dev, 0))
        for link in self.link.values():
            link.setblocking(False)
            link.setsockopt(263, 8, 1)      # SOL_PACKET, PACKET_AUXDATA: the kernel takes a received tag out of the frame

    def note(self, to, did, told, **more):
        if self.log:
            self.log.write(json.dumps({'ns': time.time_ns(), 'to': to, 'did': did, **told, **more}) + '\n')
            self.log.flush()

    def put(self, when, to, frame):
        self.order += 1
        heapq.heappush(self.queue, (when, self.order, to, frame))

    def arrive(self, to, frame):
        now = time.monotonic()
        told = look(frame, self.tun)
        numbers = {}
        for kind in kinds(told):
            key = (to, kind)
            self.counts[key] = numbers[kind] = self.counts.get(key, 0) + 1
        jitter = self.random.random() * self.options.jitter
        when = max(now + (self.options.delay + jitter) / 1000, self.latest[to])    # jitter alone never reorders
        self.latest[to] = when
        for item in self.held[to]:
            item[0] -= 1
        ready = [item for item in self.held[to] if item[0] <= 0]
        self.held[to] = [item for item in self.held[to] if item[0] > 0]
        taken = False
        for rule in self.rules:
            kind = rule.kind
            if kind not in numbers or not rule.takes(to, kind, numbers[kind]):
                continue
            if rule.action == 'drop':
                self.note(to, 'drop', told, rule=rule.text)
                taken = True
                break
            if rule.action == 'twice':
                self.note(to, 'twice', told, rule=rule.text)
                self.put(when + rule.value / 1000, to, frame)
            elif rule.action == 'late':
                self.note(to, 'late', told, rule=rule.text)
                when += rule.value / 1000
            elif rule.action == 'stall':
                self.note(to, 'stall', told, rule=rule.text)
                when += rule.value / 1000
                self.latest[to] = when
            elif rule.action == 'hold':
                self.note(to, 'hold', told, rule=rule.text)
                self.held[to].append([int(rule.value), frame])
                taken = True
                break
            elif rule.action == 'ce':
                frame = self.mark(frame)
                self.note(to, 'ce', told, rule=rule.text)
        if not taken:
            self.put(when, to, frame)
        for item in ready:
            self.put(when + 1e-6, to, item[1])

    def mark(self, frame):
        at = 0 if self.tun else 14
        if frame[at] >> 4 != 4 or frame[at + 1] & 3 == 0:
            return frame
        raw = bytearray(frame)
        raw[at + 1] |= 3
        raw[at + 10:at + 12] = b'\0\0'
        raw[at + 10:at + 12] = struct.pack('!H', checksum(bytes(raw[at:at + (raw[at] & 15) * 4])))
        return bytes(raw)

    def deliver(self, to, frame):
        self.sent[to] += 1
        if self.wrap:
            self.link['left' if to == 'right' else 'right'].send(self.wrap.close(frame, to))
            return
        try:
            os.write(self.fd[to], frame)
        except OSError as problem:
            self.note(to, 'refused', {'errno': problem.errno})

    def run(self):
        stop = []
        signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
        signal.signal(signal.SIGINT, lambda *_: stop.append(1))
        poll = select.poll()
        places = {self.fd['left']: ('right', False), self.fd['right']: ('left', False)}
        for side, link in self.link.items():
            places[link.fileno()] = (side, True)
        for fd in places:
            poll.register(fd, select.POLLIN)
        while not stop:
            now = time.monotonic()
            while self.queue and self.queue[0][0] <= now:
                _, _, to, frame = heapq.heappop(self.queue)
                self.deliver(to, frame)
            wait = 200.0 if not self.queue else max((self.queue[0][0] - time.monotonic()) * 1000, 0.0)
            for fd, _ in poll.poll(wait if wait >= 1 else 0 if wait < 0.05 else 1):
                to, wrapped = places[fd]
                while True:
                    try:
                        if not wrapped:
                            frame = os.read(fd, 65536)
                        else:
                            frame, kind = receive(self.link[to])
                            if kind == socket.PACKET_OUTGOING:
                                continue
                    except BlockingIOError:
                        break
                    except OSError:
                        return
                    if not wrapped:
                        self.arrive(to, frame)
                    else:
                        inner = self.wrap.open(frame)
                        if inner is not None:
                            os.write(self.fd[to], inner)
        self.note('both', 'sent', {}, left=self.sent['left'], right=self.sent['right'])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--left')
    parser.add_argument('--right')
    parser.add_argument('--left-fd', type=int, help='an open TAP or TUN descriptor instead of a name')
    parser.add_argument('--right-fd', type=int)
    parser.add_argument('--tun', action='store_true', help='the devices are TUN: packets without Ethernet')
    parser.add_argument('--delay', type=float, default=0, metavar='MS', help='each way')
    parser.add_argument('--jitter', type=float, default=0, metavar='MS', help='up to so much more; never reorders')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--rule', action='append', default=[])
    parser.add_argument('--wrap')
    parser.add_argument('--across', metavar='A,B')
    parser.add_argument('--link-fd', metavar='A,B', help='open packet sockets instead of --across')
    parser.add_argument('--log')
    options = parser.parse_args()
    if (options.left is None) == (options.left_fd is None) or (options.right is None) == (options.right_fd is None):
        parser.error('give each side by name or by descriptor')
    if bool(options.wrap) != bool(options.across or options.link_fd):
        parser.error('--wrap and --across go together')
    Wire(options).run()
    return 0


if __name__ == '__main__':
    sys.exit(main())
