"""Whom chance decides is decided alike in every campaign: random numbers are those of the change and of the try."""

from tests.campaign.conftest import ProveProject

COINS = range(16)
GAME = "import random\n" + "".join(
    f"\n\ndef coin_{n}():\n    return random.random()  # mutant: return random.random() + 0.5\n"
    for n in COINS
)
TESTS = "import game\n" + "".join(
    f"\n\ndef test_coin_{n}():\n    assert game.coin_{n}() <= 1\n" for n in COINS
)
OTHER = "def nothing():\n    return 0  # mutant: return 1\n"
TESTS_OF_OTHER = "import another\n\n\ndef test_nothing():\n    assert another.nothing() == 0\n"


def test_chance_decides_alike_whatever_else_is_tried(prove_project: ProveProject) -> None:
    files = {"game.py": GAME, "test_game.py": TESTS}
    alone = prove_project(files, workers=1)
    beside = prove_project({**files, "another.py": OTHER, "test_another.py": TESTS_OF_OTHER}, workers=2)
    told = [
        {
            trial.mutant.place.line: str(trial.verdict)
            for trial in each.proof.trials
            if trial.mutant.place.path == "game.py"
        }
        for each in (alone, beside)
    ]
    assert told[0] == told[1]
    assert len(set(told[0].values())) > 1, "chance decided"
