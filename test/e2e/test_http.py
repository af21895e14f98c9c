"""HTTP beside curl's own timings and nginx's access log."""
import pytest

from conftest import all_captures, capture, one, tcp_only, truth

HTTP = [row['name'] for row in all_captures() if row['name'].startswith('http/')] + ['tour.pcapng', 'link/two-interfaces.pcapng']
CURL = [name for name in HTTP if 'curl' in truth(name)]
SLACK_MS = 6.0     # what a program needs to notice what its kernel knows, on a busy machine of two cores


def transfers(name):
    return [t for command in truth(name)['curl'] for t in command]


def connected(name):
    """The transfers that made their connection."""
    return [t for t in transfers(name) if t.get('num_connects') and t.get('local_port')]


@pytest.mark.parametrize('name', CURL)
def test_connections_are_curls(wt, name):
    found = tcp_only(wt.timeline(capture(name)))
    for t in connected(name):
        server, port = t['remote_ip'], t['remote_port']
        assert one(found, t['local_ip'], t['local_port'], server, port)['outcome'] in ('closed', 'reset'), t


@pytest.mark.parametrize('name', CURL)
def test_handshake_agrees_with_time_connect(wt, name):
    """curl measures from its connect() to the moment it hears of it: not less than the wire, and little more."""
    found = tcp_only(wt.timeline(capture(name)))
    checked = 0
    for t in connected(name):
        if t['num_redirects'] or name == 'http/connect.pcapng' or (name == 'tour.pcapng' and ':' in t['local_ip']):
            continue      # the tour's IPv6 connection first had to find its router
        r = one(found, t['local_ip'], t['local_port'], t['remote_ip'], t['remote_port'])
        by_curl = (t['time_connect'] - t['time_namelookup']) * 1000
        if name == 'link/two-interfaces.pcapng':
            assert r['handshake_ms'] <= by_curl + SLACK_MS      # captured at the server
        else:
            assert r['handshake_ms'] <= by_curl and by_curl - r['handshake_ms'] < SLACK_MS, (t, r['handshake_ms'])
        checked += 1
    assert checked or name in ('http/connect.pcapng',)


@pytest.mark.parametrize('name', CURL)
def test_duration_agrees_with_time_total(wt, name):
    """One transfer on a connection of its own: from the SYN to the close is what curl says it took."""
    found = tcp_only(wt.timeline(capture(name)))
    for command in truth(name)['curl']:
        if len(command) != 1 or not connected_one(command[0]) or command[0]['num_redirects'] or name in ('http/connect.pcapng', 'http/killed.pcapng'):
            continue
        t = command[0]
        r = one(found, t['local_ip'], t['local_port'], t['remote_ip'], t['remote_port'])
        by_curl = (t['time_total'] - t['time_namelookup']) * 1000
        assert abs(r['duration_ms'] - by_curl) < 60, (t, r['duration_ms'])     # the close follows the transfer


def connected_one(t):
    return t.get('num_connects') and t.get('local_port')


def on_the_wire(name):
    """nginx's lines of requests that our capture saw: not those that the lab's own proxy made."""
    return [line for line in truth(name)['nginx'] if name != 'http/connect.pcapng']


NGINX = [name for name in HTTP if truth(name).get('nginx') and name not in ('http/connect.pcapng', 'http/killed.pcapng')]


@pytest.mark.parametrize('name', NGINX)
def test_statuses_are_those_of_the_access_log(wt, name):
    rows = wt.fields(capture(name), 'http.response.code', display_filter='http.response')
    seen = sorted(int(code) for row in rows for code in row[0].split(',') if code and int(code) >= 200)
    logged = sorted(line['status'] for line in truth(name)['nginx'] if line['status'] != 444)
    other = [t['response_code'] for t in transfers(name) if t.get('remote_port') == 7200] if 'curl' in truth(name) else []
    assert seen == sorted(logged + other)


@pytest.mark.parametrize('name', NGINX)
def test_requests_are_those_of_the_access_log(wt, name):
    rows = wt.fields(capture(name), 'tcp.srcport', 'http.request.method', 'http.request.uri', display_filter='http.request')
    seen = []
    for port, methods, uris in rows:
        seen += [(int(port.split(',')[0]), m, u) for m, u in zip(methods.split(','), uris.split(','))]
    # A request whose body was announced and never sent (413) is no whole message: it is counted as an exchange only.
    logged = [(line['client_port'], line['method'], line['uri']) for line in truth(name)['nginx'] if line['status'] != 413]
    mine = [s for s in seen if not s[2].endswith('data.bin')]
    assert sorted(mine) == sorted(logged)


