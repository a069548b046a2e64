"""Loss, accuracy and macro F1 of an epoch, from sums that processes can add up."""

import torch


class Tally:
    """Sums over the clips seen: the loss, and the confusion counts (true class, predicted class)."""

    def __init__(self, n_classes, device="cpu"):
        self.n_classes = n_classes
        self.loss = torch.zeros((), dtype=torch.float64, device=device)
        self.confusion = torch.zeros(n_classes * n_classes, dtype=torch.int64, device=device)

    def add(self, logits, labels, losses):
        """Counts a batch.

        logits : tensor, shape (batch, outputs); labels : ints, shape (batch,); losses : shape (batch,)
        """
        logits, losses = logits.detach(), losses.detach()
        predicted = (logits[:, 0] > 0).long() if logits.shape[1] == 1 else logits.argmax(dim=1)
        self.loss += losses.sum(dtype=torch.float64)
        ones = torch.ones_like(labels)
        self.confusion.scatter_add_(0, labels * self.n_classes + predicted, ones)

    def scores(self):
        """{"loss", "accuracy", "macro_f1"} as floats. A class that neither is nor is predicted has F1 0."""
        confusion = self.confusion.reshape(self.n_classes, self.n_classes).double().cpu()
        hits, count = confusion.diag(), confusion.sum().clamp_min(1)
        f1 = 2 * hits / (confusion.sum(0) + confusion.sum(1)).clamp_min(1)
        return {
            "loss": float(self.loss.cpu() / count),
            "accuracy": float(hits.sum() / count),
            "macro_f1": float(f1.mean()),
        }
