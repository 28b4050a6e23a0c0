"""Nothing is done when a module is imported, and no module remembers anything: two gateways in one process share nothing."""

import ast
import re
from collections.abc import Iterator

from house.rooms import everything, is_in
from pimgate.testing.source import Source, calls_at_import

HARMLESS = frozenset(
    (
        # Types and their decorations.
        *("NewType", "TypeVar", "ParamSpec", "dataclass", "field", "auto", "setting", "runtime_checkable"),
        # Values made of values.
        *(
            "frozenset",
            "tuple",
            "dict",
            "list",
            "set",
            "range",
            "enumerate",
            "zip",
            "map",
            "filter",
            "sorted",
            "len",
            "sum",
        ),
        *(
            "chr",
            "ord",
            "int",
            "str",
            "bytes",
            "max",
            "min",
            "vars",
            "dict.fromkeys",
            "bytes.maketrans",
            "str.maketrans",
        ),
        *(
            "timedelta",
            "datetime",
            "date",
            "product",
            "itemgetter",
            "attrgetter",
            "re.compile",
            "re.escape",
            "struct.Struct",
        ),
        *("cast", "partial", "ipaddress.ip_network", "textwrap.dedent"),
        # Names of loggers, and memories of functions whose answers never change.
        *("logging.getLogger", "lru_cache", "cache", "functools.cache", "functools.lru_cache"),
        # Marks of the plugin contract.
        *("pluggy.HookspecMarker", "pluggy.HookimplMarker", "hookspec", "hookimpl"),
    )
)
VALUE_METHOD = re.compile(
    r".+\.(items|keys|values|startswith|endswith|split|join|encode|decode|format|strip|lower|upper|union|replace|total_seconds"
    r"|maketrans|splitlines|removeprefix|removesuffix|title|with_name|with_variant)"
)
CLASS = re.compile(r"(\w+\.)*_?[A-Z]\w*")
"""Made by calling a class: a row of a table, a Column, a frozen value. Stateful ones are named below."""

STATEFUL = re.compile(
    r"(.*\.)?(Lock|RLock|Event|Condition|Semaphore|BoundedSemaphore|Thread|Timer|Queue|SimpleQueue|ThreadPoolExecutor"
    r"|PluginManager|Environment|Client|AsyncClient|WeakKeyDictionary|WeakValueDictionary|defaultdict|OrderedDict|Counter"
    r"|deque|ContextVar|local|Starlette|Core|Bell)"
)

EXCEPTIONS = {
    "pimgate.store.migrations": "alembic runs these files; they are imported by nobody else",
    "pimgate.cli": "click's commands are declared by decorators",
    "pimgate_dav.dns": "click's commands are declared by decorators",
    "pimgate.store": "tables and statements are data: making them opens nothing",
}

ONE_BY_ONE = {
    ("pimgate_dav", "dav"): "a name in a namespace of XML",
    ("pimgate_dav", "caldav"): "a name in a namespace of XML",
    ("pimgate_dav", "carddav"): "a name in a namespace of XML",
    ("pimgate_dav", "calendarserver"): "a name in a namespace of XML",
    ("pimgate_dav", "apple"): "a name in a namespace of XML",
    ("pimgate_dav", "own"): "a name in a namespace of XML",
    ("pimgate_dav", "webdav_push"): "a name in a namespace of XML",
    (
        "pimgate_dav.visit",
        "ContextVar",
    ): "Radicale calls back without saying for which request; set and reset in one thread",
    ("pimgate_eas.wbxml.codepages", "page.rows"): "a table read the other way round",
    ("pimgate_eas.wbxml.codepages", "page.legacy_rows"): "a table read the other way round",
}
"""Single calls, as (room, call), each with the reason."""

CHANGES_ITS_OBJECT = frozenset(
    ("append", "add", "update", "setdefault", "pop", "popitem", "clear", "extend", "insert", "remove", "discard")
)


def test_import_does_nothing() -> None:
    found = [
        f"{source.module}:{line} {call}"
        for source in everything()
        if not is_in(source, *EXCEPTIONS)
        for line, call in calls_at_import(source)
        if not is_harmless(source, call)
    ]
    assert found == []


def is_harmless(source: Source, call: str) -> bool:
    if any(call == named and is_in(source, room) for room, named in ONE_BY_ONE):
        return True
    if STATEFUL.fullmatch(call):
        return False
    return bool(call in HARMLESS or VALUE_METHOD.fullmatch(call) or CLASS.fullmatch(call) or call in defined_in(source))


def defined_in(source: Source) -> set[str]:
    """The functions of the file itself, as far as they only make values: a table may be written with them."""
    return {
        node.name
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and not any(isinstance(each, ast.Global) for each in ast.walk(node))
    }


def test_no_function_changes_what_a_module_holds() -> None:
    found = [f"{source.module}:{line} {name}" for source in everything() for line, name in changed_globals(source)]
    assert found == []


def changed_globals(source: Source) -> Iterator[tuple[int, str]]:
    """Where a function changes a name of its module: `global`, `NAME[key] = ...`, `del NAME[key]`, `NAME.append(...)`."""
    held = {name for statement in source.tree.body for name in names_assigned(statement)}
    for function in ast.walk(source.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        own = names_within(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                yield node.lineno, ", ".join(node.names)
            name = changed_name(node)
            if name in held - own:
                yield function.lineno, name


def names_assigned(statement: ast.stmt) -> Iterator[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    yield from (each.id for each in targets if isinstance(each, ast.Name))


def names_within(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The function's own names, which may hide one of the module."""
    given = {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)}
    made = {each.id for each in ast.walk(function) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    return given | made


def changed_name(node: ast.AST) -> str:
    """The name whose object this piece of syntax changes, or nothing."""
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        target: ast.expr = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES_ITS_OBJECT:
        target = node.func.value
    else:
        return ""
    return target.id if isinstance(target, ast.Name) else ""
