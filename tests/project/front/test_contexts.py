"""Who provides and who consumes a context of React."""

from pathlib import Path

from tests.project.front.test_front_files import read


def test_a_part_that_is_taken_out_of_its_context_is_that_part_under_any_name(tmp_path: Path) -> None:
    files = {
        "web/src/board.tsx": 'import { createContext, useContext } from "react";\n'
        "const Board = createContext(null);\nconst Clock = createContext(null);\nconst Idle = createContext(null);\n"
        "export const BoardProvider = Board.Provider;\nexport const { Provider, Consumer } = Clock;\n"
        "export const useIdle = () => useContext(Idle);\n",
        "web/src/main.tsx": 'import { BoardProvider, Consumer, Provider } from "./board";\n'
        "createRoot(document.body).render(\n"
        "  <BoardProvider value={board}>\n    <Provider value={clock}>\n      <Consumer>{show}</Consumer>\n"
        "    </Provider>\n  </BoardProvider>,\n);\n",
    }
    contexts = read(tmp_path, files).front.contexts
    names = {key: made.name for key, made in contexts.made.items()}
    assert {names[key]: [use.line for use in uses] for key, uses in contexts.provided.items()} == {
        "Board": [3],
        "Clock": [4],
    }
    assert {names[key]: [use.line for use in uses] for key, uses in contexts.consumed.items()} == {
        "Idle": [7],
        "Clock": [5],
    }
