"""packets' forms of output beside tshark's, option for option: -T fields -E, -t, -x, -T pdml."""
import subprocess
import xml.etree.ElementTree as Xml

import pytest

from conftest import capture, need

CAPTURES = ['ip/options.pcapng', 'ip/fragments.pcapng.gz', 'ip/multicast.pcapng', 'link/qinq.pcapng', 'link/raw-ip.pcap', 'link/cooked-v1.pcap',
            'link/pppoe.pcapng', 'dns/answers.pcapng', 'dns/negative.pcapng', 'dns/dnssec.pcapng', 'http/ipv6.pcapng', 'http/errors.pcapng',
            'http/keepalive.pcapng', 'http/cookies.pcapng', 'tcp/reset.pcapng', 'tcp/loss.pcapng', 'tunnel/gre.pcapng', 'tunnel/6in4.pcapng']
NAMES = [pytest.param(name, marks=[] if i % 6 == 0 else [pytest.mark.slow]) for i, name in enumerate(CAPTURES)]


def both(wt, name, *args):
    need('tshark')
    options = ['-n', '-r', capture(name), '-c', '120', *args]
    outputs = []
    for program in (['tshark'], [wt.binary, 'packets', '--compat', 'tshark-4.0']):
        done = subprocess.run([*program, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        outputs.append(done.stdout.decode('utf-8', 'replace'))
    return outputs


FIELDS = [word for name in ('frame.number', 'ip.addr', 'tcp.flags.str', 'dns.resp.name', 'http.user_agent', 'ip.src', 'udp.port', 'eth.addr.oui')
          for word in ('-e', name)]


@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize('form', [[], ['header=y'], ['separator=,'], ['separator=/s', 'quote=d'], ['quote=s', 'occurrence=f'], ['occurrence=l'],
                                  ['occurrence=a', 'aggregator=;'], ['aggregator=/s', 'separator=|', 'quote=n'], ['bom=y', 'header=y']], ids=' '.join)
def test_fields(wt, name, form):
    theirs, ours = both(wt, name, '-T', 'fields', *FIELDS, *(word for option in form for word in ('-E', option)))
    assert ours.splitlines() == theirs.splitlines()


@pytest.mark.parametrize('form', ['a', 'ad', 'd', 'dd', 'e', 'r', 'u', 'ud'])
@pytest.mark.parametrize('name', NAMES[::3])
def test_times(wt, name, form):
    """The time of each line; what follows it is the column Source. Only lines that begin a packet."""
    theirs, ours = both(wt, name, '-t', form)
    before = [[line.split('→')[0].split()[:3 if form in ('ad', 'ud') else 2] for line in text.splitlines()] for text in (theirs, ours)]
    assert before[0] == before[1] and before[0]


@pytest.mark.parametrize('name', NAMES[::3])
def test_hex_dumps_of_frames(wt, name):
    theirs, ours = both(wt, name, '-x', '-Y', '!(ip.flags.mf == 1) && !(ip.frag_offset > 0) && !http && !dns')
    dumps = [[line for line in text.splitlines() if line[:4].strip() and all(c in '0123456789abcdef' for c in line[:4]) and line[4:6] == '  ']
             for text in (theirs, ours)]
    assert dumps[0] == dumps[1] and dumps[0]


# Where positions, sizes or values are others on purpose: what is reckoned has no place, or the place of what it is reckoned from.
PLACED_ELSEWHERE = {'tcp.len', 'udp.stream', 'ipv6.tclass', 'ipv6.tclass.dscp', 'ipv6.tclass.ecn', 'dns.count.labels', 'dns.qry.name.len',
                    'ieee8021ad.dei', 'ieee8021ad.priority', 'vlan.dei', 'vlan.priority', 'tcp.analysis', 'dns.caa.issue', 'frame.protocols',
                    'gre.flags.version', 'tcp.window_size_scalefactor', 'tcp.completeness', 'dns.naptr.replacement_length', 'dns.dnskey.key_id', 'igmp.max_resp', 'ip.checksum.status',
                    'tcp.checksum.status', 'udp.checksum.status', 'icmp.checksum.status', 'icmpv6.checksum.status', 'igmp.checksum.status'}
LAYERS = {'frame', 'geninfo', 'eth', 'vlan', 'arp', 'ip', 'ipv6', 'udp', 'tcp', 'gre', 'dns'}


def pdml(text):
    """A list of packets: {(layer, field): [(pos, size, show)]}; layers that stand twice are told apart by their order."""
    packets = []
    for packet in Xml.fromstring(text.lstrip('\ufeff')).findall('packet'):
        found, seen = {}, {}
        for proto in packet.findall('proto'):
            name = proto.get('name')
            seen[name] = seen.get(name, 0) + 1
            for field in proto.iter('field'):
                if field.get('name'):
                    found.setdefault((name, seen[name], field.get('name')), []).append((field.get('pos'), field.get('size'), field.get('show')))
        packets.append(found)
    return packets


@pytest.mark.parametrize('name', [n for n in NAMES if n.values[0] not in ('tcp/loss.pcapng', 'ip/fragments.pcapng.gz')])
def test_pdml_knows_the_bytes(wt, name):
    theirs, ours = (pdml(text) for text in both(wt, name, '-T', 'pdml', '-Y', 'not (tcp && dns)'))
    assert len(theirs) == len(ours) > 0
    compared, differ = 0, []
    for n, (t, o) in enumerate(zip(theirs, ours), 1):
        for key in t.keys() & o.keys():
            if key[0] in LAYERS and key[2] not in PLACED_ELSEWHERE:
                compared += 1
                if t[key] != o[key]:
                    differ.append((n, *key, t[key][:2], o[key][:2]))
    assert compared > 20 * len(theirs)
    assert not differ, f'{len(differ)} of {compared} differ (packet, layer, field, tshark, ours): {differ[:6]}'
