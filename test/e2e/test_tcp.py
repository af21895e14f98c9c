"""Every TCP connection of our captures: that it is found, how it began, how it ended, what was sent again."""
import re

import pytest

from conftest import all_captures, capture, find, one, tcp_only, truth
from frames import ACK, FIN, RST, SYN, community_id, packets

TCP_CAPTURES = [row['name'] for row in all_captures() if row['name'] != 'http/connect.pcapng']


def sockets(name):
    """What the programs of a capture said of each of their connections, by its ends."""
    return truth(name)['connections']


def count_in(found, told):
    assert len(found) == len(told), [(r['client'], r['server'], r['outcome']) for r in found]


@pytest.mark.parametrize('name', TCP_CAPTURES)
def test_every_tcp_connection_has_exactly_one_record(wt, name):
    """Counted independently: a SYN with a new sequence number on a 5-tuple begins a connection; so does anything on a new one."""
    begun = {}
    for p in packets(capture(name)):
        if p.protocol != 6 or p.key() is None:
            continue
        isns = begun.setdefault(p.key(), {})
        side = (p.source, p.ports[0])
        if p.flags & SYN:
            isns.setdefault(side, set()).add(p.seq)
    expected = sum(max([len(v) for v in isns.values()] or [1]) for isns in begun.values())
    found = tcp_only(wt.timeline(capture(name)))
    assert len(found) == expected
    assert len(tcp_only(wt.connections(capture(name)))) == expected


@pytest.mark.parametrize('name', TCP_CAPTURES)
def test_community_ids(wt, name):
    for r in wt.timeline(capture(name)):
        if r['protocol'] in (6, 17):
            assert r['community_id'] == community_id(r['protocol'], r['client']['address'], r['client']['port'],
                                                     r['server']['address'], r['server']['port'])


WHOLE = [name for name in TCP_CAPTURES if not name.startswith('ip/fragment')]     # those are counted in test_ip_link, by datagram


@pytest.mark.parametrize('name', WHOLE)
def test_packets_of_each_side(wt, name):
    """Packets and payload of both sides of all conversations, summed, are those of an independent count."""
    sides = {}
    for p in packets(capture(name)):
        if p.key() and not p.fragment:
            one_side = sides.setdefault((p.protocol, p.source, p.ports[0], p.target, p.ports[1]), [0, 0])
            one_side[0] += 1
            one_side[1] += p.payload
    import ipaddress
    told = {}
    for r in wt.timeline(capture(name)):
        if r['protocol'] in (6, 17):
            c, s = r['client'], r['server']
            for a, b in ((c, s), (s, c)):
                key = (r['protocol'], ipaddress.ip_address(a['address']).packed, a['port'], ipaddress.ip_address(b['address']).packed, b['port'])
                one_side = told.setdefault(key, [0, 0])
                one_side[0] += a['packets']
                one_side[1] += a['payload_bytes']
    assert {k: v for k, v in told.items() if v != [0, 0]} == sides


@pytest.mark.parametrize('name', TCP_CAPTURES)
def test_handshake_times_are_the_frames(wt, name):
    """The handshake is the time from the SYN that was answered to the ACK, to the nanosecond."""
    flows = {}
    for p in packets(capture(name)):
        if p.protocol == 6 and p.key():
            flows.setdefault(p.key(), []).append(p)
    by_start = {(r['client']['address'], r['client']['port'], r['server']['port'], r['first_frame']): r for r in tcp_only(wt.timeline(capture(name)))}
    checked = 0
    for flow in flows.values():
        if len({p.seq for p in flow if p.flags & (SYN | ACK) == SYN}) != 1:
            continue      # not one plain connection: see test_reuse and test_simultaneous_open
        syn = flow[0]
        answers = [p for p in flow if p.flags & (SYN | ACK) == SYN | ACK and p.source != syn.source]
        if not answers:
            continue
        answer = answers[0]
        syns = [p for p in flow if p.flags & (SYN | ACK) == SYN and p.ns <= answer.ns and p.number < answer.number]
        acks = [p for p in flow if p.source == syn.source and p.flags & ACK and not p.flags & RST and p.number > answer.number]
        if not acks:
            continue
        import ipaddress
        key = (str(ipaddress.ip_address(syn.source)), syn.ports[0], syn.ports[1], syn.number)
        record = by_start[key]
        if len(answers) == 1:
            assert record['handshake_ms'] * 1e6 == pytest.approx(acks[0].ns - syns[-1].ns, abs=1.5)
            checked += 1
    if name.startswith(('http/keepalive', 'tcp/loss.', 'tour')):
        assert checked


