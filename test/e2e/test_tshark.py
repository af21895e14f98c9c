"""Fields packet by packet beside tshark's, on our captures."""
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import pytest

from conftest import all_captures, capture, need

FIELDS = {
    'link and ip': ['frame.len', 'eth.src', 'eth.dst', 'eth.type', 'vlan.id', 'arp.opcode', 'ip.src', 'ip.dst', 'ip.id', 'ip.ttl', 'ip.proto', 'ip.len',
                    'ip.frag_offset', 'ipv6.src', 'ipv6.dst', 'ipv6.hlim', 'ipv6.nxt', 'icmp.type', 'icmp.code', 'icmpv6.type'],
    'transport': ['udp.srcport', 'udp.dstport', 'udp.length', 'udp.stream', 'tcp.srcport', 'tcp.dstport', 'tcp.len', 'tcp.flags', 'tcp.seq_raw', 'tcp.ack_raw',
                  'tcp.window_size_value', 'tcp.hdr_len', 'tcp.options.mss_val', 'tcp.options.wscale.shift', 'tcp.options.timestamp.tsval',
                  'tcp.stream', 'tcp.seq', 'tcp.ack', 'tcp.nxtseq', 'tcp.window_size', 'tcp.window_size_scalefactor', 'tcp.time_relative', 'tcp.time_delta'],
    'analysis': ['tcp.completeness', *('tcp.analysis.' + name for name in (
        'retransmission', 'fast_retransmission', 'spurious_retransmission', 'out_of_order', 'lost_segment', 'ack_lost_segment', 'duplicate_ack',
        'duplicate_ack_num', 'duplicate_ack_frame', 'keep_alive', 'keep_alive_ack', 'zero_window', 'zero_window_probe', 'zero_window_probe_ack',
        'window_full', 'window_update', 'reused_ports', 'initial_rtt', 'acks_frame', 'ack_rtt', 'bytes_in_flight', 'push_bytes_sent', 'rto',
        'rto_frame'))],
    'application': ['dns.id', 'dns.flags.response', 'dns.flags.rcode', 'dns.qry.name', 'dns.qry.type', 'dns.a', 'dns.aaaa', 'dns.cname',
                    'dns.count.answers', 'http.request.method', 'http.request.uri', 'http.host', 'http.response.code', 'http.request_in',
                    'http.content_type', 'http.server', 'http.time', 'http.request', 'http.response', 'http.request.full_uri',
                    'http.content_length', 'http.response.code.desc'],
}
# Wireshark 4.0 with its preferences as installed puts a frame's fields where the reassembled message ends, as we do.
# (capture, field): why we answer where tshark 4.0 does not.
KNOWN = {}

# The other way round: what tshark answers and we do not without --compat, as docs/differences-from-wireshark.md says.
NOT_OURS = {('tunnel/vxlan.pcapng', 'udp.stream'): 'the outer datagrams of a tunnel are no conversation of their own'}
# In the packet that an ICMP error quotes, tshark gives the raw number in some cases only; we always do.
QUOTED = 'tcp.seq_raw'


def differs(name, field, theirs, ours):
    if theirs == ours or (theirs == '' and ((name, field) in KNOWN or field == QUOTED)):
        return False
    return not (ours == '' and (name, field) in NOT_OURS)


