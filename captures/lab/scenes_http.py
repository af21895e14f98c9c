"""curl with nginx."""
import os
import socket
import struct
import subprocess
import threading
import time

from net import pair
from record import Recorder
from scene import scene
from servers import Nginx, reply_once
from told import curl, curl_told

W = 'http://192.0.2.2'


def http(lab, path, *commands, keepalive=65, tool='dumpcap', before=None, settle=0.6, **record):
    """Runs curl commands against nginx and records them at the client."""
    pair(lab)
    server = Nginx(lab, keepalive=keepalive)
    with Recorder(lab, 'client', 'c0', path, tool=tool, **record):
        told = []
        for command in commands:
            told.append(curl(lab, 'client', *command))
        time.sleep(settle)
        time_wait = {name: sorted(line.split()[2:4] for line in lab.ss(name, '-tan', 'state', 'time-wait').splitlines() if line)
                     for name in ('client', 'server')}
    return {'curl': told, 'nginx': server.log(), 'time_wait': time_wait}


@scene({'http/keepalive.pcapng': 'five requests on one kept connection, then the client closes'}, 'curl, nginx')
def keepalive(lab, paths):
    return http(lab, paths[0], [f'{W}/', f'{W}/cached.css', f'{W}/a.txt', f'{W}/c.json', f'{W}/page.png'])


@scene({'http/one-each.pcap': 'four requests, each on its own connection (nanosecond pcap)'}, 'curl -H "Connection: close", nginx; tcpdump')
def one_each(lab, paths):
    return http(lab, paths[0], *[['-H', 'Connection: close', f'{W}{p}'] for p in ('/', '/cached.css', '/b.txt', '/missing')],
                tool='tcpdump')


@scene({'http/client-closes.pcap': 'four connections closed by the client (microsecond pcap)'}, 'curl, nginx; tcpdump')
def client_closes(lab, paths):
    return http(lab, paths[0], *[[f'{W}{p}'] for p in ('/', '/cached.css', '/b.txt', '/c.json')], tool='tcpdump', micro=True)


@scene({'http/redirect.pcapng': '302 followed on the same connection, and a 301 to a name that is elsewhere'}, 'curl -L, nginx')
def redirect(lab, paths):
    return http(lab, paths[0], ['-L', f'{W}/old.html'], [f'{W}/moved'])


@scene({'http/post.pcapng': 'POST of a form, POST after 100-continue, PUT, and one too large (413)'}, 'curl -d, nginx')
def post(lab, paths):
    body = os.path.join(lab.dir, 'upload.bin')
    with open(body, 'wb') as f:
        f.write(bytes(range(256)) * 40)
    big = os.path.join(lab.dir, 'big-upload.bin')
    with open(big, 'wb') as f:
        f.write(b'z' * 1100000)
    return http(lab, paths[0], ['-d', 'name=value&other=thing', f'{W}/back/form'],
                ['-H', 'Expect: 100-continue', '--data-binary', '@' + body, f'{W}/back/upload'],
                ['-X', 'PUT', '--data-binary', '@' + body, f'{W}/back/put'],
                ['-H', 'Expect: 100-continue', '--data-binary', '@' + big, f'{W}/back/upload'])


@scene({'http/conditional.pcapng': 'a page, then the same with If-None-Match and If-Modified-Since: 304; then changed: 200'}, 'curl, nginx')
def conditional(lab, paths):
    etag = f'"{1700000000:x}-{len(b"p { color: #234; }" ) * 20 + 20:x}"'
    return http(lab, paths[0], [f'{W}/cached.css'], ['-H', f'If-None-Match: {etag}', f'{W}/cached.css'],
                ['-H', 'If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT', f'{W}/cached.css'],
                ['-H', 'If-None-Match: "another"', f'{W}/cached.css'])


@scene({'http/chunked.pcapng': 'chunked bodies: one from a file, one that drips'}, 'curl, nginx')
def chunked(lab, paths):
    return http(lab, paths[0], [f'{W}/chunked.html', f'{W}/back/drip/5/120'])


