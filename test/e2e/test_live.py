"""wiretale on a live interface while real programs talk."""
import os
import re
import shutil
import socket
import time

import pytest

from conftest import need, one, records, tcp_only
from live import Live

pytestmark = pytest.mark.live


def web(lab):
    """(host URL, what the server logs): nginx, or python's own server where there is none."""
    if shutil.which('nginx', path=os.environ['PATH'] + ':/usr/sbin'):
        from servers import Nginx
        server = Nginx(lab)
        return server.log
    handler = '''
import http.server, socketserver
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "3"); self.end_headers(); self.wfile.write(b"ok\\n")
    def log_message(self, *a): pass
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("192.0.2.2", 80), H).serve_forever()
'''
    lab.popen('server', ['python3', '-c', handler])
    time.sleep(1)
    return None


def talk(lab):
    """Real programs: returns the ends and outcomes that they told of."""
    from scenes_tcp import try_connect
    told = []
    if shutil.which('curl'):
        from told import curl
        for urls in (['http://192.0.2.2/'], ['http://192.0.2.2/a.txt', 'http://192.0.2.2/'], ['-H', 'Connection: close', 'http://192.0.2.2/']):
            t = curl(lab, 'client', *urls)[0]
            told.append((t['local_ip'], t['local_port'], '192.0.2.2', 80, 'closed', (t['time_connect'] - t['time_namelookup']) * 1000))
    else:
        for _ in range(3):
            began = time.time()
            s = lab.connect('client', '192.0.2.2', 80)
            took = (time.time() - began) * 1000
            s.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
            s.recv(65536)
            told.append(('192.0.2.1', s.getsockname()[1], '192.0.2.2', 80, 'closed', took))
            s.close()
    for address in ('192.0.2.2', '2001:db8::2'):
        t = try_connect(lab, 'client', address, 81)
        assert t['connect'] == 'ECONNREFUSED'
        told.append((t['client'], t['client_port'], address, 81, 'refused', None))
    return told


def check(found, told):
    tcp = tcp_only(found)
    for *ends, outcome, connect_ms in told:
        r = one(tcp, *ends)
        assert r['outcome'] == outcome, r
        if connect_ms is not None:
            assert r.get('handshake_ms', connect_ms) <= connect_ms + 0.5
    assert len(tcp) == len(told)


def test_every_connection_is_found(wt, lab):
    from net import pair
    pair(lab)
    web(lab)
    with Live(lab, wt, 'client', 'timeline', '--json', '-i', 'c0') as w:
        told = talk(lab)
    assert w.status == 0, w.err
    check(records(w.out), told)


def test_connections_live(wt, lab):
    from net import pair
    pair(lab)
    web(lab)
    with Live(lab, wt, 'client', 'connections', '--json', '-i', 'c0') as w:
        told = talk(lab)
    assert w.status == 0, w.err
    check(records(w.out), told)


def test_interrupt_ends_with_the_report(wt, lab):
    from net import pair
    pair(lab)
    web(lab)
    with Live(lab, wt, 'client', 'report', '-i', 'c0') as w:
        told = talk(lab)
    assert w.status == 0, w.err
    assert '192.0.2.2' in w.out and 'refused' in w.out.lower()
    assert re.search(r'drop', w.out + w.err, re.I)      # kernel and interface drops are shown


def test_a_filtered_report_of_an_interface(wt, lab):
    """-Y needs two passes, and an interface gives each packet once: what the filter chose is what the programs said."""
    import json
    from net import pair
    pair(lab)
    web(lab)
    with Live(lab, wt, 'client', 'report', '--json', '-i', 'c0', '-Y', 'tcp.flags.reset == 1') as w:
        told = talk(lab)
    assert w.status == 0, w.err
    report = json.loads(w.out)
    outcomes = report['tcp']['outcomes']
    count = outcomes if isinstance(outcomes, dict) else {o['name'] if 'name' in o else o['outcome']: o['count'] for o in outcomes}
    assert count['refused'] == sum(t[4] == 'refused' for t in told) > 0
    assert not count.get('closed')
    assert report['inputs'][0]['name'] == 'c0'


def test_report_json_live(wt, lab):
    import json
    from net import pair
    pair(lab)
    web(lab)
    with Live(lab, wt, 'client', 'report', '--json', '-i', 'c0') as w:
        told = talk(lab)
    report = json.loads(w.out)
    text = json.dumps(report['tcp'])
    outcomes = report['tcp']['outcomes']
    count = outcomes if isinstance(outcomes, dict) else {o['name'] if 'name' in o else o['outcome']: o['count'] for o in outcomes}
    for outcome in ('closed', 'refused'):
        assert count[outcome] == sum(t[4] == outcome for t in told), text
    drops = [v for k, v in report['capture'].items() if 'drop' in k and isinstance(v, int)]
    assert drops and not any(drops)


