"""The command: exit statuses, inputs of every kind, pipes, colour, filters, several workers."""
import gzip
import json
import os
import signal
import struct
import subprocess
import time

import pytest

from conftest import capture, need, records
from frames import SYN, conversation, pcap, read_bytes, tcp

READERS = ['report', 'connections', 'timeline', 'packets']


@pytest.mark.parametrize('command', READERS)
def test_no_such_file(wt, command):
    r = wt.run(command, '/nonexistent/file.pcap', status=2)
    assert '/nonexistent/file.pcap' in r.err and r.out == ''


@pytest.mark.parametrize('command', READERS)
@pytest.mark.parametrize('content', [b'', b'\n', b'hello, world, this is no capture at all\n' * 10, b'\x7fELF' + bytes(200)])
def test_no_capture(wt, command, content, tmp_path):
    path = tmp_path / 'other.bin'
    path.write_bytes(content)
    r = wt.run(command, path, status=2)
    assert 'other.bin' in r.err


@pytest.mark.parametrize('args', [['report', '--no-such-option'], ['report', '-o', 'no-such:1', 'x.pcap'],
                                  ['packets', '-Y', 'tcp.port ==', 'x.pcap'], ['report', '--workers', 'many', 'x.pcap'],
                                  ['timeline', '--time-wait', 'soon', 'x.pcap']])
def test_wrong_usage(wt, args):
    r = wt.run(*args, status=1)
    assert r.err and r.out == ''


def test_bare_report_without_input(wt):
    assert wt.run('report', status=1).err


def test_version_and_help(wt):
    assert wt.run('--version', status=0).out.startswith('wiretale')
    assert 'report' in wt.run('--help', status=0).out
    for command in READERS + ['capture', 'interfaces']:
        assert wt.run('help', command, status=0).out
        assert wt.run(command, '--help', status=0).out


