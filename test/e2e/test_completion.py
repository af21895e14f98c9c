"""Completions in the shells themselves: what they offer behind -Y and -e. bash is in test_filters.py."""
import os
import pty
import select
import signal
import subprocess
import time

import pytest

from conftest import need

TYPED = [('wiretale packets -Y tcp.analysis.retr', 'tcp.analysis.retransmission'),
         ('wiretale packets -T fields -e dns.qry.na', 'dns.qry.name'),
         ("wiretale connections -Y 'tcp and conn.outc", 'conn.outcome'),
         ('wiretale pack', 'packets'),
         ('wiretale packets --display-f', '--display-filter')]


class Shell:
    """An interactive zsh on a terminal of its own, without anybody's configuration."""

    def __init__(self, folder, binary):
        self.child, self.fd = pty.fork()
        if self.child == 0:
            path = f'{os.path.dirname(binary)}:{os.environ["PATH"]}'
            os.execvpe('zsh', ['zsh', '-f', '-i'], dict(os.environ, PATH=path, TERM='dumb', PS1='', HOME=str(folder), LC_ALL='C.UTF-8'))
        self.send(f"fpath=({folder} $fpath); autoload -U compinit; compinit -u -D; LISTMAX=100000; print RE''ADY\n")
        self.until('READY')

    def send(self, text):
        os.write(self.fd, text.encode())

    def until(self, wanted, seconds=30):
        seen, end = '', time.monotonic() + seconds
        while wanted not in seen:
            left = end - time.monotonic()
            assert left > 0 and select.select([self.fd], [], [], left)[0], f'no {wanted!r} in {seen!r}'
            seen += os.read(self.fd, 65536).decode(errors='replace')
        return seen

    def close(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.fd)


@pytest.fixture(scope='module')
def zsh(wt, tmp_path_factory):
    need('zsh')
    folder = tmp_path_factory.mktemp('zsh')
    (folder / '_wiretale').write_text(wt.run('help', '--completion=zsh', status=0).out)
    shell = Shell(folder, wt.binary)
    yield shell
    shell.close()


@pytest.mark.parametrize('typed, offered', TYPED)
def test_zsh(zsh, typed, offered):
    zsh.send(typed + '\t\t')
    zsh.until(offered)
    zsh.send('\x15')        # Ctrl-U: Ctrl-C would take what is typed next with it


@pytest.mark.parametrize('typed, offered', TYPED)
def test_fish(wt, tmp_path, typed, offered):
    need('fish')
    (tmp_path / 'wiretale.fish').write_text(wt.run('help', '--completion=fish', status=0).out)
    done = subprocess.run(['fish', '--no-config', '-c', f'source {tmp_path}/wiretale.fish; complete -C $argv[1]', typed], stdout=subprocess.PIPE, text=True,
                          check=True, env=dict(os.environ, PATH=f'{os.path.dirname(wt.binary)}:{os.environ["PATH"]}', HOME=str(tmp_path)))
    words = [line.split('\t')[0].split(' ')[-1] for line in done.stdout.splitlines()]
    assert offered in words, done.stdout