def test_names_and_dns_live(wt, lab):
    need('named')
    need('dig')
    from net import pair
    from servers import Named
    from told import dig
    pair(lab)
    named = Named(lab)
    with Live(lab, wt, 'client', 'packets', '-T', 'fields', '-e', 'dns.id', '-e', 'dns.time', '-Y', 'dns', '-i', 'c0') as w:
        told = [dig(lab, 'client', name) for name in ('www.example.com', 'nothing.example.com', 'mail.example.com')]
    rows = [line.split('\t') for line in w.out.splitlines()]
    assert len(rows) == 2 * len(named.log()) == 6
    times = {int(i, 0): float(t) * 1e6 for i, t in rows if t}
    for t in told:
        a, = t['answers']
        assert -1 <= a['query_time_us'] - times[a['id']] < 20000


def test_each_ladder_as_its_connection_closes(wt, lab):
    from net import pair
    pair(lab)
    web(lab)
    import select
    with Live(lab, wt, 'client', 'timeline', '-i', 'c0', settle=0) as w:
        told = talk(lab)
        got, until = b'', time.time() + 8
        while time.time() < until and str(told[0][1]).encode() not in got:
            if select.select([w.child.stdout], [], [], 0.2)[0]:
                got += os.read(w.child.stdout.fileno(), 65536)
        early = got.decode()
    assert str(told[0][1]) in early, 'nothing came before the end: ' + early
    assert w.status == 0


def test_live_and_file_say_the_same(wt, lab, tmp_path):
    """A recorder beside us: what it wrote, read from its file, gives the same records."""
    need('dumpcap')
    from net import pair
    from record import Recorder
    pair(lab)
    web(lab)
    path = str(tmp_path / 'beside.pcapng')
    with Live(lab, wt, 'client', 'timeline', '--json', '-i', 'c0') as w:
        with Recorder(lab, 'client', 'c0', path):
            talk(lab)
    live = {r['community_id']: r for r in tcp_only(records(w.out))}
    file = {r['community_id']: r for r in tcp_only(wt.timeline(path))}
    assert live.keys() == file.keys()
    for key, r in live.items():
        for member in ('outcome', 'close', 'client', 'server', 'service', 'first_closer', 'midstream'):
            assert r.get(member) == file[key].get(member), (member, r.get(member), file[key].get(member))
        assert r.get('handshake_ms', 0) == pytest.approx(file[key].get('handshake_ms', 0), abs=1.0)


def test_two_interfaces_at_once(wt, lab):
    """One side each of a router: every connection twice, on the two sides."""
    from net import pair
    pair(lab)
    with lab.inside('client'):
        pass
    lab.run('client', 'ip link set lo up')
    with Live(lab, wt, 'client', 'packets', '-i', 'c0', '-i', 'lo', '-T', 'fields', '-e', 'udp.port') as w:
        for address in ('192.0.2.2', '127.0.0.1'):
            u = lab.socket('client', socket.AF_INET, socket.SOCK_DGRAM)
            u.sendto(b'hello', (address, 9999))
        time.sleep(0.2)
    text = w.out
    assert text.count('9999') >= 2, (w.out, w.err)


@pytest.mark.parametrize('args, least', [(['-c', '5'], 5), (['-a', 'packets:5'], 5)])
def test_count_ends_a_live_run(wt, lab, args, least):
    from net import pair
    pair(lab)
    with Live(lab, wt, 'client', 'packets', '-i', 'c0', *args, stop=None) as w:
        u = lab.socket('client', socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(30):
            u.sendto(b'x', ('192.0.2.2', 9))
            time.sleep(0.005)
    assert w.status == 0 and len(w.out.splitlines()) == least


def test_duration_ends_a_live_run(wt, lab):
    from net import pair
    pair(lab)
    began = time.time()
    with Live(lab, wt, 'client', 'report', '-i', 'c0', '-a', 'duration:1', stop=None):
        pass
    assert time.time() - began < 8


def test_capture_filter_live(wt, lab):
    from net import pair
    pair(lab)
    with Live(lab, wt, 'client', 'packets', '-i', 'c0', '-f', 'udp port 7', '-T', 'fields', '-e', 'udp.dstport') as w:
        u = lab.socket('client', socket.AF_INET, socket.SOCK_DGRAM)
        for port in (7, 8, 7):
            u.sendto(b'x', ('192.0.2.2', port))
    assert {line.split(',')[0] for line in w.out.split()} == {'7'} and w.out.count('7') >= 2