def test_refused(wt):
    found = tcp_only(wt.timeline(capture('tcp/refused.pcapng')))
    told = sockets('tcp/refused.pcapng')
    count_in(found, told)
    for s in told:
        assert s['connect'] == 'ECONNREFUSED'
        r = one(found, s['client'], s['client_port'], s['server'], s['server_port'])
        assert r['outcome'] == 'refused' and r['reset_by'] == 'server'
        assert (r['client']['packets'], r['server']['packets']) == (1, 1)


def test_filtered(wt):
    t = truth('tcp/filtered.pcapng')
    s, = t['connections']
    r, = tcp_only(wt.timeline(capture('tcp/filtered.pcapng')))
    assert s['connect'] == 'ETIMEDOUT' and r['outcome'] == 'unanswered'
    assert r['client']['packets'] == t['nft_dropped']      # the SYNs that the firewall counted
    assert r['client']['state'] == 'SYN-SENT'
    full, = tcp_only(wt.timeline(capture('tcp/filtered.pcapng'), '--full'))
    retries = [line for line in full['lines'] if 'syn-retry' in line['did']]
    assert len(retries) == t['nft_dropped'] - 1


def test_rejected(wt):
    t = truth('tcp/rejected.pcapng')
    found = tcp_only(wt.timeline(capture('tcp/rejected.pcapng')))
    count_in(found, t['connections'])
    by_port = {}
    for s in t['connections']:
        r = one(found, s['client'], s['client_port'], s['server'], s['server_port'])
        assert r['outcome'] == ('refused' if s['server_port'] == 84 else 'unreachable'), (s, r['outcome'])
        by_port[s['server_port']] = by_port.get(s['server_port'], 0) + r['client']['packets']
    counted = t['nft_rejected']
    assert by_port == {82: counted['port-unreachable'], 83: counted['admin-prohibited'], 84: counted['tcp reset']}


def test_half_open(wt):
    t = truth('tcp/half-open.pcapng')
    r, = tcp_only(wt.timeline(capture('tcp/half-open.pcapng')))
    assert r['outcome'] == 'half-open'
    assert r['server']['packets'] == t['nft_dropped']      # SYN-ACKs that the client's firewall dropped


def time_wait_holders(t):
    """{(client, port, server, port): holder} from `ss -tan state time-wait` in both hosts."""
    held = {}
    for local, peer in t['time_wait']['client']:
        held[(local, peer)] = 'client'
    for local, peer in t['time_wait']['server']:
        key = (peer, local)
        held[key] = 'both' if key in held else 'server'
    return held


def ends_text(r):
    def one_end(e):
        return f'[{e["address"]}]:{e["port"]}' if ':' in e['address'] else f'{e["address"]}:{e["port"]}'
    return one_end(r['client']), one_end(r['server'])


HELD = ['tcp/half-close.pcapng', 'tcp/simultaneous-close.pcapng', 'tcp/server-closes-first.pcapng', 'tcp/reset.pcapng',
        'tcp/simultaneous-open.pcapng', 'http/keepalive.pcapng', 'http/one-each.pcap', 'http/client-closes.pcap', 'http/errors.pcapng',
        'http/ipv6.pcapng', 'http/post.pcapng', 'http/redirect.pcapng']


@pytest.mark.parametrize('name', HELD)
def test_time_wait_is_held_by_whom_ss_says(wt, name):
    held = time_wait_holders(truth(name))
    told = {ends_text(r): r['time_wait']['holder'] for r in tcp_only(wt.timeline(capture(name))) if 'time_wait' in r}
    assert told == held
    states = {'client': ('TIME-WAIT', 'CLOSED'), 'server': ('CLOSED', 'TIME-WAIT'), 'both': ('TIME-WAIT', 'TIME-WAIT')}
    for r in tcp_only(wt.timeline(capture(name))):
        if 'time_wait' in r:
            assert (r['client']['state'], r['server']['state']) == states[r['time_wait']['holder']]


