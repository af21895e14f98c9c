"""Transfers of which it is known why they went as they did: three hosts (client, router, server), a wire of known delay, losses that
the router chose and wrote down, limits that the programs set. Recorded at both ends; the kernels' own account stands beside."""
import errno
import json
import socket
import threading
import time

from kernel import Sampler, Trace, counters
from net import start_wire, wire_log
from record import Recorder
from scene import Again, LeftOut, scene
from scenes_tcp import TCP, accepted, all_acked, drain
from told import ends, tcp_info

CLIENT, SERVER = '192.0.2.1', '198.51.100.2'
SNAPLEN = 96            # the longest headers of IPv4 and TCP after Ethernet are 134; ours have at most 94
HOW = 'python3 sockets (TCP_INFO), '


def network(lab, *rules, delay_ms=10, mtu=1500, offload=False):
    """client -- veth -- router -- the wire -- server; with offloads a second veth, as no TAP device has them. Returns the wire's log."""
    for name in ('client', 'router', 'server'):
        lab.space(name)
    lab.veth('client', 'c0', 'router', 'r0', offload=offload, mtu=mtu)
    log = None
    if offload:
        lab.veth('router', 'r1', 'server', 's0', offload=True, mac=(3, 4), mtu=mtu)
    else:
        left, right = lab.tap('router', 'r1', mac=3, mtu=mtu), lab.tap('server', 's0', mac=4, mtu=mtu)
    lab.sysctl('router', 'net.ipv4.ip_forward', 1)
    for name, dev, address in (('client', 'c0', CLIENT), ('router', 'r0', '192.0.2.254'), ('router', 'r1', '198.51.100.254'),
                               ('server', 's0', SERVER)):
        lab.address(name, dev, address + '/24')
    lab.run('client', 'ip route add default via 192.0.2.254')
    lab.run('server', 'ip route add default via 198.51.100.254')
    if not offload:
        log = start_wire(lab, left, right, *rules, delay_ms=delay_ms)
    lab.run('client', f'ping -c 2 -i 0.2 -q {SERVER}')      # neighbours are known: the first segment waits for nobody
    return log


def dropping(lab, port, match):
    """The router loses what matches, and remembers the sequence number and the IP identification of each."""
    lab.run('router', ['nft', '-f', '-'], text_in=f'''
table inet lab {{
    set dropped {{ typeof tcp sequence . ip id; flags dynamic; size 4096; }}
    set victim {{ typeof tcp sequence; flags dynamic; size 16; }}
    chain lose {{
        counter add @dropped {{ tcp sequence . ip id }} drop comment "dropped"
    }}
    chain forward {{
        type filter hook forward priority 0;
        tcp dport != {port} accept
        {match}
    }}
}}
''')


def dropped(lab):
    """{'count': the rule's counter, 'segments': [[sequence number, IP identification], ...]}"""
    told = json.loads(lab.run('router', ['nft', '-j', 'list', 'set', 'inet', 'lab', 'dropped']))
    found = [item['set'].get('elem', []) for item in told['nftables'] if 'set' in item][0]
    return {'count': lab.nft_counters('router')['dropped'], 'segments': sorted(item['concat'] for item in found)}


def bucket(lab, rate, limit, burst=20000):
    lab.run('router', f'tc qdisc add dev r1 root tbf rate {rate} burst {burst} limit {limit}')


def bucket_told(lab):
    told, = json.loads(lab.run('router', 'tc -s -j qdisc show dev r1'))
    return {key: told[key] for key in ('kind', 'options', 'bytes', 'packets', 'drops', 'overlimits') if key in told}


def write_all(s, count):
    s.sendall(bytes(count))


def in_pieces(piece, pause):
    """A writer that is the limit itself: so many bytes, then a pause."""
    def write(s, count):
        for at in range(0, count, piece):
            s.sendall(bytes(min(piece, count - at)))
            time.sleep(pause)
    return write


def read_all(s, count):
    got = 0
    while got < count:
        got += len(s.recv(262144))
    return got


