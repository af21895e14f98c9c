"""Link layers, tags, tunnels, and file formats."""
import os
import socket
import subprocess
import threading
import time

from net import pair, settle, start_wire, wire_log
from record import Recorder
from scene import scene
from scenes_ip import echo, ping, udp_pair
from scenes_tcp import accepted, drain, transfer
from servers import Named, Nginx
from told import curl, dig, ends


def lively(lab, name='client', address='192.0.2.2', port=7600):
    """A little TCP and UDP: the same everywhere, so that what is wrapped can be compared."""
    listener = lab.listener('server', address, port)
    c = lab.connect(name, address, port)
    s, _ = listener.accept()
    c.sendall(b'GET / HTTP/1.0\r\nHost: inside\r\n\r\n')
    s.recv(100)
    s.sendall(b'HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\ninside')
    who = ends(c)
    s.close()
    drain(c)
    c.close()
    listener.close()
    u, v = udp_pair(lab, port + 1, v6=':' in address)
    echo(u, v, b'datagram')
    time.sleep(0.1)
    return {'tcp': who, 'udp': [*u.getsockname()[:2], *u.getpeername()[:2]]}


def wrapped(lab, path, wrap, tun):
    """Client and server on TAP (or TUN) devices; between them the wire wraps frames over a veth, where they are recorded."""
    for name in ('client', 'server', 'link'):
        lab.space(name)
    lab.veth('link', 'm0', 'link', 'm1', mac=(0x11, 0x12))
    left = lab.tap('client', 'c0', mac=None if tun else 1, tun=tun, mtu=1400)
    right = lab.tap('server', 's0', mac=None if tun else 2, tun=tun, mtu=1400)
    lab.address('client', 'c0', '192.0.2.1/24', '2001:db8::1/64')
    lab.address('server', 's0', '192.0.2.2/24', '2001:db8::2/64')
    links = []
    for dev in ('m0', 'm1'):
        s = lab.socket('link', socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.bind((dev, 0))
        links.append(s)
        os.set_inheritable(s.fileno(), True)
    extra = ['--wrap', wrap, '--link-fd', f'{links[0].fileno()},{links[1].fileno()}'] + (['--tun'] if tun else [])
    argv_log = start_wire_with(lab, left, right, links, extra)
    with Recorder(lab, 'link', 'm0', path):
        told = {}
        if wrap != '6in4':
            told['v4'] = lively(lab)
            told['echo4'] = ping(lab, 2)
        if wrap not in ('ipip',):
            told['v6'] = lively(lab, address='2001:db8::2', port=7610)
    return {'wrap': wrap, 'inside': told}


def start_wire_with(lab, left, right, links, extra):
    import sys
    log = os.path.join(lab.dir, 'wire.jsonl')
    fds = [left, right] + [s.fileno() for s in links]
    argv = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'wire.py'), '--left-fd', str(left),
            '--right-fd', str(right), '--delay', '3', '--log', log, *extra]
    lab.children.append(subprocess.Popen(argv, pass_fds=fds))
    time.sleep(0.4)
    return log


@scene({'link/vlan.pcapng': 'one VLAN tag (id 42): TCP, UDP, ICMP, ARP'}, 'python3 sockets, wire.py tags', tap=True)
def vlan(lab, paths):
    return wrapped(lab, paths[0], 'vlan:42', False)


@scene({'link/qinq.pcapng': 'two tags: 802.1ad 100 outside, 802.1Q 7 inside with priority 1'}, 'python3 sockets, wire.py tags', tap=True)
def qinq(lab, paths):
    return wrapped(lab, paths[0], 'qinq:100:7', False)


@scene({'tunnel/gre.pcapng': 'IPv4 and IPv6 inside GRE with a key'}, 'python3 sockets, wire.py wraps', tap=True)
def gre(lab, paths):
    return wrapped(lab, paths[0], 'gre:1234', True)


@scene({'tunnel/ipip.pcapng': 'IPv4 inside IPv4'}, 'python3 sockets, wire.py wraps', tap=True)
def ipip(lab, paths):
    return wrapped(lab, paths[0], 'ipip', True)


@scene({'tunnel/6in4.pcapng': 'IPv6 inside IPv4'}, 'python3 sockets, wire.py wraps', tap=True)
def six_in_four(lab, paths):
    return wrapped(lab, paths[0], '6in4', True)


@scene({'link/pppoe.pcapng': 'a PPPoE session'}, 'python3 sockets, wire.py wraps', tap=True)
def pppoe(lab, paths):
    return wrapped(lab, paths[0], 'pppoe:77', True)


