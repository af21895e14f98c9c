"""Every JSON output of ours validates against the schema in docs/schema."""
import json

import pytest

from conftest import ROOT, all_captures, capture, records

SCHEMAS = ROOT / 'docs' / 'schema'
KINDS = {'report': 'report.json', 'connections': 'connections.json', 'timeline': 'timeline.json', 'follow': 'follow.json'}


def validator(kind):
    jsonschema = pytest.importorskip('jsonschema', reason='python3-jsonschema is not installed')
    found = sorted(SCHEMAS.glob(f'*{kind.rstrip("s")}*.json'))
    assert found, f'no schema of {kind} in docs/schema'
    schema = json.loads(found[0].read_text())
    kind_of = jsonschema.validators.validator_for(schema)
    kind_of.check_schema(schema)
    return kind_of(schema), schema


@pytest.mark.parametrize('kind', KINDS)
def test_schema_is_strict(kind):
    """A schema that allows anything proves nothing: unknown members are refused at the top."""
    check, schema = validator(kind)
    assert not check.is_valid({'no such member': 1})
    assert not check.is_valid([])


# 20 MB in 20 ms with a hole: more waits behind it than the defaults hold (a shard has a 64th of the whole)
ROOM = ['-o', 'max-reassembly-bytes:2147483648', '-o', 'max-reassembly-per-connection:33554432']


@pytest.mark.parametrize('name', [row['name'] for row in all_captures()])
@pytest.mark.parametrize('kind', KINDS)
def test_outputs_validate(wt, kind, name):
    check, schema = validator(kind)
    out = wt.run(kind, '--json', *ROOM, capture(name), status=0).out
    lines = [json.loads(line) for line in out.splitlines() if line.strip()] if looks_like_lines(out) else [json.loads(out)]
    for one in lines:
        problems = sorted(check.iter_errors(one), key=lambda e: list(e.path))
        assert not problems, [f'{list(p.path)}: {p.message[:200]}' for p in problems[:3]]


def looks_like_lines(out):
    try:
        json.loads(out)
    except json.JSONDecodeError:
        return True
    return False
