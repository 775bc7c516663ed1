"""Where things are: the root of a workspace, its folders, and the run folders that appear whole or not at all."""

from backtest.workspace.folder import publish, run_name
from backtest.workspace.root import Workspace, find_workspace

__all__ = ["Workspace", "find_workspace", "publish", "run_name"]
