"""Nothing that came from the network reaches a terminal as control characters, escape sequences or broken UTF-8."""
import json
import re
import struct
import xml.etree.ElementTree as tree

import pytest

from conftest import records
from frames import conversation, ether, ipv4, pcap, udp

EVIL = b'\x1b]0;owned\x07\x1b[2J\x9b31m\x00\x08\x7f\xff\xfe\xc3\x28\xe2\x80\xae\xe2\x80\x8b\xf0\x9f\x92\xa9\r\x0b\x0c\x85\xc2\x9b5n'


def dns_name(*labels):
    return b''.join(bytes([len(label)]) + label for label in labels) + b'\0'


def evil_dns():
    name = dns_name(EVIL[:30], b'a"b\\c', b'\xe2\x80\xaegpj.exe', b'com')
    query = struct.pack('!HHHHHH', 0x1234, 0x0100, 1, 0, 0, 0) + name + struct.pack('!HH', 16, 1)
    text = bytes([len(EVIL)]) + EVIL
    answer = struct.pack('!HHHHHH', 0x1234, 0x8180, 1, 3, 0, 0) + name + struct.pack('!HH', 16, 1)
    answer += b'\xc0\x0c' + struct.pack('!HHIH', 16, 1, 60, len(text)) + text
    answer += b'\xc0\x0c' + struct.pack('!HHIH', 1, 1, 60, 4) + bytes([192, 0, 2, 80])
    cname = dns_name(EVIL, b'x\x1b[1mx')
    answer += b'\xc0\x0c' + struct.pack('!HHIH', 5, 1, 60, len(cname)) + cname
    return [udp('192.0.2.1', 5353, '192.0.2.53', 53, query), udp('192.0.2.53', 53, '192.0.2.1', 5353, answer)]


def evil_http():
    safe = EVIL.replace(b'\r', b'').replace(b'\0', b'')
    request = b'GET /' + safe + b'?q=' + safe + b' HTTP/1.1\r\nHost: ' + safe + b'\r\nUser-Agent: ' + safe + b'\r\nCookie: ' + safe + \
        b'\r\nReferer: ' + safe + b'\r\nX-' + b'Odd: ' + safe + b'\r\n\r\n'
    response = b'HTTP/1.1 404 ' + safe + b'\r\nServer: ' + safe + b'\r\nLocation: ' + safe + b'\r\nSet-Cookie: ' + safe + \
        b'\r\nContent-Type: ' + safe + b'\r\nContent-Length: ' + str(len(EVIL)).encode() + b'\r\n\r\n' + EVIL
    return conversation('192.0.2.1', 40000, '192.0.2.80', 80, [(0, request), (1, response)])


@pytest.fixture(scope='module')
def evil(tmp_path_factory):
    path = tmp_path_factory.mktemp('evil') / 'evil.pcap'
    path.write_bytes(pcap(evil_dns() + evil_http()))
    return str(path)


@pytest.mark.parametrize('args', [[], ['--udp'], ['--explain']])
def test_a_picture_is_xml_whatever_the_names(wt, evil, args):
    text = ''.join(tree.fromstring(wt.run('timeline', '-q', '--svg', '-', *args, evil, status=0).out).itertext())
    assert ('gpj.exe' if args == ['--udp'] else 'GET /') in text


FORBIDDEN = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')


@pytest.mark.parametrize('args', [['report'], ['connections'], ['timeline'], ['timeline', '--full'], ['timeline', '--explain'], ['timeline', '--svg', '-'],
                                  ['timeline', '--udp', '--svg', '-'], ['packets'], ['packets', '-V'],
                                  ['packets', '-x'], ['packets', '-V', '-x'],
                                  ['packets', '-T', 'fields', '-e', 'dns.qry.name', '-e', 'dns.txt', '-e', 'http.host', '-e', 'http.user_agent',
                                   '-e', 'http.request.uri', '-e', 'http.response.phrase', '-e', 'http.server'],
                                  ['report', '--json'], ['connections', '--json'], ['timeline', '--json'], ['packets', '-T', 'json'],
                                  ['packets', '-T', 'ek'], ['packets', '-T', 'pdml'], ['packets', '-T', 'tabs']])
def test_nothing_escapes(wt, evil, args):
    r = wt.run(*args, evil, status=0)     # run() decodes strictly: broken UTF-8 would have raised
    assert r.out
    allowed_cr = r.out.replace('\t', '').replace('\n', '')
    found = FORBIDDEN.search(allowed_cr)
    assert not found, (hex(ord(found.group())), allowed_cr[max(0, found.start() - 40):found.end() + 40])


@pytest.mark.parametrize('command', ['report', 'connections', 'timeline'])
def test_json_stays_json(wt, evil, command):
    out = wt.run(command, '--json', evil, status=0).out
    assert records(out) if command != 'report' else json.loads(out)


def test_colour_escapes_are_only_ours(wt, evil):
    """Forced colour: every escape is a colour of ours (SGR), none from the capture."""
    out = wt.run('timeline', '--color', 'always', evil, status=0).out
    rest = re.sub(r'\x1b\[[0-9;]*m', '', out)
    assert '\x1b' in out and '\x1b' not in rest


def test_file_names_are_made_safe(wt, tmp_path):
    path = tmp_path / 'evil\x1b[31mname\n.pcap'
    path.write_bytes(pcap(evil_dns()))
    r = wt.run('report', path, status=0)
    assert '\x1b' not in r.out and '\x1b' not in r.err
    missing = wt.run('report', str(path) + 'x\x1b]0;t\x07', status=2)
    assert '\x1b' not in missing.err and '\x07' not in missing.err


def test_the_evil_names_are_still_readable(wt, evil):
    rows = wt.fields(evil, 'dns.qry.name', display_filter='dns')
    assert rows[0][0].endswith('.com') and len(rows[0][0]) > 20
