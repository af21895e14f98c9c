"""The real program, run on captures/ and on live namespaces, against what the programs in them said.

Environment: WIRETALE the binary (else WIRETALE_BUILD/wiretale, else build*/wiretale); WIRETALE_ASAN the same built with
sanitizers (slow tests); WIRETALE_CORPUS a folder of captures (slow tests)."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest

signal.signal(signal.SIGINT, signal.default_int_handler)    # a background job of a shell ignores it, and so would what it starts

ROOT = Path(__file__).resolve().parents[2]
CAPTURES = ROOT / 'captures'
sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(CAPTURES / 'lab'))


def pytest_collection_modifyitems(items):
    for item in items:
        if not item.get_closest_marker('slow'):
            item.add_marker(pytest.mark.quick)


def can_make_namespaces():
    """Tried in a child, so that this process stays where it is."""
    code = 'import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x40000000) != 0)'
    return subprocess.run([sys.executable, '-c', code]).returncode == 0


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """A live test without the right to make namespaces runs again inside `unshare -Urn`, in a pytest of its own."""
    if not pyfuncitem.get_closest_marker('live') or can_make_namespaces():
        return None
    if os.environ.get('WIRETALE_IN_NAMESPACE') or subprocess.run(['unshare', '-Urn', 'true'], stderr=subprocess.DEVNULL).returncode:
        pytest.skip('network namespaces are refused here (neither root nor unshare -Urn)')
    with tempfile.TemporaryDirectory() as place:
        child = subprocess.run(['unshare', '-Urn', sys.executable, '-m', 'pytest', '-q', '--basetemp', place + '/t', pyfuncitem.nodeid.split('/')[-1]],
                               cwd=Path(__file__).parent, env={**os.environ, 'WIRETALE_IN_NAMESPACE': '1', 'WIRETALE': find_binary()},
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if child.returncode:
        pytest.fail('inside unshare -Urn:\n' + child.stdout[-6000:], pytrace=False)
    if ' skipped' in child.stdout and ' passed' not in child.stdout:
        pytest.skip('inside unshare -Urn: ' + next((line for line in child.stdout.splitlines() if line.startswith('SKIPPED')), '?'))
    return True


@pytest.fixture
def lab():
    """A fresh small network; see captures/lab/net.py."""
    if not can_make_namespaces():
        yield None         # the test runs in a child: see above
        return
    from net import Lab
    with Lab() as made:
        yield made


def find_binary():
    places = [os.environ.get('WIRETALE')]
    if os.environ.get('WIRETALE_BUILD'):
        places += [os.path.join(os.environ['WIRETALE_BUILD'], p) for p in ('wiretale', 'src/cli/wiretale')]
    places += sorted(str(p) for p in ROOT.glob('build*/**/wiretale') if p.is_file())
    for place in places:
        if place and os.path.isfile(place) and os.access(place, os.X_OK):
            return os.path.abspath(place)
    pytest.exit('no wiretale binary: set WIRETALE or WIRETALE_BUILD, or build first', 2)


class Result:
    def __init__(self, done):
        self.status, self.raw = done.returncode, done.stdout
        self.out = done.stdout.decode('utf-8', 'strict') if isinstance(done.stdout, bytes) else done.stdout
        self.err = done.stderr.decode('utf-8', 'strict')


class Wiretale:
    """Runs the program. A signal or a sanitizer's word is always a failure."""

    def __init__(self, binary):
        self.binary = binary

    def run(self, *args, stdin=None, env=None, timeout=60, status=None):
        """stdin: bytes. status: what the exit status must be (None: any of 0 to 3)."""
        whole = {**os.environ, 'LC_ALL': 'C.UTF-8', **(env or {})}
        done = subprocess.run([self.binary, *map(str, args)], input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, env=whole)
        result = Result(done)
        said = f'wiretale {" ".join(map(str, args))}: status {result.status}\n{result.err}'
        assert 0 <= result.status <= 3, said
        assert 'Sanitizer' not in result.err and 'runtime error' not in result.err, said
        if status is not None:
            assert result.status == status, said
        return result

    def json(self, command, *args, status=0, **kw):
        return json.loads(self.run(command, '--json', *args, status=status, **kw).out)

    def lines(self, command, *args, status=0, **kw):
        """Output of one JSON object a line."""
        return [json.loads(line) for line in self.run(command, '--json', *args, status=status, **kw).out.splitlines() if line]

    @lru_cache(maxsize=None)
    def report(self, path, *args):
        return self.json('report', path, *args)

    @lru_cache(maxsize=None)
    def connections(self, path, *args):
        told = self.run('connections', '--json', path, *args, status=0).out
        return records(told)

    @lru_cache(maxsize=None)
    def timeline(self, path, *args):
        return records(self.run('timeline', '--json', path, *args, status=0).out)

    @lru_cache(maxsize=None)
    def fields(self, path, *names, display_filter=None):
        """One list a packet, in the order of names; several values of one field joined by commas."""
        args = ['packets', path, '-T', 'fields']
        for name in names:
            args += ['-e', name]
        if display_filter:
            args += ['-Y', display_filter]
        return [line.split('\t') for line in self.run(*args, status=0).out.splitlines()]


def records(text):
    """A JSON array, an object with one list in it, or an object a line."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return []
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in lines]
    if isinstance(whole, list):
        return whole
    for key in ('connections', 'timelines'):
        if key in whole:
            return whole[key]
    return [whole]


@pytest.fixture(scope='session')
def wt():
    return Wiretale(find_binary())


@pytest.fixture(scope='session')
def wt_asan():
    place = os.environ.get('WIRETALE_ASAN')
    if not place or not os.access(place, os.X_OK):
        pytest.skip('WIRETALE_ASAN names no binary built with sanitizers')
    return Wiretale(os.path.abspath(place))


def capture(name):
    path = CAPTURES / name
    assert path.exists(), f'{path}: captures/make records it'
    return str(path)


def truth(name):
    with open(CAPTURES / 'truth' / (name.split('.')[0] + '.json')) as f:
        return json.load(f)


def all_captures():
    with open(CAPTURES / 'MANIFEST.tsv') as f:
        head = f.readline().rstrip('\n').split('\t')
        return [dict(zip(head, line.rstrip('\n').split('\t'))) for line in f]


def need(tool):
    """Skips the test, with its reason, where a program is missing."""
    found = shutil.which(tool, path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin')
    if not found:
        pytest.skip(f'{tool} is not installed')
    return found


def same_ends(record, client, client_port, server, server_port):
    return (record['client']['address'], record['client'].get('port'), record['server']['address'], record['server'].get('port')) == \
        (client, client_port, server, server_port)


def find(found, client, client_port, server, server_port):
    """The records of one 5-tuple, in order."""
    return [r for r in found if same_ends(r, client, client_port, server, server_port)]


def one(found, *ends):
    got = find(found, *ends)
    assert len(got) == 1, f'{ends}: {len(got)} records'
    return got[0]


def tcp_only(found):
    return [r for r in found if r['protocol'] in (6, 'tcp')]
