"""A second, simple reader of captures, written for the tests only: what it finds is compared with what wiretale says.

It reads pcap and pcapng (both byte orders, gzip and zstd through their own programs), and decodes just enough: Ethernet, VLAN,
cooked v1 and v2, raw IP, PPPoE, IPv4, IPv6, GRE, IP in IP, VXLAN, TCP, UDP, ICMP."""
import base64
import gzip
import hashlib
import ipaddress
import struct
import subprocess
from collections import namedtuple
from functools import lru_cache

Frame = namedtuple('Frame', 'number ns linktype wire data interface')
ETHERNET, RAW, SLL, SLL2 = 1, 101, 113, 276


def read_bytes(path):
    with open(path, 'rb') as f:
        data = f.read()
    if data[:2] == b'\x1f\x8b':
        return gzip.decompress(data)
    if data[:4] == b'\x28\xb5\x2f\xfd':
        return subprocess.run(['zstd', '-dcq', str(path)], stdout=subprocess.PIPE, check=True).stdout
    return data


def read(path):
    data = read_bytes(path)
    return list(_pcapng(data) if data[:4] == b'\x0a\x0d\x0d\x0a' else _pcap(data))


def _pcap(data):
    for order in '<>':
        magic = struct.unpack_from(order + 'I', data)[0]
        if magic in (0xA1B2C3D4, 0xA1B23C4D):
            unit = 1 if magic == 0xA1B23C4D else 1000
            break
    else:
        raise ValueError('no pcap')
    linktype, at, number = struct.unpack_from(order + 'I', data, 20)[0] & 0xFFFF, 24, 0
    while at + 16 <= len(data):
        seconds, part, kept, wire = struct.unpack_from(order + 'IIII', data, at)
        number += 1
        yield Frame(number, seconds * 10**9 + part * unit, linktype, wire, data[at + 16:at + 16 + kept], 0)
        at += 16 + kept


