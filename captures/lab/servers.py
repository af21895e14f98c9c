"""The servers of the lab: nginx with a small backend behind a Unix socket (so that only nginx is on the wire), named."""
import http.server
import json
import os
import socket
import socketserver
import subprocess
import threading
import time

_NGINX = '''
user root; daemon off; master_process off; pid {dir}/nginx.pid; error_log {dir}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
    log_format told escape=json '{{"connection":$connection,"serial":$connection_requests,"msec":$msec,'
        '"request_time":$request_time,"status":$status,"method":"$request_method","uri":"$request_uri",'
        '"body_bytes":$body_bytes_sent,"client":"$remote_addr","client_port":$remote_port,"server_port":$server_port,'
        '"completed":"$request_completion","rtt_us":"$tcpinfo_rtt"}}';
    access_log {dir}/nginx-access.log told;
    client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3; uwsgi_temp_path {dir}/t4;
    scgi_temp_path {dir}/t5; keepalive_timeout {keepalive}; client_max_body_size 1m; types {{ text/html html; text/css css;
    text/plain txt; image/png png; application/json json; }} default_type application/octet-stream;
    etag on; sendfile off; lingering_close {lingering}; reset_timedout_connection on;
    upstream back {{ server unix:{dir}/back.sock; }}
    server {{
        listen {address4}:80; listen [{address6}]:80; server_name www.example.com; root {dir}/www;
        location = /old.html {{ return 302 /new.html; }}
        location = /moved {{ return 301 http://www.example.com/new.html; }}
        location = /secret {{ return 403; }}
        location = /reset {{ return 444; }}
        location = /chunked.html {{ ssi on; add_header Cache-Control "max-age=60"; }}
        location = /cached.css {{ add_header Cache-Control "public, max-age=3600"; }}
        location = /trickle.bin {{ limit_rate 12k; }}
        location = /trickle.txt {{ limit_rate 4k; }}
        location = /cookie {{ add_header Set-Cookie "sid=c0ffee; Path=/; HttpOnly"; return 200 "welcome\\n"; }}
        location /back/ {{ proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
            proxy_set_header Upgrade $http_upgrade; }}
        location /fails {{ proxy_pass http://unix:{dir}/nobody.sock; }}
    }}
}}
'''


