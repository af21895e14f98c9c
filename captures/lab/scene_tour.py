"""The capture that the project shows first: a minute in the life of a client behind a router and a wire of some 12 ms."""
import os
import socket
import subprocess
import threading
import time

from net import start_wire
from record import Recorder
from scene import scene
from scenes_ip import ping
from scenes_tcp import LINGER_0, all_acked, drain, try_connect
from servers import Named, Nginx
from told import curl, dig, ends, tcp_info

TCP = socket.IPPROTO_TCP
ZONE = '''
tour     A 198.51.100.80
tour     AAAA 2001:db8:1::80
api      CNAME tour
old      A 198.51.100.80
closed   A 198.51.100.80
shut     A 198.51.100.99
files    A 198.51.100.80
'''


def resolver(lab, address):
    """This mount namespace's /etc/resolv.conf. False where it can't be replaced."""
    path = os.path.join(lab.dir, 'resolv.conf')
    with open(path, 'w') as f:
        f.write(f'nameserver {address}\noptions timeout:2 attempts:2\n')
    target = os.path.realpath('/etc/resolv.conf')
    return subprocess.run(['mount', '--bind', path, target], stderr=subprocess.DEVNULL).returncode == 0


@scene({'tour.pcapng': 'a lively minute: DNS good and bad, HTTP kept, slow, redirected and reset, loss, refused and filtered ports, '
        'half-close, TIME-WAIT used again, IPv4 and IPv6'}, 'curl, nginx, dig, named, python3 sockets, wire.py, nftables', tap=True)
