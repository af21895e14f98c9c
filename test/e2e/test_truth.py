"""Transfers of which the cause is known (captures/transfer), against what the kernels, the router and the wire wrote down.

The first tests hold the captures themselves against each other and against the kernel, without wiretale: what the rest is measured
by has to be true."""
import struct
from collections import Counter, namedtuple
from functools import lru_cache

import pytest

from conftest import all_captures, capture, one, tcp_only, truth
from frames import SYN, packets

NAMES = sorted({row['name'].split('.')[0] for row in all_captures() if row['name'].startswith('transfer/')})
SEPARATE = [name for name in NAMES if name != 'transfer/coalesced']       # one segment is one packet
Sent = namedtuple('Sent', 'number ns seq end id again')


def at_client(name):
    return name + '.client.pcapng.gz'


def at_server(name):
    return name + '.server.pcapng.gz'


def connection(name):
    return truth(name)['connections'][0]


def sender(name):
    """TCP_INFO of the client, just before it closed: it sent the data."""
    return connection(name)['tcp_info'][0]


@lru_cache(maxsize=None)
def data_of_client(capture_name):
    """The client's segments of data, in the capture's order. again: all their bytes were in segments before it."""
    client_port = connection(capture_name.split('.')[0])['ends'][1]
    out, seen = [], set()
    for p in packets(capture(capture_name)):
        if p.protocol == 6 and p.ports[0] == client_port and p.payload and not p.flags & SYN:
            key = (p.seq, p.payload)
            out.append(Sent(p.number, p.ns, p.seq, (p.seq + p.payload) % 2**32, struct.unpack_from('!H', p.frame.data, 18)[0], key in seen))
            seen.add(key)
    return out


def repeats(name):
    return [s for s in data_of_client(at_client(name)) if s.again]


# ---- the captures ----

def test_there_are_captures_of_each_kind():
    assert len(NAMES) >= 19
    assert {connection(name)['congestion'] for name in NAMES} == {'bbr', 'cubic', 'reno'}
    assert all(connection(name)['received'] == connection(name)['sent'][0] for name in NAMES)


@pytest.mark.parametrize('name', SEPARATE)
def test_the_capture_at_the_sender_holds_what_the_kernel_sent(name):
    assert len(data_of_client(at_client(name))) == sender(name)['data_segs_out']
    assert len(repeats(name)) == sender(name)['total_retrans']


def lost_on_the_way(name):
    """IP identifications of segments that left the client and never came to the server."""
    arrived = Counter(s.id for s in data_of_client(at_server(name)))
    return [s for s in data_of_client(at_client(name)) if not arrived[s.id]]


@pytest.mark.parametrize('name', SEPARATE)
def test_what_was_lost_is_what_was_dropped(name):
    t = truth(name)
    lost = lost_on_the_way(name)
    if 'nft_dropped' in t:
        assert t['nft_dropped']['count'] == len(t['nft_dropped']['segments']) == len(lost)
        assert sorted([s.seq, s.id] for s in lost) == t['nft_dropped']['segments']
    elif 'tbf' in t:
        assert t['tbf']['drops'] == len(lost)
    else:
        told = [w for w in t.get('wire', []) if w['did'] == 'drop' and w['to'] == 'right']
        assert sorted((s.seq, s.id) for s in lost) == sorted((w['seq'], w['ip_id']) for w in told)


@pytest.mark.parametrize('name', NAMES)
def test_the_kernel_says_why_it_sent_each_again(name):
    """Each retransmitted packet was on the wire before the tracepoint that names it, and after the one before that."""
    events = [e for e in truth(name)['kernel'] if e['did'] == 'retransmit']
    assert all(e['why'] for e in events)
    if name in SEPARATE:
        assert bool(events) == bool(repeats(name))
        assert {kernel_cause(name, s) for s in repeats(name)} == {cause_of_event(e) for e in events}
    counted = truth(name)['netstat']['client']
    causes = Counter(cause_of_event(e) for e in events)
    assert causes['timeout'] == counted.get('TCPTimeouts', 0)
    assert causes['probe'] <= counted.get('TCPLossProbes', 0)           # a probe may be new data
    assert causes['fast'] <= counted.get('TCPFastRetrans', 0)           # in segments; an event may be several
    assert causes['after timeout'] <= counted.get('TCPSlowStartRetrans', 0)