def table(argv, names, path):
    args = [word for name in names for word in ('-e', name)]
    done = subprocess.run([*argv, '-T', 'fields', *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode in (0, 3), done.stderr
    return [dict(zip(names, line.split('\t'))) for line in done.stdout.split('\n')[:-1]]


QUICK = {'tour.pcapng', 'http/keepalive.pcapng', 'http/one-each.pcap', 'http/chunked.pcapng', 'http/errors.pcapng', 'http/ipv6.pcapng',
         'http/pipelined.pcapng', 'http/post.pcapng', 'dns/answers.pcapng', 'dns/negative.pcapng', 'dns/tcp-fallback.pcapng', 'dns/dnssec.pcapng',
         'tcp/loss.pcapng', 'tcp/reused-in-time-wait.pcapng', 'tcp/rejected.pcapng', 'tcp/simultaneous-open.pcapng', 'tcp/reset.pcapng',
         'tcp/short-snap.pcapng', 'ip/fragments.pcapng.gz', 'ip/unreachable.pcapng', 'ip/options.pcapng', 'ip/multicast.pcapng',
         'link/qinq.pcapng', 'link/cooked.pcap', 'link/raw-ip.pcap', 'link/pppoe.pcapng', 'link/two-interfaces.pcapng', 'tunnel/gre.pcapng',
         'tunnel/vxlan.pcapng', 'tunnel/6in4.pcapng'}
NAMES = [pytest.param(row['name'], marks=[] if row['name'] in QUICK else [pytest.mark.slow]) for row in all_captures()]


@lru_cache(maxsize=None)
def both(binary, name):
    names = [field for group in FIELDS.values() for field in group]
    with ThreadPoolExecutor(2) as pool:
        theirs = pool.submit(table, ['tshark', '-n', '-r', capture(name)], names, name)
        ours = pool.submit(table, [binary, 'packets', '--compat', 'tshark-4.0', '-n', '-r', capture(name)], names, name)
        return theirs.result(), ours.result()


@pytest.mark.parametrize('group', FIELDS)
@pytest.mark.parametrize('name', NAMES)
def test_fields_agree(wt, group, name):
    need('tshark')
    theirs, ours = both(wt.binary, name)
    assert len(ours) == len(theirs)
    differ = [(i + 1, field, t[field], o[field]) for i, (t, o) in enumerate(zip(theirs, ours)) for field in FIELDS[group]
              if differs(name, field, t[field], o[field])]
    assert not differ, f'{len(differ)} differ (frame, field, tshark, ours): {differ[:8]}'


@pytest.mark.parametrize('name', ['http/chunked.pcapng', 'http/post.pcapng', 'http/keepalive.pcapng'])
def test_segments_of_messages_are_marked(wt, name):
    need('tshark')
    def marked(argv, text):
        told = subprocess.run([*argv, '-n', '-r', capture(name)], stdout=subprocess.PIPE, text=True, check=True).stdout.split('\n')
        return [line.split()[0] for line in told if text in line]
    theirs = marked(['tshark'], '[TCP segment of a reassembled PDU]')
    assert marked([wt.binary, 'packets', '--compat', 'tshark-4.0'], '[TCP segment of a reassembled PDU]') == theirs
    assert marked([wt.binary, 'packets'], '[part of an HTTP message]') == theirs


@pytest.mark.parametrize('bytes_kept', [50, 54, 62, 70, 84])
def test_fields_agree_where_frames_are_cut(wt, tmp_path, bytes_kept):
    need('tshark')
    need('editcap')
    cut = tmp_path / 'cut.pcapng'
    subprocess.run(['editcap', '-s', str(bytes_kept), capture('tcp/loss.pcapng'), cut], check=True)
    names = FIELDS['transport'] + FIELDS['analysis']
    theirs = table(['tshark', '-n', '-r', str(cut)], names, '')
    ours = table([wt.binary, 'packets', '--compat', 'tshark-4.0', '-n', '-r', str(cut)], names, '')
    assert len(ours) == len(theirs) > 0
    differ = [(i + 1, field, t[field], o[field]) for i, (t, o) in enumerate(zip(theirs, ours)) for field in names if t[field] != o[field]]
    assert not differ, f'{len(differ)} differ (frame, field, tshark, ours): {differ[:8]}'


@pytest.mark.parametrize('columns', ['"No.","%m","Host","%Cus:http.host:0:R","Src","%s","Port","%S","T","%t","L","%L"', '"A","%d","B","%s","C","%m"', '"S","%s","D","%d"',
                                     'A,%m,B,%Cus:dns.a:1:R,C,%Cus:dns.a:-1:R,D,%Cus:tcp.port:0:R', '"x","%Cus:tcp.srcport||udp.srcport:0:R","h","%hs","n","%nd"',
                                     '"h","%hs","d","%hd","q","%q"', '"a","%Tt","b","%Rt"'])
@pytest.mark.parametrize('kind', ['text', 'tabs'])
def test_chosen_columns_are_laid_out_as_tshark_lays_them_out(wt, columns, kind):
    need('tshark')
    args = ['-t', 'r', '-T', kind, '-o', f'gui.column.format:{columns}', '-r', str(capture('tour.pcapng'))]
    theirs = subprocess.run(['tshark', '-n', *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    ours = wt.run('packets', *args, status=0).out
    assert theirs and ours.splitlines() == theirs.splitlines()


@pytest.mark.parametrize('columns, said', [('"a","%zz"', "nobody knows '%zz'"), ('"a"', 'has no format behind it'), ('', 'no column'), ('"a","%Cus:tcp.prot:0:R"', 'tcp.prot')])
def test_columns_that_cannot_be_are_told(wt, columns, said):
    assert said in wt.run('packets', '-o', f'gui.column.format:{columns}', capture('tour.pcapng'), status=1).err
