"""TCP itself, by small socket programs. Both ends are in this process, so it can say what each socket knew."""
import errno
import select
import socket
import struct
import threading
import time

from net import pair, wire_log, wired
from record import Recorder
from scene import scene
from told import ends, tcp_info

SERVER = '192.0.2.2'
TCP = socket.IPPROTO_TCP
LINGER_0 = struct.pack('ii', 1, 0)
MSG_FASTOPEN = 0x20000000


def drain(s):
    """Reads to the end; returns the number of bytes."""
    got = 0
    while True:
        more = s.recv(65536)
        if not more:
            return got
        got += len(more)


def all_acked(s, seconds=30):
    """Waits until the kernel has nothing unacknowledged of this socket (SIOCOUTQ)."""
    import fcntl
    until = time.time() + seconds
    while time.time() < until:
        if struct.unpack('i', fcntl.ioctl(s, 0x5411, b'\0' * 4))[0] == 0:
            return
        time.sleep(0.005)
    raise RuntimeError('data was never acknowledged')


def try_connect(lab, name, address, port, options=None):
    s = lab.socket(name, socket.AF_INET6 if ':' in address else socket.AF_INET)
    for (level, option), value in (options or {}).items():
        s.setsockopt(level, option, value)
    s.settimeout(None)
    began = time.time()
    told = {'server': address, 'server_port': port}
    s.setblocking(False)
    s.connect_ex((address, port))
    told['client_port'] = s.getsockname()[1]
    told['client'] = s.getsockname()[0]
    poll = select.poll()
    poll.register(s, select.POLLOUT)
    poll.poll(30000)
    problem = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    told['connect'] = errno.errorcode.get(problem, 'OK')
    told['seconds'] = round(time.time() - began, 4)
    s.close()
    return told


def time_waits(lab):
    """{host: [[local, peer], ...]} as ss -tan tells."""
    return {name: sorted(line.split()[2:4] for line in lab.ss(name, '-tan', 'state', 'time-wait').splitlines() if line.strip())
            for name in lab.spaces}


def accepted(lab, client, port, address=SERVER, options=None, source_port=0, listener=None):
    """(client socket, server socket) of a new connection."""
    own = listener or lab.listener('server', address, port)
    c = lab.connect(client, address, port, source_port=source_port, options=options or {})
    s, _ = own.accept()
    s.settimeout(20)
    if not listener:
        own.close()
    return c, s


