"""What live tests share: wiretale running in a namespace, and when it is ready."""
import signal
import subprocess
import time


class Live:
    """with Live(lab, wt, 'client', 'report', '-i', 'c0') as w: ...; then w.out, w.err, w.status."""

    def __init__(self, lab, wt, name, *args, stop=signal.SIGINT, settle=0.5):
        self.lab, self.name, self.stop, self.settle = lab, name, stop, settle
        self.argv = [wt.binary, *map(str, args)]
        self.args = args

    def __enter__(self):
        before = self.sockets()
        self.child = self.lab.popen(self.name, self.argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until = time.time() + 15
        while self.sockets() <= before:
            if self.child.poll() is not None:
                raise AssertionError(f'{self.argv} ended: {self.child.returncode}: {self.child.stderr.read().decode()}')
            assert time.time() < until, f'{self.argv} opened no packet socket'
            time.sleep(0.02)
        time.sleep(0.3)
        return self

    def sockets(self):
        """Packet sockets in the namespace: the kernel's list, not ours."""
        with self.lab.inside(self.name):
            with open('/proc/thread-self/net/packet') as f:
                return len(f.readlines()) - 1

    def __exit__(self, kind, *_):
        if kind is not None:
            self.child.kill()
            return
        time.sleep(self.settle)
        if self.child.poll() is None and self.stop:
            self.child.send_signal(self.stop)
        out, err = self.child.communicate(timeout=30)
        self.lab.children.remove(self.child)
        self.raw, self.out, self.err, self.status = out, out.decode(errors='replace'), err.decode(), self.child.returncode
        assert 'Sanitizer' not in self.err, self.err
