"""`wiretale timeline --explain`: the rules stand below the lines where they apply, once in full, and change nothing else."""
import re

import pytest

from conftest import capture

TITLE = re.compile(r'^ +> (.+?): (as above)?')


def ladders(wt, *args):
    out = wt.run('timeline', '-q', '--color', 'never', *args, status=0).out
    return [part for part in out.split('\n\n') if part.strip()]


def told(ladder):
    """(title, told in full) of each explanation."""
    return [(m[1], not m[2]) for m in map(TITLE.match, ladder.splitlines()) if m]


def without(ladder):
    lines, inside = [], False
    for line in ladder.splitlines():
        if re.match(r'^ +> ', line):
            inside = len(line) - len(line.lstrip())
        elif inside and line.startswith(' ' * (inside + 2)) and not line.startswith(' ' * (inside + 3)):
            continue
        else:
            inside = False
            lines.append(line)
    return lines


@pytest.mark.parametrize('name', ['tcp/loss.pcapng', 'tcp/zero-window.pcapng', 'http/conditional.pcapng', 'dns/negative.pcapng', 'ip/unreachable.pcapng'])
def test_it_only_adds(wt, name):
    """Unfolded, the ladder without its explanations is the ladder."""
    plain = ladders(wt, '--full', capture(name))
    explained = ladders(wt, '--full', '--explain', capture(name))
    assert [without(e) for e in explained] == [p.splitlines() for p in plain]
    assert any(told(e) for e in explained)


@pytest.mark.parametrize('name', ['tcp/loss.pcapng', 'tcp/wire-loss.pcapng', 'http/keepalive.pcapng', 'tcp/ecn.pcapng.gz', 'tour.pcapng'])
def test_each_rule_is_told_in_full_once_a_ladder(wt, name):
    for ladder in ladders(wt, '--explain', capture(name)):
        full = [title for title, whole in told(ladder) if whole and '→' not in title]
        assert len(full) == len(set(full))
        seen = set()
        for title, whole in told(ladder):
            assert whole or title in seen
            seen.add(title)


def test_every_explanation_names_its_source(wt):
    for ladder in ladders(wt, '--explain', '--wide', capture('tour.pcapng')):
        text = re.sub(r'\n +(?!>)', ' ', ladder)
        for line in text.splitlines():
            if TITLE.match(line):
                assert re.search(r'\(RFC \d{3,4}[^()]*\)', line), line