def offsets(data, count=9):
    """Places to cut a capture at: in its head, in a block head, in a body, just before its end."""
    return sorted({len(data) * i // (count + 1) for i in range(1, count + 1)} | {len(data) - 1, len(data) - 3})


@pytest.mark.parametrize('name', ['http/keepalive.pcapng', 'http/one-each.pcap', 'dns/answers.pcapng'])
@pytest.mark.parametrize('command', READERS)
def test_cut_files(wt, name, command, tmp_path):
    """Read up to the cut, reported, status 3, and the message names the offset."""
    data = read_bytes(capture(name))
    whole = len(wt.fields(capture(name), 'frame.number'))
    previous = 0
    assert len(offsets(data)) > 5
    for at in offsets(data):
        path = tmp_path / f'cut-{at}.bin'
        path.write_bytes(data[:at])
        if at_boundary(data, at):
            continue
        r = wt.run(command, path, status=3)
        assert path.name in r.err, r.err
        numbers = [int(word.replace(',', '').strip('.:;()')) for word in r.err.replace(':', ' ').split() if word.replace(',', '').strip('.:;()').isdigit()]
        assert any(at - 70000 <= n <= at for n in numbers), (at, r.err)
        if command == 'packets':
            lines = len(r.out.splitlines())
            assert previous <= lines <= whole
            previous = lines


def at_boundary(data, at):
    """Whether a cut there ends a whole block or record."""
    where = 0 if data[:4] == b'\x0a\x0d\x0d\x0a' else 24
    while where < at:
        if data[:4] == b'\x0a\x0d\x0d\x0a':
            where += struct.unpack_from('<I', data, where + 4)[0]
        else:
            where += 16 + struct.unpack_from('<I', data, where + 8)[0]
    return where == at


def test_cut_gzip(wt, tmp_path):
    data = gzip.compress(read_bytes(capture('http/keepalive.pcapng')))
    path = tmp_path / 'cut.pcapng.gz'
    path.write_bytes(data[:len(data) // 2])
    assert 'cut.pcapng.gz' in wt.run('report', path, status=3).err


def without_name(report):
    """A report without what legitimately differs by the way the same packets came in."""
    report = json.loads(json.dumps(report))
    report['capture'].pop('format')
    report.pop('inputs', None)
    return report


@pytest.mark.parametrize('suffix', ['.gz', '.zst'])
def test_compressed_is_the_same(wt, suffix):
    plain = wt.report(capture('link/two-interfaces.pcapng'), '--seed', '1')
    packed = wt.report(capture('link/two-interfaces.pcapng' + suffix), '--seed', '1')
    assert without_name(packed) == without_name(plain)
    assert wt.timeline(capture('link/two-interfaces.pcapng' + suffix)) == wt.timeline(capture('link/two-interfaces.pcapng'))


@pytest.mark.parametrize('name', ['tour.pcapng', 'http/one-each.pcap', 'link/two-interfaces.pcapng.gz', 'link/two-interfaces.pcapng.zst'])
@pytest.mark.parametrize('args', [['-r', '-'], ['-']])
def test_standard_input(wt, name, args):
    with open(capture(name), 'rb') as f:
        data = f.read()
    piped = wt.run('connections', '--json', *args, stdin=data, status=0).out
    assert piped == wt.run('connections', '--json', capture(name), status=0).out


def test_standard_input_in_drips(wt):
    """A pipe that delivers a few bytes at a time is the same capture."""
    with open(capture('dns/answers.pcapng'), 'rb') as f:
        data = f.read()
    child = subprocess.Popen([wt.binary, 'packets', '-r', '-'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for i in range(0, len(data), 701):
        child.stdin.write(data[i:i + 701])
        child.stdin.flush()
    out, _ = child.communicate(timeout=30)
    assert child.returncode == 0 and out.decode() == wt.run('packets', capture('dns/answers.pcapng'), status=0).out


def test_several_files_are_merged_by_time(wt):
    a, b = capture('http/keepalive.pcapng'), capture('dns/answers.pcapng')
    both = wt.run('packets', '-r', a, '-r', b, '-T', 'fields', '-e', 'frame.time_epoch', status=0).out.splitlines()
    alone = [row[0] for name in (a, b) for row in wt.fields(name, 'frame.time_epoch')]
    assert both == sorted(alone, key=lambda t: tuple(int(x) for x in t.split('.')))
    assert both == wt.run('packets', b, a, '-T', 'fields', '-e', 'frame.time_epoch', status=0).out.splitlines()


def test_interleaved_files_are_one_connection(wt, tmp_path):
    """The two directions of one connection in two files: merged, it is whole."""
    frames = conversation('192.0.2.1', 40000, '192.0.2.2', 80, [(0, b'GET / HTTP/1.0\r\n\r\n'), (1, b'HTTP/1.0 200 OK\r\n\r\nhello')])
    stamped = [(i * 10**6, f) for i, f in enumerate(frames)]
    up, down = tmp_path / 'up.pcap', tmp_path / 'down.pcap'
    up.write_bytes(pcap([s for s in stamped if s[1][26:30] == bytes([192, 0, 2, 1])]))
    down.write_bytes(pcap([s for s in stamped if s[1][26:30] == bytes([192, 0, 2, 2])]))
    r, = wt.timeline(str(up), str(down))
    assert r['outcome'] == 'closed' and r['handshake_ms'] == 2.0 and r['service'] == 'http'


@pytest.mark.parametrize('order', ['<', '>'])
@pytest.mark.parametrize('nano', [False, True])
def test_byte_orders_and_resolutions(wt, order, nano, tmp_path):
    frames = [(i * 1000003, f) for i, f in enumerate(conversation('192.0.2.1', 40000, '192.0.2.2', 80, [(0, b'x' * 100)]))]
    path = tmp_path / 'made.pcap'
    path.write_bytes(pcap(frames, order=order, nano=nano))
    r, = wt.timeline(str(path))
    assert r['outcome'] == 'closed'
    assert r['handshake_ms'] == (2.000006 if nano else 2.0)


def test_a_growing_file(wt, tmp_path):
    data = read_bytes(capture('http/keepalive.pcapng'))
    path = tmp_path / 'growing.pcapng'
    path.write_bytes(data[:2000])
    out = open(tmp_path / 'out', 'wb')
    child = subprocess.Popen([wt.binary, 'packets', '--follow', '-l', path], stdout=out, stderr=subprocess.PIPE)
    time.sleep(0.6)
    early = len((tmp_path / 'out').read_bytes().splitlines())
    with open(path, 'ab') as f:
        f.write(data[2000:])
    whole = len(wt.fields(capture('http/keepalive.pcapng'), 'frame.number'))
    until = time.time() + 15
    while len((tmp_path / 'out').read_bytes().splitlines()) < whole and time.time() < until:
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    assert child.wait(10) == 0
    assert 0 < early < whole == len((tmp_path / 'out').read_bytes().splitlines())


@pytest.mark.parametrize('command', READERS)
def test_a_closed_pipe_is_a_quiet_end(wt, command, tmp_path):
    """`wiretale ... | head -1`, with more output than a pipe holds."""
    big = tmp_path / 'big.pcap'
    frames = []
    for i in range(3000):
        frames += conversation('192.0.2.1', 1024 + i, '192.0.2.2', 80, [])
    big.write_bytes(pcap(frames))
    child = subprocess.Popen([wt.binary, command, str(big)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout.readline()
    child.stdout.close()
    err = child.stderr.read()
    assert child.wait(30) == 0 and err == b'', (child.returncode, err)


@pytest.mark.parametrize('command', READERS)
def test_no_colour_in_a_pipe_nor_under_no_color(wt, command):
    assert '\x1b' not in wt.run(command, capture('tour.pcapng'), status=0).out
    assert '\x1b' not in wt.run(command, '--color', 'auto', capture('tour.pcapng'), env={'NO_COLOR': '1'}, status=0).out


def on_terminal(wt, *args, env=None, columns=120):
    """Runs with a terminal as standard output; returns what was written there."""
    import fcntl
    import pty
    import termios
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack('HHHH', 40, columns, 0, 0))
    child = subprocess.Popen([wt.binary, *args], stdin=subprocess.DEVNULL, stdout=follower, stderr=follower,
                             env={**os.environ, 'TERM': 'xterm-256color', 'LC_ALL': 'C.UTF-8', 'PAGER': 'cat', **(env or {})})
    os.close(follower)
    got = b''
    while True:
        try:
            more = os.read(leader, 65536)
        except OSError:
            break
        if not more:
            break
        got += more
    os.close(leader)
    assert child.wait(30) == 0, got[-500:]
    return got.decode('utf-8', 'replace')


def test_colour_on_a_terminal(wt):
    plain_env = {k: v for k, v in os.environ.items() if k == 'NO_COLOR'}
    if plain_env:
        del os.environ['NO_COLOR']
    assert '\x1b[' in on_terminal(wt, 'report', capture('tour.pcapng'))
    assert '\x1b[3' not in on_terminal(wt, 'report', capture('tour.pcapng'), env={'NO_COLOR': '1'})
    os.environ.update(plain_env)


def test_lines_fit_the_terminal(wt):
    import re
    for command in ('report', 'timeline', 'connections'):
        text = re.sub(r'\x1b\[[0-9;?]*[A-Za-z]|\r', '', on_terminal(wt, command, capture('tour.pcapng'), columns=100))
        longest = max(text.split('\n'), key=len)
        assert len(longest) <= 100, (command, longest)


def test_output_option(wt, tmp_path):
    wt.run('report', '--output', tmp_path / 'out.txt', capture('tour.pcapng'), status=0)
    assert (tmp_path / 'out.txt').read_text() == wt.run('report', capture('tour.pcapng'), status=0).out


def test_count_and_capture_filter_on_files(wt):
    assert len(wt.run('packets', '-c', '7', capture('tour.pcapng'), status=0).out.splitlines()) == 7
    udp53 = wt.run('packets', '-f', 'udp port 53', capture('tour.pcapng'), status=0).out.splitlines()
    shown = wt.run('packets', '-Y', 'udp.port == 53', capture('tour.pcapng'), status=0).out.splitlines()
    assert len(udp53) == len(shown) > 10
    wt.run('packets', '-f', 'no such filter', capture('tour.pcapng'), status=1)


def test_display_filter_errors_show_the_place(wt):
    r = wt.run('packets', '-Y', 'tcp.prot == 80', capture('tour.pcapng'), status=1)
    assert '^' in r.err and 'tcp.port' in r.err


SELECTIONS = [['--port', '7200'], ['--host', '198.51.100.53'], ['--host', '2001:db8::/32'], ['--conn', '3'], ['--name', 'files.example.com']]


@pytest.mark.parametrize('args', SELECTIONS)
def test_selection(wt, args):
    whole = wt.timeline(capture('tour.pcapng'))
    some = wt.timeline(capture('tour.pcapng'), *args)
    assert 0 < len(some) < len(whole)
    for r in some:
        if args[0] == '--port':
            assert 7200 in (r['client'].get('port'), r['server'].get('port'))
        elif args == ['--host', '198.51.100.53']:
            assert '198.51.100.53' in (r['client']['address'], r['server']['address'])
        elif args[0] == '--conn':
            assert r['connection'] == 3


SEEDED = ['tour.pcapng', 'ip/fragments.pcapng.gz', 'http/killed.pcapng', 'tcp/reused-in-time-wait.pcapng', 'tunnel/vxlan.pcapng', 'tcp/offload.pcapng.gz']


@pytest.mark.parametrize('name', SEEDED)
@pytest.mark.parametrize('command', ['report', 'connections', 'timeline'])
def test_any_number_of_workers(wt, name, command):
    """Byte for byte."""
    one = wt.run(command, '--json', '--seed', '7', '--workers', '1', capture(name), status=0).out
    for n in ('2', '3', '8'):
        other = wt.run(command, '--json', '--seed', '7', '--workers', n, capture(name), status=0).out
        assert strip_workers(other) == strip_workers(one), n


def strip_workers(text):
    """How many workers there were may be told."""
    import re
    return re.sub(r'"workers":\s*\d+,?', '', text)


def test_text_is_the_same_for_any_number_of_workers(wt):
    for command in ('report', 'connections', 'timeline'):
        one = wt.run(command, '--seed', '7', '--workers', '1', capture('tour.pcapng'), status=0).out
        assert wt.run(command, '--seed', '7', '--workers', '2', capture('tour.pcapng'), status=0).out == one


def test_many_connections_are_all_there(wt, tmp_path):
    """20,000 connections over 2 workers: each gives exactly one record."""
    path = tmp_path / 'many.pcap'
    frames, n = [], 20000
    for i in range(n):
        frames += conversation(f'10.0.{i >> 8 & 255}.{i & 255}', 1024 + i % 60000, '192.0.2.2', 80, [], isn=i)
    path.write_bytes(pcap(frames))
    for workers in ('1', '2'):
        found = wt.connections(str(path), '--workers', workers)
        assert len(found) == n
        assert len({(r['client']['address'], r['client']['port']) for r in found}) == n


def test_a_limit_that_is_hit_is_told_with_status_3(wt, tmp_path):
    path = tmp_path / 'flood.pcap'
    path.write_bytes(pcap([tcp(f'10.0.{i >> 8}.{i & 255}', 1024, '192.0.2.2', 80, i, 0, SYN) for i in range(5000)]))
    r = wt.run('connections', '--json', '-o', 'max-connections:64', path, status=3)
    assert len(records(r.out)) >= 5000
    assert 'max-connections' in r.err


def test_the_text_report_says_what_the_json_says(wt):
    text = wt.run('report', capture('tour.pcapng'), status=0).out
    told = wt.report(capture('tour.pcapng'))
    assert f"{told['capture']['packets']}, " in text and f"{told['tcp']['connections']} connections" in text
    for outcome, count in told['tcp']['outcomes'].items():
        assert any(line.split()[:2] == [outcome, str(count)] for line in text.splitlines()), outcome
    for state, count in told['tcp']['conn_states'].items():
        assert f'{state} {count}' in text
    for row in told['dns']['rcodes']:
        assert row['name'] in text
    for row in told['http']['statuses']:
        assert str(row['status']) in text
    for finding in told['findings']:
        assert ' '.join(finding['text'].split()[:4]) in ' '.join(text.split())


def test_default_command_is_the_report_where_there_is_no_terminal(wt):
    assert wt.run(capture('tour.pcapng'), status=0).out == wt.run('report', capture('tour.pcapng'), status=0).out


def test_interfaces(wt):
    r = wt.run('interfaces', status=0)
    assert 'lo' in r.out


def test_no_such_interface(wt):
    r = wt.run('report', '-i', 'no-such-dev0', status=2)
    assert 'no-such-dev0' in r.err


def test_a_missing_right_is_explained(wt):
    """As a user without rights: status 2, and how to grant them."""
    argv = [wt.binary]
    if os.geteuid() == 0:
        need('setpriv')
        argv = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--bounding-set', '-all', wt.binary]
        if subprocess.run(argv + ['--version'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            pytest.skip('another user cannot run the binary (its folder is closed), or this namespace has one user only')
    done = subprocess.run(argv + ['report', '-i', 'lo'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert 'setcap' in done.stderr and 'cap_net_raw' in done.stderr and 'sudo' in done.stderr