def cause_of_event(e):
    """timeout; probe; fast (in recovery, by duplicate ACKs, SACK or RACK's timer); after timeout: the rest of what was lost then."""
    if e['why'] in ('timeout', 'probe'):
        return e['why']
    assert e['why'] in ('recovery', 'rack timer')
    return 'after timeout' if e['state'] == 'Loss' else 'fast'


def kernel_cause(name, s):
    """The tracepoint comes after the packet; the clocks of the two are known to some microseconds."""
    for e in truth_events(name):
        if e['ns'] >= s.ns - 50_000:
            assert e['ns'] - s.ns < 2_000_000, (s, e)
            return cause_of_event(e)
    raise AssertionError(f'no tracepoint for {s}')


@lru_cache(maxsize=None)
def truth_events(name):
    return [e for e in truth(name)['kernel'] if e['did'] == 'retransmit']


# ---- counters of the record ----

@lru_cache(maxsize=None)
def record(wt, capture_name):
    found = tcp_only(wt.connections(capture(capture_name)))
    return one(found, *connection(capture_name.split('.')[0])['ends'])


@pytest.mark.parametrize('name', NAMES)
def test_bytes_are_the_kernels(wt, name):
    client, info = record(wt, at_client(name))['client'], sender(name)
    assert client['payload_bytes'] == info['bytes_sent']
    assert client['retransmitted_bytes'] == info['bytes_retrans']
    assert client['unique_bytes'] == connection(name)['sent'][0]
    assert client['missing_bytes'] == 0


@pytest.mark.parametrize('name', SEPARATE)
def test_retransmissions_are_the_kernels(wt, name):
    client = record(wt, at_client(name))['client']
    assert client['retransmissions'] == sender(name)['total_retrans']
    assert client['out_of_order'] == 0
    assert record(wt, at_client(name))['server']['retransmissions'] == connection(name)['tcp_info'][1]['total_retrans']


def late_arrivals(name):
    """What came to the server behind its turn: (sent again or copied, overtaken). By IP identification: the sender gives each
    transmission its own."""
    again = {s.id for s in repeats(name)}
    ahead, ids, repeated, overtaken = None, set(), [], []
    for s in data_of_client(at_server(name)):
        late = ahead is not None and (s.seq - ahead) % 2**32 >= 2**31
        if late and (s.id in again or s.id in ids or s.again):
            repeated.append(s)
        elif late:
            overtaken.append(s)
        if ahead is None or (s.end - ahead) % 2**32 < 2**31:
            ahead = s.end
        ids.add(s.id)
    return repeated, overtaken


@pytest.mark.parametrize('name', SEPARATE)
def test_at_the_receiver_what_was_lost_is_told_from_what_was_overtaken(wt, name):
    """There the originals were never seen: that a late segment was sent again has to be found out from the clocks."""
    repeated, overtaken = late_arrivals(name)
    client = record(wt, at_server(name))['client']
    assert (client['retransmissions'], client['out_of_order']) == (len(repeated), len(overtaken))
    assert client['missing_bytes'] == 0


def test_overtaken_ones_are_those_that_the_wire_held_back():
    for name in ('transfer/reordering', 'transfer/mixed'):
        held = {w['ip_id'] for w in truth(name)['wire'] if w['did'] == 'hold'}
        assert {s.id for s in late_arrivals(name)[1]} == held


@pytest.mark.parametrize('name', NAMES)
def test_the_handshake_bounds_the_least_round_trip(wt, name):
    """The kernel's least round trip, measured by its own clock; the handshake seen at the sender is one sample of it."""
    r = record(wt, at_client(name))
    assert r['syn_to_syn_ack_ms'] * 1000 >= sender(name)['min_rtt'] * 0.95


@pytest.mark.parametrize('name', NAMES)
def test_options_of_the_transfers(wt, name):
    info = sender(name)
    client, server = (record(wt, at_client(name))[side] for side in ('client', 'server'))
    assert (client['timestamps'] and server['timestamps'], client['sack_permitted'] and server['sack_permitted']) == \
        (bool(info['options'] & 1), bool(info['options'] & 2))
    if info['options'] & 4:
        assert (server['window_scale'], client['window_scale']) == (info['send_wscale'], info['recv_wscale'])


