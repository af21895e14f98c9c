"""Records the captures: runs each scene in a fresh lab, writes captures/NAME, captures/truth/NAME.json, MANIFEST.tsv."""
import hashlib
import json
import os
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from net import Lab
from scene import SCENES, Again, LeftOut
from told import versions
import scenes_dns, scenes_http, scenes_ip, scenes_link, scenes_tcp, scenes_transfer, scene_tour    # noqa: F401,E401 (they register)

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LICENCE = 'CC0-1.0'


def digest(path):
    with open(path, 'rb') as f:
        return hashlib.sha256(f.read()).hexdigest()


def frames(path):
    out = subprocess.run(['capinfos', '-Mrc', '-T', path], stdout=subprocess.PIPE, text=True).stdout.split()
    return int(out[-1]) if out else -1


def truth_path(out, name):
    return os.path.join(out, 'truth', name.split('.')[0] + '.json')


def manifest(out):
    rows = []
    for scene in SCENES:
        for name, shows in scene.files.items():
            path = os.path.join(out, name)
            if os.path.exists(path):
                truth = os.path.relpath(truth_path(out, scene.name), out)
                rows.append((name, shows, 'captures/make: ' + scene.how, truth, LICENCE, digest(path), str(frames(path))))
    with open(os.path.join(out, 'MANIFEST.tsv'), 'w') as f:
        f.write('name\tshows\tfrom\ttruth\tlicence\tsha256\tframes\n')
        for row in sorted(rows):
            f.write('\t'.join(row) + '\n')


def played(scene, paths, tries=6):
    for turn in range(tries):
        try:
            with Lab() as lab:
                return scene.run(lab, paths)
        except Again as reason:
            print(f'{scene.name}: {reason}; again', flush=True)
    raise RuntimeError(f'not observed whole in {tries} tries')


def main():
    words = sys.argv[1:]
    if '--help' in words:
        with open(os.path.join(HERE, 'make')) as f:
            for line in f.readlines()[1:]:
                if not line.startswith('#'):
                    break
                print(line[2:].rstrip())
        return 0
    if '--list' in words:
        for scene in SCENES:
            for name, shows in scene.files.items():
                print(f'{name:36} {shows}')
        return 0
    out = HERE
    if '--out' in words:
        at = words.index('--out')
        out = os.path.abspath(words[at + 1])
        del words[at:at + 2]
    told = versions()
    recorded = failed = 0
    left_out = []
    for scene in SCENES:
        if words and not any(name.startswith(word) for name in scene.files for word in words):
            continue
        if scene.tap and not os.access('/dev/net/tun', os.R_OK | os.W_OK):
            left_out.append(f'{scene.name} (no access to /dev/net/tun)')
            continue
        began = time.time()
        try:
            truth = played(scene, [os.path.join(out, name) for name in scene.files])
        except LeftOut as reason:
            left_out.append(f'{scene.name} ({reason})')
            continue
        except Exception:
            failed += 1
            print(f'{scene.name}: FAILED', flush=True)
            traceback.print_exc()
            continue
        truth = {'captures': list(scene.files), 'recorded': time.strftime('%Y-%m-%d', time.gmtime(began)),
                 'programs': told, **truth}
        path = truth_path(out, scene.name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as f:
            f.write(condensed(truth) + '\n')
        recorded += 1
        sizes = ', '.join(f'{os.path.getsize(os.path.join(out, name))} B' for name in scene.files)
        print(f'{scene.name}: {sizes}, {time.time() - began:.1f} s', flush=True)
    manifest(out)
    for why in left_out:
        print(f'left out: {why}')
    print(f'{recorded} recorded, {failed} failed, {len(left_out)} left out')
    return 1 if failed else 0


def condensed(truth):
    """JSON with one line for each item of a list: read by people, compared by git."""
    parts = []
    for key, value in truth.items():
        if isinstance(value, list) and value and not isinstance(value[0], str):
            inner = ',\n    '.join(json.dumps(item) for item in value)
            parts.append(f'  {json.dumps(key)}: [\n    {inner}\n  ]')
        else:
            parts.append(f'  {json.dumps(key)}: {json.dumps(value)}')
    return '{\n' + ',\n'.join(parts) + '\n}'


if __name__ == '__main__':
    sys.exit(main())
