"""Files and functions that one can read in one go. Tables may be as long as the table is."""

from house.rooms import everything, functions, logic_lines

MOST_LINES_OF_A_FILE = 350
MOST_LINES_OF_A_FUNCTION = 60

LONG_FILES: dict[str, str] = {}
"""Files that may be longer, each with the reason."""

LONG_FUNCTIONS = {
    "pimgate.store.migrations.versions.0001_the_first_tables.upgrade": "a list of tables, column by column",
}
"""Functions that may be longer, as `module.function`, each with the reason."""


def test_files_are_short_enough_to_read() -> None:
    sizes = {source.module: len(logic_lines(source)) for source in everything()}
    too_long = {name: size for name, size in sizes.items() if size > MOST_LINES_OF_A_FILE and name not in LONG_FILES}
    assert too_long == {}


def test_functions_are_short_enough_to_read() -> None:
    too_long = {
        f"{source.module}.{name}": size
        for source in everything()
        for name, _, size in functions(source)
        if size > MOST_LINES_OF_A_FUNCTION and f"{source.module}.{name}" not in LONG_FUNCTIONS
    }
    assert too_long == {}


def test_exceptions_are_still_needed() -> None:
    long_files = {source.module for source in everything() if len(logic_lines(source)) > MOST_LINES_OF_A_FILE}
    long_functions = {
        f"{source.module}.{name}"
        for source in everything()
        for name, _, size in functions(source)
        if size > MOST_LINES_OF_A_FUNCTION
    }
    assert set(LONG_FILES) <= long_files
    assert set(LONG_FUNCTIONS) <= long_functions