class _Back(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def address_string(self):
        return 'unix'

    def _answer(self, status, body, kind='text/plain'):
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def do_GET(self):
        words = self.path.split('?')[0].split('/')[2:]
        if words[0] == 'delay':                     # /back/delay/MS
            time.sleep(int(words[1]) / 1000)
            self._answer(200, b'at last\n')
        elif words[0] == 'drip':                    # /back/drip/COUNT/MS: chunks
            self.send_response(200)
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            for i in range(int(words[1])):
                part = f'drop {i}\n'.encode()
                self.wfile.write(b'%x\r\n%s\r\n' % (len(part), part))
                time.sleep(int(words[2]) / 1000)
            self.wfile.write(b'0\r\n\r\n')
        elif words[0] == 'status':
            self._answer(int(words[1]), b'as you wish\n')
        else:
            self._answer(404, b'no such thing\n')

    do_HEAD = do_GET

    def do_POST(self):
        length = int(self.headers.get('Content-Length', 0))
        body = self.rfile.read(length)
        self._answer(200, json.dumps({'got': len(body)}).encode() + b'\n', 'application/json')

    do_PUT = do_POST


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def get_request(self):
        request, _ = super().get_request()
        return request, ('unix', 0)


class Nginx:
    def __init__(self, lab, name='server', address4='192.0.2.2', address6='2001:db8::2', keepalive=65, lingering='on'):
        self.lab = lab
        www = os.path.join(lab.dir, 'www')
        os.makedirs(www, exist_ok=True)
        for i in range(1, 6):
            os.makedirs(os.path.join(lab.dir, f't{i}'), exist_ok=True)
        pages = {'index.html': b'<!doctype html><title>Hello</title>\n<link rel=stylesheet href=cached.css>\n<p>Hello.\n',
                 'new.html': b'<!doctype html><title>New</title><p>Here now.\n',
                 'cached.css': b'p { color: #234; }\n' * 20,
                 'chunked.html': b'<!doctype html><p><!--#echo var="DATE_GMT" -->\n' + b'<p>line\n' * 300,
                 'a.txt': b'a' * 512 + b'\n', 'b.txt': b'b' * 5000 + b'\n', 'c.json': b'{"c": [1, 2, 3]}\n',
                 'big.bin': bytes(i * 7 & 255 for i in range(150000)), 'trickle.bin': bytes(i & 255 for i in range(200000)),
                 'trickle.txt': b'slow and steady\n' * 1000,
                 'page.png': b'\x89PNG\r\n\x1a\n' + bytes(i * 13 & 255 for i in range(9000))}
        for file, content in pages.items():
            with open(os.path.join(www, file), 'wb') as f:
                f.write(content)
            os.utime(os.path.join(www, file), (1700000000, 1700000000))
        sock = os.path.join(lab.dir, 'back.sock')
        if not os.path.exists(sock):
            self.back = _UnixServer(sock, _Back)
            threading.Thread(target=self.back.serve_forever, daemon=True).start()
        conf = os.path.join(lab.dir, 'nginx.conf')
        with open(conf, 'w') as f:
            f.write(_NGINX.format(dir=lab.dir, address4=address4, address6=address6, keepalive=keepalive, lingering=lingering))
        self.child = lab.popen(name, ['nginx', '-c', conf, '-e', os.path.join(lab.dir, 'nginx-error.log')],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(100):
            if lab.ss(name, '-tln', 'sport', '=', ':80').strip():
                break
            if self.child.poll() is not None:
                raise RuntimeError('nginx: ' + self.child.stderr.read().decode())
            time.sleep(0.05)

    def kill(self):
        self.child.kill()
        self.child.wait()

    def log(self):
        with open(os.path.join(self.lab.dir, 'nginx-access.log')) as f:
            return [json.loads(line) for line in f]


_ZONE = '''$TTL 300
@       SOA   ns1 hostmaster 2026010101 3600 900 604800 60
@       NS    ns1
@       NS    ns2
@       MX    10 mail
@       MX    20 mail2
@       TXT   "v=spf1 mx -all" "second string"
@       CAA   0 issue "ca.example.net"
@       HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.80
ns1     A     192.0.2.2
ns1     AAAA  2001:db8::2
ns2     A     192.0.2.3
mail    A     192.0.2.25
mail2   A     192.0.2.26
www     A     192.0.2.80
www     A     192.0.2.81
www     AAAA  2001:db8::80
web     CNAME www
shop    CNAME web
short 3 A     192.0.2.99
_sip._tcp SRV 10 60 5060 sip1
_sip._tcp SRV 20 40 5060 sip2
sip1    A     192.0.2.50
sip2    A     192.0.2.51
_443._tcp.www TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
svc     SVCB  1 target alpn=h2 port=8443
num     NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
host    HINFO "PC" "Linux"
host    LOC   52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
host    SSHFP 1 1 0123456789abcdef0123456789abcdef01234567
host    RP    hostmaster.example.com. .
host    URI   10 1 "https://www.example.com/"
sub     NS    ns1.sub
sub     DS    12345 8 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
ns1.sub A     192.0.2.7
*.wild  A     192.0.2.77
long    TXT   %s
many    A     192.0.2.100
%s
''' % (' '.join('"' + f'{i:03d}' + 'x' * 200 + '"' for i in range(12)),
       '\n'.join(f'many A 192.0.2.{i}' for i in range(101, 160)))

_NAMED = '''
options {{ directory "{dir}"; pid-file "{dir}/named.pid"; session-keyfile "{dir}/session.key"; listen-on port 53 {{ {v4}; }};
    listen-on-v6 port 53 {{ {v6}; }}; recursion no; dnssec-validation no; notify no; querylog yes; minimal-responses no;
    lock-file none; managed-keys-directory "{dir}"; rate-limit {{ responses-per-second 0; }}; allow-transfer {{ any; }}; }};
logging {{ channel told {{ file "{dir}/queries.log"; print-time iso8601-utc; }}; category queries {{ told; }}; }};
controls {{ }};
zone "example.com" {{ type primary; file "{dir}/example.com.zone"; }};
zone "signed.example" {{ type primary; file "{dir}/signed.example.zone.signed"; }};
zone "signed3.example" {{ type primary; file "{dir}/signed3.example.zone.signed"; }};
zone "2.0.192.in-addr.arpa" {{ type primary; file "{dir}/reverse.zone"; }};
zone "broken.example" {{ type primary; file "{dir}/does-not-exist.zone"; }};
'''


class Named:
    def __init__(self, lab, name='server', v4='192.0.2.2', v6='2001:db8::2', signed=False, more_zone=''):
        self.lab = lab
        d = lab.dir
        if lab.run(name, 'ip -o address show dev lo').count('127.0.0.1') == 0:
            raise RuntimeError('lo is down')
        with open(f'{d}/example.com.zone', 'w') as f:
            f.write(_ZONE + more_zone)
        with open(f'{d}/reverse.zone', 'w') as f:
            f.write('$TTL 300\n@ SOA ns1.example.com. h.example.com. 1 3600 900 604800 60\n@ NS ns1.example.com.\n'
                    '80 PTR www.example.com.\n25 PTR mail.example.com.\n')
        if signed:
            for zone, extra in (('signed.example', []), ('signed3.example', ['-3', 'ab12', '-H', '2'])):
                with open(f'{d}/{zone}.zone', 'w') as f:
                    f.write(f'$TTL 300\n@ SOA ns1.example.com. h.example.com. 1 3600 900 604800 60\n@ NS ns1.example.com.\n'
                            f'www A 192.0.2.80\nmail MX 5 www\n')
                for flags in ([], ['-f', 'KSK']):
                    lab.run(name, ['dnssec-keygen', '-q', '-K', d, '-a', 'ECDSAP256SHA256', *flags, zone])
                lab.run(name, ['dnssec-signzone', '-q', '-S', '-K', d, '-d', d, '-o', zone, *extra, '-f',
                               f'{d}/{zone}.zone.signed', f'{d}/{zone}.zone'])
        with open(f'{d}/named.conf', 'w') as f:
            f.write(_NAMED.format(dir=d, v4=v4, v6=v6))
        self.child = lab.popen(name, ['named', '-f', '-c', f'{d}/named.conf', '-n', '1'], stdout=subprocess.DEVNULL,
                               stderr=open(f'{d}/named.err', 'w'))
        for _ in range(200):
            if lab.ss(name, '-ulnH', 'sport', '=', ':53').strip():
                break
            if self.child.poll() is not None:
                raise RuntimeError('named: ' + open(f'{d}/named.err').read())
            time.sleep(0.05)
        time.sleep(0.5)

    def log(self):
        """[[client, port, name, class, type, flags], ...] as named wrote them."""
        import re
        found = []
        with open(f'{self.lab.dir}/queries.log') as f:
            for line in f:
                m = re.search(r'client @\S+ (\S+)#(\d+) .*query: (\S+) (\S+) (\S+) (\S+)', line)
                if m:
                    found.append([m.group(1), int(m.group(2)), *m.groups()[2:]])
        return found


def reply_once(listener, answer, linger=None):
    """A thread that accepts one connection, reads a request head, sends bytes and closes."""
    def work():
        s, _ = listener.accept()
        s.settimeout(10)
        data = b''
        while b'\r\n\r\n' not in data:
            more = s.recv(4096)
            if not more:
                break
            data += more
        s.sendall(answer)
        if linger is not None:
            import struct
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, linger))
        s.close()
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread
