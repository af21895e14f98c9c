"""-T json beside tshark's: the same keys with the same values in every layer that both dissect, but for what is listed here."""
import json
import subprocess

import pytest

from conftest import capture, need

CAPTURES = ['ip/options.pcapng', 'ip/fragments.pcapng.gz', 'ip/multicast.pcapng', 'link/qinq.pcapng',
            'link/cooked-v1.pcap', 'link/raw-ip.pcap', 'link/pppoe.pcapng', 'link/stp.pcapng', 'dns/answers.pcapng', 'dns/negative.pcapng',
            'dns/timeout.pcapng', 'dns/dnssec.pcapng', 'http/ipv6.pcapng', 'http/errors.pcapng',
            'http/keepalive.pcapng', 'http/redirect.pcapng', 'tcp/reset.pcapng', 'tunnel/gre.pcapng']
LAYERS = {'frame', 'eth', 'vlan', 'arp', 'ip', 'ipv6', 'udp', 'tcp', 'dns', 'http', 'sll', 'gre'}

# What tshark has and we have not. Not for want of a value: nobody has asked for these yet.
MISSING = {
    'frame': {'frame.interface_id_tree', 'frame.interface_name', 'frame.interface_description'},
    'ip': {'ip.fragments', 'ip.fragments_tree', 'ip.fragment', 'ip.fragment.count', 'ip.reassembled.length', 'ip.reassembled.data',
           'ip.reassembled_in', 'ip.opt.ra', 'ip.opt.ptr', 'ip.rec_rt', 'ip.rec_rt_host', 'ip.empty_rt', 'ip.empty_rt_host',
           'ip.options.nop', 'ip.options.nop_tree', 'ip.options.record_route', 'ip.options.record_route_tree',
           'ip.options.routeralert', 'ip.options.routeralert_tree', 'ip.ttl_tree', 'ip.ttl.too_small',
           'ip.opt.type_tree', 'ip.opt.type.copy', 'ip.opt.type.class', 'ip.opt.type.number'},
    'ipv6': set(),      # extension headers are layers of their own here
    'udp': {'Timestamps', 'udp.time_relative', 'udp.time_delta'},
    'tcp': {'tcp.segment_data', 'tcp.pdu.size', 'tcp.flags.syn_tree', 'tcp.flags.fin_tree', 'tcp.flags.reset_tree', 'tcp.flags.str_tree',
            'tcp.connection.syn', 'tcp.connection.synack', 'tcp.connection.fin', 'tcp.connection.fin_active', 'tcp.connection.fin_passive',
            'tcp.connection.rst', 'tcp.analysis.duplicate_ack_frame_tree', 'tcp.options.sack.dsack_le', 'tcp.options.sack.dsack_re',
            'tcp.options.sack.dsack', 'D-SACK Sequence'},
    'dns': {'dns.length', 'dns.undecoded.type'},
    'sll': {'sll.unused'},
    'http': {'http.chat', 'http.response_for.uri', 'http.file_data', 'http.prev_request_in', 'http.prev_response_in',
             'http.content_length_header_tree', 'data', 'data.data', 'data.len', 'http.next_request_in', 'http.next_response_in',
             'http.bad_header_name'},
}
# Ours alone, or another value on purpose.
OTHER = {'frame.protocols',     # tshark counts "data" as a protocol
         'ip.checksum.status', 'tcp.checksum.status', 'udp.checksum.status', 'tcp.analysis.flags', 'http.etag', 'ip.opt.data', 'tcp.checksum_calculated'}


def walk(pairs, out):
    for key, value in pairs:
        if isinstance(value, list) and (not value or isinstance(value[0], tuple)):
            out.append((key, None))
            walk(value, out)
        else:
            out.append((key, value))


def layers(packet):
    """{(layer, key): [values]}; a JSON reader that keeps one of equal keys would hide the others."""
    found = {}
    for name, content in dict(dict(packet)['_source'])['layers']:
        lines = []
        if isinstance(content, list):
            walk(content, lines)
        found.setdefault((name, ''), []).append('')
        for key, value in lines:
            found.setdefault((name, key), []).append(value)
    return found


def read(argv, path):
    done = subprocess.run([*argv, '-n', '-r', path, '-c', '200', '-T', 'json'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return [layers(p) for p in json.loads(done.stdout, object_pairs_hook=lambda pairs: pairs, strict=False)]


def is_heading(key):
    return ' ' in key or key.startswith('_ws.') or '\\' in key


@pytest.mark.parametrize('name', CAPTURES)
def test_keys_and_values(wt, name):
    need('tshark')
    theirs = read(['tshark'], capture(name))
    ours = read([wt.binary, 'packets', '--compat', 'tshark-4.0'], capture(name))
    assert len(theirs) == len(ours) > 0
    differ = []
    for n, (t, o) in enumerate(zip(theirs, ours), 1):
        both = {layer for layer, key in t if not key} & {layer for layer, key in o if not key} & LAYERS
        for layer, key in sorted((set(t) | set(o)), key=str):
            if layer not in both or is_heading(key) or key in OTHER or key in MISSING.get(layer, ()):
                continue
            if layer == 'ipv6' and key.split('.')[1:2] in (['hopopts'], ['dstopts'], ['opt'], ['fraghdr'], ['fragments'], ['fragments_tree'],
                                                           ['fragment'], ['reassembled'], ['routing'], ['reassembled_in']):
                continue
            if t.get((layer, key)) != o.get((layer, key)):
                differ.append((n, layer, key, t.get((layer, key)), o.get((layer, key))))
    assert not differ, f'{len(differ)} differ (frame, layer, key, tshark, ours): {differ[:6]}'
