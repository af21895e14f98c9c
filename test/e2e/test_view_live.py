"""The view on an interface: packets that come while it is looked at, and what is left of them when it ends badly."""
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from conftest import need
from pane import view, watched  # noqa: F401

pytestmark = pytest.mark.live


def ping(lab, count, interval=0.02):
    subprocess.run(['nsenter', f'--net={lab.path("client")}', 'ping', '-q', '-c', str(count), '-i', str(interval), '192.0.2.2'],
                   stdout=subprocess.DEVNULL, check=True)


def spool(tmp_path):
    return sorted((tmp_path / 'state' / 'wiretale').glob('view-*.pcapng'))


def echoes(files):
    """Sequence numbers of the echo requests, as tshark reads them; it must have nothing to say against the files."""
    need('tshark')
    numbers = []
    for file in files:
        done = subprocess.run(['tshark', '-r', str(file), '-Y', 'icmp.type == 8', '-T', 'fields', '-e', 'icmp.seq'], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=True)
        assert 'cut short' not in done.stderr and 'damaged' not in done.stderr, done.stderr
        numbers += [int(line) for line in done.stdout.split()]
    return sorted(numbers)


def test_an_interface_is_watched_while_programs_talk(lab, watched):  # noqa: F811
    """A server and a client of our own: the view shows their connections, the reset one, and still answers keys."""
    pane = watched()
    lab.popen('server', ['python3', '-m', 'http.server', '8000', '--bind', '192.0.2.2'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1)
    ports = []
    for _ in range(3):
        s = lab.connect('client', '192.0.2.2', 8000)
        ports.append(s.getsockname()[1])
        s.sendall(b'HEAD / HTTP/1.0\r\nHost: view.test\r\n\r\n')
        s.recv(65536)
        s.close()
    text = pane.wait(lambda shown: all(f'192.0.2.1:{port}' in shown for port in ports))
    assert 'http' in text
    pane.keys('5')
    pane.wait('HEAD /')
    pane.keys('2')
    pane.wait('No.')
    pane.keys('q')
    pane.wait('Quit the capture?')
    pane.keys('q')
    pane.wait('status 0')


@pytest.mark.parametrize('which', [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGTERM, signal.SIGHUP])
def test_a_bad_end_leaves_the_packets_and_the_terminal(lab, watched, tmp_path, which):  # noqa: F811
    pane = watched()
    ping(lab, 20)
    time.sleep(0.4)
    os.kill(pane.child(), which)
    text = pane.wait(lambda shown: re.search(r'^-?icanon', shown, re.M))
    assert re.search('^icanon', text, re.M), 'lines are read as lines again'
    assert 'the packets are in' in text and f'{tmp_path}/state/wiretale/view-' in text.replace('\n', '')
    assert 'Connections' not in text, 'the other screen is back'
    assert pane.tmux('display-message', '-p', '-t', 'v', '#{cursor_flag}#{alternate_on}#{mouse_any_flag}').strip() == '100'
    assert echoes(spool(tmp_path)) == list(range(1, 21))
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in spool(tmp_path))


def test_after_sigkill_the_packets_are_there_and_the_next_view_tells_where(lab, watched, tmp_path):  # noqa: F811
    pane = watched()
    ping(lab, 20)
    time.sleep(0.5)
    os.kill(pane.child(), signal.SIGKILL)
    pane.wait(lambda shown: 'status 137' in shown or 'Killed' in shown)
    assert echoes(spool(tmp_path)) == list(range(1, 21))
    following = watched()
    assert 'ended badly' in following.text()


def test_a_full_spool_keeps_the_newest_and_a_normal_end_leaves_nothing(lab, watched, tmp_path):  # noqa: F811
    pane = watched('-o', 'max-spool-bytes:1048576')
    subprocess.run(['nsenter', f'--net={lab.path("client")}', 'ping', '-q', '-f', '-c', '2000', '-s', '1400', '192.0.2.2'], stdout=subprocess.DEVNULL, check=True)
    time.sleep(0.5)
    held = echoes(spool(tmp_path))
    assert held[-1] == 2000 and 150 < len(held) < 2000
    assert held == list(range(held[0], 2001))
    pane.keys('2', 'G')
    pane.wait('Internet Control Message Protocol')
    pane.keys('g')
    pane.wait('no longer held')
    pane.keys('q')
    pane.wait('Quit the capture?')
    pane.keys('q')
    pane.wait('status 0')
    assert spool(tmp_path) == []


def test_pause_holds_every_screen_and_not_the_capture(lab, watched):  # noqa: F811
    pane = watched()
    ping(lab, 5)
    pane.wait(lambda text: re.search(r' 1[0-9] packets', text))
    time.sleep(0.3)
    pane.keys('Z')
    pane.wait('PAUSED')
    time.sleep(0.2)

    def screens():
        found = []
        for key in '1267':
            pane.keys(key)
            time.sleep(0.6)
            found.append([line for line in pane.text().splitlines() if 'PAUSED' not in line])
        return found
    before = screens()
    ping(lab, 30)
    pane.wait(lambda text: re.search(r'PAUSED, [56789][0-9] more', text))
    assert screens() == before
    pane.keys('Z')
    pane.wait(lambda text: re.search(r' [789][0-9] packets', text) and 'PAUSED' not in text)