# What the programs and the wire did when each was captured: captures/MANIFEST.tsv.
SCENES = [
    ('tcp/loss.pcapng', ['handshake, step 1 of 3', 'handshake, step 2 of 3', 'handshake, step 3 of 3', 'window scale', 'SACK permitted', 'duplicate ACK',
                         'selective ACK', 'fast retransmission', 'FIN', 'TIME-WAIT', 'client ESTABLISHED → FIN-WAIT-1']),
    ('tcp/loss-timeout.pcapng', ['retransmission']),
    ('tcp/filtered.pcapng', ['SYN sent again']),
    ('tcp/refused.pcapng', ['refused']),
    ('tcp/rejected.pcapng', ['ICMP error', 'port unreachable']),
    ('tcp/reset.pcapng', ['reset']),
    ('tcp/reordered.pcapng', ['out of order']),
    ('tcp/loss-before-capture.pcapng.gz', ['gap']),
    ('tcp/duplicated.pcapng', ['duplicate SACK']),
    ('tcp/keep-alive.pcapng', ['keep-alive', 'answer to a keep-alive']),
    ('tcp/zero-window.pcapng', ['zero window', 'window probe', 'window update', 'window full']),
    ('tcp/reused-in-time-wait.pcapng', ['port used again']),
    ('tcp/simultaneous-open.pcapng', ['simultaneous open']),
    ('tcp/simultaneous-close.pcapng', ['client FIN-WAIT-1 → CLOSING', 'server CLOSING → TIME-WAIT']),
    ('tcp/half-close.pcapng', ['client FIN-WAIT-1 → FIN-WAIT-2', 'client FIN-WAIT-2 → TIME-WAIT']),
    ('tcp/midstream.pcapng', ['no beginning']),
    ('tcp/fast-open.pcapng', ['TCP Fast Open']),
    ('tcp/mptcp.pcapng', ['Multipath TCP']),
    ('tcp/urgent.pcapng', ['URG']),
    ('tcp/ecn.pcapng.gz', ['ECN wanted', 'ECN agreed', 'ECN-capable', 'congestion experienced', 'ECN echo', 'congestion window reduced']),
    ('ip/fragments.pcapng.gz', ['IP fragment', 'IPv6 fragment']),
    ('ip/udp.pcapng', ['UDP', 'no UDP checksum', 'port unreachable']),
    ('ip/options.pcapng', ['IP options']),
    ('ip/unreachable.pcapng', ['time exceeded', 'destination unreachable', 'packet too big']),
    ('ip/echo.pcapng', ['echo (ping)']),
    ('ip/multicast.pcapng', ['group membership']),
    ('dns/negative.pcapng', ['DNS query', 'DNS response', 'NXDOMAIN', 'no data', 'server failed or refused']),
    ('dns/tcp-fallback.pcapng', ['truncated', 'DNS over TCP']),
    ('dns/dnssec.pcapng', ['DNSSEC wanted', 'EDNS']),
    ('dns/timeout.pcapng', ['no answer']),
    ('dns/answers.pcapng', ['CNAME', 'TTL of a record']),
    ('http/keepalive.pcapng', ['HTTP request', 'HTTP response', 'persistent connection']),
    ('http/conditional.pcapng', ['conditional request', '304 Not Modified', 'caching']),
    ('http/cookies.pcapng', ['Set-Cookie', 'Cookie']),
    ('http/pipelined.pcapng', ['pipelining']),
    ('http/chunked.pcapng', ['chunked body']),
    ('http/until-close.pcapng', ['body up to the close']),
    ('http/redirect.pcapng', ['redirection']),
    ('http/errors.pcapng', ['client error', 'server error', 'HEAD']),
    ('http/post.pcapng', ['request with a body', 'Expect']),
    ('http/connect.pcapng', ['CONNECT']),
    ('http/upgrade.pcapng', ['switching protocols']),
]


@pytest.mark.parametrize('name,titles', SCENES)
def test_what_happened_is_explained(wt, name, titles):
    said = {title for ladder in ladders(wt, '--explain', capture(name)) for title, _ in told(ladder)}
    assert set(titles) <= said


def test_quiet_connections_show_no_trouble(wt):
    """No false alarm: a plain transfer without loss explains no loss."""
    said = {title for ladder in ladders(wt, '--explain', capture('http/keepalive.pcapng')) for title, _ in told(ladder)}
    assert not said & {'retransmission', 'fast retransmission', 'needless retransmission', 'duplicate ACK', 'out of order', 'gap', 'zero window',
                       'reset', 'refused', 'IP fragment', 'congestion experienced', 'no UDP checksum', 'bad checksum', 'duplicate SACK'}


def test_prose_is_broken_where_it_can_be_read(wt):
    for ladder in ladders(wt, '--explain', capture('tcp/loss.pcapng')):
        lines = ladder.splitlines()
        for i, line in enumerate(lines):
            if re.match(r'^ +> ', line) or (i and re.match(r'^ {12}\S', line)):
                assert len(line) <= 110


def test_line_by_line_too(wt):
    out = wt.run('timeline', '-q', '--explain', '--follow', '-c', 12, capture('tcp/refused.pcapng'), status=0).out
    assert out.count('> refused: No program listens') == out.count('refused by server') >= 1      # each connection its own


def test_json_is_for_programs(wt):
    assert '--explain is for the text' in wt.run('timeline', '--explain', '--json', capture('tcp/loss.pcapng'), status=1).err