@scene({'http/slow.pcapng': 'slow first byte (300 and 700 ms) and a slow body (limited to 4 kB/s)'}, 'curl, nginx')
def slow(lab, paths):
    return http(lab, paths[0], [f'{W}/back/delay/300', f'{W}/a.txt'], [f'{W}/back/delay/700'], ['-r', '0-8191', f'{W}/trickle.txt'])


@scene({'http/errors.pcapng': '403, 404, 416, 500, 502, 503 on one connection, and a HEAD'}, 'curl, nginx')
def errors(lab, paths):
    return http(lab, paths[0], [f'{W}/secret', f'{W}/missing', f'{W}/back/status/500', f'{W}/fails', f'{W}/back/status/503'],
                ['-I', f'{W}/b.txt'], ['-r', '999999-', f'{W}/a.txt'])


@scene({'http/cookies.pcapng': 'a Set-Cookie, and the cookie sent back'}, 'curl -c -b, nginx')
def cookies(lab, paths):
    jar = os.path.join(lab.dir, 'jar')
    return http(lab, paths[0], ['-c', jar, f'{W}/cookie'], ['-b', jar, f'{W}/a.txt'])


@scene({'http/ipv6.pcapng': 'two requests over IPv6, one kept connection; one more connection'}, 'curl -6, nginx')
def ipv6(lab, paths):
    return http(lab, paths[0], ['-g', 'http://[2001:db8::2]/', 'http://[2001:db8::2]/b.txt'], ['-g', 'http://[2001:db8::2]/missing'])


@scene({'http/idle-closed.pcapng': 'a kept connection that the server closes after 2 s of silence'}, 'python3 socket, nginx keepalive_timeout 2')
def idle_closed(lab, paths):
    pair(lab)
    server = Nginx(lab, keepalive=2)
    with Recorder(lab, 'client', 'c0', paths[0]):
        s = lab.connect('client', '192.0.2.2', 80)
        ends = [*s.getsockname(), *s.getpeername()]
        s.sendall(b'GET /a.txt HTTP/1.1\r\nHost: www.example.com\r\n\r\n')
        while s.recv(65536):
            pass
        s.close()
        time.sleep(0.3)
        held = lab.ss('server', '-tan', 'state', 'time-wait')
    return {'connections': [{'ends': ends, 'first_to_close': 'server', 'server_time_wait': bool(held.strip())}], 'nginx': server.log()}


