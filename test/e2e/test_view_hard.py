"""The view where it is hard: hostile text, large files, suspend and resume, random keys for a minute."""
import os
import random
import re
import signal
import struct
import subprocess
import time

import pytest

from conftest import capture, find_binary
from frames import conversation, pcap, udp
from pane import Pane, Pty, view  # noqa: F401

ATTACKS = [b'\x1b]0;pwned\x07', b'\x1b[2J', b'\x1b[31mred', b'\x9b2J', b'\xc2\x9b2J', b'\r\n\x08\x08', b'\xff\xfe', b'\xe2\x80\xae']


def dns_question(label, number):
    return struct.pack('>HHHHHH', number, 0x0100, 1, 0, 0, 0) + bytes([len(label)]) + label + b'\7example\0' + struct.pack('>HH', 1, 1)


def hostile():
    frames = []
    for i, attack in enumerate(ATTACKS):
        frames.append(udp('192.0.2.1', 40000 + i, '192.0.2.53', 53, dns_question(b'a' + attack, i)))
        request = b'GET /x' + attack.replace(b'\r\n', b'') + b' HTTP/1.1\r\nHost: h' + attack.replace(b'\r\n', b'') + b'\r\n\r\n'
        answer = b'HTTP/1.1 200 O' + attack.replace(b'\r\n', b'') + b'K\r\nContent-Length: 4\r\n\r\n' + attack[:4].ljust(4, b'x')
        frames += conversation('192.0.2.1', 41000 + i, '192.0.2.80', 80, [(0, request), (1, answer)])
    return pcap(frames)


def test_no_escape_sequence_of_the_network_reaches_the_terminal(wt, tmp_path):
    """All screens of a capture full of them, byte by byte: only sequences that terminfo gives ncurses, none of ours or theirs."""
    path = tmp_path / 'hostile.pcap'
    path.write_bytes(hostile())
    program = Pty(find_binary(), str(path))
    said = program.read(2)
    for key in b'12\t\tj4s5s67893vv8x1b1jjj389':
        program.key(bytes([key]))
        said += program.read(0.15)
    assert program.end() == 0
    assert b'pwned' in said, 'the texts themselves are shown'
    assert b'\x1b]' not in said and b'\x07' not in said and b'\x9b' not in said.replace(b'\xc2\x9b', b'\x9b').decode('utf-8', 'replace').encode('latin-1', 'replace')
    assert b'\x1b[31mred' not in said
    sequences = set(re.findall(rb'\x1b(?:\[[0-9;?]*[@-~]|[()][0-9A-B]|[=>78])', said))
    rest = re.sub(rb'\x1b(?:\[[0-9;?]*[@-~]|[()][0-9A-B]|[=>78MDc])', b'', said)
    assert b'\x1b' not in rest, rest[max(0, rest.index(b'\x1b') - 40):rest.index(b'\x1b') + 40]
    assert sequences
    assert '\u202e' not in said.decode('utf-8', 'replace'), 'nor a character that turns the line round'


def test_suspend_and_resume(wt):
    """Ctrl-Z gives the shell its terminal back, fg the view its screen."""
    pane = Pane('bash --norc --noprofile -i', 140, 42)
    try:
        pane.type(f'{find_binary()} {capture("tour.pcapng")}')
        pane.keys('Enter')
        pane.wait('368 packets')
        pane.keys('C-z')
        pane.wait('Stopped')
        pane.type('stty -a | grep -o "[-]*icanon"')
        pane.keys('Enter')
        text = pane.wait(lambda shown: re.search(r'^-?icanon', shown, re.M))
        assert re.search(r'^icanon', text, re.M)
        pane.type('fg')
        pane.keys('Enter')
        pane.wait(lambda shown: '368 packets' in shown and 'Stopped' not in shown)
        pane.keys('2')
        pane.wait('Ethernet II')
        pane.keys('q')
        pane.wait(lambda shown: 'Ethernet II' not in shown)
    finally:
        pane.close()


def test_the_mouse_opens_sorts_and_chooses(wt):
    """xterm's mouse: a click on a title of the first line, on a column's head, on a row; the wheel."""
    program = Pty(find_binary(), capture('tour.pcapng'))

    def click(column, row, button=0):
        program.key(f'\x1b[<{button};{column + 1};{row + 1}M'.encode())
        if button < 64:
            program.key(f'\x1b[<{button};{column + 1};{row + 1}m'.encode())
        program.read(0.2)
        program.key(b'\x0c')
        return program.read(0.4).decode('utf-8', 'replace')
    program.read(1)
    shown = re.sub(r'\x1b\[[0-9;?]*[@-~]', '', click(25, 0))
    assert 'protocol' in shown and 'Ethernet II' in shown, 'the second title: packets'
    shown = click(12, 0)
    heads = re.sub(r'\x1b\[[0-9;?]*[@-~]', ' ', shown)
    assert '#' in heads and 'lasted' in heads
    program.key(b'7')
    program.read(0.5)
    before = click(119, 39)
    after = click(10, 10, 65)
    assert before != after, 'the wheel moves the text'
    assert program.end() == 0


