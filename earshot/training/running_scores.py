"""Loss, accuracy and macro F1 of an epoch, from sums that processes can add up."""

import torch
from torch import Tensor

from earshot.training import distributed


class RunningScores:
    """Sums over the clips seen: the loss, and the confusion counts (true class, predicted class)."""

    def __init__(self, n_classes: int, device: torch.device | str = "cpu") -> None:
        self.n_classes = n_classes
        self.loss = torch.zeros((), dtype=torch.float64, device=device)
        self.confusion = torch.zeros(n_classes * n_classes, dtype=torch.int64, device=device)

    def add(self, logits: Tensor, labels: Tensor, losses: Tensor) -> None:
        """Counts a batch.

        logits : shape (batch, outputs)
        labels : ints, shape (batch,)
        losses : shape (batch,)
        """
        logits, losses = logits.detach(), losses.detach()
        predicted = (logits[:, 0] > 0).long() if logits.shape[1] == 1 else logits.argmax(dim=1)
        self.loss += losses.sum(dtype=torch.float64)
        ones = torch.ones_like(labels)
        self.confusion.scatter_add_(0, labels * self.n_classes + predicted, ones)

    def add_up(self) -> None:
        """Adds what the other processes saw."""
        distributed.add_up(self.loss, self.confusion)

    def scores(self) -> dict[str, float]:
        """`loss`, `accuracy` and `macro_f1`. A class that no clip has and none is taken for has F1 0."""
        confusion = self.confusion.reshape(self.n_classes, self.n_classes).double().cpu()
        hits, count = confusion.diag(), confusion.sum().clamp_min(1)
        f1 = 2 * hits / (confusion.sum(0) + confusion.sum(1)).clamp_min(1)
        return {
            "loss": float(self.loss.cpu() / count),
            "accuracy": float(hits.sum() / count),
            "macro_f1": float(f1.mean()),
        }