def test_time_wait_of_the_tour(wt):
    """The client's sockets in TIME-WAIT at the end, and no others: the last record of each 5-tuple."""
    t = truth('tour.pcapng')
    last = {ends_text(r): r for r in tcp_only(wt.timeline(capture('tour.pcapng')))}
    told = {'client': sorted(list(k) for k, r in last.items() if r.get('time_wait', {}).get('holder') == 'client'),
            'server': sorted([k[1], k[0]] for k, r in last.items() if r.get('time_wait', {}).get('holder') == 'server')}
    assert told == {host: sorted(pairs) for host, pairs in t['time_wait_at_end'].items()}


def test_half_close(wt):
    s, = sockets('tcp/half-close.pcapng')
    r, = tcp_only(wt.timeline(capture('tcp/half-close.pcapng')))
    assert r['outcome'] == 'closed' and r['first_closer'] == 'client'
    assert [r['client']['payload_bytes'], r['server']['payload_bytes']] == s['sent']
    assert any(line.get('state') == ['FIN-WAIT-2', 'CLOSE-WAIT'] and line['kind'] == 'segment' and line['len'] for line in r['lines'])


def test_half_closed_when_the_capture_ends(wt):
    s, = sockets('tcp/half-closed-at-end.pcapng')
    r, = tcp_only(wt.timeline(capture('tcp/half-closed-at-end.pcapng')))
    assert r['outcome'] == 'half-closed'
    names = {'FIN-WAIT-2': 'FIN-WAIT-2', 'CLOSE-WAIT': 'CLOSE-WAIT'}
    assert [r['client']['state'], r['server']['state']] == [names[state] for state in s['ss_states']]


def test_simultaneous_close(wt):
    r, = tcp_only(wt.timeline(capture('tcp/simultaneous-close.pcapng')))
    assert r['outcome'] == 'closed' and r['close'] == 'simultaneous'
    assert ['CLOSING', 'CLOSING'] in [line['state'] for line in r['lines']] or \
        any('CLOSING' in line['state'] for line in r['lines'])


def test_simultaneous_open(wt):
    s, = sockets('tcp/simultaneous-open.pcapng')
    r, = tcp_only(wt.timeline(capture('tcp/simultaneous-open.pcapng')))
    assert r['outcome'] == 'closed'
    assert {r['client']['port'], r['server']['port']} == {s['ends'][1], s['ends'][3]}
    assert any('SYN-RECEIVED' == line['state'][0] for line in r['lines']) and any('SYN-RECEIVED' == line['state'][1] for line in r['lines'])
    # The SYN of each side goes out once, and once more within its SYN-ACK, which answers the other's SYN: nothing was lost.
    assert [i['total_retrans'] for i in s['tcp_info']] == [0, 0]
    assert [r['client']['retransmissions'], r['server']['retransmissions']] == [0, 0]
    assert [r['client']['payload_bytes'], r['server']['payload_bytes']] == s['sent']


def test_who_closed_first(wt):
    for name in ('tcp/server-closes-first.pcapng', 'http/idle-closed.pcapng', 'http/pipelined.pcapng', 'tcp/fast-open.pcapng',
                 'tcp/urgent.pcapng', 'tcp/no-options.pcapng', 'tcp/mptcp.pcapng'):
        found = tcp_only(wt.timeline(capture(name)))
        for s in sockets(name):
            r = one(found, *s['ends'])
            assert (r['outcome'], r['first_closer']) == ('closed', s['first_to_close']), name


def test_close_kinds(wt):
    found = tcp_only(wt.timeline(capture('tcp/server-closes-first.pcapng')))
    assert [r['close'] for r in found] == ['four-way', 'three-segment']


