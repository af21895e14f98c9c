"""Fragments, ICMP, tags, tunnels, link types."""
import pytest

from conftest import all_captures, capture, find, one, tcp_only, truth
from frames import packets


@pytest.mark.parametrize('name', [row['name'] for row in all_captures()])
def test_every_frame_is_counted(wt, name):
    row = next(r for r in all_captures() if r['name'] == name)
    report = wt.report(capture(name))
    assert report['capture']['packets'] == int(row['frames']) == len(packets(capture(name)))
    assert len(wt.fields(capture(name), 'frame.number')) == int(row['frames'])


@pytest.mark.parametrize('name', [row['name'] for row in all_captures()])
def test_time_stamps_to_the_nanosecond(wt, name):
    ours = [row[0] for row in wt.fields(capture(name), 'frame.time_epoch')]
    theirs = [f'{p.ns // 10**9}.{p.ns % 10**9:09d}' for p in packets(capture(name))]
    assert ours == theirs


def test_fragments_are_put_together(wt):
    """Each datagram of 4,000 or 30,000 bytes went there and back; the fragments are as many as its size makes."""
    told = truth('ip/fragments.pcapng.gz')['udp']
    found = [r for r in wt.timeline(capture('ip/fragments.pcapng.gz')) if r['protocol'] == 17]
    for u in told:
        r = one(found, *u['ends'])
        assert r['client']['payload_bytes'] == r['server']['payload_bytes'] == u['bytes']
    report = wt.report(capture('ip/fragments.pcapng.gz'))
    assert report['capture']['fragments']['packets'] == 2 * sum(u['fragments_each_way'] for u in told)
    assert report['capture']['fragments']['reassembled'] == 2 * len(told)


def test_a_lost_fragment_is_told(wt):
    t = truth('ip/fragment-lost.pcapng')
    assert [w['did'] for w in t['wire']] == ['drop']
    report = wt.report(capture('ip/fragment-lost.pcapng'))
    assert report['capture']['fragments']['incomplete'] == 1
    assert report['capture']['fragments']['packets'] == t['fragments_sent'] - 1


def test_absent_checksums(wt):
    told = truth('ip/udp.pcapng')['udp']
    udp = wt.report(capture('ip/udp.pcapng'))['checksums']['udp']
    over = {':' in u['ends'][0]: u['checksum_absent'] for u in told if u['checksum_absent']}
    assert (udp['absent'], udp['illegal']) == (over[False], over[True]) == (1, 1)      # over IPv6 it must not be absent


def test_udp_conversations(wt):
    found = [r for r in wt.timeline(capture('ip/udp.pcapng')) if r['protocol'] == 17]
    for u in truth('ip/udp.pcapng')['udp']:
        r = one(found, *u['ends'])
        if u['answered']:
            assert r['outcome'] == 'answered' and r['client']['payload_bytes'] == r['server']['payload_bytes'] == u['bytes']
        else:
            assert u['error'] == 'ECONNREFUSED' and r['outcome'] == 'unreachable'


def test_icmp_echo(wt):
    t = truth('ip/echo.pcapng')
    found = {r['family']: r for r in wt.timeline(capture('ip/echo.pcapng')) if r['protocol'] in (1, 58) and r['outcome'] == 'answered'
             and r['client']['packets'] in (3, 4)}
    assert (found[4]['client']['packets'], found[4]['server']['packets']) == (len(t['v4']['microseconds']),) * 2
    assert (found[6]['client']['packets'], found[6]['server']['packets']) == (len(t['v6']['microseconds']),) * 2


def test_errors_of_routers(wt):
    t = truth('ip/unreachable.pcapng')
    name = capture('ip/unreachable.pcapng')
    for family, version in (('v4', 4), ('v6', 6)):
        r = one(tcp_only(wt.timeline(name)), *t[family]['ends'])
        assert r['outcome'] == 'closed'
        assert t[family]['answers'] == ['EHOSTUNREACH', 'ECONNREFUSED', 'ENETUNREACH']
        assert any(line['kind'] == 'icmp' for line in r['lines'])      # fragmentation needed, packet too big: tied to it
        udp = [u for u in wt.timeline(name) if u['protocol'] == 17 and u['family'] == version]
        assert {u['outcome'] for u in udp} == {'unreachable'}
        assert len(udp) == 2


@pytest.mark.parametrize('name, tags', [('link/vlan.pcapng', '42'), ('link/qinq.pcapng', '100,7')])
def test_vlan_tags(wt, name, tags):
    rows = wt.fields(capture(name), 'ieee8021ad.id', 'vlan.id')
    assert {','.join(t for t in row if t) for row in rows} == {tags}
    inside = truth(name)['inside']
    for family in ('v4', 'v6'):
        r = one(tcp_only(wt.timeline(capture(name))), *inside[family]['tcp'])
        assert r['outcome'] == 'closed' and r['first_closer'] == 'server'


@pytest.mark.parametrize('name', ['tunnel/gre.pcapng', 'tunnel/ipip.pcapng', 'tunnel/6in4.pcapng', 'link/pppoe.pcapng', 'link/raw-ip.pcap',
                                  'link/vlan.pcapng', 'link/qinq.pcapng', 'link/stp.pcapng', 'link/cooked.pcap', 'link/cooked-v1.pcap'])
def test_what_is_wrapped_is_found(wt, name):
    inside = truth(name.replace('-v1', ''))['inside']
    if 'tcp' in inside:
        inside = {'v4': inside}
    found = wt.timeline(capture(name))
    for key, what in inside.items():
        if isinstance(what, list):                 # loopback on the 'any' device: seen twice there
            assert find(found, *what)
        elif 'tcp' in what:
            r = one(tcp_only(found), *what['tcp'])
            assert r['outcome'] == 'closed' and r['service'] == 'http'
            assert one(found, *what['udp'])['outcome'] == 'answered'


def test_the_same_addresses_in_two_vxlans_stay_apart(wt):
    found = tcp_only(wt.timeline(capture('tunnel/vxlan.pcapng')))
    told = truth('tunnel/vxlan.pcapng')['inside']
    assert told['99'] == told['100']
    assert len(find(found, *told['99'])) == 2
    assert not any(r.get('time_wait', {}).get('ended') == 'reused' for r in found)


def test_two_link_types_in_one_file(wt):
    name = 'link/two-interfaces.pcapng'
    r, = tcp_only(wt.timeline(capture(name)))
    assert r['service'] == 'http'
    assert [q for q in wt.timeline(capture(name)) if q.get('service') == 'dns']
    assert len(wt.report(capture(name))['capture']['interfaces']) == 2


def test_other_frames(wt):
    assert len(wt.fields(capture('link/stp.pcapng'), 'frame.number', display_filter='llc')) >= 3     # one spanning tree frame a second
    assert len(wt.fields(capture('ip/multicast.pcapng'), 'frame.number', display_filter='igmp')) >= 4
    assert len(wt.fields(capture('ip/echo.pcapng'), 'frame.number', display_filter='arp.dst.proto_ipv4 == 192.0.2.77')) >= 3
