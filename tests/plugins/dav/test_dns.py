"""The records that an operator copies into the zone of the mail domain."""

import json

import pytest
from click.testing import CliRunner

from pimgate_dav.dns import dns, records


def test_records_name_both_services_with_their_path():
    lines = [str(record) for record in records("example.org", "mail.example.org")]
    assert len(lines) == 4
    assert any("_caldavs._tcp.example.org." in line and "0 1 443 mail.example.org." in line for line in lines)
    assert any("_carddavs._tcp.example.org." in line and '"path=/dav/"' in line for line in lines)


def test_command_answers_with_json():
    answer = CliRunner().invoke(dns, ["example.org", "--host", "mail.example.org", "--json"])
    assert answer.exit_code == 0
    assert len(json.loads(answer.output)["records"]) == 4


@pytest.mark.parametrize("domain", ["", "nodots", "a b.org", "example.org\nA evil", "-x.org", "x" * 300 + ".org"])
def test_what_is_no_domain_is_wrong_usage(domain):
    answer = CliRunner().invoke(dns, [domain, "--host", "mail.example.org"])
    assert answer.exit_code == 2
