"""How numba compiles what only kernels call: to a module that entries link, and no further.

Numba optimises each function together with all that it calls, makes machine code of it, and then does both again for
every caller above: a helper six calls deep is optimised seven times. A part has no caller but a kernel, so that its
code is left as it is and optimised once, inside the entry that it ends up in. That halves the time of a first start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

from backtest.seldom import collected_seldom


class PartCode(JITCodeLibrary):
    """Code to be linked: never optimised alone, never turned into machine code."""

    def _optimize_final_module(self) -> None:
        """Leave it to the entry."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True

    def get_pointer_to_function(self, _name: str) -> int:
        """Say that there is no machine code, and make a place for the environment that numba is about to set."""
        module = self._final_module
        names = [each.name for each in module.global_variables if "NumbaEnv" in each.name]
        text = "\n".join(f'@"{each}" = common global i8* null' for each in names)
        self._codegen._add_module(llvm.parse_assembly(text))
        return 0


class LoopCode(JITCodeLibrary):
    """The code of an entry whose parts become its own, so that only it can call them.

    Then LLVM drops arguments that a part does not use, and a part that is called once becomes a piece of its caller.
    They lose their names as well: the linker of LLVM takes a function of one entry for that of another when both have
    the same name, also one that is nobody else's, and calls it with arguments that were dropped.
    """

    def _optimize_final_module(self) -> None:
        own = [each for each in self._final_module.functions if each.linkage == llvm.Linkage.linkonce_odr]
        for k, function in enumerate(own):
            if not function.is_declaration:
                function.linkage = "internal"
                function.name = f"{self.name}.{k}"
        super()._optimize_final_module()


class EntryCompiler(Compiler):
    """Numba's compiler, less disturbed."""

    def compile_extra(self, func: Callable[..., Any]) -> Any:
        """Compile a function, and first what it calls and is not compiled yet."""
        with collected_seldom():
            return super().compile_extra(func)


class LoopCompiler(EntryCompiler):
    """Numba's compiler, for such an entry."""

    def define_pipelines(self) -> list[Any]:
        """Hand over the library before anything is lowered into it."""
        state = self.state
        state.library = LoopCode(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        pipelines: list[Any] = super().define_pipelines()
        return pipelines


class PartCompiler(Compiler):
    """Numba's compiler, for a library of ours."""

    def define_pipelines(self) -> list[Any]:
        """Hand over the library before anything is lowered into it."""
        state = self.state
        state.library = PartCode(state.targetctx.codegen(), state.func_id.func_qualname)
        pipelines: list[Any] = super().define_pipelines()
        return pipelines
