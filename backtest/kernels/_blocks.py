"""How the loop is handed its blocks: by address, so that a call passes one number and not hundreds.

Numba takes a named tuple of arrays apart wherever it is passed. An array is seven numbers or more, and what the loop
knows more than three hundred: from Python into the loop on each wake, and again from each part into the next. A block
that is handed over is one pointer to a table of addresses and shapes that nobody changes while the loop runs, and
`book.owned` reads three words of it: 62,000 decisions over ten assets took 128 ms in the loop, and 62 so. Kernels do
not see any of that: where nothing is compiled they get the named tuples themselves.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import impl_ret_borrowed
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, lower_getattr_generic, models, register_model, unbox
from numba.np.arrayobj import make_array, populate_array
from numba.np.numpy_support import from_dtype

from backtest.kernels._jit import SETTINGS

WORD = ir.IntType(64)


class BlockType(types.Type):
    """What the fields of a block are, and at which word of its table each begins."""

    def __init__(self, name: str, fields: dict[str, Any]) -> None:
        """Name it after what it holds; the name is a part of every symbol, so that it is short."""
        self.fields, self.places, self.n_words = fields, {}, 0
        for field, kind in fields.items():
            self.places[field] = self.n_words
            self.n_words += 1 + kind.ndim if isinstance(kind, types.Array) else 1
        said = ", ".join(f"{field}: {kind}" for field, kind in fields.items())
        super().__init__(f"{name}_{blake2b(said.encode(), digest_size=6).hexdigest()}")


class Handed:
    """A block on its way into the loop. The first call that it is passed to fills the table."""

    __slots__ = ("_numba_type_", "address", "block", "table")

    def __init__(self, block: Any) -> None:
        """Take the C-ordered arrays of a named tuple, which may hold None and other such tuples too."""
        self.block = tuple(Handed(each) if isinstance(each, tuple) else each for each in block)
        self._numba_type_ = _type_of(type(block).__name__, block._fields, tuple(map(_kind_of, self.block)))
        self.table = np.empty(self._numba_type_.n_words, np.int64)
        self.address = 0  # not filled yet


def hand_over(block: Any) -> Any:
    """Return a named tuple of arrays as entries take it. Its arrays must stay where they are."""
    return block if SETTINGS.DISABLE_JIT else Handed(block)


def _kind_of(each: Any) -> Any:
    """Say what decides about the type of a field: asking numba takes 10 µs an array."""
    if isinstance(each, np.ndarray):
        flags = each.flags
        if not flags.c_contiguous:
            raise ValueError(f"an array of shape {each.shape} is not in C order")
        return each.dtype, each.ndim, flags.writeable
    return None if each is None else each._numba_type_


@cache
def _type_of(name: str, names: tuple[str, ...], kinds: tuple[Any, ...]) -> BlockType:
    fields = {}
    for field, kind in zip(names, kinds, strict=True):
        fields[field] = types.none if kind is None else kind
        if isinstance(kind, tuple):
            dtype, ndim, writeable = kind
            fields[field] = types.Array(from_dtype(dtype), ndim, "C", readonly=not writeable)
    return BlockType(name, fields)


@register_model(BlockType)
class _BlockModel(models.PrimitiveModel):
    """A pointer to the table."""

    def __init__(self, manager: Any, kind: BlockType) -> None:
        super().__init__(manager, kind, WORD.as_pointer())


@infer_getattr
class _Field(AttributeTemplate):
    key = BlockType

    def generic_resolve(self, block: BlockType, name: str) -> Any:  # type: ignore[override]
        """Return the type of a field, None when there is no such field."""
        return block.fields.get(name)


@lower_getattr_generic(BlockType)
def _read_field(context: Any, builder: Any, block: BlockType, table: Any, name: str) -> Any:
    """Build the field from its words."""
    kind, place = block.fields[name], block.places[name]
    if kind is types.none:
        return context.get_dummy_value()
    first = _word(builder, table, place)
    if isinstance(kind, BlockType):
        return builder.inttoptr(first, WORD.as_pointer())
    shape = [_word(builder, table, place + 1 + axis) for axis in range(kind.ndim)]
    itemsize = ir.Constant(WORD, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides = [itemsize]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    array = make_array(kind)(context, builder)
    data = builder.inttoptr(first, array.data.type)
    populate_array(array, data, shape, strides, itemsize, meminfo=None)
    return impl_ret_borrowed(context, builder, kind, array._getvalue())


def _word(builder: Any, table: Any, place: int) -> Any:
    """Read a word, which is the same throughout the call: LLVM may read it once."""
    word = builder.load(builder.gep(table, [ir.Constant(WORD, place)]))
    word.set_metadata("invariant.load", builder.module.add_metadata([]))
    return word


@unbox(BlockType)
def _take(kind: BlockType, handed: Any, c: Any) -> NativeValue:
    """Read the address of the table; fill it where nobody has yet."""
    address = cgutils.alloca_once_value(c.builder, _long(c, handed, "address"))
    failed = cgutils.alloca_once_value(c.builder, cgutils.false_bit)
    with c.builder.if_then(cgutils.is_null(c.builder, c.builder.load(address)), likely=False):
        table = _own(c, handed, "table", types.Array(types.int64, 1, "C"), failed)
        items = c.pyapi.object_getattr_string(handed, "block")
        for k, (field, each) in enumerate(kind.fields.items()):
            if each is not types.none:
                native = c.unbox(each, c.pyapi.tuple_getitem(items, k))
                _or(c.builder, failed, native.is_error)
                _write_field(c, table.data, kind.places[field], each, native.value)
        c.pyapi.decref(items)
        found = c.builder.ptrtoint(table.data, WORD)
        boxed = c.pyapi.long_from_longlong(found)
        c.pyapi.object_setattr_string(handed, "address", boxed)
        c.pyapi.decref(boxed)
        c.builder.store(found, address)
    pointer = c.builder.inttoptr(c.builder.load(address), WORD.as_pointer())
    return NativeValue(pointer, is_error=c.builder.load(failed))


def _long(c: Any, owner: Any, name: str) -> Any:
    boxed = c.pyapi.object_getattr_string(owner, name)
    value = c.pyapi.long_as_longlong(boxed)
    c.pyapi.decref(boxed)
    return value


def _own(c: Any, owner: Any, name: str, kind: Any, failed: Any) -> Any:
    """Unbox an array that the owner keeps."""
    boxed = c.pyapi.object_getattr_string(owner, name)
    native = c.unbox(kind, boxed)
    _or(c.builder, failed, native.is_error)
    c.pyapi.decref(boxed)
    return make_array(kind)(c.context, c.builder, native.value)


def _or(builder: Any, flag: Any, bit: Any) -> None:
    builder.store(builder.or_(builder.load(flag), bit), flag)


def _write_field(c: Any, words: Any, place: int, kind: Any, value: Any) -> None:
    """Write where an array is and how long, or where the table of a block is."""
    numbers = [value]
    if isinstance(kind, types.Array):
        array = make_array(kind)(c.context, c.builder, value)
        numbers = [array.data, *cgutils.unpack_tuple(c.builder, array.shape, kind.ndim)]
    for k, number in enumerate(numbers):
        word = c.builder.ptrtoint(number, WORD) if k == 0 else number
        c.builder.store(word, c.builder.gep(words, [ir.Constant(WORD, place + k)]))