def test_resets(wt):
    found = tcp_only(wt.timeline(capture('tcp/reset.pcapng')))
    told = sockets('tcp/reset.pcapng')
    count_in(found, told)
    for s in told:
        r = one(found, *s['ends'])
        assert r['outcome'] == 'reset' and r['reset_by'] == s['reset_by'], s


def test_reuse_in_time_wait(wt):
    found = tcp_only(wt.timeline(capture('tcp/reused-in-time-wait.pcapng')))
    told = sockets('tcp/reused-in-time-wait.pcapng')
    count_in(found, told)
    for s in told:
        first, second = find(found, *s['ends'])
        assert first['time_wait']['holder'] == second['time_wait']['holder'] == s['first_to_close']
        assert first['time_wait']['ended'] == 'reused' and not first['time_wait']['by_rule']
        assert first['time_wait']['end'] == second['start']
        assert second['time_wait']['by_rule']


@pytest.mark.parametrize('rule, seconds', [('rfc', 240), ('linux', 60), ('conntrack', 120), ('1', 1)])
def test_time_wait_rules(wt, rule, seconds):
    found = tcp_only(wt.timeline(capture('tcp/reused-in-time-wait.pcapng'), '--time-wait', rule))
    assert found[0]['time_wait']['seconds'] == seconds
    if seconds == 1:       # it ran out before the 5-tuple was used again, 1.5 s later
        assert found[0]['time_wait']['ended'] != 'reused'


def test_fast_open(wt):
    found = tcp_only(wt.timeline(capture('tcp/fast-open.pcapng')))
    for s in sockets('tcp/fast-open.pcapng'):
        r = one(found, *s['ends'])
        in_syn = [line for line in r['lines'] if line['kind'] == 'segment' and 'SYN' in line['flags'] and line['len']]
        assert bool(in_syn) == s['syn_data_acked']


def client_side(name):
    return [s for s in truth(name)['connections'] if s.get('tcp_info')]


SENDER_SIDE = ['tcp/loss.pcapng', 'tcp/loss-timeout.pcapng', 'tcp/loss-ipv6.pcapng.gz', 'tcp/short-snap.pcapng', 'tcp/wire-loss.pcapng',
               'tcp/lost-syn.pcapng', 'tcp/peer-gone.pcapng', 'tcp/half-close.pcapng', 'tcp/simultaneous-close.pcapng', 'tcp/no-options.pcapng',
               'tcp/zero-window.pcapng']


@pytest.mark.parametrize('name', SENDER_SIDE)
def test_retransmissions_are_those_of_tcp_info(wt, name):
    """Captured at the sender, every segment that its kernel sent again is seen, and nothing else is called so."""
    found = tcp_only(wt.timeline(capture(name)))
    for s in client_side(name):
        r = one(found, *s['ends'])
        want = s['tcp_info'][0]['total_retrans']
        if name == 'tcp/lost-syn.pcapng':
            assert want >= 1           # the kernel counts the SYN
            assert r['client']['retransmissions'] in (want, want - 1)
            assert sum('SYN' in line['flags'] for line in r['lines'] if line['kind'] == 'segment' and line['from'] == 'client') == 1 + want
        else:
            assert r['client']['retransmissions'] == want, name


def test_counted_drops_equal_retransmissions(wt):
    for name in ('tcp/loss.pcapng', 'tcp/loss-ipv6.pcapng.gz', 'tcp/short-snap.pcapng'):
        t = truth(name)
        r = one(tcp_only(wt.timeline(capture(name))), *t['connections'][0]['ends'])
        assert t['nft_dropped'] > 0
        assert r['client']['retransmissions'] == t['nft_dropped'] == t['connections'][0]['tcp_info'][0]['total_retrans']


def test_tour_loss(wt):
    t = truth('tour.pcapng')
    s, = [c for c in t['connections'] if c['what'] == 'loss']
    r = one(tcp_only(wt.timeline(capture('tour.pcapng'))), *s['ends'])
    # Captured behind the place of the loss: what the router dropped is not in the capture, what was sent again is.
    assert s['tcp_info'][1]['total_retrans'] == t['nft_dropped']['lost']
    assert r['server']['missing_bytes'] == 0
    assert r['server']['payload_bytes'] == s['tcp_info'][1]['bytes_sent'] - s['tcp_info'][1]['bytes_retrans']


