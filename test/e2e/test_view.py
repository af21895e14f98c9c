"""The view in a real terminal (tmux): keys in, what the pane shows out, held against what tshark says of the capture."""
import json
import os
import random
import re
import subprocess
import time

import pytest

from conftest import capture, need
from pane import view  # noqa: F401

TOUR = 'tour.pcapng'
SIZES = [(80, 24), (140, 42), (200, 60)]


def tshark(name, *args):
    need('tshark')
    return subprocess.run(['tshark', '-r', str(capture(name)), *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout


def whole(name):
    return len(tshark(name, '-T', 'fields', '-e', 'frame.number').splitlines())


@pytest.mark.parametrize('width, height', SIZES)
def test_connections_are_those_of_the_connections_command(wt, view, width, height):
    records = [json.loads(line) for line in wt.run('connections', '--json', capture(TOUR)).out.splitlines()]
    pane = view(capture(TOUR), width=width, height=height)
    pane.wait(f'{whole(TOUR)} packets')
    text = pane.wait(lambda shown: re.search(r'\n\s+2 ', shown))
    rows = [line for line in text.splitlines()[3:] if re.match(r'\s+\d+ ', line)]
    assert len(rows) == min(len(records), height - 4)
    for row, record in zip(rows, records):
        assert row.split()[0] == str(record['connection'])
    assert 'refused' in text or height < 30


@pytest.mark.parametrize('width, height', SIZES)
def test_packets_are_those_of_tshark(view, width, height):
    theirs = tshark(TOUR, '-T', 'fields', '-e', 'frame.number', '-e', 'frame.len', '-e', '_ws.col.Protocol').splitlines()
    pane = view(capture(TOUR), width=width, height=height)
    pane.wait(f'{len(theirs)} packets')
    pane.keys('2')
    text = pane.wait(lambda shown: re.search(r'No\.\s+time', shown))
    rows = [line for line in text.splitlines() if re.match(r'\s+\d+\s+\d+\.\d{6} ', line)]
    assert rows
    for row, line in zip(rows, theirs):
        number, length, protocol = line.split('\t')
        assert row.split()[0] == number
        assert f' {protocol} ' in row
        assert width < 100 or f' {length} ' in row


def test_field_and_bytes_light_each_other(view):
    """The source port of packet 5: tree and bytes both show it in reverse video, and the status names the field."""
    pane = view(capture(TOUR))
    pane.wait('368 packets')
    pane.keys('2', '#')
    pane.type('5')
    pane.keys('Enter')
    pane.wait('Transmission Control Protocol')
    pane.keys('Enter', 'e')
    port = tshark(TOUR, '-Y', 'frame.number == 5', '-T', 'fields', '-e', 'tcp.srcport').strip()
    for _ in range(60):
        text = pane.text()
        if 'Packet: tcp.srcport' in text:
            break
        pane.keys('j')
        time.sleep(0.12)      # a key shows within 50 ms
    assert 'Packet: tcp.srcport' in text
    assert f'Source Port: {port}' in text
    coloured = pane.text('-e')
    assert re.search(r'\x1b\[[0-9;]*7m' + f'{int(port) >> 8:02x}', coloured), 'the first byte of the port is lit'


def test_timeline_stream_and_back(view):
    pane = view(capture(TOUR))
    pane.wait('368 packets')
    pane.keys('j', 'Enter')
    text = pane.wait('handshake complete')
    assert 'Connection 2' in text and 'client asks to connect' in text
    frame = tshark(TOUR, '-Y', 'tcp.stream == 0 and tcp.flags.syn == 1 and tcp.flags.ack == 1', '-T', 'fields', '-e', 'frame.number').strip()
    assert re.search(rf'SYN ACK .*#{frame} ', text)
    pane.keys('t')
    assert 'HTTP/1.1 200 OK' in pane.wait('GET / HTTP/1.1')
    pane.keys('Escape')
    pane.wait('client asks to connect')
    pane.keys('v')
    pane.wait('sequence number')


def test_dns_and_http_have_what_tshark_counts(view):
    pane = view(capture(TOUR), height=60)
    pane.wait('368 packets')
    pane.keys('4')
    text = pane.wait('question')
    names = set(tshark(TOUR, '-Y', 'dns.flags.response == 1', '-T', 'fields', '-e', 'dns.qry.name').split())
    assert names and all(name in text for name in names)
    pane.keys('5')
    text = pane.wait('request ')
    for line in tshark(TOUR, '-Y', 'http.request', '-T', 'fields', '-e', 'http.request.method', '-e', 'http.request.uri').splitlines()[:10]:
        assert ' '.join(line.split('\t'))[:30] in text
    pane.keys('s')
    text = pane.wait(lambda shown: re.search(r'status.*\n.*(503|404|–)', shown))


@pytest.mark.parametrize('filter', ['dns', 'tcp.flags.reset == 1', 'http.response.code >= 400', 'ip.addr == 198.51.100.53 and udp'])
def test_a_filter_shows_what_tshark_shows(view, filter):
    theirs = len(tshark(TOUR, '-Y', filter, '-T', 'fields', '-e', 'frame.number').splitlines())
    pane = view(capture(TOUR))
    pane.wait('368 packets')
    pane.keys('2', 'f')
    pane.type(filter)
    pane.keys('Enter')
    pane.wait(f' {theirs} shown')


@pytest.mark.parametrize('form', ['r', 'a', 'ad', 'd', 'dd', 'e', 'u', 'ud'])
def test_times_are_as_asked(view, form):
    theirs = subprocess.run(['tshark', '-r', str(capture(TOUR)), '-t', form, '-o', 'gui.column.format:"T","%t"'], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, check=True, env={**os.environ, 'TZ': 'UTC'}).stdout.splitlines()
    pane = view('-t', form, capture(TOUR), env='TZ=UTC')
    pane.wait('368 packets')
    pane.keys('2')
    text = pane.wait('No.')
    for n in (1, 2, 5):
        shown = theirs[n - 1].strip()[:-3]       # nine decimals there, six here
        assert re.search(rf'^\s+{n}\s+{re.escape(shown)} ', text, re.M), (n, shown, text)
    if form == 'ad':
        pane.keys('T')
        pane.wait('since the packet before')


def test_ctrl_c_asks_as_q_does(view):
    pane = view(capture(TOUR))
    pane.wait('368 packets')
    pane.keys('C-c')
    pane.wait('status 0')


def test_a_wrong_filter_is_told_while_it_is_typed_and_names_are_completed(view):
    pane = view(capture(TOUR))
    pane.wait('368 packets')
    pane.keys('f')
    pane.type('tcp.prot == 80')
    pane.wait('tcp.port')
    pane.keys('Enter')
    assert 'Filter: tcp.prot' in pane.text()
    pane.keys('C-u')
    pane.type('tcp.srcp')
    pane.keys('Tab')
    pane.wait('Filter: tcp.srcport')
    pane.keys('Escape')


def test_search_and_overview(view):
    pane = view(capture(TOUR))
    pane.wait('368 packets')
    pane.keys('2', '/')
    pane.type('NXDOMAIN')
    pane.keys('Enter')
    pane.wait(lambda text: 'not found' in text or 'No such name' in text or 'NXDOMAIN' in text)
    pane.keys('7')
    text = pane.wait('TCP connections')
    streams = len(set(tshark(TOUR, '-Y', 'tcp', '-T', 'fields', '-e', 'tcp.stream').split()))
    assert re.search(rf'TCP connections\s+{streams}\b', text)


def test_groups_have_the_sums_of_their_connections(wt, view):
    records = [json.loads(line) for line in wt.run('connections', '--json', capture(TOUR)).out.splitlines()]
    pane = view(capture(TOUR), width=160)
    pane.wait('368 packets')
    pane.keys('b')
    text = pane.wait('grouped by server')
    counts = {}
    for r in records:
        counts[r['server']['address']] = counts.get(r['server']['address'], 0) + 1
    for address, count in counts.items():
        assert re.search(rf'^▸ {re.escape(address)}(, \S+)?  {count} connections?\b', text, re.M), (address, count, text)
    pane.keys('Enter')
    members = counts[records[0]['server']['address']]
    pane.wait(lambda shown: '▾ ' in shown and sum(bool(re.match(r'\s+\d+ ', line)) for line in shown.splitlines()[3:]) == members)
    pane.keys('b', 'b')
    text = pane.wait('grouped by port')
    ports = [r['server']['port'] for r in records if r['protocol'] == 17 and r['server']['port'] == 53]
    assert re.search(rf'^▸ UDP port 53, dns  {len(ports)} connections', text, re.M), text


def test_without_an_input_the_dialogue_asks(view):
    pane = view()
    pane.wait('What shall be captured?')
    text = pane.wait('lo ')
    pane.keys('f')
    pane.type('tcp prot 80')
    pane.wait('syntax error')
    pane.keys('C-u')
    pane.type('tcp port 80')
    pane.wait(lambda shown: 'syntax error' not in shown and 'Capture filter: tcp port 80' in shown)
    pane.keys('Tab', 'q')
    pane.wait('status 0')


def test_problems_lead_to_their_evidence(wt, view):
    """The overview's findings are those of the report, and Enter opens the connection that the report names."""
    findings = wt.json('report', capture(TOUR))['findings']
    assert findings
    pane = view(capture(TOUR), width=200, height=60)
    pane.wait('368 packets')
    pane.keys('7')
    text = pane.wait(findings[0]['text'][:60])
    for finding in findings[:5]:
        assert finding['text'][:60] in text
    lines = text.splitlines()
    chosen = next(f for f in findings if f.get('connection'))
    row = next(i for i, line in enumerate(lines) if chosen['text'][:60] in line)
    pane.keys(*['j'] * (row - 2))
    time.sleep(0.3)
    pane.keys('Enter')
    pane.wait(f"Connection {chosen['connection']} ")


def test_writing_packets_keeps_those_shown(view, tmp_path):
    to = tmp_path / 'dns.pcapng'
    pane = view('view', '-Y', 'dns', capture(TOUR))
    theirs = tshark(TOUR, '-Y', 'dns', '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len')
    pane.wait(f' {len(theirs.splitlines())} shown ')
    pane.keys('w', 'C-u')
    pane.type(str(to))
    pane.keys('Enter')
    pane.wait('packets written')
    done = subprocess.run(['tshark', '-r', str(to), '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert done.stdout == theirs


def test_quit_puts_the_terminal_back(view):
    pane = view(capture(TOUR))
    pane.wait('368 packets')
    pane.keys('q')
    pane.wait('status 0')
    text = pane.wait('icanon')
    assert '-icanon' not in text
    assert 'Connections' not in text


def test_a_signal_puts_the_terminal_back(view):
    pane = view(capture(TOUR))
    pane.wait('368 packets')
    pids = subprocess.run(['pgrep', '-f', f'{capture(TOUR)}$'], stdout=subprocess.PIPE, text=True).stdout.split()
    for pid in pids:
        with open(f'/proc/{pid}/comm') as comm:
            if comm.read().strip() == 'wiretale':
                os.kill(int(pid), 15)
    pane.wait('status ')
    assert '-icanon' not in pane.wait('icanon')


def test_sizes_down_to_forty_by_ten_and_a_resize_storm(view):
    pane = view(capture(TOUR))
    pane.wait('368 packets')
    rng = random.Random(4)
    for _ in range(40):
        pane.resize(rng.choice([10, 20, 40, 80, 137, 200]), rng.choice([3, 5, 10, 24, 50]))
        pane.keys(rng.choice(['1', '2', '3', '4', '7', '8', '9', 'j', 'G', 'Tab']))
    pane.resize(40, 10)
    pane.keys('Escape', '1')
    pane.wait('#')
    pane.resize(140, 42)
    pane.wait('368 packets')


def test_colour_can_be_turned_off(view):
    pane = view(capture(TOUR), env='NO_COLOR=1')
    pane.wait('refused')
    assert not re.search(r'\x1b\[[0-9;]*3[1-6]m', pane.text('-e'))
    coloured = view(capture(TOUR))
    coloured.wait('refused')
    assert re.search(r'\x1b\[[0-9;]*3[1-6]m', coloured.text('-e'))


def test_settings_last(view, tmp_path):
    """Theme, times and a hidden column, set in one run, hold in the next; lines of others stay in the file."""
    config = tmp_path / 'config' / 'wiretale' / 'config'
    config.parent.mkdir(parents=True)
    config.write_text('# mine\nnobody-knows = this\n')
    pane = view(capture(TOUR), env='TZ=UTC')
    pane.wait('368 packets')
    pane.keys('0')
    pane.wait(f'{tmp_path}/config/wiretale/config'[-60:])
    pane.keys('Enter', 'Enter', 'j', 'j', 'Right', 'Right', 'G', 'Up', 'Enter')
    pane.wait('written')
    pane.keys('q')
    pane.wait('status 0')
    assert config.read_text() == ('# mine\nnobody-knows = this\ntheme = light\ncolours = auto\ntime = ad.6\nhide-connections =\n'
                                  'hide-packets = length\n')
    assert config.stat().st_mode & 0o777 == 0o600
    again = view(capture(TOUR), env='TZ=UTC TERM=tmux-256color')
    again.wait('refused')
    assert '\x1b[1m\x1b[38;5;160mrefused' in again.text('-e').replace('\x1b[38;5;160m\x1b[1m', '\x1b[1m\x1b[38;5;160m'), again.text('-e')
    again.keys('2')
    text = again.wait('No.')
    assert '2026-11-20 23:07:31.158150' in text and not re.search(r'protocol +length', text)


@pytest.mark.parametrize('config, env, expected', [
    ('theme = light\n', 'TERM=tmux-256color', '38;5;160'), ('theme = dark\n', 'TERM=tmux-256color', '38;5;203'),
    ('', 'TERM=tmux-256color COLORFGBG="0;15"', '38;5;160'), ('theme = dark\ncolours = 16\n', 'TERM=tmux-256color', '91'),
    ('', 'TERM=screen', '31'), ('colours = none\n', 'TERM=tmux-256color', None), ('theme = dark\n', 'NO_COLOR=1', None)])
def test_themes(view, tmp_path, config, env, expected):
    folder = tmp_path / 'config' / 'wiretale'
    folder.mkdir(parents=True)
    (folder / 'config').write_text(config)
    pane = view(capture(TOUR), env=env)
    pane.wait('refused')
    line = next(line for line in pane.text('-e').splitlines() if 'refused' in line)
    codes = re.findall(r'\x1b\[([0-9;]*)m', line.split('refused')[0])
    colours = [c for c in codes if re.fullmatch(r'(?:1;)?(3[0-7]|9[0-7]|38;5;\d+)', c)]
    assert (colours[-1].removeprefix('1;') if colours else None) == expected, line


def test_a_setting_that_is_none_is_told(view, tmp_path):
    folder = tmp_path / 'config' / 'wiretale'
    folder.mkdir(parents=True)
    (folder / 'config').write_text('theme = dark\ntime = noon\n')
    view(capture(TOUR), width=200).wait('line 2: time = noon is not understood')


@pytest.mark.parametrize('term', ['xterm-256color', 'linux', 'screen', 'vt100'])
def test_terminals(view, term):
    pane = view(capture(TOUR), env=f'TERM={term}')
    pane.wait('368 packets')
    pane.keys('q')
    pane.wait('status 0')


def test_a_pipe_is_read_and_can_be_looked_at(wt, view, tmp_path):
    """Standard input is the capture: keys come from the terminal all the same."""
    packed = tmp_path / 'tour.pcapng.gz'
    need('gzip')
    with open(packed, 'wb') as to:
        subprocess.run(['gzip', '-c', str(capture(TOUR))], stdout=to, check=True)
    pane = view(packed)
    pane.wait('368 packets')
    pane.keys('2')
    pane.wait('Ethernet II')
    pane.keys('f')
    pane.type('dns')
    pane.keys('Enter')
    pane.wait(' shown')


def test_without_a_terminal_it_is_the_report(wt):
    assert 'Connections' not in wt.run(capture(TOUR), status=0).out.splitlines()[0]
    assert 'needs a terminal' in wt.run('view', capture(TOUR), status=1).err


def test_a_file_that_is_no_capture_is_said(view, tmp_path):
    wrong = tmp_path / 'wrong.pcap'
    wrong.write_bytes(b'no capture at all' * 10)
    pane = view(wrong)
    text = pane.wait('status 2')
    assert 'wrong.pcap' in text


def test_random_keys_do_no_harm(view):
    """Under the sanitizers where a build with them is at hand, else plain."""
    binary = os.environ.get('WIRETALE_ASAN')
    pane = view(capture(TOUR), binary=binary)
    pane.wait('368 packets', timeout=30)
    rng = random.Random(int(os.environ.get('WIRETALE_SEED', '11')))
    keys = list('123456789jkhlgGnNmTRZocptsvfx,.<>r') + ['Up', 'Down', 'Left', 'Right', 'PPage', 'NPage', 'Home', 'End', 'Enter', 'Escape', 'Tab',
                                                        'BTab', 'F3', 'BSpace', 'C-u', 'C-d', '/', '#', 'S']
    end = time.monotonic() + float(os.environ.get('WIRETALE_KEY_SECONDS', '6'))
    while time.monotonic() < end:
        pane.keys(*[rng.choice(keys) for _ in range(8)])
        time.sleep(0.02)
    time.sleep(1)
    text = pane.text()
    assert not re.search(r'^status \d', text, re.M) and 'Sanitizer' not in text, text
    pane.keys('Escape', 'Escape', 'Escape')
    pane.keys('q')
    pane.wait('status 0')