def test_partial_checksums_are_not_bad_when_coalesced(wt):
    sums = wt.report(capture('transfer/coalesced.client.pcapng.gz'))['checksums']['tcp']
    assert sums['bad'] == 0, sums


# ---- the analysis beside the timeline ----

CAUSES = {'timeout': {'timeout'}, 'probe': {'tail-loss-probe'}, 'fast': {'fast-retransmit', 'recovery'}, 'after timeout': {'after-timeout'}}


@lru_cache(maxsize=None)
def ladder(wt, capture_name):
    ends = connection(capture_name.split('.')[0])['ends']
    found, = [x for x in wt.timeline(capture(capture_name), '--full') if x['client'].get('port') == ends[1]]
    return found


def said(wt, capture_name):
    """{packet number: what is said of the client's segment with old numbers}"""
    return {line['frame']: line['repeat'] for line in ladder(wt, capture_name)['lines'] if 'repeat' in line and line['from'] == 'client'}


def known_at_server(name):
    """{packet number: causes that are right} of what came behind its turn. The IP identification tells transmissions apart. What
    was lost and came again in its turn can't be told from a first transmission, and is not asked for: None is right, too."""
    again = {s.id: s for s in repeats(name)}
    right, ahead, ids = {}, None, set()
    for s in data_of_client(at_server(name)):
        late = ahead is not None and (s.seq - ahead) % 2**32 >= 2**31
        cause = CAUSES[kernel_cause(name, again[s.id])] if s.id in again else {'reordered'}
        if late:
            right[s.number] = {'duplicated'} if s.id in ids else cause
        elif s.id in again:
            right[s.number] = {None} | cause
        if not late or (s.end - ahead) % 2**32 < 2**31:
            ahead = s.end
        ids.add(s.id)
    return right


@pytest.mark.parametrize('name', SEPARATE)
def test_causes_at_the_receiver_are_the_kernels(wt, name):
    ours, right = said(wt, at_server(name)), known_at_server(name)
    found = {number: ours.get(number, {}).get('cause') for number in {*ours, *right}}
    assert {n: cause for n, cause in found.items() if cause not in right.get(n, {None})} == {}


def recoveries(name):
    """How often the kernel went into recovery and then sent something again; without that nobody could see it."""
    count, waits = 0, False
    for e in truth(name)['kernel']:
        if e['did'] == 'state' or not waits:
            waits = e['did'] == 'state' and e['state'] == 'Recovery'
        else:
            count, waits = count + 1, False
    return count


@pytest.mark.parametrize('name', SEPARATE)
def test_recoveries_and_timeouts_are_the_kernels(wt, name):
    again, counted = ladder(wt, at_client(name))['analysis']['client']['retransmissions'], truth(name)['netstat']['client']
    assert again['causes']['timeout'] == counted.get('TCPTimeouts', 0)
    assert again['causes']['fast-retransmit'] == recoveries(name) <= counted.get('TCPSackRecovery', 0) + counted.get('TCPRenoRecovery', 0)
    row = most = 0
    for s in repeats(name):
        row = row + 1 if kernel_cause(name, s) == 'timeout' else 0
        most = max(most, row)
    assert again['most_backoff'] == most


def transmissions(name):
    """[(segment, [earlier transmissions of some of its bytes])] of those that were sent again, at the sender"""
    sent, found = [], []
    for s in data_of_client(at_client(name)):
        if s.again:
            found.append((s, [e for e in sent if e.seq < s.end and s.seq < e.end]))
        sent.append(s)
    return found


@pytest.mark.parametrize('name', SEPARATE)
def test_needless_is_what_had_arrived(wt, name):
    """Whether an earlier transmission came to the server is in the capture there; ours has to find it out at the sender."""
    arrived = {s.id for s in data_of_client(at_server(name))}
    ours = said(wt, at_client(name))
    wanted = {s.number: 'arrived' if any(e.id in arrived for e in earlier) else 'lost-after-capture' for s, earlier in transmissions(name)}
    assert {number: r['original'] for number, r in ours.items() if number in wanted} == wanted
    assert {number for number, r in ours.items() if 'spurious' in r} == {n for n, what in wanted.items() if what == 'arrived'}


