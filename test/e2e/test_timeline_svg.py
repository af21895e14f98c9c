"""`wiretale timeline --svg`: the picture holds what the ladder holds, in order, escaped and bounded."""
import re
import subprocess
import xml.etree.ElementTree as tree

import pytest

from conftest import capture, need

SVG = '{http://www.w3.org/2000/svg}'


def draw(wt, name, *args, status=0):
    out = wt.run('timeline', '-q', '--svg', '-', *args, capture(name), status=status).out
    return tree.fromstring(out), out


def arrows(svg):
    """(from the client, begin, end) of each arrow, top to bottom as drawn."""
    found = []
    for path in svg.iter(SVG + 'path'):
        if 'a' in (path.get('class') or '').split():
            x1, y1, x2, y2 = map(float, re.fullmatch(r'M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)', path.get('d')).groups())
            found.append((x1 < x2, y1, y2))
    return found


def texts(svg):
    return [t.text or '' for t in svg.iter(SVG + 'text')]


@pytest.mark.parametrize('name', ['tcp/loss.pcapng', 'tcp/lost-syn.pcapng', 'tcp/simultaneous-close.pcapng', 'tcp/zero-window.pcapng', 'http/conditional.pcapng',
                                  'tcp/rejected.pcapng', 'tcp/midstream.pcapng'])
def test_an_arrow_for_each_line(wt, name):
    svg, out = draw(wt, name)
    number = int(re.match(r'Connection (\d+)', svg.find(SVG + 'title').text)[1])
    ladder, = wt.lines('timeline', '--conn', number, capture(name))
    lines = [line for line in ladder['lines'] if line['kind'] != 'fold']
    assert len(arrows(svg)) == len(lines)
    for (right, begin, end), line in zip(arrows(svg), lines):
        if line['kind'] == 'segment':
            assert right == (line['from'] == 'client')
        assert end > begin - 8      # the head of the arrow takes its last pixels
        assert 0 < begin < float(svg.get('height')) and end < float(svg.get('height'))
    assert 'prefers-color-scheme:dark' in out


@pytest.mark.parametrize('name', ['tcp/simultaneous-close.pcapng', 'tcp/loss.pcapng', 'tcp/lost-syn.pcapng', 'tour.pcapng'])
def test_an_answer_leaves_when_its_cause_has_arrived(wt, name):
    svg, _ = draw(wt, name)
    handshake = arrows(svg)
    retries = sum(t.startswith('SYN · ') for t in texts(svg))
    syn, syn_ack, ack = handshake[retries - 1:retries + 2]
    assert syn_ack[1] >= syn[2] - 0.2 and ack[1] >= syn_ack[2] - 0.2


def test_states_words_and_times_stand_beside(wt):
    svg, _ = draw(wt, 'tcp/loss.pcapng')
    said = texts(svg)
    assert {'SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-1', 'CLOSE-WAIT', 'LAST-ACK', 'TIME-WAIT', 'CLOSED', 'client', 'server'} <= set(said)
    assert '0.000000' in said and 'client asks to connect' in said
    assert any(t.startswith('fast retransmission of #') for t in said)
    assert any(p.get('class') == 'wait' for p in svg.iter(SVG + 'path'))


def test_hints_hold_the_rules(wt):
    plain, _ = draw(wt, 'tcp/loss.pcapng')
    explained, _ = draw(wt, 'tcp/loss.pcapng', '--explain')
    assert not any('RFC' in t.text for t in plain.iter(SVG + 'title'))
    assert any('Three duplicate ACKs' in t.text and 'RFC 5681' in t.text for t in explained.iter(SVG + 'title'))


def test_datagrams_too(wt):
    svg, _ = draw(wt, 'dns/answers.pcapng', '--udp')
    assert len(arrows(svg)) == 2 and any('Standard query response' in t for t in texts(svg))


def test_what_is_left_out_is_said(wt):
    svg, _ = draw(wt, 'tcp/loss.pcapng', '--full', '-o', 'max-picture-lines:20', status=3)
    ladder, = wt.lines('timeline', '--full', '--tcp', capture('tcp/loss.pcapng'))
    assert len(arrows(svg)) == 20
    note, = [t for t in texts(svg) if 'left out' in t]
    assert int(re.search(r'[\d,]+', note)[0].replace(',', '')) == len(ladder['lines']) - 20


def test_one_connection(wt, tmp_path):
    to = tmp_path / 'x.svg'
    done = wt.run('timeline', '--svg', to, capture('tour.pcapng'), status=0)
    assert re.search(r'this is connection \d+, the first of \d+: choose with --conn N', done.err)
    assert tree.parse(to).getroot().find(SVG + 'title').text.startswith('Connection 2 ')
    missing = tmp_path / 'y.svg'
    assert 'no connection matches' in wt.run('timeline', '--conn', 9999, '--svg', missing, capture('tour.pcapng'), status=0).err
    assert not missing.exists()
    assert '--svg draws' in wt.run('timeline', '--json', '--svg', missing, capture('tour.pcapng'), status=1).err


def test_a_viewer_can_show_it(wt, tmp_path):
    need('rsvg-convert')
    to, png = tmp_path / 'x.svg', tmp_path / 'x.png'
    wt.run('timeline', '-q', '--svg', to, '--conn', 2, capture('tour.pcapng'), status=0)
    subprocess.run(['rsvg-convert', to, '-o', png], check=True, timeout=60)
    assert png.read_bytes()[:8] == b'\x89PNG\r\n\x1a\n' and png.stat().st_size > 20000
