"""A small network on this machine: namespaces held by file descriptors, veth pairs, TAP and TUN devices.

One process can hold both ends of a connection: a socket stays in the namespace it was made in."""
import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_TAP, IFF_NO_PI = 1, 2, 0x1000
libc = ctypes.CDLL(None, use_errno=True)


def _setns(fd):
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), 'setns')


class Lab:
    def __init__(self):
        self.home = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
        self.spaces = {}
        self.children = []
        self.fds = []
        self.dir = tempfile.mkdtemp(prefix='wiretale-lab-')
        os.chmod(self.dir, 0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for child in self.children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in self.children:
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for fd in self.fds + list(self.spaces.values()) + [self.home]:
            os.close(fd)
        shutil.rmtree(self.dir, ignore_errors=True)

    # namespaces
    def space(self, name):
        if libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'a network namespace could not be made')
        self.spaces[name] = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
        _setns(self.home)
        with self.inside(name):
            for key in ('all', 'default'):
                self._write(f'/proc/sys/net/ipv6/conf/{key}/accept_dad', 0)
                self._write(f'/proc/sys/net/ipv6/conf/{key}/accept_ra', 0)
                self._write(f'/proc/sys/net/ipv6/conf/{key}/addr_gen_mode', 1)
            for key, value in (('tcp_congestion_control', 'cubic'), ('tcp_syn_linear_timeouts', 0)):
                with contextlib.suppress(OSError):      # kernels before 6.5 have no linear phase
                    self._write(f'/proc/sys/net/ipv4/{key}', value)
        self.run(name, 'ip link set lo up')

    @contextlib.contextmanager
    def inside(self, name):
        _setns(self.spaces[name])
        try:
            yield
        finally:
            _setns(self.home)

    def path(self, name):
        return f'/proc/{os.getpid()}/fd/{self.spaces[name]}'

    @staticmethod
    def _write(path, value):
        with open(path, 'w') as f:
            f.write(str(value))

    def sysctl(self, name, key, value):
        with self.inside(name):
            self._write('/proc/sys/' + key.replace('.', '/'), value)

    # programs
    def popen(self, name, argv, **kw):
        if isinstance(argv, str):
            argv = argv.split()
        fd = self.spaces[name]
        child = subprocess.Popen(argv, preexec_fn=lambda: _setns(fd), **kw)
        self.children.append(child)
        return child

    def run(self, name, argv, check=True, text_in=None):
        child = self.popen(name, argv, stdin=subprocess.PIPE if text_in is not None else subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = child.communicate(text_in)
        self.children.remove(child)
        if check and child.returncode != 0:
            raise RuntimeError(f'{argv}: exit {child.returncode}: {err.strip()}')
        return out

    # devices
    def veth(self, a, dev_a, b, dev_b, offload=False, mac=(1, 2), mtu=1500):
        self.run(a, ['ip', 'link', 'add', dev_a, 'mtu', str(mtu), 'address', f'02:00:00:00:00:{mac[0]:02x}', 'type', 'veth',
                     'peer', 'name', dev_b, 'mtu', str(mtu), 'address', f'02:00:00:00:00:{mac[1]:02x}', 'netns', self.path(b)])
        for name, dev in ((a, dev_a), (b, dev_b)):
            if not offload:
                self.no_offload(name, dev)
            self.run(name, f'ip link set {dev} up')

    def no_offload(self, name, dev):
        self.run(name, f'ethtool -K {dev} tso off gso off gro off tx off', check=False)

    def address(self, name, dev, *addresses):
        for address in addresses:
            self.run(name, ['ip', 'address', 'add', address, 'dev', dev] + (['nodad'] if ':' in address else []))

    def tap(self, name, dev, mac=None, tun=False, mtu=1500):
        """Makes a TAP (or TUN) device and returns the descriptor of its other end."""
        with self.inside(name):
            fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH22x', dev.encode(), (IFF_TUN if tun else IFF_TAP) | IFF_NO_PI))
        self.fds.append(fd)
        if mac:
            self.run(name, f'ip link set {dev} address 02:00:00:00:00:{mac:02x}')
        self.no_offload(name, dev)
        self.run(name, f'ip link set {dev} mtu {mtu} up')
        return fd

    # sockets
    def socket(self, name, family=socket.AF_INET, kind=socket.SOCK_STREAM, protocol=0):
        with self.inside(name):
            s = socket.socket(family, kind, protocol)
        s.settimeout(20)
        return s

    def listener(self, name, address, port=0, backlog=16, **options):
        s = self.socket(name, socket.AF_INET6 if ':' in address else socket.AF_INET)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for (level, option), value in options.get('options', {}).items():
            s.setsockopt(level, option, value)
        s.bind((address, port))
        s.listen(backlog)
        return s

    def connect(self, name, address, port, source_port=0, source=None, **options):
        s = self.socket(name, socket.AF_INET6 if ':' in address else socket.AF_INET)
        for (level, option), value in options.get('options', {}).items():
            s.setsockopt(level, option, value)
        if source_port or source:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((source or ('::' if ':' in address else '0.0.0.0'), source_port))
        s.connect((address, port))
        return s

    def nft(self, name, rules):
        self.run(name, ['nft', '-f', '-'], text_in=rules.replace('}', '\n}\n'))

    def nft_counters(self, name):
        """{comment: packets} of every rule that has a comment."""
        import json
        told = json.loads(self.run(name, ['nft', '-j', 'list', 'ruleset']))
        counts = {}
        for item in told['nftables']:
            rule = item.get('rule')
            if rule and 'comment' in rule:
                for part in rule['expr']:
                    if 'counter' in part:
                        counts[rule['comment']] = part['counter']['packets']
        return counts

    def ss(self, name, *arguments):
        return self.run(name, ['ss', '-H'] + list(arguments))


def pair(lab, offload=False, mtu=1500):
    """The usual two hosts, joined by a veth: client (c0) and server (s0)."""
    lab.space('client')
    lab.space('server')
    lab.veth('client', 'c0', 'server', 's0', offload=offload, mtu=mtu)
    lab.address('client', 'c0', '192.0.2.1/24', '2001:db8::1/64')
    lab.address('server', 's0', '192.0.2.2/24', '2001:db8::2/64')
    settle(lab, 'client', 'c0')


def wired(lab, *rules, delay_ms=10, jitter_ms=0):
    """The usual two hosts, joined by the user-space wire. Returns the running wire; wire_log() reads what it did."""
    lab.space('client')
    lab.space('server')
    left = lab.tap('client', 'c0', mac=1)
    right = lab.tap('server', 's0', mac=2)
    lab.address('client', 'c0', '192.0.2.1/24', '2001:db8::1/64')
    lab.address('server', 's0', '192.0.2.2/24', '2001:db8::2/64')
    return start_wire(lab, left, right, *rules, delay_ms=delay_ms, jitter_ms=jitter_ms)


def start_wire(lab, left, right, *rules, delay_ms=10, jitter_ms=0, extra=()):
    log = os.path.join(lab.dir, 'wire.jsonl')
    argv = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'wire.py'),
            '--left-fd', str(left), '--right-fd', str(right), '--delay', str(delay_ms), '--jitter', str(jitter_ms),
            '--log', log, *extra]
    for rule in rules:
        argv += ['--rule', rule]
    wire = subprocess.Popen(argv, pass_fds=[left, right])
    lab.children.append(wire)
    time.sleep(0.4)
    return log


def wire_log(log):
    import json
    with open(log) as f:
        return [json.loads(line) for line in f]


def settle(lab, name, dev):
    for _ in range(100):
        if 'LOWER_UP' in lab.run(name, f'ip link show {dev}'):
            break
        time.sleep(0.02)
    time.sleep(0.1)
