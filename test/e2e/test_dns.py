"""DNS beside what dig and named said."""
import pytest

from conftest import all_captures, capture, truth

DNS = [row['name'] for row in all_captures() if row['name'].startswith('dns/')]
RCODES = {'NOERROR': 0, 'FORMERR': 1, 'SERVFAIL': 2, 'NXDOMAIN': 3, 'NOTIMP': 4, 'REFUSED': 5, 'BADVERS': 0}    # BADVERS: its low bits
SLACK_US = 6000


def answers(name):
    return [a for command in truth(name)['dig'] for a in command['answers']]


@pytest.mark.parametrize('name', DNS)
def test_response_times_agree_with_dig(wt, name):
    """dig measures from before it sends to after it has received: not less than the wire, and little more."""
    rows = wt.fields(capture(name), 'dns.id', 'dns.time', display_filter='dns.flags.response == 1')
    ours = {}
    for ident, time in rows:
        if time:
            for i, t in zip(ident.split(','), time.split(',')):
                ours.setdefault(int(i, 0), []).append(float(t) * 1e6)
    checked = 0
    for a in answers(name):
        if 'query_time_us' not in a or a['id'] not in ours:
            continue
        assert any(-1 <= a['query_time_us'] - t < SLACK_US for t in ours[a['id']]), (a, ours[a['id']])
        checked += 1
    assert checked == len([a for a in answers(name) if 'query_time_us' in a])


@pytest.mark.parametrize('name', DNS)
def test_rcodes_are_digs(wt, name):
    rows = wt.fields(capture(name), 'dns.id', 'dns.flags.rcode', display_filter='dns.flags.response == 1')
    ours = {}
    for ident, rcode in rows:
        for i, r in zip(ident.split(','), rcode.split(',')):
            ours.setdefault(int(i, 0), set()).add(int(r))
    for a in answers(name):
        assert RCODES[a['status']] in ours[a['id']], a


@pytest.mark.parametrize('name', DNS)
def test_queries_are_those_that_named_logged(wt, name):
    """named does not log what it refuses to parse (another opcode, another EDNS version) or never got."""
    rows = wt.fields(capture(name), 'dns.qry.name', display_filter='dns.flags.response == 0 && dns.flags.opcode == 0')
    asked = sorted(n.rstrip('.').lower() for row in rows for n in row[0].split(','))
    logged = sorted(q[2].rstrip('.').lower() for q in truth(name)['named'])
    lost = sum(truth(name).get('nft_dropped', {}).values())
    unlogged = sum(a['status'] == 'BADVERS' for a in answers(name))
    assert len(asked) == len(logged) + lost + unlogged
    left = list(asked)
    for n in logged:
        left.remove(n)


def test_report_of_timeouts(wt):
    """named silenced: three queries unanswered; one answered at its second try. nftables counted the drops."""
    dns = wt.report(capture('dns/timeout.pcapng'))['dns']
    dropped = truth('dns/timeout.pcapng')['nft_dropped']
    assert dns['unanswered'] >= 1
    assert dns['retries'] == dropped['never answered'] - 1 + dropped['answered at the second try']
    assert dns['retried'] == 2


def test_report_of_rcodes(wt):
    dns = wt.report(capture('dns/negative.pcapng'))['dns']
    told = {}
    for a in answers('dns/negative.pcapng'):
        status = a['status']
        told[status] = told.get(status, 0) + 1
    ours = {str(row.get('name', row.get('rcode'))).upper(): row['count'] for row in dns['rcodes']}
    for status in ('NXDOMAIN', 'SERVFAIL', 'REFUSED'):
        assert ours.get(status) == told[status], dns['rcodes']


def test_tcp_fallback(wt):
    dns = wt.report(capture('dns/tcp-fallback.pcapng'))['dns']
    commands = truth('dns/tcp-fallback.pcapng')['dig']
    assert dns['truncated'] == sum(c['truncated_retry'] for c in commands) == 2
    assert dns['over_tcp'] == sum(1 for q in truth('dns/tcp-fallback.pcapng')['named'] if 'T' in q[5])


def test_asked_again_within_ttl(wt):
    dns = wt.report(capture('dns/repeated.pcapng'))['dns']
    assert dns['asked_again'] == sum(truth('dns/repeated.pcapng')['asked_again_within_ttl'])


def test_every_record_type_is_named(wt):
    text = wt.run('packets', '-V', capture('dns/answers.pcapng'), status=0).out
    for kind in ('CNAME', 'SOA', 'MX', 'TXT', 'SRV', 'NAPTR', 'CAA', 'DS', 'TLSA', 'SVCB', 'HTTPS', 'PTR', 'AAAA', 'NS'):
        assert kind in text, kind
    text = wt.run('packets', '-V', capture('dns/dnssec.pcapng'), status=0).out
    for kind in ('RRSIG', 'DNSKEY', 'NSEC', 'NSEC3'):
        assert kind in text, kind