@scene({'tcp/refused.pcapng': 'ports where nobody listens answer with RST, over IPv4 and IPv6'}, 'python3 sockets')
def refused(lab, paths):
    pair(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = [try_connect(lab, 'client', SERVER, 81), try_connect(lab, 'client', '2001:db8::2', 81), try_connect(lab, 'client', SERVER, 8080)]
    return {'connections': told}


@scene({'tcp/filtered.pcapng': 'a port whose SYNs are dropped: SYN at 0, 1, 3 and 7 s, then given up'},
       'python3 socket (TCP_SYNCNT 3), nftables drop (counted)')
def filtered(lab, paths):
    pair(lab)
    lab.nft('server', 'table inet lab { chain in { type filter hook input priority 0; tcp dport 81 counter drop comment "dropped" } }')
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = try_connect(lab, 'client', SERVER, 81, {(TCP, socket.TCP_SYNCNT): 3})
    return {'connections': [told], 'nft_dropped': lab.nft_counters('server')['dropped']}


@scene({'tcp/rejected.pcapng': 'ports rejected by a firewall with ICMP port unreachable, admin-prohibited (v4, v6) and with RST'},
       'python3 sockets, nftables reject (counted)')
def rejected(lab, paths):
    pair(lab)
    lab.nft('server', '''table inet lab { chain in { type filter hook input priority 0;
        tcp dport 82 counter reject with icmpx type port-unreachable comment "port-unreachable"
        tcp dport 83 counter reject with icmpx type admin-prohibited comment "admin-prohibited"
        tcp dport 84 counter reject with tcp reset comment "tcp reset" } }''')
    one = {(TCP, socket.TCP_SYNCNT): 1}
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = [try_connect(lab, 'client', address, port, one) for port in (82, 83, 84) for address in (SERVER, '2001:db8::2')]
    return {'connections': told, 'nft_rejected': lab.nft_counters('server')}


@scene({'tcp/half-open.pcapng': 'SYN and SYN-ACK, never completed: the client is killed by a firewall that drops the SYN-ACK'},
       'python3 sockets, nftables drop at the client (counted)')
def half_open(lab, paths):
    pair(lab)
    lab.nft('client', 'table inet lab { chain in { type filter hook input priority 0; tcp sport 85 counter drop comment "dropped" } }')
    listener = lab.listener('server', SERVER, 85)
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = try_connect(lab, 'client', SERVER, 85, {(TCP, socket.TCP_SYNCNT): 2})
    listener.close()
    return {'connections': [told], 'nft_dropped': lab.nft_counters('client')['dropped']}


@scene({'tcp/half-close.pcapng': 'the client shuts its writing side down; the server sends on for 0.6 s, then closes'}, 'python3 sockets (SHUT_WR)')
def half_close(lab, paths):
    pair(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        c, s = accepted(lab, 'client', 7000)
        c.sendall(b'all I have to say\n')
        c.shutdown(socket.SHUT_WR)
        asked = drain(s)
        for i in range(3):
            time.sleep(0.2)
            s.sendall(b'answer %d\n' % i * 100)
        who = ends(c)
        info = [tcp_info(c), tcp_info(s)]
        s.close()
        got = drain(c)
        c.close()
        time.sleep(0.1)
        held = time_waits(lab)
    return {'connections': [{'ends': who, 'first_to_close': 'client', 'sent': [asked, got], 'tcp_info': info}], 'time_wait': held}


@scene({'tcp/half-closed-at-end.pcapng': 'half-closed when the capture ends'}, 'python3 sockets')
def half_closed_at_end(lab, paths):
    pair(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        c, s = accepted(lab, 'client', 7001)
        c.sendall(b'x' * 100)
        c.shutdown(socket.SHUT_WR)
        drain(s)
        s.sendall(b'y' * 200)
        time.sleep(0.2)
        who = ends(c)
        states = lab.ss('client', '-tan', 'sport', '=', f':{who[1]}').split()[0], lab.ss('server', '-tan', 'dport', '=', f':{who[1]}').split()[0]
    return {'connections': [{'ends': who, 'first_to_close': 'client', 'ss_states': states}]}


@scene({'tcp/simultaneous-close.pcapng': 'both ends close within the 20 ms that the wire takes; both hold TIME-WAIT'},
       'python3 sockets, wire.py', tap=True)
def simultaneous_close(lab, paths):
    log = wired(lab, delay_ms=20)
    with Recorder(lab, 'client', 'c0', paths[0]):
        c, s = accepted(lab, 'client', 7002)
        c.sendall(b'ping\n')
        s.recv(100)
        s.sendall(b'pong\n')
        c.recv(100)
        who = ends(c)
        info = [tcp_info(c), tcp_info(s)]
        s.close()
        c.close()
        time.sleep(0.3)
        held = time_waits(lab)
    return {'connections': [{'ends': who, 'first_to_close': 'both', 'sent': [5, 5], 'tcp_info': info}], 'time_wait': held}


@scene({'tcp/simultaneous-open.pcapng': 'both ends send a SYN to each other, which cross on the wire'}, 'python3 sockets, wire.py', tap=True)
def simultaneous_open(lab, paths):
    wired(lab, delay_ms=30)
    with Recorder(lab, 'client', 'c0', paths[0]):
        warm = lab.socket('client', socket.AF_INET, socket.SOCK_DGRAM)    # so that ARP is done before
        warm.sendto(b'warm', (SERVER, 9))
        time.sleep(0.3)
        c, s = lab.socket('client'), lab.socket('server')
        c.bind(('192.0.2.1', 7100))
        s.bind((SERVER, 7200))
        for own, peer in ((c, (SERVER, 7200)), (s, ('192.0.2.1', 7100))):
            own.setblocking(False)
            own.connect_ex(peer)
        for own in (c, s):
            poll = select.poll()
            poll.register(own, select.POLLOUT)
            poll.poll(5000)
            own.setblocking(True)
        c.sendall(b'from c\n')
        s.sendall(b'from s\n')
        time.sleep(0.2)
        c.recv(100), s.recv(100)
        who, info = ends(c), [tcp_info(c), tcp_info(s)]
        c.close()
        time.sleep(0.2)
        s.close()
        time.sleep(0.2)
        held = time_waits(lab)
    return {'connections': [{'ends': who, 'first_to_close': 'client', 'sent': [7, 7], 'tcp_info': info}], 'time_wait': held}


@scene({'tcp/server-closes-first.pcapng': 'the server closes first and holds TIME-WAIT; then a three-segment close'}, 'python3 sockets')
def server_first(lab, paths):
    pair(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        c, s = accepted(lab, 'client', 7003)
        s.sendall(b'goodbye\n')
        s.close()
        drain(c)
        first = ends_of_closed = c.getsockname()[1]
        time.sleep(0.15)
        c.close()
        time.sleep(0.1)
        c, s = accepted(lab, 'client', 7004)
        second = c.getsockname()[1]

        def echo_close():                    # blocked in recv: closes as soon as the FIN comes
            while s.recv(100):
                pass
            s.close()
        thread = threading.Thread(target=echo_close)
        thread.start()
        c.sendall(b'bye\n')
        time.sleep(0.1)
        c.setsockopt(TCP, socket.TCP_QUICKACK, 0)
        c.close()
        thread.join()
        time.sleep(0.1)
        held = time_waits(lab)
    return {'connections': [{'ends': ['192.0.2.1', first, SERVER, 7003], 'first_to_close': 'server'},
                            {'ends': ['192.0.2.1', second, SERVER, 7004], 'first_to_close': 'client'}], 'time_wait': held}


@scene({'tcp/reset.pcapng': 'resets: SO_LINGER 0 by the client, by the server, closed with unread data, data sent to a closed socket'}, 'python3 sockets')
def reset(lab, paths):
    pair(lab)
    told = []
    with Recorder(lab, 'client', 'c0', paths[0]):
        for port, who in ((7010, 'client'), (7011, 'server')):
            c, s = accepted(lab, 'client', port)
            c.sendall(b'hello\n')
            s.recv(100)
            told.append({'ends': ends(c), 'reset_by': who, 'why': 'SO_LINGER 0'})
            first, other = (c, s) if who == 'client' else (s, c)
            first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
            first.close()
            time.sleep(0.05)
            try:
                told[-1]['peer_saw'] = 'data' if other.recv(10) else 'end'
            except OSError as problem:
                told[-1]['peer_saw'] = errno.errorcode[problem.errno]
            other.close()
        c, s = accepted(lab, 'client', 7012)
        c.sendall(b'never read\n')
        time.sleep(0.1)
        told.append({'ends': ends(c), 'reset_by': 'server', 'why': 'closed with unread data'})
        s.close()
        time.sleep(0.05)
        c.close()
        c, s = accepted(lab, 'client', 7013)
        told.append({'ends': ends(c), 'reset_by': 'server', 'why': 'data came after close'})
        s.close()
        time.sleep(0.1)
        c.sendall(b'anyone there?\n')
        time.sleep(0.1)
        c.close()
        held = time_waits(lab)
    return {'connections': told, 'time_wait': held}


@scene({'tcp/reused-in-time-wait.pcapng': 'the same four numbers used again 1.5 s after the close, while the client (tcp_tw_reuse), '
        'then while the server held TIME-WAIT'}, 'python3 sockets, bind to the same source port')
def reused(lab, paths):
    pair(lab)
    lab.sysctl('client', 'net.ipv4.tcp_tw_reuse', 1)
    told, held = [], []
    with Recorder(lab, 'client', 'c0', paths[0]):
        for port, first in ((7020, 'client'), (7021, 'server')):
            listener = lab.listener('server', SERVER, port)
            for turn in range(2):
                c, s = accepted(lab, 'client', port, source_port=40000 + port, listener=listener)
                c.sendall(b'turn %d\n' % turn)
                s.recv(100)
                told.append({'ends': ends(c), 'first_to_close': first, 'turn': turn})
                a, b = (c, s) if first == 'client' else (s, c)
                a.close()
                time.sleep(0.05)
                b.close()
                time.sleep(0.05)
                held.append(time_waits(lab))
                if turn == 0:
                    time.sleep(1.5)
            listener.close()
    return {'connections': told, 'time_wait_after_each': held}


@scene({'tcp/fast-open.pcapng': 'TCP Fast Open: the cookie is asked for, then a connection with data in its SYN'}, 'python3 sockets (MSG_FASTOPEN)')
def fast_open(lab, paths):
    pair(lab)
    for name in ('client', 'server'):
        lab.sysctl(name, 'net.ipv4.tcp_fastopen', 3)
    listener = lab.listener('server', SERVER, 7030, options={(TCP, socket.TCP_FASTOPEN): 5})
    told = []
    with Recorder(lab, 'client', 'c0', paths[0]):
        for turn in range(2):
            c = lab.socket('client')
            c.settimeout(None)
            c.sendto(b'GET / HTTP/1.0\r\n\r\n', MSG_FASTOPEN, (SERVER, 7030))
            s, _ = listener.accept()
            s.recv(100)
            s.sendall(b'HTTP/1.0 200 OK\r\n\r\nfast\n')
            info = tcp_info(c)
            told.append({'ends': ends(c), 'first_to_close': 'server', 'syn_data_acked': bool(info['options'] & 32)})
            s.close()
            drain(c)
            c.close()
            time.sleep(0.1)
    return {'connections': told}


@scene({'tcp/zero-window.pcapng': 'a reader that sleeps 1.5 s with a small buffer: zero windows, probes, window updates'}, 'python3 sockets (SO_RCVBUF)')
def zero_window(lab, paths):
    pair(lab)
    listener = lab.listener('server', SERVER, 7040, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 8192})
    with Recorder(lab, 'client', 'c0', paths[0]):
        c, s = accepted(lab, 'client', 7040, listener=listener)
        c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 262144)
        sender = threading.Thread(target=c.sendall, args=(b'w' * 60000,))
        sender.start()
        time.sleep(1.5)
        got = 0
        s.settimeout(0.5)
        while got < 60000:
            got += len(s.recv(2000))
            time.sleep(0.002)
        sender.join()
        all_acked(c)
        info = [tcp_info(c), tcp_info(s)]
        who = ends(c)
        c.close()
        s.settimeout(5)
        drain(s)
        s.close()
        ss = lab.ss('client', '-tinoem')
    return {'connections': [{'ends': who, 'first_to_close': 'client', 'sent': [60000, 0], 'tcp_info': info}]}


def transfer(lab, port, count, address=SERVER, congestion=None, listener=None, options=None, chunk=None):
    """Client sends count bytes, the server answers with one line, the client closes. What both kernels knew just before it."""
    opts = dict(options or {})
    c, s = accepted(lab, 'client', port, address=address, options=opts, listener=listener)
    if congestion:
        c.setsockopt(TCP, socket.TCP_CONGESTION, congestion.encode())
    got = []
    reader = threading.Thread(target=lambda: got.append(read_exactly(s, count)))
    reader.start()
    body = bytes(i * 11 & 255 for i in range(count))
    if chunk:
        for at in range(0, count, chunk):
            c.sendall(body[at:at + chunk])
            time.sleep(0.002)
    else:
        c.sendall(body)
    reader.join()
    s.sendall(b'got it all\n')
    c.recv(100)
    all_acked(c)
    all_acked(s)
    time.sleep(0.08)
    info = [tcp_info(c), tcp_info(s)]
    ss = lab.ss('client', '-tin', 'dport', '=', f':{port}').split('\n')[-2:]
    who = ends(c)
    c.close()
    drain(s)
    s.close()
    time.sleep(0.1)
    return {'ends': who, 'first_to_close': 'client', 'sent': [count, 11], 'received': got[0], 'tcp_info': info,
            'ss': ' '.join(' '.join(ss).split())}


def read_exactly(s, count):
    got = 0
    while got < count:
        more = s.recv(65536)
        if not more:
            break
        got += len(more)
    return got


LOSS = '''table inet lab { chain in { type filter hook input priority 0;
    ip length > 200 tcp dport %d numgen inc mod %d %d counter drop comment "dropped" } }'''


@scene({'tcp/loss.pcapng': 'every 25th data segment lost, seen at the sender: fast retransmissions with SACK'},
       'python3 sockets, nftables numgen drop (counted), TCP_INFO')
def loss(lab, paths):
    pair(lab)
    lab.nft('server', LOSS % (7050, 25, 12))
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = transfer(lab, 7050, 150000)
    return {'connections': [told], 'nft_dropped': lab.nft_counters('server')['dropped']}


@scene({'tcp/loss-timeout.pcapng': 'the last segments lost: tail loss probe and timeouts; no SACK'},
       'python3 sockets, nftables drop (counted), TCP_INFO, tcp_sack=0')
def loss_timeout(lab, paths):
    pair(lab)
    lab.sysctl('client', 'net.ipv4.tcp_sack', 0)
    lab.nft('server', '''table inet lab { chain in { type filter hook input priority 0;
        ip length > 60 tcp dport 7052 numgen inc mod 4 > 0 counter drop comment "dropped" } }''')
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = transfer(lab, 7052, 2000)
    return {'connections': [told], 'nft_dropped': lab.nft_counters('server')['dropped']}


@scene({'tcp/lost-syn.pcapng': 'the first SYN lost, then the first SYN-ACK lost: two connections that begin 1 s late'},
       'python3 sockets, nftables drop (counted)')
def lost_syn(lab, paths):
    pair(lab)
    lab.nft('server', '''table inet lab {
        chain in { type filter hook input priority 0; tcp dport 7053 tcp flags syn / syn,ack numgen inc mod 2 0 counter drop comment "SYN" }
        }''')
    lab.nft('client', '''table inet lab {
        chain in { type filter hook input priority 0; tcp sport 7054 tcp flags syn,ack / syn,ack numgen inc mod 2 0 counter drop comment "SYN-ACK" }
        }''')
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = [transfer(lab, 7053, 100), transfer(lab, 7054, 100)]
    return {'connections': told, 'nft_dropped': {**lab.nft_counters('server'), **lab.nft_counters('client')}}


@scene({'tcp/loss-ipv6.pcapng.gz': 'loss over IPv6, every 20th data segment'}, 'python3 sockets, nftables numgen drop (counted), TCP_INFO')
def loss_ipv6(lab, paths):
    pair(lab)
    lab.nft('server', '''table inet lab { chain in { type filter hook input priority 0;
        ip6 length > 200 tcp dport 7055 numgen inc mod 20 9 counter drop comment "dropped" } }''')
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = transfer(lab, 7055, 80000, address='2001:db8::2')
    return {'connections': [told], 'nft_dropped': lab.nft_counters('server')['dropped']}


@scene({'tcp/short-snap.pcapng': 'a transfer of 120 kB with loss, 96 bytes kept of each frame'}, 'python3 sockets; dumpcap -s 96')
def short_snap(lab, paths):
    pair(lab)
    lab.nft('server', LOSS % (7056, 30, 14))
    with Recorder(lab, 'client', 'c0', paths[0], snaplen=96):
        told = transfer(lab, 7056, 120000)
    return {'connections': [told], 'nft_dropped': lab.nft_counters('server')['dropped']}


@scene({'tcp/offload.pcapng.gz': 'offloads on: partial checksums and coalesced segments larger than the MTU'}, 'python3 sockets, veth with its offloads')
def offload(lab, paths):
    pair(lab, offload=True)
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = [transfer(lab, 7060, 120000), transfer(lab, 7061, 3000, address='2001:db8::2')]
        u = lab.socket('client', socket.AF_INET, socket.SOCK_DGRAM)
        v = lab.socket('server', socket.AF_INET, socket.SOCK_DGRAM)
        v.bind((SERVER, 7062))
        u.sendto(b'a datagram with half a checksum', (SERVER, 7062))
        v.recv(100)
    return {'connections': told, 'udp': 1}


def wire_scene(lab, path, port, *rules, count=60000, where='server', delay_ms=10, options=None):
    log = wired(lab, *rules, delay_ms=delay_ms)
    dev = {'client': 'c0', 'server': 's0'}[where]
    with Recorder(lab, where, dev, path):
        told = transfer(lab, port, count, options=options)
    return {'connections': [told], 'wire': wire_log(log), 'wire_delay_ms': delay_ms, 'recorded_at': where}


@scene({'tcp/reordered.pcapng': 'segments overtaken by others, seen at the receiver'}, 'python3 sockets, wire.py (logged), TCP_INFO', tap=True)
def reordered(lab, paths):
    return wire_scene(lab, paths[0], 7070, 'right data 6 hold 1', 'right data 14 hold 2', 'right data 25,33 hold 1')


@scene({'tcp/duplicated.pcapng': 'segments and an ACK that arrive twice, seen at the receiver'}, 'python3 sockets, wire.py (logged), TCP_INFO', tap=True)
def duplicated(lab, paths):
    return wire_scene(lab, paths[0], 7071, 'right data 5 twice', 'right data 12 twice 4', 'right data 30-31 twice', 'left tcp 8 twice')


@scene({'tcp/wire-loss.pcapng': 'losses, a late segment and a duplicate over a wire of 15 ms, seen at the sender'},
       'python3 sockets, wire.py (logged), TCP_INFO', tap=True)
def wire_loss(lab, paths):
    return wire_scene(lab, paths[0], 7072, 'right data 8 drop', 'right data 21,22 drop', 'right data 40 late 60', 'right data 50 twice',
                      count=100000, where='client', delay_ms=15)


@scene({'tcp/loss-before-capture.pcapng.gz': 'segments lost before the capture point: holes that are filled later, seen at the receiver'},
       'python3 sockets, wire.py (logged), TCP_INFO', tap=True)
def loss_before_capture(lab, paths):
    return wire_scene(lab, paths[0], 7051, 'right data 9 drop', 'right data 25-27 drop', 'right data 50 drop', count=90000)


@scene({'tcp/ecn.pcapng.gz': 'ECN negotiated; the wire marks three segments as having met congestion'}, 'python3 sockets, wire.py', tap=True)
def ecn(lab, paths):
    log = wired(lab, 'right data 6,7,20 ce', delay_ms=8)
    for name in ('client', 'server'):
        lab.sysctl(name, 'net.ipv4.tcp_ecn', 1)
    with Recorder(lab, 'server', 's0', paths[0]):
        told = transfer(lab, 7073, 50000)
    return {'connections': [told], 'wire': wire_log(log)}


@scene({'tcp/keep-alive.pcapng': 'an idle connection kept alive by probes each second'}, 'python3 sockets (SO_KEEPALIVE)')
def keep_alive(lab, paths):
    pair(lab)
    keep = {(socket.SOL_SOCKET, socket.SO_KEEPALIVE): 1, (TCP, socket.TCP_KEEPIDLE): 1, (TCP, socket.TCP_KEEPINTVL): 1}
    with Recorder(lab, 'client', 'c0', paths[0]):
        c, s = accepted(lab, 'client', 7080, options=keep)
        c.sendall(b'are you there\n')
        s.recv(100)
        time.sleep(3.6)
        who, info = ends(c), [tcp_info(c), tcp_info(s)]
        c.close()
        s.close()
    return {'connections': [{'ends': who, 'first_to_close': 'client', 'sent': [14, 0], 'tcp_info': info}]}


@scene({'tcp/midstream.pcapng': 'a connection that was open before the capture began; another that never ends'}, 'python3 sockets')
def midstream(lab, paths):
    pair(lab)
    c, s = accepted(lab, 'client', 7090)
    c.sendall(b'before\n')
    s.recv(100)
    with Recorder(lab, 'client', 'c0', paths[0]):
        c.sendall(b'during\n')
        s.recv(100)
        s.sendall(b'yes\n')
        c.recv(100)
        told = [{'ends': ends(c), 'first_to_close': 'client', 'midstream': True, 'sent': [7, 4]}]
        c.close()
        drain(s)
        s.close()
        c, s = accepted(lab, 'client', 7091)
        c.sendall(b'still here\n')
        s.recv(100)
        told.append({'ends': ends(c), 'first_to_close': None, 'sent': [11, 0]})
    return {'connections': told}


@scene({'tcp/one-way.pcapng': 'only what the client sent was captured'}, 'python3 sockets; dumpcap -f "src host 192.0.2.1"')
def one_way(lab, paths):
    pair(lab)
    with Recorder(lab, 'client', 'c0', paths[0], capture_filter='src host 192.0.2.1'):
        told = transfer(lab, 7092, 5000)
    return {'connections': [told]}


@scene({'tcp/peer-gone.pcapng': 'the peer falls silent: retransmissions with growing pauses, then given up'},
       'python3 sockets, nftables drop (counted), TCP_USER_TIMEOUT')
def peer_gone(lab, paths):
    pair(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        c, s = accepted(lab, 'client', 7093, options={(TCP, socket.TCP_USER_TIMEOUT): 4000})
        c.sendall(b'hello\n')
        s.recv(100)
        lab.nft('server', 'table inet lab { chain in { type filter hook input priority 0; tcp dport 7093 counter drop comment "dropped" } }')
        c.sendall(b'is this thing on?\n')
        who = ends(c)
        info, last = None, time.time() + 20
        while time.time() < last:
            now = tcp_info(c)
            problem = c.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if problem:
                break
            info = now
            time.sleep(0.02)
        c.close()
    return {'connections': [{'ends': who, 'first_to_close': None, 'error': errno.errorcode[problem], 'tcp_info': [info]}],
            'nft_dropped': lab.nft_counters('server')['dropped']}


@scene({'tcp/urgent.pcapng': 'urgent data, empty writes, many small segments (TCP_NODELAY)'}, 'python3 sockets (MSG_OOB)')
def urgent(lab, paths):
    pair(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        c, s = accepted(lab, 'client', 7094, options={(TCP, socket.TCP_NODELAY): 1})
        for i in range(12):
            c.sendall(b'%c' % (65 + i))
        c.send(b'!', socket.MSG_OOB)
        c.sendall(b'done\n')
        time.sleep(0.1)
        who = ends(c)
        c.close()
        drain(s)
        s.close()
    return {'connections': [{'ends': who, 'first_to_close': 'client', 'sent': [18, 0]}]}


@scene({'tcp/mptcp.pcapng': 'a Multipath TCP connection: MP_CAPABLE, DSS, fast close'}, 'python3 sockets (IPPROTO_MPTCP)')
def mptcp(lab, paths):
    pair(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        listener = lab.socket('server', socket.AF_INET, socket.SOCK_STREAM, 262)
        listener.bind((SERVER, 7095))
        listener.listen(1)
        c = lab.socket('client', socket.AF_INET, socket.SOCK_STREAM, 262)
        c.connect((SERVER, 7095))
        s, _ = listener.accept()
        c.sendall(b'many ways\n')
        s.recv(100)
        s.sendall(b'one answer\n')
        c.recv(100)
        who = ends(c)
        c.close()
        drain(s)
        s.close()
        time.sleep(0.3)
    return {'connections': [{'ends': who, 'first_to_close': 'client', 'sent': [10, 11], 'mptcp': True}]}


@scene({'tcp/no-options.pcapng': 'no timestamps, no SACK, no window scaling'}, 'python3 sockets, sysctl tcp_timestamps tcp_sack tcp_window_scaling = 0')
def no_options(lab, paths):
    pair(lab)
    for key in ('timestamps', 'sack', 'window_scaling'):
        lab.sysctl('client', f'net.ipv4.tcp_{key}', 0)
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = transfer(lab, 7096, 20000)
    return {'connections': [told]}
