"""IP, ICMP, UDP, IGMP, ARP by small socket programs and the kernel's answers."""
import errno
import socket
import struct
import time

from net import pair, wire_log, wired
from record import Recorder
from scene import scene

SERVER, SERVER6 = '192.0.2.2', '2001:db8::2'
SO_NO_CHECK, UDP_NO_CHECK6_TX, UDP_NO_CHECK6_RX = 11, 101, 102


def udp_pair(lab, port, v6=False):
    family, address, own = (socket.AF_INET6, SERVER6, '2001:db8::1') if v6 else (socket.AF_INET, SERVER, '192.0.2.1')
    c, s = lab.socket('client', family, socket.SOCK_DGRAM), lab.socket('server', family, socket.SOCK_DGRAM)
    c.bind((own, 0))
    s.bind((address, port))
    c.connect((address, port))
    return c, s


def echo(c, s, data):
    c.send(data)
    got, who = s.recvfrom(70000)
    s.sendto(got, who)
    return len(c.recv(70000))


def ping(lab, count, v6=False, size=56, address=None, ttl=None):
    """ICMP echo through the kernel's datagram ICMP socket: [microseconds for each answer]."""
    lab.sysctl('client', 'net.ipv4.ping_group_range', '0 2147483647')
    p = lab.socket('client', socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP)
    p.settimeout(1)
    took = []
    if ttl:
        p.setsockopt(socket.SOL_IP, socket.IP_TTL, ttl)
    for i in range(count):
        began = time.time()
        p.sendto(struct.pack('!BBHHH', 128 if v6 else 8, 0, 0, 0, i + 1) + bytes(range(size)), (address or (SERVER6 if v6 else SERVER), 0))
        try:
            p.recv(2000)
            took.append(round((time.time() - began) * 1e6))
        except OSError:
            took.append(None)
    ident = p.getsockname()[1]
    return {'id': ident, 'microseconds': took}


@scene({'ip/echo.pcapng': 'ICMP and ICMPv6 echo, answered; one address that nobody has (ARP without an answer)'}, 'python3 ICMP sockets, kernel')
def icmp(lab, paths):
    pair(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = {'v4': ping(lab, 4), 'v6': ping(lab, 3, v6=True), 'nobody': ping(lab, 1, address='192.0.2.77')}
        time.sleep(3)
    return told


@scene({'ip/udp.pcapng': 'UDP echo: plain, without a checksum, empty, over IPv6; a port where nobody listens (ICMP)'}, 'python3 sockets (SO_NO_CHECK)')
def udp(lab, paths):
    pair(lab)
    told = []
    with Recorder(lab, 'client', 'c0', paths[0]):
        for port, v6, no_check, data in ((5001, False, False, b'plain'), (5002, False, True, b'no checksum'), (5003, False, False, b''),
                                         (5004, True, False, b'six'), (5005, True, True, b'six without a checksum')):
            c, s = udp_pair(lab, port, v6)
            if no_check and not v6:
                c.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
            if no_check and v6:
                c.setsockopt(socket.IPPROTO_UDP, UDP_NO_CHECK6_TX, 1)
                s.setsockopt(socket.IPPROTO_UDP, UDP_NO_CHECK6_RX, 1)
            echo(c, s, data)
            told.append({'ends': [*c.getsockname()[:2], *c.getpeername()[:2]], 'checksum_absent': 1 if no_check else 0, 'answered': True, 'bytes': len(data)})
        for address in (SERVER, SERVER6):
            c = lab.socket('client', socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
            c.connect((address, 5999))
            c.send(b'anyone?')
            try:
                c.recv(100)
                seen = 'answer'
            except ConnectionRefusedError:
                seen = 'ECONNREFUSED'
            told.append({'ends': [*c.getsockname()[:2], *c.getpeername()[:2]], 'checksum_absent': 0, 'answered': False, 'error': seen, 'bytes': 7})
    return {'udp': told}


@scene({'ip/fragments.pcapng.gz': 'datagrams of 4,000 and 30,000 bytes in fragments over IPv4 and IPv6, echoed'}, 'python3 UDP sockets')
def fragments(lab, paths):
    pair(lab)
    told = []
    with Recorder(lab, 'client', 'c0', paths[0]):
        for v6 in (False, True):
            for size in (4000, 30000):
                c, s = udp_pair(lab, 5100 + size % 7, v6)
                for own in (c, s):
                    own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 262144)
                echo(c, s, bytes(i & 255 for i in range(size)))
                head = 48 if v6 else 20
                each = (1500 - head) // 8 * 8
                told.append({'ends': [*c.getsockname()[:2], *c.getpeername()[:2]], 'bytes': size, 'fragments_each_way': -(-(size + 8) // each)})
                c.close(), s.close()
    return {'udp': told}


@scene({'ip/fragment-lost.pcapng': 'a datagram one fragment of which was lost before the capture point'}, 'python3 UDP sockets, wire.py (logged)', tap=True)
def fragment_lost(lab, paths):
    log = wired(lab, 'right fragment 2 drop', delay_ms=2)
    with Recorder(lab, 'server', 's0', paths[0]):
        c, s = udp_pair(lab, 5200)
        c.send(b'f' * 5000)
        time.sleep(0.2)
        c.send(b'whole')
        s.recv(6000)
    return {'wire': wire_log(log), 'fragments_sent': 4}


@scene({'ip/options.pcapng': 'IPv4 record route and router alert; IPv6 hop-by-hop, destination options and flow label'}, 'python3 sockets (IP_OPTIONS, IPV6_HOPOPTS)')
def options(lab, paths):
    pair(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        c, s = udp_pair(lab, 5300)
        c.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([7, 15, 4]) + bytes(12) + b'\x01')
        echo(c, s, b'record route')
        c, s = udp_pair(lab, 5301)
        c.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([0x94, 4, 0, 0]))
        echo(c, s, b'router alert')
        c, s = udp_pair(lab, 5302, v6=True)
        c.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_HOPOPTS, bytes([0, 0, 1, 4, 0, 0, 0, 0]))
        echo(c, s, b'hop by hop')
        c, s = udp_pair(lab, 5303, v6=True)
        c.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, bytes([0, 0, 1, 4, 0, 0, 0, 0]))
        echo(c, s, b'destination options')
    return {'udp_datagrams': 8}


@scene({'ip/multicast.pcapng': 'joining and leaving groups: IGMPv2, IGMPv3 and MLDv2 reports; multicast UDP without an answer'}, 'python3 sockets')
def multicast(lab, paths):
    pair(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        for version in (3, 2):
            lab.sysctl('client', 'net.ipv4.conf.c0.force_igmp_version', version)
            m = lab.socket('client', socket.AF_INET, socket.SOCK_DGRAM)
            m.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('239.1.2.3') + socket.inet_aton('192.0.2.1'))
            time.sleep(0.3)
            m.close()
            time.sleep(0.3)
        with lab.inside('client'):
            index = socket.if_nametoindex('c0')
        m = lab.socket('client', socket.AF_INET6, socket.SOCK_DGRAM)
        m.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(socket.AF_INET6, 'ff05::1234') + struct.pack('i', index))
        time.sleep(0.3)
        m.close()
        u = lab.socket('client', socket.AF_INET, socket.SOCK_DGRAM)
        u.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('192.0.2.1'))
        for _ in range(3):
            u.sendto(b'to all', ('239.1.2.3', 5400))
            time.sleep(0.05)
        time.sleep(0.5)
    return {'groups': ['239.1.2.3', 'ff05::1234'], 'multicast_datagrams': 3}


