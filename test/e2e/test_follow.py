"""`wiretale follow` beside tshark's -z follow, and what people and programs read of it."""
import base64
import json
import os
import pty
import re
import subprocess

import pytest

from conftest import capture, need

PLAIN = ['http/chunked.pcapng', 'http/keepalive.pcapng', 'http/cookies.pcapng', 'http/ipv6.pcapng', 'dns/tcp-fallback.pcapng']


def streams(wt, name):
    """(connection number, tshark's protocol, tshark's stream index), those with data only."""
    counts = {'tcp': 0, 'udp': 0}
    for line in wt.run('connections', '--json', capture(name)).out.splitlines():
        one = json.loads(line)
        kind = {6: 'tcp', 17: 'udp'}.get(one['protocol'])
        if kind:
            index = counts[kind]
            counts[kind] += 1
            if one['client']['payload_bytes'] + one['server']['payload_bytes']:
                yield one['connection'], kind, index


def tshark(name, kind, form, index):
    need('tshark')
    return subprocess.run(['tshark', '-r', str(capture(name)), '-q', '-z', f'follow,{kind},{form},{index}'],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode('latin-1')


def without_nanoseconds(text):
    """tshark prints a double: its last digits are noise."""
    return re.sub(r'(timestamp: \d+\.\d{5})\d+', r'\1', text)


@pytest.mark.parametrize('form', ['ascii', 'hex', 'raw', 'yaml'])
@pytest.mark.parametrize('name', PLAIN)
def test_forms_are_those_of_tshark(wt, name, form):
    seen = 0
    for number, kind, index in list(streams(wt, name))[:4]:
        ours = wt.run('follow', '-q', '-T', form, '--conn', number, capture(name), status=0).out
        assert without_nanoseconds(ours) == without_nanoseconds(tshark(name, kind, form, index)), (number, kind, index)
        seen += 1
    assert seen


@pytest.mark.parametrize('name', PLAIN + ['tcp/duplicated.pcapng', 'tcp/loss.pcapng', 'tcp/wire-loss.pcapng', 'tcp/reordered.pcapng'])
def test_bytes_of_each_side_are_those_of_tshark(wt, name):
    for number, kind, index in list(streams(wt, name))[:4]:
        lines = tshark(name, kind, 'raw', index).splitlines()[6:-1]
        theirs = {'client': ''.join(x for x in lines if x[:1] != '\t'), 'server': ''.join(x[1:] for x in lines if x[:1] == '\t')}
        doc = json.loads(wt.run('follow', '--json', '--conn', number, capture(name)).out)
        for side, hexes in theirs.items():
            ours = b''.join(base64.b64decode(p['base64']) for p in doc['pieces'] if p['from'] == side and 'base64' in p)
            assert ours.hex() == hexes, (number, side)
            assert doc[f'{side}_bytes'] == len(ours)


def test_binary_is_the_bytes_alone(wt, tmp_path):
    name = 'http/chunked.pcapng'
    number, kind, index = next(streams(wt, name))
    to = tmp_path / 'body'
    wt.run('follow', '-q', '--conn', number, '--side', 'server', '-T', 'binary', '--output', to, capture(name), status=0)
    lines = tshark(name, kind, 'raw', index).splitlines()[6:-1]
    assert to.read_bytes() == bytes.fromhex(''.join(x[1:] for x in lines if x[:1] == '\t'))


def test_binary_is_refused_to_a_terminal(wt):
    head, end = pty.openpty()
    done = subprocess.run([wt.binary, 'follow', '-T', 'binary', str(capture('http/chunked.pcapng'))], stdout=end, stderr=subprocess.PIPE)
    os.close(end)
    assert done.returncode == 1 and b'terminal' in done.stderr
    os.close(head)


def test_text_shows_turns_and_counts_what_is_no_text(wt):
    out = wt.run('follow', capture('http/chunked.pcapng'), status=0).out
    assert out.index('client → server') < out.index('GET /chunked.html HTTP/1.1') < out.index('server → client') < out.index('HTTP/1.1 200 OK')
    dns = wt.run('follow', '-q', '--udp', capture('tour.pcapng'), status=0).out
    assert 'bytes that are no text]' in dns and '\0' not in dns


def test_a_hole_is_marked(wt):
    """short-snap.pcapng holds the first bytes of each packet alone: the rest is missing."""
    out = wt.run('follow', capture('tcp/short-snap.pcapng'), status=0).out
    assert 'missing in the capture]' in out


def test_nothing_to_follow_is_said(wt):
    done = wt.run('follow', '--conn', 9999, capture('http/chunked.pcapng'), status=0)
    assert done.out == '' and 'no connection that matches carries data' in done.err


@pytest.mark.parametrize('args, said', [(['-T', 'ebcdic'], 'expected text, ascii'), (['--side', 'left'], 'expected client')])
def test_wrong_words_are_usage(wt, args, said):
    assert said in wt.run('follow', *args, capture('http/chunked.pcapng'), status=1).err