def test_the_dialogue_starts_a_capture_with_its_filter(lab, watched):  # noqa: F811
    pane = watched()
    ping(lab, 3)
    pane.wait(lambda text: re.search(r'c0  [1-9]\d* packets', text))
    pane.keys('I')
    pane.wait('Quit the capture?')
    pane.keys('q')
    pane.wait('What shall be captured?')
    pane.keys('f')
    pane.type('udp')
    pane.keys('Enter')
    pane.wait('c0  0 packets')
    time.sleep(0.5)
    ping(lab, 3)
    with lab.inside('client'):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(b'x', ('192.0.2.2', 9999))
    text = pane.wait('192.0.2.2:9999')
    assert re.search(r'c0  [12] packets', text), 'neither ICMP nor ARP passes the filter: the datagram alone, and no ICMP'
    pane.keys('q')
    pane.wait('Quit the capture?')
    pane.keys('q')
    pane.wait('status 0')


def test_processes_of_local_sockets(lab, watched):  # noqa: F811
    """A server of our own in the watched namespace: its port is a python's, and root's."""
    pane = watched()
    server = lab.popen('client', ['python3', '-m', 'http.server', '8000', '--bind', '192.0.2.1'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    s = lab.connect('server', '192.0.2.1', 8000)
    s.sendall(b'GET / HTTP/1.0\r\n\r\n')
    s.recv(65536)
    pane.keys('6', 's')
    with open(f'/proc/{server.pid}/comm') as comm:
        name = comm.read().strip()
    pane.wait(lambda text: re.search(rf'TCP port 8000 +{re.escape(name)}, {server.pid} +root ', text))
    pane.keys('s')
    pane.wait(lambda text: re.search(rf'^{re.escape(name)} +{re.escape(name)}, {server.pid} +root ', text, re.M))
    s.close()


def test_the_overview_knows_the_ring_and_the_drops(lab, watched):  # noqa: F811
    pane = watched(height=60)
    ping(lab, 20)
    pane.keys('7')
    text = pane.wait('ring: filled at most')
    number = {what: re.search(rf'{what} +(\d+)', text)[1] for what in ('dropped by the kernel', 'dropped by the ring', 'ring: blocks', 'ring: filled at most')}
    assert number['dropped by the kernel'] == number['dropped by the ring'] == '0'
    assert 0 < int(number['ring: filled at most']) <= int(number['ring: blocks'])


def test_quitting_saves_if_wanted(lab, watched, tmp_path):  # noqa: F811
    to = tmp_path / 'kept.pcapng'
    pane = watched()
    ping(lab, 10)
    time.sleep(0.5)
    pane.keys('C-c')
    pane.wait('Quit the capture?')
    pane.keys('s')
    pane.wait('Write to:')
    pane.keys('C-u')
    pane.type(str(to))
    pane.keys('Enter')
    pane.wait('status 0')
    assert echoes([to]) == list(range(1, 11))
    assert spool(tmp_path) == []


def test_ten_pictures_a_second_and_a_key_within_fifty_milliseconds(lab, wt):
    """On a pseudo-terminal: while packets pour in there are at most ten drawings a second; a key's is there in time."""
    import pty
    import select
    lab.space('client')
    lab.space('server')
    lab.veth('client', 'c0', 'server', 's0')
    lab.address('client', 'c0', '192.0.2.1/24')
    lab.address('server', 's0', '192.0.2.2/24')
    said, command = [], ['nsenter', f'--net={lab.path("client")}', wt.binary, '-i', 'c0']
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM='xterm', LINES='40', COLUMNS='120')
        os.execvp('nsenter', command)

    def drawings(seconds):
        """When output came; what comes within 15 ms is one drawing."""
        times, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
                try:
                    said.append(os.read(fd, 65536))
                except OSError:          # it has ended
                    break
                now = time.monotonic()
                if not times or now - times[-1][1] > 0.015:
                    times.append([now, now])
                times[-1][1] = now
        return [first for first, _ in times]
    drawings(2)
    flood = lab.popen('client', ['ping', '-q', '-f', '-w', '12', '192.0.2.2'], stdout=subprocess.DEVNULL)
    drawings(1)
    seen = drawings(3)
    late = []
    for key in b'2j67?13j26172j3167' * 2:
        drawings(0.07)
        began = time.monotonic()
        os.write(fd, bytes([key]))
        late.append(min((t - began for t in drawings(0.15)), default=1))
    flood.kill()
    for key in b'1qq':
        os.write(fd, bytes([key]))
        drawings(0.3)
    os.close(fd)
    assert os.waitpid(pid, 0)[1] == 0, b"".join(said)[-600:]
    assert 5 <= len(seen) <= 32, len(seen)
    late.sort()
    assert late[len(late) // 2] < 0.06 and late[-4] < 0.12, late
