"""The analysis of TCP beside timelines, held against the sending kernel: why it sent each segment again (its tracepoints), what
its estimator said (TCP_INFO just before the close), what the wire between the two hosts did."""
from functools import lru_cache

import pytest

from conftest import capture, truth
from test_truth import NAMES, SEPARATE, at_client, at_server, connection, data_of_client, kernel_cause, late_arrivals, repeats, sender

AS_THE_KERNEL_SAYS = {'timeout': 'timeout', 'after-timeout': 'after timeout', 'fast-retransmit': 'fast', 'recovery': 'fast',
                      'tail-loss-probe': 'probe'}
NOT_SENT_AGAIN = {'reordered', 'duplicated', 'window-probe'}


@lru_cache(maxsize=None)
def ladder_of(wt, capture_name):
    ends = connection(capture_name.split('.')[0])['ends']
    ladders = wt.timeline(capture(capture_name), '--full')
    found, = [x for x in ladders if x['client'].get('port') == ends[1] and x['server'].get('port') == ends[3]]
    return found


def repeated(ladder):
    return {line['frame']: line['repeat'] for line in ladder['lines'] if 'repeat' in line and line['from'] == 'client'}


@pytest.mark.parametrize('name', SEPARATE)
def test_each_cause_is_the_kernels(wt, name):
    ours = repeated(ladder_of(wt, at_client(name)))
    sent_again = {frame: AS_THE_KERNEL_SAYS[r['cause']] for frame, r in ours.items() if r['cause'] not in NOT_SENT_AGAIN}
    assert sent_again == {s.number: kernel_cause(name, s) for s in repeats(name)}


@pytest.mark.parametrize('name', NAMES)
def test_segments_and_bytes_sent_again_are_the_kernels(wt, name):
    again, info = ladder_of(wt, at_client(name))['analysis']['client']['retransmissions'], sender(name)
    assert (again['segments'], again['bytes']) == (info['total_retrans'], info['bytes_retrans'])


@pytest.mark.parametrize('name', NAMES)
def test_what_the_receiver_got_twice_was_needless(wt, name):
    """DSACKs that the kernel counted are for retransmissions, or for what the wire copied."""
    again, info = ladder_of(wt, at_client(name))['analysis']['client']['retransmissions'], sender(name)
    copied = sum(w['did'] == 'twice' and w['to'] == 'right' for w in truth(name).get('wire', []))
    assert info['dsack_dups'] - copied <= again['spurious'] <= info['dsack_dups']


@pytest.mark.parametrize('name', SEPARATE)
def test_smoothed_round_trip_is_the_kernels(wt, name):
    rtt = ladder_of(wt, at_client(name))['analysis']['client']['rtt']
    assert rtt['smoothed_ms'] * 1000 == pytest.approx(sender(name)['rtt'], rel=0.05)
    assert rtt['min_ms'] <= rtt['p50_ms'] <= rtt['p90_ms'] <= rtt['p99_ms'] <= rtt['max_ms']


@pytest.mark.parametrize('name', SEPARATE)
def test_at_the_receiver_the_originals_were_lost_before(wt, name):
    """By IP identification, each late segment there is known: sent again, overtaken, or copied."""
    ours = repeated(ladder_of(wt, at_server(name)))
    again, overtaken = late_arrivals(name)
    late = {s.number: s.id for s in again + overtaken}
    sent_twice = {s.id for s in repeats(name)}
    copies, ids = set(), set()
    for s in data_of_client(at_server(name)):
        if s.id in ids:
            copies.add(s.number)
        ids.add(s.id)
    assert {frame for frame, r in ours.items() if r['cause'] == 'duplicated'} == copies
    assert {frame for frame, r in ours.items() if r['cause'] == 'reordered'} == \
        {frame for frame, number in late.items() if number not in sent_twice and frame not in copies}
    sent_again = {frame for frame, r in ours.items() if r['cause'] not in NOT_SENT_AGAIN}
    assert sent_again >= {frame for frame, number in late.items() if number in sent_twice and frame not in copies}
    assert sent_again <= {s.number for s in data_of_client(at_server(name)) if s.id in sent_twice}


@pytest.mark.parametrize('name', SEPARATE)
def test_where_the_capture_was_made(wt, name):
    """Each transfer was captured on the sender's and on the receiver's host, with at least 10 ms between them."""
    assert ladder_of(wt, at_client(name))['analysis']['captured_beside'] == 'client'
    assert ladder_of(wt, at_server(name))['analysis']['captured_beside'] == 'server'


# ---- who held the data up ----

def analysis(wt, name):
    return ladder_of(wt, at_client(name))['analysis']


@pytest.mark.parametrize('name', NAMES)
def test_time_limited_by_the_receivers_window_is_the_kernels(wt, name):
    """TCP_INFO counts in clock ticks of 4 ms: within 10 % or two of them."""
    ours, kernel = analysis(wt, name)['client']['limited']['receiver_ms'], sender(name)['rwnd_limited'] / 1000
    assert ours == pytest.approx(kernel, rel=0.1, abs=8)


