"""HTTP as tshark 4.0 shows it, on conversations that are made up here: bodies with a length, in chunks or to the end of the
connection, cut into segments at random; some segments are lost, repeated or overtaken."""
import random
import socket
import struct
import subprocess

import pytest

from conftest import need

FIELDS = ['frame.number', 'tcp.len', 'http.request.method', 'http.request.uri', 'http.host', 'http.cookie', 'http.response.code',
          'http.response.phrase', 'http.content_type', 'http.server', 'http.content_length_header', 'http.request_in', 'http.time',
          'http.notification', 'http.request', 'http.request.line', 'http.content_length']
CLIENT, SERVER = '10.1.0.1', '10.1.0.2'
FIN, SYN, PSH, ACK = 1, 2, 8, 16


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def frame(source, target, ports, seq, ack, flags, data=b''):
    a, b = socket.inet_aton(source), socket.inet_aton(target)
    segment = struct.pack('!HHIIBBHHH', *ports, seq, ack, 0x50, flags, 65535, 0, 0) + data
    total = checksum(a + b + struct.pack('!BBH', 0, 6, len(segment)) + segment)
    segment = segment[:16] + struct.pack('!H', total) + segment[18:]
    header = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(segment), 1, 0, 64, 6, 0, a, b)
    return bytes(12) + b'\x08\0' + header[:10] + struct.pack('!H', checksum(header)) + header[12:] + segment


def head(*lines):
    return '\r\n'.join(lines).encode() + b'\r\n\r\n'


def in_chunks(chance, body, most):
    coded = b''
    while body:
        size = chance.randint(1, most)
        coded += b'%x\r\n%s\r\n' % (len(body[:size]), body[:size])
        body = body[size:]
    return coded + b'0\r\n\r\n'


def exchange(chance, number, last):
    method = chance.choice(['GET', 'GET', 'GET', 'POST', 'HEAD', 'PUT', 'NOTIFY', 'OPTIONS'])
    lines = [f'{method} /{number} HTTP/1.{chance.randint(0, 1)}', 'Host: example.org']
    if chance.random() < .3:
        lines.append('Cookie: ' + 'c' * chance.randint(1, 3000))
    body = b''
    if method in ('POST', 'PUT', 'NOTIFY'):
        body = bytes(chance.choice(b'abc: \r\n<>\0\xff') for _ in range(chance.choice([0, 1, 20, 3000])))
        if chance.random() < .3:
            lines.append('Transfer-Encoding: chunked')
            body = in_chunks(chance, body, 1200)
        else:
            lines.append(f'Content-Length: {len(body)}')
    request = head(*lines) + body

    status = chance.choice(['200 OK', '200 OK', '404 Not Found', '304 Not Modified', '204 No Content', '301 Moved'])
    lines = ['HTTP/1.1 ' + status, f'Server: s/{number}', 'Content-Type: text/plain']
    body = bytes(chance.choice(b'abcdef: \r\n') for _ in range(chance.choice([0, 5, 700, 6000])))
    kind = chance.choice(['length', 'length', 'chunks', 'end'])
    if status[:3] in ('304', '204') or method == 'HEAD':
        if chance.random() < .5:
            lines.append(f'Content-Length: {len(body)}')
        body = b''
    elif kind == 'chunks':
        lines.append('Transfer-Encoding: chunked')
        body = in_chunks(chance, body, 4000)
    elif kind == 'length' or not last:
        lines.append(f'Content-Length: {len(body)}')
    interim = head('HTTP/1.1 100 Continue') if chance.random() < .1 else b''
    return request, interim + head(*lines) + body


def segments(chance, data, seq, fin, mishap):
    most = chance.choice([40, 536, 1460, 1460])
    found, at = [], 0
    while at < len(data):
        size = most if chance.random() < .8 else chance.randint(1, most)
        found.append([seq + at, data[at:at + size], ACK])
        at += size
    if found:
        found[-1][2] |= PSH
    if fin and found and chance.random() < .5:
        found[-1][2] |= FIN
    elif fin:
        found.append([seq + len(data), b'', FIN | ACK])
    if mishap == 'lost':
        found = [one for one in found if chance.random() > .06]
    elif mishap == 'repeated':
        found = [one for one in found for _ in range(1 + (chance.random() < .1))]
    elif mishap == 'overtaken':
        for i in range(len(found) - 1):
            if chance.random() < .1:
                found[i], found[i + 1] = found[i + 1], found[i]
    return found


def connection(chance, port, mishap):
    ports, seq = (port, chance.choice([80, 80, 8080, 9999, 3128])), [1000, 5000]
    yield frame(CLIENT, SERVER, ports, seq[0], 0, SYN)
    yield frame(SERVER, CLIENT, ports[::-1], seq[1], seq[0] + 1, SYN | ACK)
    seq = [seq[0] + 1, seq[1] + 1]
    count = chance.randint(1, 4)
    for i in range(count):
        for side, data in enumerate(exchange(chance, i, i == count - 1)):
            ends = (CLIENT, SERVER, ports) if side == 0 else (SERVER, CLIENT, ports[::-1])
            for place, part, flags in segments(chance, data, seq[side], side and i == count - 1, mishap):
                yield frame(*ends, place, seq[1 - side], flags, part)
            seq[side] += len(data)


def table(argv):
    done = subprocess.run([*argv, '-T', 'fields', *(word for name in FIELDS for word in ('-e', name))], stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0
    return done.stdout.split('\n')


@pytest.mark.parametrize('mishap', ['none', 'lost', 'repeated', 'overtaken'])
def test_made_up_conversations(wt, tmp_path, mishap):
    need('tshark')
    chance, path = random.Random(mishap), tmp_path / 'http.pcap'
    with open(path, 'wb') as f:
        f.write(struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        frames = [one for port in range(20000, 20120) for one in connection(chance, port, mishap)]
        for i, one in enumerate(frames):
            f.write(struct.pack('<IIII', 1600000000 + i // 1000, i % 1000 * 1000, len(one), len(one)) + one)
    theirs = table(['tshark', '-n', '-o', 'tcp.check_checksum:TRUE', '-r', path])
    ours = table([wt.binary, 'packets', '--compat', 'tshark-4.0', '-r', path])
    assert len(theirs) == len(ours) == len(frames) + 1
    shown = [line for line in theirs if line.split('\t')[2:] != [''] * (len(FIELDS) - 2)]
    assert len(shown) > 150
    differ = [(t, o) for t, o in zip(theirs, ours) if t != o]
    assert len(differ) <= len(shown) / 1000, differ[:4]
