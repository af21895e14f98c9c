"""dig with named."""
import time

from net import pair
from record import Recorder
from scene import scene
from servers import Named
from told import dig


def ask(lab, path, *commands, signed=False, more_zone='', server='192.0.2.2', between=0, **record):
    pair(lab)
    named = Named(lab, signed=signed, more_zone=more_zone)
    with Recorder(lab, 'client', 'c0', path, **record):
        told = []
        for command in commands:
            told.append(dig(lab, 'client', *command, server=server))
            time.sleep(between)
    return {'dig': told, 'named': named.log()}


@scene({'dns/answers.pcapng': 'every common record type: A AAAA CNAME NS SOA MX TXT SRV NAPTR CAA DS TLSA SVCB HTTPS PTR and more'}, 'dig, named')
def answers(lab, paths):
    names = [('www', 'A'), ('www', 'AAAA'), ('shop', 'A'), ('', 'NS'), ('', 'SOA'), ('', 'MX'), ('', 'TXT'), ('_sip._tcp', 'SRV'),
             ('num', 'NAPTR'), ('', 'CAA'), ('sub', 'DS'), ('_443._tcp.www', 'TLSA'), ('svc', 'SVCB'), ('', 'HTTPS'), ('host', 'HINFO'),
             ('host', 'LOC'), ('host', 'SSHFP'), ('host', 'RP'), ('host', 'URI'), ('x.y.wild', 'A'), ('www.sub', 'A'), ('', 'ANY')]
    commands = [['-t', kind, (name + '.' if name else '') + 'example.com'] for name, kind in names]
    return ask(lab, paths[0], *commands, ['-x', '192.0.2.80'], ['-x', '192.0.2.25'])


@scene({'dns/negative.pcapng': 'NXDOMAIN, an empty answer, REFUSED, SERVFAIL, NOTIMP, BADVERS, class CH'}, 'dig, named')
def negative(lab, paths):
    return ask(lab, paths[0], ['nothing.example.com'], ['www.example.com', 'MX'], ['www.elsewhere.example'], ['www.broken.example'],
               ['+opcode=status', '+header-only', 'www.example.com'], ['+edns=1', '+noednsneg', 'www.example.com'],
               ['-c', 'CH', '-t', 'TXT', 'version.bind'])


@scene({'dns/timeout.pcapng': 'a query that is never answered (three tries), one answered at the second try'},
       'dig, named silenced by nftables (counted)')
def timeout(lab, paths):
    pair(lab)
    named = Named(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = [dig(lab, 'client', 'www.example.com')]
        lab.nft('server', 'table inet lab { chain in { type filter hook input priority 0; udp dport 53 counter drop comment "dropped" } }')
        told.append(dig(lab, 'client', '+tries=3', '+time=1', 'www.example.com', 'AAAA'))
        never = lab.nft_counters('server')['dropped']
        lab.nft('server', 'flush ruleset\ntable inet lab { chain in { type filter hook input priority 0; '
                          'udp dport 53 numgen inc mod 2 0 counter drop comment "dropped" } }')
        told.append(dig(lab, 'client', '+tries=3', '+time=1', 'mail.example.com'))
        once = lab.nft_counters('server')['dropped']
    return {'dig': told, 'named': named.log(), 'nft_dropped': {'never answered': never, 'answered at the second try': once}}


@scene({'dns/tcp-fallback.pcapng': 'answers cut to fit a datagram, asked again over TCP; a zone transfer; two queries on one connection'}, 'dig, named')
def tcp_fallback(lab, paths):
    return ask(lab, paths[0], ['+noedns', 'long.example.com', 'TXT'], ['+bufsize=512', 'many.example.com', 'A'],
               ['+tcp', 'www.example.com'], ['+tcp', '+keepopen', 'www.example.com', 'mail.example.com'], ['example.com', 'AXFR'],
               more_zone='\n'.join(f'host{i} A 192.0.2.{i % 250}\nhost{i} TXT "{"t" * 180}"' for i in range(120)) + '\n')


@scene({'dns/edns.pcapng': 'EDNS options: cookie, client subnet, NSID, padding, keepalive, expire; DO bit'}, 'dig, named')
def edns(lab, paths):
    return ask(lab, paths[0], ['+cookie', 'www.example.com'], ['+subnet=198.51.100.0/24', 'www.example.com'],
               ['+subnet=2001:db8:1::/48', 'www.example.com', 'AAAA'], ['+nsid', '+padding=128', 'www.example.com'],
               ['+tcp', '+keepalive', '+padding=64', 'www.example.com'], ['+expire', 'example.com', 'SOA'], ['+dnssec', 'www.example.com'],
               ['+ednsopt=65001:c0ffee', 'www.example.com'], ['+noedns', 'www.example.com'])


@scene({'dns/dnssec.pcapng': 'RRSIG, DNSKEY, NSEC, NSEC3, NSEC3PARAM'}, 'dig +dnssec, named, dnssec-signzone')
def dnssec(lab, paths):
    return ask(lab, paths[0], ['+dnssec', 'www.signed.example'], ['+dnssec', 'signed.example', 'DNSKEY'], ['+dnssec', 'nothing.signed.example'],
               ['+dnssec', 'nothing.signed3.example'], ['+dnssec', 'signed3.example', 'NSEC3PARAM'], ['+dnssec', 'www.signed3.example', 'MX'],
               signed=True)


@scene({'dns/repeated.pcapng': 'a question asked again within its TTL, another after its TTL of 3 s has run out'}, 'dig, named')
def repeated(lab, paths):
    pair(lab)
    named = Named(lab)
    with Recorder(lab, 'client', 'c0', paths[0]):
        told = [dig(lab, 'client', 'www.example.com') for _ in range(3)]
        told.append(dig(lab, 'client', 'short.example.com'))
        time.sleep(1)
        told.append(dig(lab, 'client', 'short.example.com'))
        time.sleep(4)
        told.append(dig(lab, 'client', 'short.example.com'))
    return {'dig': told, 'named': named.log(), 'asked_again_within_ttl': [False, True, True, False, True, False]}


@scene({'dns/ipv6.pcapng': 'queries over IPv6'}, 'dig -6, named')
def ipv6(lab, paths):
    return ask(lab, paths[0], ['www.example.com'], ['-t', 'AAAA', 'www.example.com'], ['+tcp', 'example.com', 'MX'], ['no.example.com'],
               server='2001:db8::2')
