"""`wiretale export`: the packets of a connection in a file of their own, checked with tshark and editcap."""
import json
import struct
import subprocess

import pytest

from conftest import capture, need


def tshark(*args):
    need('tshark')
    return subprocess.run(['tshark', *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout


def packets(path, filter=None):
    """Time, lengths and bytes of each."""
    args = ['-Y', filter] if filter else []
    out = tshark('-r', path, '-T', 'json', '-x', *args)
    return [(p['_source']['layers']['frame_raw'][0]) for p in json.loads(out)] if out.strip() else []


def times(path, filter=None):
    args = ['-Y', filter] if filter else []
    return tshark('-r', path, *args, '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len').splitlines()


def tcp_numbers(wt, name):
    records = [json.loads(line) for line in wt.run('connections', '--json', '--tcp', capture(name)).out.splitlines()]
    return [one['connection'] for one in records]


@pytest.mark.parametrize('end', ['pcapng', 'pcap'])
@pytest.mark.parametrize('name', ['http/keepalive.pcapng', 'tcp/loss.pcapng', 'tour.pcapng'])
def test_a_connection_has_the_packets_that_tshark_gives_its_stream(wt, tmp_path, name, end):
    for index, number in list(enumerate(tcp_numbers(wt, name)))[:4]:
        to = tmp_path / f'{number}.{end}'
        wt.run('export', '-q', '--conn', number, '-w', to, capture(name), status=0)
        mine = f'tcp.stream == {index} and not icmp and not icmpv6'
        assert times(to, 'not icmp and not icmpv6') == times(capture(name), mine)
        assert packets(to, 'not icmp and not icmpv6') == packets(capture(name), mine)


def test_comments_and_names_of_interfaces_are_kept(wt, tmp_path):
    need('editcap')
    said, cut = tmp_path / 'said.pcapng', tmp_path / 'cut.pcapng'
    source = capture('http/chunked.pcapng')
    subprocess.run(['editcap', '-a', '7:slow here, ünd why?', '-a', '4:and again', str(source), str(said)], check=True)
    wt.run('export', '-q', '--tcp', '-w', cut, said, status=0)
    fields = ['-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.interface_name', '-e', 'frame.comment']
    assert tshark('-r', cut, *fields) == tshark('-r', said, '-Y', 'tcp', *fields)
    assert 'slow here, ünd why?' in tshark('-r', cut, *fields)


def test_comments_survive_a_merge_of_files(wt, tmp_path):
    need('editcap')
    said, cut = tmp_path / 'said.pcapng', tmp_path / 'cut.pcapng'
    subprocess.run(['editcap', '-a', '7:slow here', str(capture('http/chunked.pcapng')), str(said)], check=True)
    wt.run('export', '-q', '--tcp', '-w', cut, said, capture('http/keepalive.pcapng'), status=0)
    assert 'slow here' in tshark('-r', cut, '-T', 'fields', '-e', 'frame.comment')


def big_endian(path):
    """A big-endian section: one Ethernet frame with a UDP datagram, a comment and an epb_flags of 1 (inbound)."""
    def block(kind, body):
        return struct.pack('>II', kind, len(body) + 12) + body + struct.pack('>I', len(body) + 12)

    def option(code, value):
        return struct.pack('>HH', code, len(value)) + value + bytes(-len(value) % 4)
    frame = bytes.fromhex('020000000002' '020000000001' '0800' '4500001d00010000401160c3' 'c0000201' 'c0000202' '1f40' '1f41' '0009' '0000' '41')
    section = block(0x0a0d0d0a, struct.pack('>IHHq', 0x1a2b3c4d, 1, 0, -1))
    interface = block(1, struct.pack('>HHI', 1, 0, 0) + option(2, b'be0') + option(0, b''))
    options = option(1, b'from far') + option(2, struct.pack('>I', 1)) + option(0, b'')
    packet = struct.pack('>IIIII', 0, 0x5f5e, 0x100, len(frame), len(frame)) + frame + bytes(-len(frame) % 4) + options
    path.write_bytes(section + interface + block(6, packet))


def test_options_of_the_other_byte_order_are_turned(wt, tmp_path):
    source, cut = tmp_path / 'big.pcapng', tmp_path / 'cut.pcapng'
    big_endian(source)
    wt.run('export', '-q', '--udp', '-w', cut, source, status=0)
    fields = ['-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.interface_name', '-e', 'frame.comment', '-e', 'frame.packet_flags']
    assert tshark('-r', cut, *fields) == tshark('-r', source, *fields)
    assert 'from far' in tshark('-r', cut, *fields)


def test_fragments_of_a_datagram_come_with_it(wt, tmp_path):
    name, cut = 'ip/fragments.pcapng.gz', tmp_path / 'cut.pcapng'
    records = [json.loads(line) for line in wt.run('connections', '--json', '--udp', capture(name)).out.splitlines()]
    assert records
    wt.run('export', '-q', '--udp', '-w', cut, capture(name), status=0)
    fragments = 'ip.flags.mf == 1 or ip.frag_offset > 0 or ipv6.fraghdr.nxt'
    assert times(cut, fragments) == times(capture(name), f'({fragments}) and (udp or ip.proto == 17 or ipv6.fraghdr.nxt == 17)')
    assert times(cut, fragments)


def test_a_pipe_reads_what_was_cut(wt):
    cut = subprocess.run([wt.binary, 'export', '-q', '--udp', '-w', '-', str(capture('tour.pcapng'))], stdout=subprocess.PIPE, check=True).stdout
    whole = wt.run('connections', '--json', '--udp', capture('tour.pcapng')).out.splitlines()
    again = wt.run('connections', '--json', '-', stdin=cut).out.splitlines()
    assert len(again) == len(whole) > 0


def test_what_makes_no_sense_is_refused(wt, tmp_path):
    copy = tmp_path / 'copy.pcapng'
    copy.write_bytes(capture_bytes('tour.pcapng'))
    assert 'is what is read' in wt.run('export', '--tcp', '-w', copy, copy, status=1).err
    assert copy.read_bytes() == capture_bytes('tour.pcapng')
    assert 'needs -w FILE' in wt.run('export', '--tcp', copy, status=1).err
    assert 'needs a connection' in wt.run('export', '-w', tmp_path / 'x.pcapng', copy, status=1).err
    done = wt.run('export', '--conn', 9999, '-w', tmp_path / 'none.pcapng', copy, status=0)
    assert 'nothing was written' in done.err and not (tmp_path / 'none.pcapng').exists()


def capture_bytes(name):
    with open(capture(name), 'rb') as file:
        return file.read()