@pytest.mark.parametrize('name', SEPARATE)
def test_a_repeat_names_the_transmission_before_it(wt, name):
    ours = said(wt, at_client(name))
    for s, earlier in transmissions(name):
        assert ours[s.number]['original_frame'] == earlier[-1].number
        assert ours[s.number]['wait_ms'] == pytest.approx((s.ns - earlier[-1].ns) / 1e6, abs=0.001)


@pytest.mark.parametrize('name', SEPARATE)
def test_round_trips_are_the_kernels(wt, name):
    """Its estimator and its minimum; where Karn's rule leaves it only time stamps, its minimum is in whole milliseconds."""
    rtt = ladder(wt, at_client(name))['analysis']['client']['rtt']
    assert rtt['smoothed_ms'] * 1000 == pytest.approx(sender(name)['rtt'], rel=0.05)
    assert rtt['min_ms'] * 1000 == pytest.approx(sender(name)['min_rtt'], rel=0.02, abs=1000 if sender(name)['min_rtt'] % 1000 == 0 else 0)


def slowed_down(name):
    """How often the sending kernel slowed down because of a loss: recoveries, timeouts (those in a row once), losses that a tail
    probe repaired (CWR; marks are no loss); without timeouts that it took back."""
    timeouts = cwr = 0
    before = 'Open'
    for e in truth(name)['kernel']:
        if e['did'] == 'state':
            timeouts += e['state'] == 'Loss' and before != 'Loss'
            cwr += e['state'] == 'CWR' and name != 'transfer/marked'
            before = e['state']
    return recoveries(name) + timeouts + cwr - truth(name)['netstat']['client'].get('TCPLossUndo', 0)


@pytest.mark.parametrize('name', NAMES)
def test_loss_events_are_the_kernels(wt, name):
    assert ladder(wt, at_client(name))['analysis']['client']['congestion']['loss_events'] == slowed_down(name)


@pytest.mark.parametrize('name', [n for n in NAMES if any(e['did'] == 'state' and e['state'] in ('Recovery', 'Loss', 'CWR') for e in truth(n)['kernel'])])
def test_slow_start_ends_when_the_kernel_first_slows_down(wt, name):
    """Within a clock tick; by a mark where the router marked, by a loss elsewhere."""
    first = next(e for e in truth(name)['kernel'] if e['did'] == 'state' and e['state'] in ('Recovery', 'Loss', 'CWR'))
    found = ladder(wt, at_client(name))['analysis']['client']['congestion']
    assert found['slow_start_end'] == ('marked' if name == 'transfer/marked' else 'loss')
    assert found['slow_start_ms'] == pytest.approx((first['ns'] - data_of_client(at_client(name))[0].ns) / 1e6, abs=4)


@pytest.mark.parametrize('name', [row['name'] for row in all_captures()])
def test_the_numbers_of_the_analysis_agree_with_each_other(wt, name):
    """All time was waited for somebody, once; causes and proofs add up; nothing is delivered that was neither sent nor missing."""
    for record in wt.timeline(capture(name)):
        if 'analysis' not in record:
            continue
        waited, duration = record['analysis']['waited'], record['duration_ms']
        assert min(waited.values()) >= 0 and sum(waited.values()) == pytest.approx(duration, abs=0.001)
        for side in ('client', 'server'):
            a = record['analysis'][side]
            again, limited, rtt, delivery = a['retransmissions'], a.get('limited', {}), a['rtt'], a.get('delivery', {})
            assert sum(n for cause, n in again['causes'].items() if cause not in ('reordered', 'duplicated', 'window-probe')) == again['segments']
            assert sum(again['proofs'].values()) == again['spurious'] <= again['segments']
            assert again['spurious'] + again['lost_before_capture'] + again['lost_after_capture'] <= again['segments']
            assert sum(ms for who, ms in limited.items() if who != 'zero_window_ms') <= duration + 0.001
            assert not rtt['samples'] or rtt['min_ms'] <= rtt['p50_ms'] <= rtt['p90_ms'] <= rtt['p99_ms'] <= rtt['max_ms']
            assert delivery.get('delivered_bytes', 0) <= delivery.get('sent_bytes', 0) + record[side].get('missing_bytes', 0) + 1
            assert delivery.get('blocked_ms', 0) <= duration + 0.001