@scene({'http/pipelined.pcapng': 'four requests in one segment, answered in order'}, 'python3 socket, nginx')
def pipelined(lab, paths):
    pair(lab)
    server = Nginx(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        s = lab.connect('client', '192.0.2.2', 80)
        ends = [*s.getsockname(), *s.getpeername()]
        s.sendall(b''.join(b'GET %s HTTP/1.1\r\nHost: www.example.com\r\n\r\n' % p for p in (b'/a.txt', b'/c.json', b'/missing'))
                  + b'GET /new.html HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n')
        got = b''
        while True:
            more = s.recv(65536)
            if not more:
                break
            got += more
        s.close()
    return {'connections': [{'ends': ends, 'first_to_close': 'server', 'received': len(got)}], 'nginx': server.log(),
            'pipelined': 3}


@scene({'http/until-close.pcapng': 'HTTP/1.0: the body ends where the connection does'}, 'curl -0, python3 socket server')
def until_close(lab, paths):
    pair(lab)
    listener = lab.listener('server', '192.0.2.2', 8000)
    reply_once(listener, b'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n' + b'no length was told\n' * 200)
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = curl(lab, 'client', '-0', 'http://192.0.2.2:8000/story')
    return {'curl': [told]}


@scene({'http/trailers.pcapng': 'a chunked body with chunk extensions and trailer fields; header folding'}, 'curl, python3 socket server')
def trailers(lab, paths):
    pair(lab)
    listener = lab.listener('server', '192.0.2.2', 8080)
    reply_once(listener, b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nX-Long: first\r\n  and second\r\n'
                         b'Connection: close\r\n\r\n4;name=value\r\nWiki\r\n5\r\npedia\r\n0\r\nX-Sum: 9\r\n\r\n')
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = curl(lab, 'client', 'http://192.0.2.2:8080/wiki')
    return {'curl': [told]}


@scene({'http/upgrade.pcapng': '101 Switching Protocols, then other bytes both ways'}, 'python3 sockets')
def upgrade(lab, paths):
    pair(lab)
    listener = lab.listener('server', '192.0.2.2', 8081)

    def work():
        s, _ = listener.accept()
        s.recv(4096)
        s.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                  b'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n')
        s.recv(4096)
        s.sendall(b'\x81\x05world')
        s.recv(4096)
        s.close()
    threading.Thread(target=work, daemon=True).start()
    with Recorder(lab, 'client', 'c0', paths[0]):
        s = lab.connect('client', '192.0.2.2', 8081)
        ends = [*s.getsockname(), *s.getpeername()]
        s.sendall(b'GET /chat HTTP/1.1\r\nHost: chat.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                  b'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
        s.recv(4096)
        s.sendall(b'\x81\x85\x01\x02\x03\x04igohn')
        s.recv(4096)
        s.close()
    return {'connections': [{'ends': ends, 'first_to_close': 'client'}]}


@scene({'http/connect.pcapng': 'CONNECT through a proxy, 200, then a tunnel; and one refused with 403'}, 'curl --proxy, python3 proxy')
def connect(lab, paths):
    pair(lab)
    listener = lab.listener('server', '192.0.2.2', 3128)
    server = Nginx(lab)

    def pump(a, b):
        try:
            while True:
                data = a.recv(65536)
                if not data:
                    break
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def work():
        for turn in range(2):
            s, _ = listener.accept()
            s.settimeout(10)
            s.recv(4096)
            if turn:
                s.sendall(b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
                s.close()
                continue
            far = lab.connect('server', '192.0.2.2', 80)
            s.sendall(b'HTTP/1.1 200 Connection established\r\n\r\n')
            other = threading.Thread(target=pump, args=(far, s), daemon=True)
            other.start()
            pump(s, far)
            other.join()
            s.close()
    threading.Thread(target=work, daemon=True).start()
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = [curl(lab, 'client', '--noproxy', '', '-p', '-x', '192.0.2.2:3128', f'{W}/a.txt') for _ in range(2)]
    return {'curl': told, 'nginx': server.log()}


@scene({'http/killed.pcapng': 'a server killed in mid-answer, a connection reset without an answer, a server killed during an upload (reset)'},
       'curl, nginx killed with SIGKILL')
def killed(lab, paths):
    pair(lab)
    body = os.path.join(lab.dir, 'upload.bin')
    with open(body, 'wb') as f:
        f.write(b'u' * 90000)
    told = []
    with Recorder(lab, 'client', 'c0', paths[0]):
        server = Nginx(lab)
        told.append(curl(lab, 'client', f'{W}/reset'))
        child = curl(lab, 'client', f'{W}/trickle.bin', start=True)
        time.sleep(1.2)
        server.kill()
        told.append(curl_told(lab, child))
        server = Nginx(lab)
        child = curl(lab, 'client', '--limit-rate', '15k', '-H', 'Expect:', '--data-binary', '@' + body, f'{W}/back/upload', start=True)
        time.sleep(1.0)
        server.kill()
        told.append(curl_told(lab, child))
    return {'curl': told, 'nginx': server.log()}


@scene({'http/other-port.pcapng': 'HTTP on port 5353 and on 53 over TCP: recognised by content'}, 'curl, python3 http.server')
def other_port(lab, paths):
    pair(lab)
    told = []
    with Recorder(lab, 'client', 'c0', paths[0]):
        for port in (5353, 53):
            listener = lab.listener('server', '192.0.2.2', port)
            reply_once(listener, b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n')
            told.append(curl(lab, 'client', f'http://192.0.2.2:{port}/where'))
    return {'curl': told}