@pytest.mark.parametrize('name', [name for name in NAMES if name != 'transfer/silence'])
def test_the_same_at_the_other_end(wt, name):
    """Beside the receiver, which tells the sender of its window half a round trip later. Not in silence: all that filled the
    window there was lost before this capture."""
    ours, kernel = ladder_of(wt, at_server(name))['analysis']['client']['limited']['receiver_ms'], sender(name)['rwnd_limited'] / 1000
    assert ours == pytest.approx(kernel, rel=0.1, abs=8)


@pytest.mark.parametrize('name, slow', [('transfer/slow-reader', 'server_ms'), ('transfer/small-window', 'server_ms'),
                                        ('transfer/slow-writer', 'client_ms'), ('transfer/backoff', 'network_ms'),
                                        ('transfer/bufferbloat', 'network_ms')])
def test_who_is_slow_is_the_same_at_the_other_end(wt, name, slow):
    waited = ladder_of(wt, at_server(name))['analysis']['waited']
    assert max(waited, key=waited.get) == slow and waited[slow] > 0.5 * sum(waited.values())


@pytest.mark.parametrize('name', NAMES)
def test_time_limited_by_the_sender_is_where_the_kernel_has_it(wt, name):
    """The kernel counts only the part of it in which write() was blocked; a packet cannot tell that from a slow program."""
    ours, kernel = analysis(wt, name)['client']['limited']['sender_ms'], sender(name)['sndbuf_limited'] / 1000
    assert ours >= kernel * 0.9
    assert kernel or ours == 0


@pytest.mark.parametrize('name', NAMES)
def test_all_time_was_waited_for_somebody(wt, name):
    ladder = ladder_of(wt, at_client(name))
    assert sum(ladder['analysis']['waited'].values()) == pytest.approx(ladder['duration_ms'], abs=0.001)


@pytest.mark.parametrize('name, slow', [('transfer/slow-reader', 'server_ms'), ('transfer/small-window', 'server_ms'),
                                        ('transfer/slow-writer', 'client_ms'), ('transfer/small-sndbuf', 'client_ms'),
                                        ('transfer/backoff', 'network_ms'), ('transfer/bufferbloat', 'network_ms')])
def test_who_is_slow(wt, name, slow):
    waited = analysis(wt, name)['waited']
    assert max(waited, key=waited.get) == slow and waited[slow] > 0.5 * sum(waited.values())


# ---- congestion ----

@pytest.mark.parametrize('name', NAMES)
def test_what_was_delivered_is_what_the_server_read(wt, name):
    delivery = analysis(wt, name)['client']['delivery']
    assert delivery['delivered_bytes'] == connection(name)['received']
    assert delivery['sent_bytes'] == sender(name)['bytes_sent']


@pytest.mark.parametrize('name', [n for n in SEPARATE if sender(n)['snd_ssthresh'] < 2**31 - 1 and connection(n)['congestion'] != 'bbr'
                                  and n != 'transfer/tail'])
def test_the_congestion_window_is_near_the_kernels(wt, name):
    """Where something had limited it (a threshold was set) and it was used: in `tail` the program wrote in pieces."""
    info = sender(name)
    assert analysis(wt, name)['client']['congestion']['cwnd_estimate'] / info['snd_mss'] == pytest.approx(info['snd_cwnd'], rel=0.1, abs=2)


@pytest.mark.parametrize('name', SEPARATE)
def test_the_first_flight_is_the_initial_window(wt, name):
    """Ten segments (RFC 6928), or less where the program or the window gave less; as the first sample has it."""
    rows, columns = truth(name)['samples']['rows'], truth(name)['samples']['columns']
    first = dict(zip(columns, rows[0])) if rows else None
    if first and first['bytes_acked'] <= 1:
        ours = analysis(wt, name)['client']['congestion']['initial_flight'] / sender(name)['snd_mss']
        assert first['unacked'] - 1 <= ours <= 10


def test_marks_are_counted(wt):
    """The receiver counted the marked bytes it told of (delivered_ce, in segments); the client's capture has the echoes."""
    at_sender = analysis(wt, 'transfer/marked')['client']
    at_receiver = ladder_of(wt, at_server('transfer/marked'))['analysis']['client']
    assert at_receiver['congestion']['ce'] > 0 and at_sender['congestion']['ce'] == 0
    assert at_sender['congestion']['ece'] > 0 and at_sender['congestion']['cwr'] > 0
    assert at_sender['congestion']['slow_start_end'] == 'marked'
    assert sender('transfer/marked')['delivered_ce'] > 0


@pytest.mark.parametrize('name', NAMES)
def test_slow_start_ends_where_the_kernel_set_a_threshold(wt, name):
    ended = 'slow_start_end' in analysis(wt, name)['client']['congestion']
    assert ended == (sender(name)['snd_ssthresh'] < 2**31 - 1)


@pytest.mark.parametrize('name', SEPARATE)
def test_options_that_are_missing(wt, name):
    signs, options = set(analysis(wt, name)['client']['path']['signs']), sender(name)['options']
    assert ('no-timestamps' in signs, 'no-sack' in signs, 'no-window-scaling' in signs) == \
        (not options & 1, not options & 2, not options & 4)
