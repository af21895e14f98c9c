"""`wiretale graph`: the pictures hold what tshark counts."""
import re
import subprocess
import xml.etree.ElementTree as tree

import pytest

from conftest import capture, need, truth

SVG = '{http://www.w3.org/2000/svg}'
KINDS = ['tcptrace', 'stevens', 'rtt', 'throughput', 'window']


def tshark(name, *args):
    need('tshark')
    return subprocess.run(['tshark', '-r', str(capture(name)), *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout


def series(svg, ink):
    return [p.get('d') for p in tree.fromstring(svg).iter(SVG + 'path') if f'i{ink}' in (p.get('class') or '').split() and not p.get('style')]


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('name', ['tcp/loss.pcapng', 'tcp/zero-window.pcapng', 'http/keepalive.pcapng'])
def test_svg_is_well_formed_and_labelled(wt, kind, name):
    out = wt.run('graph', '-q', '--kind', kind, '--svg', '-', capture(name), status=0).out
    if not out:
        assert kind == 'rtt'
        return
    texts = [t.text for t in tree.fromstring(out).iter(SVG + 'text')]
    assert any('time since the first packet (' in t for t in texts)
    assert sum(re.fullmatch(r'-?\d+(\.\d+)?', t or '') is not None for t in texts) >= 6
    assert 'prefers-color-scheme:dark' in out


def test_dots_are_the_data_segments_that_tshark_counts(wt):
    """Few segments, so that no two fall on one spot: each is a dot, those sent again in their own colour."""
    name = 'tcp/wire-loss.pcapng'
    out = wt.run('graph', '-q', '--kind', 'stevens', '--side', 'client', '--svg', '-', capture(name), status=0).out
    client = tshark(name, '-Y', 'tcp.stream == 0 and tcp.flags.syn == 1 and tcp.flags.ack == 0', '-T', 'fields', '-e', 'tcp.srcport').split()[0]
    sent = tshark(name, '-Y', f'tcp.stream == 0 and tcp.srcport == {client} and tcp.len > 0', '-T', 'fields', '-e', 'frame.number').split()
    drawn = sum(d.count('M') for ink in (0, 1) for d in series(out, ink))
    assert 0 < drawn <= len(sent)
    assert drawn >= len(sent) * 0.9


def test_text_has_a_frame_of_the_terminals_width(wt):
    out = wt.run('graph', '-q', '--color', 'never', capture('tcp/loss.pcapng'), env={'COLUMNS': '70'}, status=0).out
    lines = out.splitlines()
    assert lines[0].startswith('Connection ')
    assert any('┤' in line for line in lines) and any('└' in line for line in lines)
    assert all(len(line) <= 90 for line in lines[2:])
    plain = wt.run('graph', '-q', capture('tcp/loss.pcapng'), env={'LC_ALL': 'C'}, status=0).out
    assert plain.isascii() and '->' in plain


def test_what_cannot_be_drawn_is_said(wt, tmp_path):
    assert 'expected tcptrace' in wt.run('graph', '--kind', 'pie', capture('tcp/loss.pcapng'), status=1).err
    to = tmp_path / 'x.svg'
    assert 'no TCP connection matches' in wt.run('graph', '--conn', 999, '--svg', to, capture('tcp/loss.pcapng'), status=0).err
    assert not to.exists()


@pytest.mark.parametrize('name', ['drops', 'reno', 'cubic', 'tail', 'backoff'])
def test_what_was_sent_again_is_what_the_kernel_sent_again(wt, name):
    """The sender's kernel says how many bytes; the picture's title says them, to three digits."""
    out = wt.run('graph', '-q', '--svg', '-', capture(f'transfer/{name}.client.pcapng.gz'), status=0).out
    said = re.search(r'([\d.]+) ([kM]?)B sent again', out)
    info = truth(f'transfer/{name}')['connections'][0]['tcp_info'][0]
    kernel = info['bytes_retrans']
    assert said and abs(float(said[1]) * {'': 1, 'k': 1e3, 'M': 1e6}[said[2]] - kernel) <= kernel * 0.01
