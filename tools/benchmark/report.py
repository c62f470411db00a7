"""How figures are printed: ours, what it stands beside, the budget, and whether it is met."""


def head(title):
    print(f"\n{title}")
    print(f"  {'':<52} {'ours':>12} {'unit':<14} {'beside':<46} {'budget':<26}", flush=True)


def row(what, ours, unit="", beside="", budget="", met=None):
    """One line; `met` is None where there is no budget."""
    verdict = "" if met is None else "met" if met else "MISSED"
    print(f"  {what:<52} {ours:>12} {unit:<14} {beside:<46} {budget:<26} {verdict}".rstrip(), flush=True)