def _pcapng(data):
    at, number, interfaces, order = 0, 0, [], '<'
    while at + 12 <= len(data):
        if data[at:at + 4] == b'\x0a\x0d\x0d\x0a':
            order = '<' if data[at + 8:at + 12] == b'\x4d\x3c\x2b\x1a' else '>'
            interfaces = []
        kind, length = struct.unpack_from(order + 'II', data, at)
        body = data[at + 8:at + length - 4]
        if kind == 1:
            per_second, where = 10**6, 8
            while where + 4 <= len(body):
                code, size = struct.unpack_from(order + 'HH', body, where)
                if code == 9:
                    power = body[where + 4]
                    per_second = 2 ** (power & 127) if power & 128 else 10 ** power
                where += 4 + (size + 3) // 4 * 4
                if code == 0:
                    break
            interfaces.append((struct.unpack_from(order + 'H', body)[0], per_second))
        elif kind == 6:
            interface, high, low, kept, wire = struct.unpack_from(order + 'IIIII', body)
            number += 1
            linktype, per_second = interfaces[interface]
            yield Frame(number, ((high << 32) | low) * 10**9 // per_second, linktype, wire, body[20:20 + kept], interface)
        at += length


class Packet:
    """The innermost IP packet of a frame: addresses, protocol, ports, TCP fields. None of them where there is no IP."""
    def __init__(self, frame):
        self.frame, self.ns, self.number = frame, frame.ns, frame.number
        self.vlans, self.source, self.protocol, self.fragment, self.tunnels = [], None, None, False, []
        self._link(frame.data, frame.linktype)

    def _link(self, d, linktype):
        if linktype == ETHERNET:
            self._ethertype(struct.unpack_from('!H', d, 12)[0], d, 14)
        elif linktype == SLL:
            self._ethertype(struct.unpack_from('!H', d, 14)[0], d, 16)
        elif linktype == SLL2:
            self._ethertype(struct.unpack_from('!H', d, 0)[0], d, 20)
        elif linktype in (RAW, 12, 14, 228, 229):
            self._ip(d)

    def _ethertype(self, kind, d, at):
        while kind in (0x8100, 0x88A8):
            tag, kind = struct.unpack_from('!HH', d, at)
            self.vlans.append(tag & 0xFFF)
            at += 4
        self.ethertype = kind
        if kind == 0x8864:
            at += 8
            kind = 0x800
        if kind in (0x800, 0x86DD):
            self._ip(d[at:])

    def _ip(self, d):
        if len(d) < 20:
            return
        if d[0] >> 4 == 4:
            head, self.protocol = (d[0] & 15) * 4, d[9]
            total = struct.unpack_from('!H', d, 2)[0]
            self.source, self.target = d[12:16], d[16:20]
            flags = struct.unpack_from('!H', d, 6)[0]
            self.fragment = bool(flags & 0x3FFF & ~0x4000)
            self.offset = (flags & 0x1FFF) * 8
            end = total or len(d)
        else:
            head, self.protocol, end = 40, d[6], struct.unpack_from('!H', d, 4)[0] + 40
            self.source, self.target, self.offset = d[8:24], d[24:40], 0
            while self.protocol in (0, 43, 44, 60):
                following = d[head]
                if self.protocol == 44:
                    where = struct.unpack_from('!H', d, head + 2)[0]
                    self.fragment, self.offset = True, where & ~7
                    head += 8
                else:
                    head += (d[head + 1] + 1) * 8
                self.protocol = following
        self.ip_bytes = end
        if self.offset:
            self.ports = None
            return
        up = d[head:]
        self.length = end - head
        if self.protocol == 4 or self.protocol == 41:
            self.tunnels.append('ip')
            self._ip(up)
        elif self.protocol == 47:
            self.tunnels.append('gre')
            flags, kind = struct.unpack_from('!HH', up)
            self._ethertype(kind, up, 4 + (4 if flags & 0x8000 else 0) + (4 if flags & 0x2000 else 0) + (4 if flags & 0x1000 else 0))
        elif self.protocol == 17 and len(up) >= 8:
            self.ports = struct.unpack_from('!HH', up)
            self.payload = self.length - 8
            if self.ports[1] == 4789 and not self.fragment:
                self.tunnels.append(('vxlan', int.from_bytes(up[12:15], 'big')))
                self._link(up[16:], ETHERNET)
        elif self.protocol == 6 and len(up) >= 20:
            self.ports = struct.unpack_from('!HH', up)
            self.seq, self.ack = struct.unpack_from('!II', up, 4)
            self.flags = up[13]
            self.payload = self.length - (up[12] >> 4) * 4
        elif self.protocol in (1, 58) and len(up) >= 2:
            self.ports = (up[0], up[1])
        else:
            self.ports = None

    def key(self):
        """A conversation, the same for both directions; None for what has no ports."""
        if self.source is None or not getattr(self, 'ports', None) or self.protocol not in (6, 17):
            return None
        ends = sorted([(self.source, self.ports[0]), (self.target, self.ports[1])])
        return (self.protocol, tuple(self.vlans), tuple(map(str, self.tunnels)), *ends)


def packets(path):
    return [Packet(frame) for frame in read(path)]


def address(raw):
    return str(ipaddress.ip_address(bytes(raw)))


_V4 = {0: 8, 8: 0, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 9: 10, 10: 9}
_V6 = {128: 129, 129: 128, 133: 134, 134: 133, 135: 136, 136: 135, 130: 131, 131: 130, 139: 140, 140: 139, 144: 145, 145: 144}


def community_id(protocol, source, source_port, target, target_port, seed=0):
    """Community ID version 1. For ICMP the ports are type and code of a message from source to target."""
    source, target = ipaddress.ip_address(source).packed, ipaddress.ip_address(target).packed
    one_way = False
    ports = protocol in (1, 6, 17, 58, 132)
    if protocol in (1, 58):
        pairs = _V4 if protocol == 1 else _V6
        if source_port in pairs:
            target_port = pairs[source_port]
        else:
            one_way = True
    if not one_way and (source, source_port if ports else 0) > (target, target_port if ports else 0):
        source, source_port, target, target_port = target, target_port, source, source_port
    data = struct.pack('!H', seed) + source + target + struct.pack('!BB', protocol, 0)
    if ports:
        data += struct.pack('!HH', source_port, target_port)
    return '1:' + base64.b64encode(hashlib.sha1(data).digest()).decode()


# writing captures for tests
def pcap(frames, linktype=1, order='<', nano=False, snaplen=262144, start=1700000000 * 10**9):
    """frames: bytes, or (ns since start, bytes), or (ns, bytes, wire length)."""
    out = [struct.pack(order + 'IHHiIII', 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, snaplen, linktype)]
    for i, one in enumerate(frames):
        ns, data, *wire = one if isinstance(one, tuple) else (i * 10**6, one)
        ns += start
        out.append(struct.pack(order + 'IIII', ns // 10**9, ns % 10**9 // (1 if nano else 1000), len(data), wire[0] if wire else len(data)))
        out.append(data)
    return b''.join(out)


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ether(kind, payload, source=b'\2\0\0\0\0\1', target=b'\2\0\0\0\0\2'):
    return target + source + struct.pack('!H', kind) + payload


@lru_cache(maxsize=4096)
def packed(text):
    return ipaddress.ip_address(text).packed


def ipv4(source, target, protocol, payload, ident=1, ttl=64):
    head = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), ident, 0x4000, ttl, protocol, 0,
                       packed(source), packed(target))
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + payload


def transport(source, target, protocol, segment, place):
    pseudo = packed(source) + packed(target) + struct.pack('!BBH', 0, protocol, len(segment))
    return segment[:place] + struct.pack('!H', checksum(pseudo + segment) or (0xFFFF if protocol == 17 else 0)) + segment[place + 2:]


def udp(source, source_port, target, target_port, payload):
    segment = struct.pack('!HHHH', source_port, target_port, 8 + len(payload), 0) + payload
    return ether(0x800, ipv4(source, target, 17, transport(source, target, 17, segment, 6)))


def tcp(source, source_port, target, target_port, seq, ack, flags, payload=b'', window=65535):
    segment = struct.pack('!HHIIBBHHH', source_port, target_port, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags, window, 0, 0) + payload
    return ether(0x800, ipv4(source, target, 6, transport(source, target, 6, segment, 16)))


FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def conversation(client, client_port, server, server_port, turns, close=True, isn=1000):
    """Frames of a whole TCP connection; turns: [(who, bytes)], who 0 the client."""
    ends = [(client, client_port), (server, server_port)]
    at = [isn, isn * 7]
    out = []

    def send(who, flags, payload=b''):
        out.append(tcp(*ends[who], *ends[1 - who], at[who], at[1 - who] if flags & ACK else 0, flags, payload))
        at[who] += len(payload) + (1 if flags & (SYN | FIN) else 0)
    send(0, SYN)
    send(1, SYN | ACK)
    send(0, ACK)
    for who, payload in turns:
        for i in range(0, len(payload), 1400):
            send(who, PSH | ACK, payload[i:i + 1400])
        send(1 - who, ACK)
    if close:
        send(0, FIN | ACK)
        send(1, FIN | ACK)
        send(0, ACK)
    return out
