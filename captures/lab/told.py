"""What the programs themselves say: TCP_INFO, curl, dig, nginx's log, ss."""
import json
import os
import re
import socket
import struct
import subprocess

_U8 = ('state', 'ca_state', 'retransmits', 'probes', 'backoff', 'options', 'wscale', 'flags')
_U32 = ('rto', 'ato', 'snd_mss', 'rcv_mss', 'unacked', 'sacked', 'lost', 'retrans', 'fackets', 'last_data_sent',
        'last_ack_sent', 'last_data_recv', 'last_ack_recv', 'pmtu', 'rcv_ssthresh', 'rtt', 'rttvar', 'snd_ssthresh',
        'snd_cwnd', 'advmss', 'reordering', 'rcv_rtt', 'rcv_space', 'total_retrans')
_REST = (('pacing_rate', 'Q'), ('max_pacing_rate', 'Q'), ('bytes_acked', 'Q'), ('bytes_received', 'Q'), ('segs_out', 'I'),
         ('segs_in', 'I'), ('notsent_bytes', 'I'), ('min_rtt', 'I'), ('data_segs_in', 'I'), ('data_segs_out', 'I'),
         ('delivery_rate', 'Q'), ('busy_time', 'Q'), ('rwnd_limited', 'Q'), ('sndbuf_limited', 'Q'), ('delivered', 'I'),
         ('delivered_ce', 'I'), ('bytes_sent', 'Q'), ('bytes_retrans', 'Q'), ('dsack_dups', 'I'), ('reord_seen', 'I'),
         ('rcv_ooopack', 'I'), ('snd_wnd', 'I'), ('rcv_wnd', 'I'))
_KEEP = ('options', 'snd_mss', 'rcv_mss', 'rtt', 'rttvar', 'min_rtt', 'total_retrans', 'bytes_acked', 'bytes_received',
         'segs_out', 'segs_in', 'data_segs_in', 'data_segs_out', 'busy_time', 'rwnd_limited', 'sndbuf_limited', 'delivered',
         'bytes_sent', 'bytes_retrans', 'dsack_dups', 'reord_seen', 'rcv_ooopack', 'reordering', 'rto')


def tcp_info(s, keep=_KEEP):
    """TCP_INFO of a socket (include/uapi/linux/tcp.h); times in microseconds. keep: which fields; None: all of them."""
    raw = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 512)
    info = dict(zip(_U8, struct.unpack_from('8B', raw)))
    info.update(zip(_U32, struct.unpack_from('24I', raw, 8)))
    at = 8 + 96
    for name, kind in _REST:
        size = struct.calcsize(kind)
        if at + size > len(raw):
            break
        info[name] = struct.unpack_from('=' + kind, raw, at)[0]
        at += size
    kept = {name: info[name] for name in keep or info if name in info}
    kept['send_wscale'], kept['recv_wscale'] = info['wscale'] & 15, info['wscale'] >> 4
    return kept


def ends(s):
    """[local address, local port, peer address, peer port]"""
    return [*s.getsockname()[:2], *s.getpeername()[:2]]


_CURL = ('local_ip', 'local_port', 'remote_ip', 'remote_port', 'response_code', 'method', 'url', 'num_connects', 'size_download',
         'size_upload', 'size_header', 'size_request', 'time_namelookup', 'time_connect', 'time_pretransfer',
         'time_starttransfer', 'time_total', 'exitcode', 'errormsg', 'redirect_url', 'num_redirects', 'http_version')


def curl(lab, name, *arguments, start=False):
    """Runs curl; returns what it says of each transfer."""
    argv = ['curl', '-sS', '--noproxy', '*', '-w', '%{stderr}%{json}\n']
    for word in arguments:
        if word.startswith('http://'):
            argv += ['-o', '/dev/null']
        argv.append(word)
    child = lab.popen(name, argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return child if start else curl_told(lab, child)


def curl_told(lab, child):
    _, err = child.communicate(timeout=120)
    lab.children.remove(child)
    told = []
    for line in err.splitlines():
        if line.startswith('{'):
            whole = json.loads(line)
            told.append({key: whole[key] for key in _CURL if whole.get(key) not in (None, '')})
    return told


def dig(lab, name, *arguments, server='192.0.2.2'):
    """Runs dig; returns what it says of each query: times in microseconds."""
    argv = ['dig', '-u', f'@{server}', *arguments]
    out = lab.run(name, argv, check=False)
    answers = []
    for part in re.split(r'(?=;; Got answer:)', out):
        found = re.search(r'opcode: (\w+), status: (\w+), id: (\d+)\n;; flags: ([\w ]*);.*?ANSWER: (\d+)', part)
        if found:
            one = {'opcode': found.group(1), 'status': found.group(2), 'id': int(found.group(3)),
                   'flags': found.group(4).split(), 'answers': int(found.group(5))}
            time = re.search(r'Query time: (\d+) usec', part)
            size = re.search(r'MSG SIZE\s+rcvd: (\d+)', part)
            over = re.search(r'\((TCP|UDP)\)', part)
            asked = re.search(r';; QUESTION SECTION:\n;(\S+)\s+(\S+)\s+(\S+)', part)
            if time:
                one['query_time_us'] = int(time.group(1))
            if size:
                one['size'] = int(size.group(1))
            if over:
                one['over'] = over.group(1)
            if asked:
                one['name'], one['class'], one['type'] = asked.groups()
            answers.append(one)
    return {'command': ' '.join(argv), 'answers': answers, 'truncated_retry': 'Truncated, retrying in TCP' in out,
            'timed_out': out.count('timed out'), 'no_servers': 'no servers could be reached' in out}


def versions():
    def first(argv):
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.stdout.splitlines()[0].strip() if done.stdout else ''
    return {'kernel': os.uname().release, 'curl': first(['curl', '--version']).split(' (')[0], 'nginx': first(['nginx', '-v']),
            'named': first(['named', '-v']).split(' <')[0], 'dig': first(['dig', '-v']), 'dumpcap': first(['dumpcap', '--version']),
            'nft': first(['nft', '--version'])}
