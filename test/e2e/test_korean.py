"""The program in Korean: everything is translated, formats fit, columns stand below each other, and what programs read stays as it is."""
import os
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from conftest import ROOT, capture, need

KO = {'LC_ALL': 'C.UTF-8', 'LANGUAGE': 'ko'}
HANGUL = re.compile('[\uac00-\ud7a3]')
NAMES = ['tour.pcapng', 'tcp/loss.pcapng', 'tcp/zero-window.pcapng', 'dns/timeout.pcapng', 'http/errors.pcapng', 'ip/unreachable.pcapng']


@pytest.fixture(autouse=True)
def catalogue(wt):
    if not catalogues(wt).exists():
        pytest.skip('built without nls (msgfmt is missing)')


def catalogues(wt):
    return Path(wt.binary).resolve().parents[2] / 'po'


def korean(wt, *args, env=None, status=0):
    return wt.run(*args, '--color', 'never', env={**KO, **(env or {})}, status=status)


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in 'WF' else 0 if unicodedata.combining(c) else 1 for c in text)


# ---- the catalogue ----

def test_nothing_is_missing_or_fuzzy():
    need('xgettext')
    done = subprocess.run([ROOT / 'tools/words', '--check'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + '\ntools/words brings po/ up to date; then translate what is left'


def entries():
    """(msgid, msgstr) of ko.po, by gettext's own reader."""
    text = subprocess.run([need('msgcat'), '--no-wrap', '--no-location', ROOT / 'po/ko.po'], check=True, stdout=subprocess.PIPE, text=True).stdout
    for block in text.split('\n\n')[1:]:
        parts = {}
        for line in block.splitlines():
            if line.startswith(('msg', '"')):
                if line.startswith('msg'):
                    key = line.split(' ', 1)[0]
                parts[key] = parts.get(key, '') + line[line.index('"') + 1:-1]
        yield parts['msgid'], parts.get('msgstr', parts.get('msgstr[0]'))


def test_formats_fit():
    """printf's by msgfmt; the places of the ladder's own sentences (%1 %2 %3) here."""
    subprocess.run([need('msgfmt'), '--check', '-o', os.devnull, ROOT / 'po/ko.po'], check=True)
    seen = 0
    for english, translated in entries():
        places = re.findall(r'%[123](?!\$)', english)
        seen += bool(places)
        assert sorted(places) == sorted(re.findall(r'%[123](?!\$)', translated)), english
        assert english.endswith('\\n') == translated.endswith('\\n'), english
        assert english.startswith(' ') == translated.startswith(' '), english
    assert seen > 40


def test_it_is_korean():
    """Whole sentences end politely, and nothing was left in English by accident."""
    same = [e for e, t in entries() if e == t and re.search('[a-z]{3,} [a-z]{3,}', e)]
    assert same == [], same
    without = [e for e, t in entries() if not HANGUL.search(t) and re.search('[a-z]{4,} [a-z]{2,}', e)]
    assert without == [], without
    polite = [(e, t) for e, t in entries() if e.endswith('.') and len(e) > 30 and not re.search('(니다|습니까|십시오|시오)(\\([^)]*\\))?[.?]?$', t)]
    assert polite == [], polite


# ---- what is printed ----

@pytest.mark.parametrize('env', [{'LC_ALL': 'C.UTF-8', 'LANGUAGE': 'ko'}, {'LC_ALL': 'ko_KR.UTF-8', 'LANGUAGE': ''},
                                 {'LC_ALL': '', 'LANG': 'ko_KR.UTF-8', 'LANGUAGE': ''}, {'LC_ALL': 'en_US.UTF-8', 'LANGUAGE': 'ko'}])
def test_the_environment_chooses(wt, env):
    """Also where the locale itself is not installed."""
    out = wt.run('report', capture('tour.pcapng'), env=env, status=0).out
    assert '눈에 띄는 점' in out and 'What stands out' not in out


@pytest.mark.parametrize('env', [{'LC_ALL': 'C', 'LANGUAGE': 'ko'}, {'LC_ALL': 'C.UTF-8', 'LANGUAGE': ''}, {'LC_ALL': 'C.UTF-8', 'LANGUAGE': 'xx'},
                                 {'LC_ALL': 'C.UTF-8', 'LANGUAGE': 'ko', 'WIRETALE_LOCALEDIR': '/nonexistent'}])
def test_else_english(wt, env):
    out = wt.run('report', capture('tour.pcapng'), env=env, status=0).out
    assert 'What stands out' in out and not HANGUL.search(out)
    assert env['LC_ALL'] != 'C' or out.isascii()


def test_catalogues_can_be_elsewhere(wt, tmp_path):
    """A program that was moved away from its build finds them where WIRETALE_LOCALEDIR says."""
    moved = shutil.copy(wt.binary, tmp_path / 'moved')
    for place, found in [(catalogues(wt), True), (tmp_path, False)]:
        out = subprocess.run([moved, 'report', capture('tour.pcapng')], env={**os.environ, **KO, 'WIRETALE_LOCALEDIR': str(place)},
                             stdout=subprocess.PIPE, check=True, text=True).stdout
        assert ('눈에 띄는 점' in out) == found


@pytest.mark.parametrize('args', [['report', '--json'], ['connections', '--json'], ['timeline', '--json'], ['packets', '-T', 'json'], ['packets', '-T', 'ek'],
                                  ['packets', '-T', 'pdml'], ['packets'], ['packets', '-T', 'tabs'],
                                  ['packets', '-T', 'fields', '-e', 'frame.number', '-e', 'tcp.flags.str', '-e', '_ws.col.Info'], ['fields', '-T', 'names'],
                                  ['help', '--completion', 'zsh']])
@pytest.mark.parametrize('name', ['tour.pcapng', 'tcp/wire-loss.pcapng'])
def test_what_programs_read_is_never_translated(wt, args, name):
    files = [] if args[0] in ('help', 'fields') else [capture(name)]
    english, ko = wt.run(*args, *files, status=0), wt.run(*args, *files, env=KO, status=0)
    assert ko.out == english.out and not HANGUL.search(ko.out)


@pytest.mark.parametrize('name', NAMES)
def test_columns_of_a_ladder_stand_below_each_other(wt, name):
    """As a terminal has them: Hangul takes two columns."""
    for ladder in korean(wt, 'timeline', '-q', '--wide', capture(name)).out.split('\n\n'):
        lines = ladder.splitlines()
        heads = [i for i, line in enumerate(lines) if line.lstrip().startswith('시간 ')]
        if not heads:
            continue
        rows = [line for line in lines[heads[0] + 1:] if re.match(r'^ *\d+\.\d+ .*[─→←]', line)]
        assert rows
        assert len({width(row[:re.search('[─←]', row).start()]) for row in rows}) == 1
        assert len({width(row[:row.index('#')]) for row in rows}) == 1
        frame = width(lines[heads[0]][:lines[heads[0]].index('프레임')])
        assert frame == width(rows[0][:rows[0].index('#')])


def test_columns_of_tables_stand_below_each_other(wt):
    lines = korean(wt, 'connections', capture('tour.pcapng'), env={'COLUMNS': '120'}).out.splitlines()
    head = lines[0]
    for title in ['클라이언트', '서버']:
        at = width(head[:head.index(title)])
        for line in lines[1:]:
            used = 0
            for i, c in enumerate(line):
                if used == at:
                    break
                used += width(c)
            assert used == at and line[i] != ' ' and line[i - 1] == ' ', line


@pytest.mark.parametrize('columns', ['80', '100'])
def test_lines_fit_the_terminal(wt, columns):
    for args in [['report'], ['timeline', '--explain', '--conn', '2'], ['help', 'timeline'], ['help', 'options']]:
        files = [] if args[0] == 'help' else [capture('tour.pcapng')]
        for line in korean(wt, *args, *files, env={'COLUMNS': columns}).out.splitlines():
            if not re.search(r'[─←→…]|^ *\d|wiretale |-T|:', line):      # tables have a least width
                assert width(line) <= int(columns), line


@pytest.mark.parametrize('name', NAMES)
def test_ladders_and_reports_speak_korean_throughout(wt, name):
    """No sentence of the catalogue shows in English beside its translation."""
    out = ''.join(korean(wt, *args, capture(name)).out for args in (['report', '--wide'], ['timeline', '--wide', '--explain', '--full']))
    assert len(HANGUL.findall(out)) > 500
    for english, translated in entries():
        for piece in re.split(r'%[-0-9.]*(?:\$|ll|<PRIu64>)?[a-z123]|\\n', english):
            if len(piece) > 12 and re.search('[a-z]{3,} [a-z]{2,}', piece) and piece not in translated:
                assert piece not in out, piece


def test_help_is_korean(wt):
    for args in [['help'], ['help', 'options'], ['help', 'exit-status'], ['help', 'timeline'], ['timeline', '--help']]:
        out = korean(wt, *args).out
        assert '사용법' in out or '종료 상태' in out or '명령의 옵션' in out
    assert '옵션은 없습니다' in wt.run('report', '--nonsense', env=KO, status=1).err


def test_errors_of_the_library_are_korean(wt, tmp_path):
    empty = tmp_path / 'empty.pcap'
    empty.write_bytes(b'')
    assert '비어 있습니다' in wt.run('report', empty, env=KO, status=2).err


def test_pictures_too(wt):
    out = wt.run('timeline', '-q', '--svg', '-', capture('tcp/loss.pcapng'), env=KO, status=0).out
    assert '핸드셰이크 완료' in out and '>클라이언트<' in out


def test_live_and_line_by_line(wt):
    out = korean(wt, 'timeline', '-q', '--follow', '-c', 12, capture('tcp/refused.pcapng')).out
    assert '서버가 거부함' in out


# ---- what it costs ----

COUNTER = r'''
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
static unsigned long calls;
char *dcgettext(const char *domain, const char *text, int category)
{
    static char *(*next)(const char *, const char *, int);
    if (!next)
        next = (char *(*)(const char *, const char *, int))dlsym(RTLD_NEXT, "dcgettext");
    __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
    return next(domain, text, category);
}
__attribute__((destructor)) static void tell(void) { fprintf(stderr, "\ncalls %lu\n", calls); }
'''


@pytest.mark.parametrize('args', [['packets'], ['packets', '-T', 'json'], ['report'], ['connections']])
def test_words_are_not_looked_up_for_each_packet(wt, tmp_path, args):
    """The same capture ten times over asks for no more translations than once, but for what is printed once a line of a list."""
    cc = need('cc')
    if 'asan' in wt.binary:
        pytest.skip('a preloaded library and the sanitizer exclude each other')
    source, shim = tmp_path / 'count.c', tmp_path / 'count.so'
    source.write_text(COUNTER)
    subprocess.run([cc, '-shared', '-fPIC', '-o', shim, source, '-ldl'], check=True)
    counts = []
    for times in (1, 10):
        done = subprocess.run([wt.binary, *args, '--no-sandbox', *[str(capture('tcp/loss.pcapng'))] * times], check=True,
                              env={**os.environ, **KO, 'LD_PRELOAD': str(shim)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        counts.append(max(map(int, re.findall(r'^calls (\d+)$', done.stderr.decode(), re.M))))
    assert 0 < counts[0] < 2000 and counts[1] <= counts[0] + 100, counts


def test_errors_inside_the_sandbox_too(wt, tmp_path):
    """The C library's catalogue is open before the sandbox is, so that the words of an error number can be had in it."""
    whole = Path(capture('tcp/loss.pcapng')).read_bytes()
    cut = tmp_path / 'cut.pcapng'
    cut.write_bytes(whole[:-10])
    assert '잘려 있습니다' in wt.run('timeline', '-q', cut, env=KO, status=3).err
    full = wt.run('report', capture('tour.pcapng'), '--output', '/dev/full', env=KO, status=None)
    assert full.status == 2 and 'wiretale: ' in full.err


def test_plots_too(wt):
    out = korean(wt, 'graph', '-q', capture('tcp/loss.pcapng'), env={'COLUMNS': '80'}).out
    assert '순서 번호' in out and '재전송' in out
    svg = wt.run('graph', '-q', '--kind', 'throughput', '--svg', '-', capture('tcp/loss.pcapng'), env=KO, status=0).out
    assert '첫 패킷부터의 시간' in svg
