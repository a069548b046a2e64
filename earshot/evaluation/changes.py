"""What changed between two versions of the same models, on the items that both tested.

Versions are tables of answers, as `earshot.evaluation.answers` describes them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from earshot.core.text import in_markdown
from earshot.evaluation import paired
from earshot.evaluation.answers import right_answers
from earshot.evaluation.predictions import Key
from earshot.evaluation.resampling import units
from earshot.evaluation.significance import holm_within, mcnemar
from earshot.evaluation.wording import p_value

Versions = Mapping[Key, tuple[pd.DataFrame, pd.DataFrame]]


def changes(versions: Versions) -> pd.DataFrame:
    """One row a model: how its accuracy changed, and how sure that is.

    versions : of each model (base, head), tables of answers that `incomparable` passes

    `subset,view,model,n_base,n_head`, then the keys of `paired.COLUMNS` for the head (first) against the base
    (second), `gained` and `lost`, items right in one of the two only where one run stands for each (NaN elsewhere), and
    `p_holm`, corrected over the rows: one proposal, and one question to each model. The floor is a question of its own.
    """
    rows = []
    for (subset, view, model), (base, head) in versions.items():
        before, after = common(base, head)
        groups = joined(before.set_index("id")["group"], after.set_index("id")["group"])
        was, is_now = right_answers(before), right_answers(after)
        row = paired.difference(is_now, was, units(groups.loc[after["id"]].tolist()))
        gained, lost = mcnemar(is_now[0], was[0])[:2] if paired.of_trained_models(row) else (np.nan, np.nan)
        about = {"subset": subset, "view": view, "model": model, "n_base": len(base), "n_head": len(head)}
        same = was.shape == is_now.shape and bool((was == is_now).all())
        rows.append(about | row | {"gained": gained, "lost": lost, "same": same})
    table = pd.DataFrame(rows)
    if not rows:
        return table.assign(p_holm=[])
    return table.assign(p_holm=holm_within(table["p"], list(table["view"] == "shuffled")))


def incomparable(base: pd.DataFrame, head: pd.DataFrame) -> str | None:
    """Why two tables of answers cannot be compared, or None."""
    before, after = (sorted(set(table["label"]) - {""}) for table in (base, head))
    if before and after and before != after:
        were, are = (", ".join(map(in_markdown, classes)) for classes in (before, after))
        return f"its classes were {were} and are {are}"
    if common(base, head)[0].empty:
        return "no item was tested by both"
    return None


def common(base: pd.DataFrame, head: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of the items that both tested under the same label, as two tables in the same order.

    Where labels are shuffled, an item is what its id says.
    """
    shuffled = (base["label"] == "").all() or (head["label"] == "").all()
    keys = ["id"] if shuffled else ["id", "label"]
    both = base[keys].merge(head[keys])["id"]
    before, after = (
        table[table["id"].isin(both)].sort_values("id", ignore_index=True) for table in (base, head)
    )
    return before, after


def joined(base: pd.Series, head: pd.Series) -> pd.Series:
    """Series from id to group, in which items are together that either of two versions holds together.

    base, head : Series from id to group
    """
    ids = pd.Index(sorted({*base.index, *head.index}))
    items, nodes, n = [], [], len(ids)  # a graph of the items and, after them, of the groups
    for groups in (base, head):
        codes, names = pd.factorize(groups)
        items.append(ids.get_indexer(groups.index))
        nodes.append(codes + n)
        n += len(names)
    edges = np.concatenate(items), np.concatenate(nodes)
    graph = coo_matrix((np.ones(len(edges[0])), edges), shape=(n, n))
    return pd.Series(connected_components(graph, directed=False)[1][: len(ids)], index=ids)


def sentence(row: dict[str, Any]) -> str:
    """One row of `changes` in words."""
    words = f"{name(row['subset'], row['view'], row['model'])}: {_difference(row)}"
    if max(row["n_base"], row["n_head"]) > row["n"]:
        words += f", of {row['n']:,} items that both tested ({row['n_base']:,} and {row['n_head']:,} in all)"
    return words


def name(subset: int, view: str, model: str) -> str:
    return f"{model} on {view}, subset {subset}"


def _difference(row: dict[str, Any]) -> str:
    if row["same"]:
        return "the same accuracy, right on the same items"
    low, high = (f"{100 * row[f'difference_{end}']:z.1f}" for end in ("low", "high"))
    verdict = "significant" if paired.is_significant(row) else "not significant"
    return (
        f"{100 * row['difference']:+z.1f} points ({low} to {high}), {_behind(row)}, "
        f"{p_value(row['p_holm'])}: {verdict}"
    )


def _behind(row: dict[str, Any]) -> str:
    """What the difference rests on: the items of two trained models, or the runs of two procedures."""
    if paired.of_trained_models(row):
        gained, lost = int(row["gained"]), int(row["lost"])
        return f"one trained model each, {gained:,} item{'' if gained == 1 else 's'} gained, {lost:,} lost"
    after, before = row["first_runs"], row["second_runs"]
    return (
        f"{after} runs each" if after == before else f"{after} run{'' if after == 1 else 's'} after {before}"
    )
