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
