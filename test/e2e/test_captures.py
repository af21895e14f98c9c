"""The captures folder itself."""
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import CAPTURES, all_captures, capture, need
from frames import packets, read


def test_manifest_and_folder_agree():
    listed = {row['name'] for row in all_captures()}
    there = {str(p.relative_to(CAPTURES)) for p in CAPTURES.rglob('*') if p.suffix in ('.pcap', '.pcapng', '.gz', '.zst')}
    assert listed == there
    for row in all_captures():
        assert hashlib.sha256(Path(capture(row['name'])).read_bytes()).hexdigest() == row['sha256'], row['name']
        assert len(read(capture(row['name']))) == int(row['frames'])
        assert (CAPTURES / row['truth']).exists() and row['licence'] and row['shows']


def test_they_are_small():
    sizes = {p: p.stat().st_size for p in CAPTURES.rglob('*') if p.is_file()}
    assert sum(sizes.values()) < 3_000_000
    assert max(sizes.values()) < 250_000


def test_make_lists_every_capture():
    out = subprocess.run([str(CAPTURES / 'make'), '--list'], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert {line.split()[0] for line in out.splitlines()} == {row['name'] for row in all_captures()}


def test_our_reader_agrees_with_tshark_on_community_ids():
    """The tests' own reader, which the program is measured by, against a third party."""
    need('tshark')
    for name in ('tour.pcapng', 'ip/echo.pcapng', 'tunnel/gre.pcapng'):
        from frames import community_id
        out = subprocess.run(['tshark', '-r', capture(name), '--enable-protocol', 'communityid', '-T', 'fields', '-e', 'communityid'],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.splitlines()
        for p, theirs in zip(packets(capture(name)), out):
            if p.source and p.protocol in (1, 6, 17, 58) and p.ports:
                assert community_id(p.protocol, p.source, p.ports[0], p.target, p.ports[1]) == theirs.split(',')[-1]