@pytest.mark.parametrize('name', NGINX)
def test_report_counts_what_the_log_counts(wt, name):
    http = wt.report(capture(name))['http']
    logged = truth(name)['nginx']
    extra = 1 if name == 'tour.pcapng' else 0          # one exchange with another server
    assert http['exchanges'] == len(logged) + extra


def test_time_to_first_byte(wt):
    """nginx was told to wait 300 and 700 ms; curl says how long it was until the first byte."""
    name = 'http/slow.pcapng'
    slowest = {row['target']: row['first_byte_ms'] for row in wt.report(capture(name))['http']['slowest']}
    for t in transfers(name):
        path = t['url'].split('192.0.2.2', 1)[1]
        waited = (t['time_starttransfer'] - t['time_pretransfer']) * 1000
        assert abs(waited - slowest[path]) < SLACK_MS, (path, waited, slowest)
    assert slowest['/back/delay/300'] > 300 and slowest['/back/delay/700'] > 700


def test_http_time_of_a_packet(wt):
    """http.time: from the request to the end of its response, as curl's time_total has it."""
    rows = wt.fields(capture('http/slow.pcapng'), 'tcp.dstport', 'http.time', display_filter='http.time')
    longest = {}
    for port, times in rows:
        longest[int(port)] = max(longest.get(int(port), 0), *map(float, times.split(',')))
    for command in truth('http/slow.pcapng')['curl']:
        t = max(command, key=lambda t: t['time_total'])
        assert abs((t['time_total'] - t['time_pretransfer']) - longest[t['local_port']]) * 1000 < SLACK_MS


def test_keepalive_is_one_connection(wt):
    r, = tcp_only(wt.timeline(capture('http/keepalive.pcapng')))
    first = transfers('http/keepalive.pcapng')[0]
    assert r['client']['port'] == first['local_port'] and r['service'] == 'http'
    assert {t['num_connects'] for t in transfers('http/keepalive.pcapng')[1:]} == {0}


def test_conditional_saved_a_body(wt):
    http = wt.report(capture('http/conditional.pcapng'))['http']
    saved = [t for t in transfers('http/conditional.pcapng') if t['response_code'] == 304]
    assert http['conditional'] == 3 and http['saved'] == len(saved) == 2


def test_features_are_counted(wt):
    def http(name):
        return wt.report(capture(name))['http']
    assert http('http/chunked.pcapng')['chunked'] == 2
    assert http('http/pipelined.pcapng')['pipelined'] == truth('http/pipelined.pcapng')['pipelined']
    assert http('http/until-close.pcapng')['until_close'] == 1
    assert http('http/upgrade.pcapng')['upgraded'] == 1
    assert http('http/cookies.pcapng')['cookies_set'] == 1 and http('http/cookies.pcapng')['cookies_sent'] == 1
    assert http('http/connect.pcapng')['tunnels'] >= 1
    assert http('http/post.pcapng')['continued'] >= 1


def test_killed_server(wt):
    """The programs saw: a reset without an answer; an answer that ended early; an upload that was reset."""
    told = transfers('http/killed.pcapng')
    assert [t['exitcode'] for t in told] == [56, 18, 55]
    found = tcp_only(wt.timeline(capture('http/killed.pcapng')))
    reset, early, upload = (one(found, t['local_ip'], t['local_port'], t['remote_ip'], t['remote_port']) for t in told)
    assert (reset['outcome'], reset['reset_by']) == ('reset', 'server')
    assert (early['outcome'], early['first_closer']) == ('closed', 'server')
    assert (upload['outcome'], upload['reset_by']) == ('reset', 'server')
    assert early['server']['payload_bytes'] == told[1]['size_download'] + told[1]['size_header'] or \
        early['server']['payload_bytes'] >= told[1]['size_download']
    http = wt.report(capture('http/killed.pcapng'))['http']
    assert http['incomplete'] >= 1 and http['unanswered'] >= 1


def test_other_ports_are_recognised(wt):
    rows = wt.fields(capture('http/other-port.pcapng'), 'http.response.code', display_filter='http.response')
    assert [row[0] for row in rows] == ['200', '200']


def test_names_from_dns_stand_beside_addresses(wt):
    r = [r for r in tcp_only(wt.timeline(capture('tour.pcapng'))) if r['server']['port'] == 80][0]
    assert r['server']['name'].endswith('example.com')
    assert 'example.com' in wt.run('timeline', capture('tour.pcapng'), status=0).out
    assert 'example.com' not in wt.run('timeline', '-n', '--conn', r['connection'], capture('tour.pcapng'), status=0).out.split('\n')[0]