def late_segments(r, side):
    return [line for line in r['lines'] if line['kind'] == 'segment' and line['from'] == side and
            {'out-of-order', 'retransmission'} & set(line['did'])]


def test_reordered_is_not_retransmitted(wt):
    """The wire held four segments back; the sender sent nothing again, and we do not say that it did."""
    s, = sockets('tcp/reordered.pcapng')
    assert s['tcp_info'][0]['total_retrans'] == 0
    r, = tcp_only(wt.timeline(capture('tcp/reordered.pcapng'), '--full'))
    held = [w for w in truth('tcp/reordered.pcapng')['wire'] if w['did'] == 'hold']
    assert r['client']['retransmissions'] == 0
    assert len(late_segments(r, 'client')) == len(held)
    assert r['client']['missing_bytes'] == 0


def test_duplicates(wt):
    """What arrives twice is counted as sent again (that the network made the copy can't be seen from one segment), once for each
    copy that the wire made."""
    s, = sockets('tcp/duplicated.pcapng')
    made = [w for w in truth('tcp/duplicated.pcapng')['wire'] if w['did'] == 'twice' and w['to'] == 'right']
    r, = tcp_only(wt.timeline(capture('tcp/duplicated.pcapng')))
    assert r['client']['retransmissions'] == len(made) == s['tcp_info'][0]['dsack_dups']
    assert r['client']['payload_bytes'] == s['sent'][0] + sum(w['len'] for w in made)


def test_loss_before_the_capture_point(wt):
    s, = sockets('tcp/loss-before-capture.pcapng.gz')
    r, = tcp_only(wt.timeline(capture('tcp/loss-before-capture.pcapng.gz'), '--full'))
    assert r['client']['missing_bytes'] == 0 and r['client']['payload_bytes'] == s['sent'][0]


def test_bytes_of_transfers(wt):
    for name in ('tcp/loss.pcapng', 'tcp/wire-loss.pcapng', 'tcp/loss-ipv6.pcapng.gz', 'tcp/ecn.pcapng.gz', 'tcp/offload.pcapng.gz', 'tcp/no-options.pcapng'):
        for s in sockets(name):
            r = one(tcp_only(wt.timeline(capture(name))), *s['ends'])
            info = s['tcp_info'][0]
            assert r['client']['payload_bytes'] == info['bytes_sent'], name      # repeats included, as the kernel counts it
            assert r['server']['payload_bytes'] == s['sent'][1]


def test_zero_windows(wt):
    """Zero windows were announced, and the report of the capture says so."""
    seen = [p for p in packets(capture('tcp/zero-window.pcapng')) if p.protocol == 6 and p.ports[0] == 7040]
    import struct
    zero = 0
    for p in seen:
        at = 14 + 20 + 14
        if not p.flags & (SYN | RST | FIN) and struct.unpack_from('!H', p.frame.data, at)[0] == 0:
            zero += 1
    assert zero > 0
    rows = wt.fields(capture('tcp/zero-window.pcapng'), 'frame.number', display_filter='tcp.analysis.zero_window')
    assert len(rows) == zero


def test_keep_alive(wt):
    rows = wt.fields(capture('tcp/keep-alive.pcapng'), 'frame.number', display_filter='tcp.analysis.keep_alive')
    acks = wt.fields(capture('tcp/keep-alive.pcapng'), 'frame.number', display_filter='tcp.analysis.keep_alive_ack')
    assert len(rows) == len(acks) == 3      # 3.6 s of silence, a probe each second
    r, = tcp_only(wt.timeline(capture('tcp/keep-alive.pcapng')))
    assert r['client']['retransmissions'] == 0


def test_midstream(wt):
    first, second = tcp_only(wt.timeline(capture('tcp/midstream.pcapng')))
    assert first['midstream'] and first['outcome'] == 'closed' and 'handshake_ms' not in first
    assert not second['midstream'] and second['outcome'] == 'open'
    assert second['client']['state'] == second['server']['state'] == 'ESTABLISHED'


