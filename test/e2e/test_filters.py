"""-Y on every command: which connections and packets are left, held against tshark's answer to the same filter."""
import json
import os
import re
import subprocess

import pytest

from conftest import ROOT, capture, need, records

TOUR = 'tour.pcapng'


def tshark(*args):
    need('tshark')
    return subprocess.run(['tshark', '-r', str(capture(TOUR)), *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout


def streams(filter):
    return {int(x) for x in tshark('-Y', f'tcp and ({filter})', '-T', 'fields', '-e', 'tcp.stream').split()}


def tcp(wt, *args):
    """Connection numbers of TCP, and by their order tshark's streams."""
    return [r['connection'] for r in (json.loads(line) for line in wt.run('connections', '--json', '--tcp', *args, capture(TOUR)).out.splitlines())]


@pytest.mark.parametrize('filter', ['http.response.code >= 400', 'tcp.flags.reset == 1', 'tcp.analysis.retransmission', 'tcp.port == 80 and ipv6'])
def test_connections_and_timelines_are_those_in_which_a_packet_passes(wt, filter):
    all_of_them, wanted = tcp(wt), streams(filter)
    assert wanted
    numbers = [all_of_them[i] for i in sorted(wanted)]
    assert tcp(wt, '-Y', filter) == numbers
    ladders = wt.run('timeline', '--tcp', '-Y', filter, capture(TOUR), status=0).out
    assert [int(x) for x in re.findall(r'^Connection (\d+) ', ladders, re.M)] == numbers


@pytest.mark.parametrize('filter', ['conn.outcome == "refused"', 'conn.state == "S0"', 'conn.rtt > 14ms', 'conn.bytes > 10000'])
def test_filters_over_connections_choose_the_same_everywhere(wt, filter):
    chosen = [json.loads(line)['connection'] for line in wt.run('connections', '--json', '-Y', filter, capture(TOUR)).out.splitlines()]
    ladders = wt.run('timeline', '-Y', filter, capture(TOUR), status=0).out
    assert [int(x) for x in re.findall(r'^Con(?:nection|versation) (\d+) ', ladders, re.M)] == chosen
    report = json.loads(wt.run('report', '--json', '-Y', filter, capture(TOUR), status=0).out)
    packets = sum(r['client']['packets'] + r['server']['packets'] for r in records(wt.run('connections', '--json', capture(TOUR)).out) if r['connection'] in chosen) if chosen else 0
    assert report['capture']['packets'] >= packets > 0 or not chosen


@pytest.mark.parametrize('filter', ['dns', 'http', 'tcp.port == 8079'])
def test_the_report_counts_what_tshark_counts_in_those_conversations(wt, filter):
    """Frames of every conversation in which a packet passes, by tshark's own stream numbers."""
    parts = []
    for kind in ('tcp', 'udp'):
        found = {x for x in tshark('-Y', f'{kind} and ({filter}) and not icmp', '-T', 'fields', '-e', f'{kind}.stream').split()}
        parts += [f'{kind}.stream == {x}' for x in found]
    frames = len(tshark('-Y', ' or '.join(parts), '-T', 'fields', '-e', 'frame.number').splitlines())
    report = json.loads(wt.run('report', '--json', '-Y', filter, capture(TOUR), status=0).out)
    assert report['capture']['packets'] == frames


def test_line_by_line_waits_until_a_packet_passes(wt):
    out = wt.run('timeline', '--follow', '-c', 368, '-Y', 'http.response.code == 503', capture(TOUR), status=0).out
    assert out.count('client asks to connect') == 1 and '503' in out


def test_what_cannot_be_is_said(wt):
    assert 'cannot stand in one filter' in wt.run('timeline', '-Y', 'conn.rtt > 1 && tcp', capture(TOUR), status=1).err
    assert 'no packet and no connection passes' in wt.run('report', '-Y', 'tcp.port == 1', capture(TOUR), status=0).err
    assert 'did you mean' in wt.run('report', '-Y', 'tcp.prot == 1', capture(TOUR), status=1).err


def capture_bytes():
    with open(capture(TOUR), 'rb') as file:
        return file.read()


@pytest.mark.parametrize('typed, offered', [('tcp.srcp', 'tcp.srcport'), ("'ip && tcp.flags.sy", "'ip && tcp.flags.syn"), ('conn.outc', 'conn.outcome')])
def test_bash_completes_names_of_fields(wt, tmp_path, typed, offered):
    need('bash')
    (tmp_path / 'c').write_text(wt.run('help', '--completion=bash').out)
    script = ('source "$1"; compopt() { :; }; COMP_WORDS=("$2" connections -Y "$3"); COMP_CWORD=3; _wiretale; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(['bash', '-c', script, 'bash', str(tmp_path / 'c'), wt.binary, typed], stdout=subprocess.PIPE, text=True, check=True)
    assert offered in done.stdout.splitlines()


def test_a_pipe_is_reported_on_as_the_file_is(wt):
    of_file = wt.run('report', '--json', '--seed', 1, '-Y', 'http.response.code == 503', capture(TOUR), status=0).out
    of_pipe = wt.run('report', '--json', '--seed', 1, '-Y', 'http.response.code == 503', '-', stdin=capture_bytes(), status=0).out
    parts = [json.loads(text) for text in (of_file, of_pipe)]
    assert parts[0]['tcp'] == parts[1]['tcp'] and parts[0]['capture']['packets'] == parts[1]['capture']['packets'] > 0


def manual_examples():
    page = open(os.path.join(ROOT, 'man/wiretale-filter.7'), encoding='utf-8').read()
    examples = page.split('.Sh EXAMPLES')[1].split('.Sh')[0]
    return [line[len('.It Li '):].replace('\\(dq', '"') for line in examples.splitlines() if line.startswith('.It Li ')]


@pytest.mark.parametrize('text', manual_examples())
def test_examples_of_the_manual(wt, text):
    command = 'connections' if text.startswith('conn.') else 'packets'
    assert not wt.run(command, '-Y', text, capture(TOUR), status=0).err


@pytest.mark.parametrize('text', ['tcp.prot == 80', 'tcp.port ==', 'tcp.port == "http"x', 'ip.src == 300.1.1.1', 'eth.src[9:2',
                                  'tcp.port in {80', '(tcp', 'tcp)', 'dns.qry.type == NOSUCH', 'tcp.port contains "a"', 'ip.src matches "("',
                                  'http.host matches "("', 'len(', 'nosuch(tcp.port)', 'tcp.port == 99999999999999999999', '"text"', 'tcp and',
                                  'conn.stat == open', 'tcp.flags.syn == maybe', 'frame.time == "yesterday"', 'ip.src == ip.ttl', 'count(80)'])
def test_a_wrong_filter_is_answered_with_its_place(wt, text):
    """The text as it was given, a caret under it, and what was expected or meant."""
    lines = wt.run('packets', '-Y', text, capture(TOUR), status=1).err.splitlines()
    at = next(i for i, line in enumerate(lines) if text in line)
    caret = lines[at + 1]
    assert caret.strip().startswith('^') and set(caret.strip()) <= set('^~')
    assert lines[at].index(text) <= caret.index('^') <= lines[at].index(text) + len(text)
    said = ' '.join(lines[:at] + lines[at + 2:])
    assert len(said.split()) >= 3 and said.strip() != text