def tour(lab, paths):
    for name in ('client', 'router', 'server'):
        lab.space(name)
    left = lab.tap('client', 'eth0', mac=1)
    right = lab.tap('router', 'r0', mac=2)
    lab.veth('router', 'r1', 'server', 's0', mac=(3, 4))
    lab.address('client', 'eth0', '192.0.2.10/24', '2001:db8::10/64', 'fe80::10/64')
    lab.address('router', 'r0', '192.0.2.1/24', '2001:db8::1/64', 'fe80::1/64')
    lab.address('router', 'r1', '198.51.100.1/24', '2001:db8:1::1/64', 'fe80::1/64')
    lab.address('server', 's0', '198.51.100.80/24', '198.51.100.53/24', '2001:db8:1::80/64', '2001:db8:1::53/64', 'fe80::80/64')
    for key in ('net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'):
        lab.sysctl('router', key, 1)
    lab.run('client', 'ip route add default via 192.0.2.1')
    lab.run('client', 'ip -6 route add default via 2001:db8::1')
    lab.run('server', 'ip route add default via 198.51.100.1')
    lab.run('server', 'ip -6 route add default via 2001:db8:1::1')
    lab.sysctl('client', 'net.ipv4.tcp_tw_reuse', 1)
    start_wire(lab, left, right, delay_ms=5.5, jitter_ms=2)
    if not resolver(lab, '198.51.100.53'):
        raise RuntimeError('/etc/resolv.conf could not be covered in this mount namespace')
    named = Named(lab, v4='198.51.100.53', v6='2001:db8:1::53', more_zone=ZONE)
    nginx = Nginx(lab, address4='198.51.100.80', address6='2001:db8:1::80', keepalive=5)
    lab.nft('router', '''table inet lab { chain way { type filter hook forward priority 0;
        ip length > 200 tcp sport 7200 numgen inc mod 11 7 counter drop comment "lost" 
        tcp dport 8443 counter drop comment "filtered" } }''')
    W = 'http://tour.example.com'
    told, sockets = [], []
    digs = []
    with Recorder(lab, 'client', 'eth0', paths[0]):
        slow_syn = []
        filtered = threading.Thread(target=lambda: slow_syn.append(try_connect(lab, 'client', '198.51.100.80', 8443, {(TCP, socket.TCP_SYNCNT): 3})))
        told.append(curl(lab, 'client', '-4', f'{W}/', f'{W}/cached.css', f'{W}/page.png', f'{W}/c.json'))
        digs.append(dig(lab, 'client', 'example.com', 'MX', server='198.51.100.53'))
        filtered.start()
        pings = ping(lab, 3, address='198.51.100.80')
        told.append(curl(lab, 'client', '-6', f'{W}/b.txt'))
        told.append(curl(lab, 'client', '-4', '-L', 'http://old.example.com/old.html'))
        told.append(curl(lab, 'client', '-4', 'http://api.example.com/back/delay/640', 'http://api.example.com/back/status/503'))
        told.append(curl(lab, 'client', '-4', '-d', 'user=alice&text=hello', f'{W}/back/post'))
        digs.append(dig(lab, 'client', 'nothing-here.example.com', server='198.51.100.53'))
        told.append(curl(lab, 'client', '-4', 'http://closed.example.com:8079/'))
        told.append(curl(lab, 'client', '-4', '-H', f'If-None-Match: "{1700000000:x}-{380:x}"', f'{W}/cached.css'))
        told.append(curl(lab, 'client', '-4', f'{W}/chunked.html', f'{W}/back/drip/4/150', f'{W}/missing'))
        digs.append(dig(lab, 'client', '+noedns', 'long.example.com', 'TXT', server='198.51.100.53'))

        # a download from a server on port 7200 through the router that loses every 11th large packet
        listener = lab.listener('server', '198.51.100.80', 7200)

        def serve():
            s, _ = listener.accept()
            s.settimeout(20)
            s.recv(4096)
            body = bytes(i * 5 & 255 for i in range(60000))
            s.sendall(b'HTTP/1.1 200 OK\r\nServer: lossy\r\nContent-Type: application/octet-stream\r\nContent-Length: 60000\r\n'
                      b'Connection: close\r\n\r\n' + body)
            all_acked(s)
            sockets.append({'ends': [s.getpeername()[0], s.getpeername()[1], s.getsockname()[0], s.getsockname()[1]],
                            'first_to_close': 'server', 'what': 'loss', 'tcp_info': [None, tcp_info(s)]})
            s.close()
        thread = threading.Thread(target=serve)
        thread.start()
        told.append(curl(lab, 'client', '-4', 'http://files.example.com:7200/data.bin'))
        thread.join()
        told.append(curl(lab, 'client', '-4', f'{W}/reset'))

        # the name server falls silent for one question
        lab.nft('server', 'table inet lab { chain in { type filter hook input priority 0; udp dport 53 counter drop comment "silenced" } }')
        digs.append(dig(lab, 'client', '+tries=2', '+time=1', 'shop.example.com', server='198.51.100.53'))
        silenced = lab.nft_counters('server')['silenced']
        lab.nft('server', 'flush ruleset')
        digs.append(dig(lab, 'client', 'shop.example.com', server='198.51.100.53'))

        # half-close: a question, FIN, and the answer after it
        listener = lab.listener('server', '198.51.100.80', 7300)
        c = lab.connect('client', '198.51.100.80', 7300)
        s, _ = listener.accept()
        s.settimeout(10)
        c.sendall(b'sort these: c a b\n')
        c.shutdown(socket.SHUT_WR)
        drain(s)
        time.sleep(0.25)
        s.sendall(b'a b c\n')
        sockets.append({'ends': ends(c), 'first_to_close': 'client', 'what': 'half-close'})
        s.close()
        drain(c)
        c.close()

        # a client that gives up with a reset
        listener2 = lab.listener('server', '198.51.100.80', 7301)
        c = lab.connect('client', '198.51.100.80', 7301)
        s, _ = listener2.accept()
        c.sendall(b'never mind\n')
        s.recv(100)
        sockets.append({'ends': ends(c), 'first_to_close': 'client', 'what': 'reset by the client'})
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
        c.close()
        time.sleep(0.1)
        s.close()

        # the same four numbers twice, while the client holds TIME-WAIT
        listener3 = lab.listener('server', '198.51.100.80', 7302)
        for turn in range(2):
            c = lab.connect('client', '198.51.100.80', 7302, source_port=47302)
            s, _ = listener3.accept()
            s.settimeout(10)
            c.sendall(b'turn %d\n' % turn)
            s.recv(100)
            sockets.append({'ends': ends(c), 'first_to_close': 'client', 'what': 'used again in TIME-WAIT', 'turn': turn})
            c.close()
            drain(s)
            s.close()
            time.sleep(1.6 if turn == 0 else 0.2)
        digs.append(dig(lab, 'client', '-x', '192.0.2.80', server='198.51.100.53'))

        # a reader that is slow for a moment
        listener4 = lab.listener('server', '198.51.100.80', 7303, options={(socket.SOL_SOCKET, socket.SO_RCVBUF): 6000})
        c = lab.connect('client', '198.51.100.80', 7303)
        s, _ = listener4.accept()
        s.settimeout(10)
        sender = threading.Thread(target=c.sendall, args=(b'r' * 20000,))
        sender.start()
        time.sleep(0.9)
        got = 0
        while got < 20000:
            got += len(s.recv(3000))
        sender.join()
        all_acked(c)
        sockets.append({'ends': ends(c), 'first_to_close': 'client', 'what': 'zero window', 'tcp_info': [tcp_info(c), tcp_info(s)]})
        c.close()
        drain(s)
        s.close()
        told.append(curl(lab, 'client', '-4', f'{W}/a.txt'))
        filtered.join()
        idle = lab.connect('client', '198.51.100.80', 80)     # opened, never used: still open at the end
        sockets.append({'ends': ends(idle), 'first_to_close': None, 'what': 'left open'})
        time.sleep(0.3)
        held = {name: sorted(line.split()[2:4] for line in lab.ss(name, '-tan', 'state', 'time-wait').splitlines() if line.strip())
                for name in ('client', 'server')}
        time.sleep(0.3)
    return {'curl': told, 'dig': digs, 'nginx': nginx.log(), 'named': named.log(), 'connections': sockets, 'filtered': slow_syn,
            'nft_dropped': {**lab.nft_counters('router'), 'silenced': silenced}, 'time_wait_at_end': held,
            'ping': pings, 'wire_delay_ms': 5.5}
