"""Recorders: dumpcap (pcapng) and tcpdump (pcap with nanoseconds)."""
import gzip
import os
import re
import select
import signal
import subprocess
import time


class Recorder:
    """with Recorder(lab, 'client', 'c0', path): ... everything in between is in the file."""

    def __init__(self, lab, name, dev, path, tool='dumpcap', linktype=None, snaplen=None, capture_filter=None, micro=False):
        self.path = path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.scratch = os.path.join(lab.dir, f'record-{dev}-{os.path.basename(path)}')
        if tool == 'dumpcap':
            argv = ['dumpcap', '-q', '-i', dev, '-w', self.scratch]
            if snaplen:
                argv += ['-s', str(snaplen)]
            if linktype:
                argv += ['-y', linktype]
            if capture_filter:
                argv += ['-f', capture_filter]
        else:
            argv = ['tcpdump', '-n', '-U', '--immediate-mode', '-Z', 'root', '-i', dev, '-w', self.scratch,
                    '--time-stamp-precision', 'micro' if micro else 'nano']
            argv += ['-B', '32768', '-s', str(snaplen or 65535)]
            if linktype:
                argv += ['-y', linktype]
            if capture_filter:
                argv += [capture_filter]
        self.argv = argv
        self.lab, self.name = lab, name
        self.told = ''

    def start(self):
        self.child = self.lab.popen(self.name, self.argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        ready = re.compile(r'File: |listening on')
        until = time.time() + 10
        while not ready.search(self.told):
            if time.time() > until or self.child.poll() is not None:
                raise RuntimeError(f'{self.argv}: did not start: {self.told}')
            if select.select([self.child.stderr], [], [], 0.2)[0]:
                self.told += os.read(self.child.stderr.fileno(), 4096).decode()
        time.sleep(0.3)
        return self

    def stop(self, settle=0.6):
        time.sleep(settle)
        self.child.send_signal(signal.SIGINT)
        self.told += self.child.stderr.read().decode()
        self.child.wait(10)
        self.lab.children.remove(self.child)
        dropped = re.search(r'(\d+) packets? dropped by kernel|dropped on interface[^:]*: \d+/(\d+)', self.told)
        if dropped and int(dropped.group(1) or dropped.group(2) or 0):
            raise RuntimeError(f'the recorder lost packets: {self.told}')
        with open(self.scratch, 'rb') as source, open(self.path, 'wb') as target:
            data = source.read()
            target.write(gzip.compress(data, 9, mtime=0) if self.path.endswith('.gz') else data)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
