"""What the kernel itself says of its TCP while it runs: why it sent each segment again (tracepoints with their call stacks), its
counters (/proc/net/netstat), and TCP_INFO sampled during a transfer."""
import os
import re
import subprocess
import tempfile
import threading
import time

from told import tcp_info

_CALLER = (('tcp_retransmit_timer', 'timeout'), ('tcp_send_loss_probe', 'probe'), ('tcp_rack_reo_timeout', 'rack timer'),
           ('tcp_simple_retransmit', 'smaller MTU'), ('tcp_xmit_retransmit_queue', 'recovery'))
_STATES = ('Open', 'Disorder', 'CWR', 'Recovery', 'Loss')


def _put(path, text):
    with open(path, 'w') as f:
        f.write(text)


class Trace:
    """with Trace(port) as t: ... ; t.events: each call of tcp_retransmit_skb for that port, with why it was called, and each
    change of the congestion state. None where tracefs is refused (it needs real root)."""

    def __init__(self, port):
        self.port, self.events, self.place = port, None, None

    def __enter__(self):
        self.mount = tempfile.mkdtemp(prefix='wiretale-trace-')
        if subprocess.run(['mount', '-t', 'tracefs', 'none', self.mount], stderr=subprocess.DEVNULL).returncode:
            os.rmdir(self.mount)
            print('NOT RECORDED: why the kernel sent segments again (tracefs is refused here)', flush=True)
            return self
        self.place = f'{self.mount}/instances/wiretale-{os.getpid()}'
        os.mkdir(self.place)
        _put(f'{self.place}/trace_clock', 'mono')
        for event in ('tcp_retransmit_skb', 'tcp_cong_state_set'):
            _put(f'{self.place}/events/tcp/{event}/filter', f'sport == {self.port} || dport == {self.port}')
            _put(f'{self.place}/events/tcp/{event}/enable', '1')
        _put(f'{self.place}/options/stacktrace', '1')       # by both ways, because each forgets a stack now and then
        _put(f'{self.place}/events/tcp/tcp_retransmit_skb/trigger', 'stacktrace')
        return self

    def __exit__(self, *_):
        if not self.place:
            return
        offset = time.time_ns() - time.monotonic_ns()
        for event in ('tcp_retransmit_skb', 'tcp_cong_state_set'):
            _put(f'{self.place}/events/tcp/{event}/enable', '0')
        _put(f'{self.place}/events/tcp/tcp_retransmit_skb/trigger', '!stacktrace')
        with open(f'{self.place}/trace') as f:
            self.events = read_trace(f.read(), offset)
        os.rmdir(self.place)
        subprocess.run(['umount', self.mount], check=True)
        os.rmdir(self.mount)


def read_trace(text, offset):
    """[{ns, did: 'retransmit' or 'state', from: the port, why, state}]; state: the congestion state at that moment."""
    events, state = [], {}
    for line in text.splitlines():
        found = re.search(r'\s(\d+)\.(\d{6}): (tcp_\w+): (.*)', line)
        if found:
            ns = int(found.group(1)) * 10**9 + int(found.group(2)) * 1000 + offset
            port = int(re.search(r'sport=(\d+)', found.group(4)).group(1))
            if found.group(3) == 'tcp_cong_state_set':
                state[port] = _STATES[int(re.search(r'cong_state=(\d+)', found.group(4)).group(1))]
                events.append({'ns': ns, 'did': 'state', 'from': port, 'state': state[port]})
            else:
                events.append({'ns': ns, 'did': 'retransmit', 'from': port, 'why': None, 'state': state.get(port, 'Open')})
        elif events and events[-1]['did'] == 'retransmit':
            name = line.replace('=>', ' ').strip().split('.')[0]        # the compiler's parts are called function.part.0
            for function, why in _CALLER:
                if name == function and events[-1]['why'] in (None, 'recovery'):
                    events[-1]['why'] = why
    return events


_COUNTERS = ('TCPTimeouts', 'TCPLossProbes', 'TCPLossProbeRecovery', 'TCPFastRetrans', 'TCPSlowStartRetrans', 'TCPLostRetransmit',
             'TCPSpuriousRTOs', 'TCPDSACKRecv', 'TCPDSACKUndo', 'TCPFullUndo', 'TCPPartialUndo', 'TCPLossUndo', 'TCPSackRecovery',
             'TCPRenoRecovery', 'TCPSACKReorder', 'TCPTSReorder', 'TCPRenoReorder', 'TCPFromZeroWindowAdv', 'TCPToZeroWindowAdv',
             'TCPWantZeroWindowAdv', 'TCPWinProbe', 'TCPKeepAlive', 'TCPOFOQueue', 'TCPDSACKOldSent', 'TCPDSACKOfoSent', 'TCPRetransFail')


def counters(lab, name):
    """The kernel's counters of one host, those that are not zero. A fresh namespace begins at zero."""
    with lab.inside(name):
        with open('/proc/thread-self/net/netstat') as f:
            lines = f.read().splitlines()
    said = {}
    for heads, values in zip(lines[::2], lines[1::2]):
        if heads.startswith('TcpExt:'):
            said = dict(zip(heads.split()[1:], map(int, values.split()[1:])))
    return {key: said[key] for key in _COUNTERS if said.get(key)}


SAMPLED = ('rtt', 'min_rtt', 'snd_cwnd', 'unacked', 'ca_state', 'total_retrans', 'delivered', 'bytes_acked', 'busy_time', 'rwnd_limited', 'sndbuf_limited')


class Sampler(threading.Thread):
    """TCP_INFO of a socket, every few milliseconds; at the end at most so many rows, evenly chosen."""

    def __init__(self, s, every=0.02, rows=40):
        super().__init__(daemon=True)
        self.s, self.every, self.rows, self.taken, self.done = s, every, rows, [], threading.Event()

    def run(self):
        while not self.done.wait(self.every):
            info = tcp_info(self.s, keep=SAMPLED)
            self.taken.append([time.time_ns() // 1000] + [info[key] for key in SAMPLED])

    def stop(self):
        self.done.set()
        self.join()
        step = max(1, -(-len(self.taken) // self.rows))
        return {'columns': ['us', *SAMPLED], 'rows': self.taken[::step]}