@scene({'tunnel/vxlan.pcapng': 'Ethernet inside VXLAN (VNI 99), made by the kernel; the same addresses in two VNIs stay apart'}, 'python3 sockets, kernel VXLAN')
def vxlan(lab, paths):
    for name in ('client', 'server'):
        lab.space(name)
    lab.veth('client', 'u0', 'server', 'u1', mac=(0x11, 0x12), mtu=1600)
    lab.address('client', 'u0', '198.51.100.1/24')
    lab.address('server', 'u1', '198.51.100.2/24')
    told = {}
    with Recorder(lab, 'client', 'u0', paths[0]):
        for vni in (99, 100):
            for name, dev, peer, mac in (('client', 'u0', '198.51.100.2', 1), ('server', 'u1', '198.51.100.1', 2)):
                lab.run(name, f'ip link add vx{vni} address 02:00:00:00:00:{mac:02x} type vxlan id {vni} remote {peer} dev {dev} dstport 4789')
                lab.no_offload(name, f'vx{vni}')
                lab.address(name, f'vx{vni}', f'192.0.2.{mac}/24')
                lab.run(name, f'ip link set vx{vni} up')
            listener = lab.listener('server', '192.0.2.2', 7600)
            c = lab.connect('client', '192.0.2.2', 7600, source_port=45678)
            s, _ = listener.accept()
            c.sendall(b'through VNI %d\n' % vni)
            s.recv(100)
            told[str(vni)] = ends(c)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
            c.close()
            drain(s)
            s.close()
            listener.close()
            time.sleep(0.2)
            for name in ('client', 'server'):
                lab.run(name, f'ip link del vx{vni}')
    return {'inside': told}


@scene({'link/stp.pcapng': 'a bridge that sends spanning tree frames (802.3 with LLC) beside ARP and TCP'}, 'kernel bridge, python3 sockets')
def stp(lab, paths):
    for name in ('client', 'bridge', 'server'):
        lab.space(name)
    lab.run('bridge', 'ip link add br0 type bridge stp_state 1 hello_time 100 forward_delay 200')
    lab.veth('client', 'c0', 'bridge', 'b0', mac=(1, 3))
    lab.veth('server', 's0', 'bridge', 'b1', mac=(2, 4))
    for dev in ('b0', 'b1'):
        lab.run('bridge', f'ip link set {dev} master br0')
    lab.run('bridge', 'ip link set br0 up')
    lab.address('client', 'c0', '192.0.2.1/24', '2001:db8::1/64')
    lab.address('server', 's0', '192.0.2.2/24', '2001:db8::2/64')
    time.sleep(5)
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = lively(lab)
        time.sleep(3)
    return {'inside': told}


@scene({'link/cooked.pcap': 'the "any" device: Linux cooked v2 (loopback and Ethernet)',
        'link/cooked-v1.pcap': 'the same as Linux cooked v1'}, 'python3 sockets; tcpdump -i any -y LINUX_SLL2 and LINUX_SLL')
def cooked(lab, paths):
    pair(lab)
    told = {}
    with Recorder(lab, 'client', 'any', paths[0], tool='tcpdump', linktype='LINUX_SLL2'):
        with Recorder(lab, 'client', 'any', paths[1], tool='tcpdump', linktype='LINUX_SLL'):
            told['ethernet'] = lively(lab)
            listener = lab.listener('client', '127.0.0.1', 7700)
            c = lab.connect('client', '127.0.0.1', 7700)
            s, _ = listener.accept()
            c.sendall(b'to myself\n')
            s.recv(100)
            told['loopback'] = ends(c)
            c.close()
            drain(s)
            s.close()
    return {'inside': told}


@scene({'link/raw-ip.pcap': 'a TUN device: packets without a link layer'}, 'python3 sockets, wire.py; tcpdump', tap=True)
def raw_ip(lab, paths):
    for name in ('client', 'server'):
        lab.space(name)
    left, right = lab.tap('client', 'c0', tun=True), lab.tap('server', 's0', tun=True)
    lab.address('client', 'c0', '192.0.2.1/24', '2001:db8::1/64')
    lab.address('server', 's0', '192.0.2.2/24', '2001:db8::2/64')
    start_wire(lab, left, right, delay_ms=5, extra=['--tun'])
    with Recorder(lab, 'client', 'c0', paths[0], tool='tcpdump'):
        told = {'v4': lively(lab), 'v6': lively(lab, address='2001:db8::2', port=7610)}
    return {'inside': told}


@scene({'link/two-interfaces.pcapng': 'one file, two interfaces of different link types (Ethernet, Linux cooked v2): a DNS lookup on '
        'one, HTTP on the other', 'link/two-interfaces.pcapng.gz': 'the same, gzip', 'link/two-interfaces.pcapng.zst': 'the same, zstd'},
       'curl, nginx, dig, named; dumpcap, tcpdump -i any, mergecap, gzip, zstd')
def two_interfaces(lab, paths):
    pair(lab)
    named, nginx = Named(lab), Nginx(lab)
    a, b = os.path.join(lab.dir, 'a.pcapng'), os.path.join(lab.dir, 'b.pcap')
    with Recorder(lab, 'client', 'c0', a, capture_filter='port 53'):
        with Recorder(lab, 'server', 'any', b, tool='tcpdump', linktype='LINUX_SLL2', capture_filter='tcp port 80'):
            told = {'dig': [dig(lab, 'client', 'www.example.com')], 'curl': [curl(lab, 'client', 'http://192.0.2.2/', 'http://192.0.2.2/a.txt')]}
    subprocess.run(['mergecap', '-F', 'pcapng', '-I', 'none', '-w', paths[0], a, b], check=True)
    with open(paths[1], 'wb') as f:
        subprocess.run(['gzip', '-9nc', paths[0]], stdout=f, check=True)
    with open(paths[2], 'wb') as f:
        subprocess.run(['zstd', '-19', '-qc', paths[0]], stdout=f, check=True)
    return {**told, 'nginx': nginx.log()}
