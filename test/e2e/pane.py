"""The view in a real terminal: a program in tmux, keys in, what the pane shows out."""
import os
import pty
import select
import shlex
import subprocess
import time
import uuid

import pytest

from conftest import find_binary, need


class Pane:
    """A program in a tmux session of its own."""

    def __init__(self, command, width=140, height=42, env=''):
        need('tmux')
        self.socket = f'wiretale-{uuid.uuid4().hex[:12]}'
        self.tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'v', '-x', str(width), '-y', str(height),
                  f'{env} {command}; echo "status $?"; stty -a | grep -o "[-]*icanon"; sleep 60')

    def tmux(self, *args, check=True):
        env = {**os.environ, 'LC_ALL': 'C.UTF-8'}
        env.pop('TMUX', None)
        return subprocess.run(['tmux', '-u', '-L', self.socket, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=check, env=env).stdout

    def keys(self, *keys):
        self.tmux('send-keys', '-t', 'v', *keys)

    def type(self, text):
        self.tmux('send-keys', '-t', 'v', '-l', text)

    def text(self, *flags):
        return self.tmux('capture-pane', '-p', '-t', 'v', *flags)

    def wait(self, what, timeout=15):
        """Until the pane shows it (a string, or a function of its text)."""
        end = time.monotonic() + timeout
        shows = what if callable(what) else lambda text: what in text
        while True:
            text = self.text()
            if shows(text):
                return text
            assert time.monotonic() < end, f'not shown within {timeout} s: {what}\n{text}'
            time.sleep(0.05)

    def resize(self, width, height):
        self.tmux('resize-window', '-t', 'v', '-x', str(width), '-y', str(height))

    def child(self):
        """The process id of the wiretale in the pane."""
        shell = self.tmux('list-panes', '-t', 'v', '-F', '#{pane_pid}').strip()
        waiting = [shell]
        while waiting:
            pid = waiting.pop()
            with open(f'/proc/{pid}/task/{pid}/children') as children:
                waiting += children.read().split()
            with open(f'/proc/{pid}/comm') as comm:
                if comm.read().strip() == 'wiretale':
                    return int(pid)
        raise AssertionError('no wiretale in the pane\n' + self.text())

    def close(self):
        self.tmux('kill-server', check=False)


class Pty:
    """The program on a pseudo-terminal: every byte that it writes."""

    def __init__(self, *args, term='xterm'):
        self.began = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM=term, LINES='40', COLUMNS='120', XDG_CONFIG_HOME='/nonexistent')
            os.execv(args[0], args)

    def read(self, seconds, until=None):
        said, end = b'', time.monotonic() + seconds
        while time.monotonic() < end:
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                break
            try:
                said += os.read(self.fd, 65536)
            except OSError:
                break
            if until and until in said:
                break
        return said

    def key(self, key):
        os.write(self.fd, key)

    def end(self):
        self.key(b'q')
        self.read(2, b'never')
        os.close(self.fd)
        return os.waitpid(self.pid, 0)[1]


@pytest.fixture
def view(wt, tmp_path):
    panes = []

    def start(*args, width=140, height=42, env='', binary=None):
        command = ' '.join(shlex.quote(str(a)) for a in (binary or wt.binary, *args))
        homes = f'XDG_STATE_HOME={shlex.quote(str(tmp_path))}/state XDG_CONFIG_HOME={shlex.quote(str(tmp_path))}/config'
        panes.append(Pane(command, width, height, f'{homes} {env}'))
        return panes[-1]
    yield start
    for pane in panes:
        pane.close()


@pytest.fixture
def watched(lab, view):
    """A view of the interface of one of two hosts that can talk."""
    need('nsenter')
    lab.space('client')
    lab.space('server')
    lab.veth('client', 'c0', 'server', 's0')
    lab.address('client', 'c0', '192.0.2.1/24')
    lab.address('server', 's0', '192.0.2.2/24')

    def start(*args, **more):
        pane = view(f'--net={lab.path("client")}', find_binary(), '-i', 'c0', *args, binary='nsenter', **more)
        pane.wait('live', timeout=20)
        time.sleep(1)
        return pane
    return start
