"""The two objectives, as functions over tensors.

Alphabet: b = seed videos in the batch, c = candidates scored, e = nonzero target entries of the batch.
Logits are cosines divided by the temperature, `s(i, j) = q(i)·c(j)/τ`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class SparseTarget:
    """Nonzero entries of a target matrix `[b, c]`: three parallel tensors `[e]`."""

    row: torch.Tensor
    column: torch.Tensor
    value: torch.Tensor

    def mass(self, n_rows: int) -> torch.Tensor:
        """Sum of every row, `[b]`."""
        return torch.zeros(n_rows, dtype=self.value.dtype, device=self.value.device).index_add_(0, self.row, self.value)


@dataclass(frozen=True)
class Objective:
    """Both parts and their weighted sum, each a scalar tensor."""

    coengagement: torch.Tensor
    relevance: torch.Tensor
    total: torch.Tensor

    def parts(self) -> dict[str, float]:
        """The values as plain numbers, for the history of a run."""
        return {
            "coengagement": self.coengagement.item(),
            "relevance": self.relevance.item(),
            "total": self.total.item(),
        }


class _ListwiseCrossEntropy(torch.autograd.Function):
    """`−Σ_ij Y_ij log P(j|i)` for a sparse Y and for a dense T, over one shared softmax `P(j|i)` `[b, c]`.

    The gradient of the pair (upstream g_Y, g_T) is `(g_Y ΣY_i + g_T ΣT_i)·P(j|i) − g_Y Y_ij − g_T T_ij`. It is written
    into the buffer of P, where autograd through log_softmax would keep four such buffers, twice: memory traffic is
    half the cost of a step. So the backward pass runs once, which is all that training asks for.
    """

    @staticmethod
    def forward(
        ctx: Any, logits: torch.Tensor, sparse: SparseTarget, dense: torch.Tensor | None, excluded: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        rows = torch.arange(len(logits), device=logits.device)
        kept = logits[rows, excluded]
        logits[rows, excluded] = -torch.inf
        probability = torch.softmax(logits, dim=1)
        highest, place = logits.max(dim=1)
        logits[rows, excluded] = kept  # the caller's tensor is given back as it came
        log_normaliser = highest - probability[rows, place].log()
        sparse_mass = sparse.mass(len(logits))
        of_sparse = (sparse_mass * log_normaliser).sum() - (sparse.value * logits[sparse.row, sparse.column]).sum()
        of_dense, dense_mass = logits.new_zeros(()), torch.zeros_like(log_normaliser)
        if dense is not None:
            dense_mass = dense.sum(dim=1)
            of_dense = (dense_mass * log_normaliser).sum() - torch.dot(dense.view(-1), logits.view(-1))
        ctx.sparse, ctx.dense, ctx.sparse_mass, ctx.dense_mass = sparse, dense, sparse_mass, dense_mass
        ctx.probability = probability
        return of_sparse, of_dense

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        from_sparse, from_dense = upstream
        mass = from_sparse * ctx.sparse_mass + from_dense * ctx.dense_mass
        gradient = ctx.probability.mul_(mass.unsqueeze(1))
        ctx.probability = None
        gradient.index_put_((ctx.sparse.row, ctx.sparse.column), -from_sparse * ctx.sparse.value, accumulate=True)
        if ctx.dense is not None:
            gradient.addcmul_(ctx.dense, -from_dense)
        return gradient, None, None, None


def listwise_cross_entropy(
    logits: torch.Tensor, engaged: SparseTarget, relevant: torch.Tensor | None, seed_columns: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Sums of both cross-entropies over one softmax `[b, c]` in which the seeds, `seed_columns` `[b]`, have no part.

    `engaged` must not hold the seed itself; `relevant` `[b, c]` is zero there. Returns two scalars, in nats.
    """
    of_engaged, of_relevant = _ListwiseCrossEntropy.apply(  # type: ignore[no-untyped-call]  # torch ships it untyped
        logits, engaged, relevant, seed_columns
    )
    return of_engaged, of_relevant


def relevance_target(grades: torch.Tensor, temperature: float) -> torch.Tensor:
    """Soft target over the relevant candidates of every seed, `[b, c]`: `exp(R_ij/τ_r)` where `R_ij > 0`, else 0.

    Rows sum to 1; a row with no relevant candidate is all zero and so carries no loss. `grades` R is in [0, 1] with the
    seed's own entry at 0. Listwise soft targets as in Cao et al. 2007 (ListNet); ours, as the paper gives no formula.
    """
    target = torch.where(grades > 0, torch.exp((grades - 1.0) / temperature), 0.0)
    return target / target.sum(dim=1, keepdim=True).clamp_min(torch.finfo(target.dtype).tiny)


def total_objective(
    logits: torch.Tensor,
    *,
    engaged: SparseTarget,
    relevant: torch.Tensor | None,
    seed_columns: torch.Tensor,
    engagement_weight: float,
    relevance_weight: float,
    log_popularity: torch.Tensor | None = None,
) -> Objective:
    """`α_e L_e + α_r L_r`.

    `L_e = −Σ_ij N_ij w_j log P(j|i) / Σ_ij N_ij w_j` with `P(j|i) = softmax_j(s(i,j) + λ log p_j)`; `engaged.value`
    holds N_ij w_j and `log_popularity` holds λ log p_j `[c]` (None: λ = 0). `L_r` is the mean over seeds that have a
    relevant candidate, over the scores without the popularity term.
    """
    if log_popularity is None:
        of_engaged, of_relevant = listwise_cross_entropy(logits, engaged, relevant, seed_columns)
    else:
        of_engaged, _ = listwise_cross_entropy(logits + log_popularity, engaged, None, seed_columns)
        of_relevant = logits.new_zeros(())
        if relevant is not None:  # the second softmax is half the cost of a step
            nothing = SparseTarget(engaged.row[:0], engaged.column[:0], engaged.value[:0])
            _, of_relevant = listwise_cross_entropy(logits, nothing, relevant, seed_columns)
    coengagement = of_engaged / engaged.value.sum().clamp_min(torch.finfo(logits.dtype).tiny)
    n_relevant = 0.0 if relevant is None else float((relevant.sum(dim=1) > 0).sum())
    relevance = of_relevant / max(n_relevant, 1.0)
    return Objective(coengagement, relevance, engagement_weight * coengagement + relevance_weight * relevance)