def slowly(piece, pause, first=0.0):
    """A reader that lets its buffer fill: waits, then reads so many bytes at a time."""
    def read(s, count):
        time.sleep(first)
        got = 0
        while got < count:
            got += len(s.recv(min(piece, count - got)))
            time.sleep(pause)
        return got
    return read


def run(lab, paths, port, count, write=write_all, read=read_all, congestion='cubic', client_options=None, server_options=None):
    """The client sends count bytes, the server answers with one line, the client closes; recorded at both ends."""
    options = {**(client_options or {}), (TCP, socket.TCP_CONGESTION): congestion.encode()}
    listener = lab.listener('server', SERVER, port, options=server_options or {})
    got = []
    with Trace(port) as trace, Recorder(lab, 'client', 'c0', paths[0], snaplen=SNAPLEN, capture_filter='tcp'), \
            Recorder(lab, 'server', 's0', paths[1], snaplen=SNAPLEN, capture_filter='tcp'):
        try:
            c, s = accepted(lab, 'client', port, address=SERVER, options=options, listener=listener)
        except OSError as problem:
            if problem.errno == errno.ENOENT:
                raise LeftOut(f'this kernel has no {congestion}') from problem
            raise
        reader = threading.Thread(target=lambda: got.append(read(s, count)))
        reader.start()
        sampler = Sampler(c)
        sampler.start()
        began = time.time()
        write(c, count)
        reader.join()
        seconds = time.time() - began
        s.sendall(b'got it all\n')
        c.recv(100)
        all_acked(c)
        all_acked(s)
        samples = sampler.stop()
        time.sleep(0.06)
        info = [tcp_info(c, keep=None), tcp_info(s, keep=None)]
        who = ends(c)
        ss = ' '.join(lab.ss('client', '-tinH', 'dport', '=', f':{port}').split())
        c.close()
        drain(s)
        s.close()
        time.sleep(0.1)
    if any(event.get('why', '') is None for event in trace.events or []):
        raise Again('the kernel forgot a call stack')
    told = {'connections': [{'ends': who, 'first_to_close': 'client', 'sent': [count, 11], 'received': got[0], 'congestion': congestion,
                             'seconds': round(seconds, 4), 'tcp_info': info, 'ss': ss}],
            'netstat': {name: counters(lab, name) for name in ('client', 'server')},
            'samples': samples}
    if trace.events is not None:
        told['kernel'] = trace.events
    return told


def files(name, shows):
    return {f'transfer/{name}.client.pcapng.gz': shows + '; seen at the sender',
            f'transfer/{name}.server.pcapng.gz': shows + '; seen at the receiver'}


COUNTED = 'ip length > 200 numgen inc mod 65536 { %s } jump lose'


@scene(files('drops', 'chosen segments lost on the way (one, three in a row, every second of six): fast retransmissions with SACK'),
       HOW + 'nftables drops in the router (logged), wire.py of 10 ms', tap=True)
def drops(lab, paths):
    network(lab)
    dropping(lab, 7100, COUNTED % '60, 150, 151, 152, 300, 302, 304, 500')
    return {**run(lab, paths, 7100, 1000000), 'nft_dropped': dropped(lab)}


@scene(files('newreno', 'losses without SACK and without timestamps, Reno: three duplicate ACKs, then one hole for each round trip'),
       HOW + 'nftables drops in the router (logged), tcp_sack=0, tcp_timestamps=0', tap=True)
def newreno(lab, paths):
    network(lab)
    for key in ('sack', 'timestamps'):
        lab.sysctl('client', f'net.ipv4.tcp_{key}', 0)
    dropping(lab, 7101, COUNTED % '80, 200, 203, 206, 420')
    return {**run(lab, paths, 7101, 1000000, congestion='reno'), 'nft_dropped': dropped(lab)}


@scene(files('backoff', 'one segment lost five times: a fast retransmission that is lost, then timeouts, each waiting twice as long'),
       HOW + 'nftables drops of one sequence number (logged)', tap=True)