@scene({'ip/unreachable.pcapng': 'through a router: time exceeded (three hops asked), network and host unreachable, fragmentation needed, packet too big'},
       'python3 sockets, kernel as router')
def unreachable(lab, paths):
    for name in ('client', 'router', 'server'):
        lab.space(name)
    lab.veth('client', 'c0', 'router', 'r0', mac=(1, 3))
    lab.veth('router', 'r1', 'server', 's0', mac=(4, 2))
    lab.run('router', 'ip link set r1 mtu 1280')
    lab.address('client', 'c0', '192.0.2.1/24', '2001:db8::1/64', 'fe80::1/64')
    lab.address('router', 'r0', '192.0.2.254/24', '2001:db8::ff/64', 'fe80::ff/64')
    lab.address('router', 'r1', '198.51.100.254/24', '2001:db8:1::ff/64', 'fe80::ff/64')
    lab.address('server', 's0', '198.51.100.2/24', '2001:db8:1::2/64', 'fe80::2/64')
    for key in ('net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'):
        lab.sysctl('router', key, 1)
    lab.sysctl('router', 'net.ipv4.icmp_ratelimit', 0)
    lab.sysctl('router', 'net.ipv6.icmp.ratelimit', 0)
    lab.run('client', 'ip route add default via 192.0.2.254')
    lab.run('client', 'ip -6 route add default via 2001:db8::ff')
    lab.run('server', 'ip route add default via 198.51.100.254')
    lab.run('server', 'ip -6 route add default via 2001:db8:1::ff')
    told = {}
    with Recorder(lab, 'client', 'c0', paths[0]):
        for v6, near, nowhere in ((False, '198.51.100.2', '203.0.113.9'), (True, '2001:db8:1::2', '2001:db8:9::9')):
            family = socket.AF_INET6 if v6 else socket.AF_INET
            level, hops = (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS) if v6 else (socket.IPPROTO_IP, socket.IP_TTL)
            answers = []
            u = lab.socket('client', family, socket.SOCK_DGRAM)
            u.setsockopt(level, 25 if v6 else 11, 1)     # IPV6_RECVERR, IP_RECVERR
            u.connect((near, 33434))
            for ttl in (1, 2):
                u.setsockopt(level, hops, ttl)
                u.send(b'trace')
                try:
                    u.settimeout(1)
                    u.recv(100)
                except OSError as problem:
                    answers.append(errno.errorcode.get(problem.errno, 'timeout'))
            n = lab.socket('client', family, socket.SOCK_DGRAM)
            n.setsockopt(level, 25 if v6 else 11, 1)
            n.connect((nowhere, 9))
            time.sleep(1.2)                              # the router answers one error a second
            n.send(b'to nowhere')
            try:
                n.settimeout(1)
                n.recv(100)
            except OSError as problem:
                answers.append(errno.errorcode.get(problem.errno, 'timeout'))
            listener = lab.listener('server', near, 7500)
            c = lab.connect('client', near, 7500)
            s, _ = listener.accept()
            c.sendall(b'm' * 4000)
            got = 0
            while got < 4000:
                got += len(s.recv(5000))
            who = [*c.getsockname()[:2], *c.getpeername()[:2]]
            c.close()
            time.sleep(0.05)
            s.close()
            told['v6' if v6 else 'v4'] = {'answers': answers, 'ends': who, 'mtu_of_the_path': 1280}
    return told
