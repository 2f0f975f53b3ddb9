"""Every command of ours says what it is for."""

import pytest
from django.core.management import get_commands, load_command_class

from contacts.management.base import TranslatedCommand

OURS = sorted(name for name, app in get_commands().items() if app in {"contacts", "scoring"})


@pytest.mark.parametrize("name", OURS)
def test_it_says_what_it_is_for(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    text = command.create_parser("manage.py", name).format_help()
    assert isinstance(command, TranslatedCommand) or name.startswith("import_")
    assert len(str(command.help)) > 20
    assert str(command.help).split()[0] in text