def backoff(lab, paths):
    network(lab)
    dropping(lab, 7102, '''tcp sequence @victim numgen inc mod 65536 < 4 jump lose
        ip length > 200 numgen inc mod 65536 150 add @victim { tcp sequence } jump lose''')
    return {**run(lab, paths, 7102, 600000), 'nft_dropped': dropped(lab)}


@scene(files('silence', 'nothing gets through for 1.6 s in the middle: timeouts with backoff, then all that was lost, in slow start'),
       HOW + 'nftables drops (logged)', tap=True)
def silence(lab, paths):
    network(lab)

    def write(s, count):
        s.sendall(bytes(count // 2))
        dropping(lab, 7103, 'jump lose')
        end = threading.Timer(1.6, lambda: lab.run('router', 'nft flush chain inet lab forward'))
        end.start()
        s.sendall(bytes(count - count // 2))
        end.join()
    told = run(lab, paths, 7103, 600000, write=write)
    return {**told, 'nft_dropped': dropped(lab)}


@scene(files('tail', 'the last segment of each of three bursts lost, then the last four: tail loss probes'),
       HOW + 'nftables drops of chosen lengths (logged)', tap=True)
def tail(lab, paths):
    network(lab)
    # 52 bytes of headers; the last segment of each burst is the only one of its length, and is lost once
    dropping(lab, 7104, '\n        '.join(f'ip length {52 + last} numgen inc mod 65536 0 jump lose' for last in (301, 302, 303)) +
             '\n        ip length > 200 tcp sequence @victim jump lose')

    def write(s, count):
        for last in (301, 302, 303):
            s.sendall(bytes(60 * 1448 + last))
            all_acked(s)
            time.sleep(0.1)
        s.sendall(bytes(count - 3 * 60 * 1448 - 906 - 8 * 1448))
        all_acked(s)
        lab.run('router', ['nft', '-f', '-'], text_in='insert rule inet lab forward ip length > 200 numgen inc mod 65536 { 4, 5, 6, 7 } jump lose\n')
        s.sendall(bytes(8 * 1448))
        all_acked(s)
    return {**run(lab, paths, 7104, 500000, write=write), 'nft_dropped': dropped(lab)}


@scene(files('delay-spikes', 'nothing is lost, but the way stands still for 130 ms at the end of two bursts and for 600 ms within the third: all that is sent again is spurious'),
       HOW + 'wire.py (logged)', tap=True)
def delay_spikes(lab, paths):
    log = network(lab, 'right data 95 stall 130', 'right data 195 stall 130', 'right data 420 stall 600')

    def write(s, count):
        for burst in (100 * 1448, 101 * 1448, count - 201 * 1448):
            s.sendall(bytes(burst))
            all_acked(s)
            time.sleep(0.25)
    return {**run(lab, paths, 7105, 1000000, write=write), 'wire': wire_log(log)}


@scene(files('reordering', 'segments overtaken by 2, 5 and 30 others, and some that arrive twice: nothing is lost'), HOW + 'wire.py (logged)', tap=True)
def reordering(lab, paths):
    log = network(lab, 'right data 60,61 hold 2', 'right data 150 hold 5', 'right data 260 hold 30', 'right data 350-353 twice', 'right data 450 hold 8')
    return {**run(lab, paths, 7106, 1000000), 'wire': wire_log(log)}


@scene(files('mixed', 'losses, a late segment and copies on one way, lost and late ACKs on the other'), HOW + 'wire.py (logged)', tap=True)
def mixed(lab, paths):
    log = network(lab, 'right data 50 drop', 'right data 90-92 drop', 'right data 140 late 35', 'right data 200,202,204 twice',
                  'right data 260 drop', 'right data 263 hold 6', 'right data 400-412 drop', 'left tcp 60-63 drop', 'left tcp 150 late 60')
    return {**run(lab, paths, 7107, 1000000), 'wire': wire_log(log)}


@scene(files('slow-reader', 'a reader that empties its buffer every 0.4 s: zero windows, probes, updates'),
       HOW + 'SO_RCVBUF of 150 kB', tap=True)
def slow_reader(lab, paths):
    network(lab, delay_ms=5)
    return run(lab, paths, 7108, 1500000, read=slowly(300000, 0.4), server_options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 150000})


@scene(files('small-window', 'a window of about 20 kB on a way of 30 ms: limited by the receiver all the time, though it reads at once'),
       HOW + 'SO_RCVBUF of 20 kB', tap=True)
def small_window(lab, paths):
    network(lab, delay_ms=15)
    return run(lab, paths, 7109, 1000000, server_options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 20000})


@scene(files('small-sndbuf', "a send buffer of about 20 kB on a way of 30 ms: limited by the sender's own buffer"), HOW + 'SO_SNDBUF of 20 kB', tap=True)
def small_sndbuf(lab, paths):
    network(lab, delay_ms=15)
    return run(lab, paths, 7110, 600000, write=in_pieces(5000, 0), client_options={(socket.SOL_SOCKET, socket.SO_SNDBUF): 10000})


@scene(files('slow-writer', 'a program that writes 25 kB, then thinks for 60 ms: limited by the application'), HOW + 'a pause after each write', tap=True)
def slow_writer(lab, paths):
    network(lab)
    return run(lab, paths, 7111, 1000000, write=in_pieces(25000, 0.06))


def through_a_bucket(lab, paths, port, congestion, rate='30mbit', limit=60000, count=1300000):
    network(lab, delay_ms=5)
    bucket(lab, rate, limit)
    told = run(lab, paths, port, count, congestion=congestion)
    return {**told, 'tbf': bucket_told(lab)}


@scene(files('cubic', 'CUBIC through a token bucket of 30 Mbit/s with a queue of 60 kB: it overflows'), HOW + 'tc tbf', tap=True)
def cubic(lab, paths):
    return through_a_bucket(lab, paths, 7112, 'cubic')


@scene(files('reno', 'Reno through a token bucket of 30 Mbit/s with a queue of 60 kB: it overflows'), HOW + 'tc tbf', tap=True)
def reno(lab, paths):
    return through_a_bucket(lab, paths, 7113, 'reno')


@scene(files('bbr', 'BBR through a token bucket of 30 Mbit/s with a queue of 60 kB'), HOW + 'tc tbf', tap=True)
def bbr(lab, paths):
    return through_a_bucket(lab, paths, 7114, 'bbr')


@scene(files('bufferbloat', 'a queue that holds half a second: no loss, and a round trip that grows thirty times'), HOW + 'tc tbf', tap=True)
def bufferbloat(lab, paths):
    return through_a_bucket(lab, paths, 7115, 'cubic', rate='12mbit', limit=1000000, count=1200000)


@scene(files('jumbo', '6 MB in frames of 9000 bytes, with losses'), HOW + 'nftables drops in the router (logged), MTU 9000', tap=True)
def jumbo(lab, paths):
    network(lab, mtu=9000)
    dropping(lab, 7116, COUNTED % '100, 250, 251, 400')
    return {**run(lab, paths, 7116, 6000000), 'nft_dropped': dropped(lab)}


@scene(files('coalesced', '20 MB with offloads on: segments of up to 64 kB and partial checksums at the sender'),
       HOW + 'veth with its offloads, nftables drops in the router (logged)')
def coalesced(lab, paths):
    network(lab, offload=True)
    dropping(lab, 7117, COUNTED % '60, 190')
    return {**run(lab, paths, 7117, 20000000), 'nft_dropped': dropped(lab)}


@scene(files('marked', 'ECN: the wire marks segments as having met congestion, the receiver echoes it, the sender slows down'), HOW + 'wire.py (logged)', tap=True)
def marked(lab, paths):
    log = network(lab, 'right data 100,101,260,400 ce')
    for name in ('client', 'server'):
        lab.sysctl(name, 'net.ipv4.tcp_ecn', 1)
    return {**run(lab, paths, 7118, 700000), 'wire': wire_log(log)}
