"""What changed between two versions of the same models, on the items that both tested."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from earshot.evaluation import paired
from earshot.evaluation.intervals import holm
from earshot.evaluation.predictions import Key, classes_of, group_codes
from earshot.evaluation.wording import p_value

SEED = 0  # of the resampling; not the study's, which may be what changed


def changes(versions: Mapping[Key, tuple[pd.DataFrame, pd.DataFrame]], *, groups: pd.Series) -> pd.DataFrame:
    """One row a model: how its accuracy changed, and how sure that is.

    versions : of each model (base, head), tables of predictions that `incomparable` passes
    groups : Series from id to group, as `joined` gives it

    `subset,view,model,n_base,n_head`, then the keys of `paired.COLUMNS` for the head (first) against
    the base (second), and `p_holm`, corrected over the rows: one proposal, and one question to each model.
    """
    rows = []
    for (subset, view, model), (base, head) in versions.items():
        before, after = common(base, head, view=view)
        answers = paired.answers([after, before], group_codes(after, groups), seed=SEED)
        rows.append(
            {"subset": subset, "view": view, "model": model, "n_base": len(base), "n_head": len(head)}
            | paired.difference(*answers, 0, 1)
        )
    table = pd.DataFrame(rows)
    return table.assign(p_holm=holm(table["p"]) if rows else [])


def incomparable(base: pd.DataFrame, head: pd.DataFrame, *, view: str) -> str | None:
    """Why two tables of predictions cannot be compared, or None."""
    before, after = sorted(classes_of(base)), sorted(classes_of(head))
    if before != after:
        return f"its classes were {', '.join(before)} and are {', '.join(after)}"
    if common(base, head, view=view)[0].empty:
        return "no item was tested by both"
    return None


def common(base: pd.DataFrame, head: pd.DataFrame, *, view: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of the items that both tested under the same label, as two tables in the same order.

    Labels of view `shuffled` are drawn anew for each version: there an item is what its id says.
    """
    keys = ["id"] if view == "shuffled" else ["id", "label"]
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
    return f"{model} on {view}, {subset} classes"


def _difference(row: dict[str, Any]) -> str:
    gained, lost = row["only_first"], row["only_second"]
    if not gained and not lost:
        return "the same accuracy, right on the same items"
    low, high = (f"{100 * row[f'difference_{end}']:z.1f}" for end in ("low", "high"))
    verdict = "significant" if paired.is_significant(row) else "not significant"
    return (
        f"{100 * row['difference']:+z.1f} points ({low} to {high}), "
        f"{gained:,} item{'' if gained == 1 else 's'} gained, {lost:,} lost, {p_value(row['p_holm'])}: {verdict}"
    )