def repeated(path, megabytes):
    """A capture again and again, until it is so large."""
    with open(path, 'wb') as to:
        whole = subprocess.run(['tshark', '-r', capture('tour.pcapng'), '-F', 'pcap', '-w', '-'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        block = whole[24:] * max(1, (4 << 20) // len(whole))
        to.write(whole[:24])
        for _ in range(max(1, (megabytes << 20) // len(block))):
            to.write(block)
    return path


def opens_at_once(path, binary):
    first, slow = [], []
    for _ in range(3):
        program = Pty(binary, str(path))
        assert b'Connections' in program.read(5, b'Connections')
        first.append(time.monotonic() - program.began)
        for key in (b'2', b'j', b'G', b'7', b'1', b'g'):
            program.read(0.08)
            began = time.monotonic()
            program.key(key)
            if program.read(1.0, b'\x1b'):
                slow.append(time.monotonic() - began)
        program.key(b'S')
        assert program.end() == 0
    return min(first), sorted(slow)


def test_a_large_file_opens_at_once_and_answers_while_it_loads(wt, tmp_path):
    first, answers = opens_at_once(repeated(tmp_path / 'large.pcap', 60), find_binary())
    assert first < 0.3, first
    assert answers[len(answers) // 2] < 0.12, answers


@pytest.mark.slow
def test_a_file_of_a_gigabyte_opens_at_once(wt, tmp_path):
    first, answers = opens_at_once(repeated(tmp_path / 'large.pcap', 1024), find_binary())
    assert first < 0.3, first
    assert answers[len(answers) // 2] < 0.12, answers


def scrolls(path, count, timeout):
    program = Pty(find_binary(), str(path))
    said, end = b'', time.monotonic() + timeout
    while f' {count} packets'.encode() not in said or b'reading' in said:
        assert time.monotonic() < end, 'not loaded in time'
        program.read(0.5)
        program.key(b'\x0c')                    # Ctrl-L: all of the screen
        said = program.read(0.4)
    program.key(b'2')
    program.read(0.5)
    slow = []
    for key in [b'G', b'\x1b[5~', b'\x1b[5~', b'g', b'\x1b[6~', b'\x1b[6~', b'G', b'k', b'g', b'j'] * 3:
        began = time.monotonic()
        program.key(key)
        if program.read(1.0, b'\x1b'):
            slow.append(time.monotonic() - began)
        program.read(0.06)
    assert program.end() == 0
    slow.sort()
    assert len(slow) > 20 and slow[len(slow) * 3 // 4] < 0.15, slow


def small_packets(path, count):
    """Datagrams of 64 hosts."""
    frames = [udp(f'192.0.2.{i}', 1000 + i, '198.51.100.1', 9, b'x' * 18) for i in range(1, 65)]
    record = b''.join(struct.pack('<IIII', 1700000000, i, len(f), len(f)) + f for i, f in enumerate(frames))
    with open(path, 'wb') as to:
        to.write(pcap([])[:24])
        for _ in range(count // len(frames) // 64):
            to.write(record * 64)
    return path


def test_many_packets_scroll(wt, tmp_path):
    scrolls(small_packets(tmp_path / 'many.pcap', 204800), 204800, 60)


@pytest.mark.slow
def test_ten_million_packets_scroll(wt, tmp_path):
    count = 10000384 // 4096 * 4096
    scrolls(small_packets(tmp_path / 'many.pcap', count), count, 600)


@pytest.mark.slow
def test_random_keys_for_a_minute_under_sanitizers(wt_asan, view):  # noqa: F811
    pane = view(capture('tour.pcapng'), binary=wt_asan.binary)
    pane.wait('368 packets', timeout=60)
    rng = random.Random(int(os.environ.get('WIRETALE_SEED', '5')))
    keys = list('0123456789jkhlgGnNmTRZocptsvfxb,.<>r/#S') + ['Up', 'Down', 'Left', 'Right', 'PPage', 'NPage', 'Home', 'End', 'Enter', 'Escape',
                                                             'Tab', 'BTab', 'F1', 'F3', 'F4', 'F9', 'BSpace', 'C-u', 'C-d']
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pane.keys(*[rng.choice(keys) for _ in range(8)])
        if rng.random() < 0.02:
            pane.resize(rng.choice([20, 40, 80, 140]), rng.choice([5, 10, 24, 42]))
        time.sleep(0.03)
    pane.resize(140, 42)
    time.sleep(2)
    text = pane.text()
    assert not re.search(r'^status \d', text, re.M) and 'Sanitizer' not in text, text
    os.kill(pane.child(), signal.SIGTERM)
    pane.wait('status ')