def test_one_direction_only(wt):
    s, = sockets('tcp/one-way.pcapng')
    r, = tcp_only(wt.timeline(capture('tcp/one-way.pcapng')))
    assert r['server']['packets'] == 0 and r['client']['payload_bytes'] == s['sent'][0]


def test_partial_checksums_are_not_bad(wt):
    sums = wt.report(capture('tcp/offload.pcapng.gz'))['checksums']
    assert sums['tcp']['bad'] == sums['udp']['bad'] == 0, sums
    assert sums['tcp']['partial'] > 20 and sums['udp']['partial'] == 1, sums


def test_partial_is_computed_not_guessed(wt, tmp_path):
    """One bit away from the pseudo-header's sum is bad, not partial."""
    from frames import pcap, tcp
    import struct
    frame = bytearray(tcp('192.0.2.1', 1, '192.0.2.2', 2, 1, 0, SYN))
    pseudo = frame[26:34] + struct.pack('!BBH', 0, 6, 20)
    from frames import checksum
    partial = ~checksum(bytes(pseudo)) & 0xFFFF
    frames = []
    for value in (partial, partial ^ 1):
        frame[50:52] = struct.pack('!H', value)
        frames.append(bytes(frame))
    path = tmp_path / 'partial.pcap'
    path.write_bytes(pcap(frames))
    tcp_sums = wt.report(str(path))['checksums']['tcp']
    assert (tcp_sums['partial'], tcp_sums['bad']) == (1, 1)


def test_options_are_those_of_the_sockets(wt):
    """Window scale of each side, and which options were agreed on, as TCP_INFO has them."""
    for name in ('tcp/loss.pcapng', 'tcp/loss-timeout.pcapng', 'tcp/no-options.pcapng', 'tcp/ecn.pcapng.gz'):
        for s in sockets(name):
            r = one(tcp_only(wt.connections(capture(name))), *s['ends'])
            client, server = s['tcp_info']
            timestamps, sack, scaling, ecn = (bool(client['options'] & bit) for bit in (1, 2, 4, 8))
            assert r['client']['timestamps'] and r['server']['timestamps'] if timestamps else not r['client']['timestamps']
            assert (r['client']['sack_permitted'] and r['server']['sack_permitted']) == sack
            if scaling:
                assert (r['client']['window_scale'], r['server']['window_scale']) == (client['recv_wscale'], client['send_wscale'])
            else:
                assert 'window_scale' not in r['client']
            assert r['client']['ecn'] == ecn


@pytest.mark.parametrize('name', [row['name'] for row in all_captures() if row['name'] != 'tcp/offload.pcapng.gz'])
def test_no_checksum_is_bad(wt, name):
    sums = wt.report(capture(name))['checksums']
    for protocol in ('ipv4', 'tcp', 'udp', 'icmp', 'igmp'):
        assert sums[protocol]['bad'] == 0, sums


def test_a_ladder_can_be_read(wt):
    """From SYN to TIME-WAIT, with what curl and ss say of it."""
    from conftest import truth
    t = truth('http/keepalive.pcapng')
    text = wt.run('timeline', '--tcp', capture('http/keepalive.pcapng'), status=0).out
    lines = text.splitlines()
    assert f"192.0.2.1:{t['curl'][0][0]['local_port']} → 192.0.2.2:80" in lines[0]
    r, = tcp_only(wt.timeline(capture('http/keepalive.pcapng')))
    handshake, = [line for line in lines if 'handshake complete' in line]
    shown = re.search(r'RTT ([\d.]+) (µs|ms)', handshake)
    assert float(shown[1]) * (1 if shown[2] == 'ms' else 0.001) == pytest.approx(r['handshake_ms'], rel=0.01)
    order = [next(i for i, line in enumerate(lines) if word in line) for word in ('SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'TIME-WAIT   ')]
    assert order == sorted(order)
    assert [line.split('request ')[1].split()[:2] for line in lines if 'request ' in line] == [[x['method'], x['uri']] for x in t['nginx']]
    assert len([line for line in lines if 'response HTTP/1.1 200 OK' in line]) == len(t['nginx'])
