"""The two objectives, as functions over tensors.

Alphabet: b = seed videos in the batch, c = candidates scored, e = nonzero target entries of the batch.
Logits are cosines divided by the temperature, `s(i, j) = q(i)·c(j)/τ`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

_NO_PART = -1e4  # nats: far below any score over a temperature, and finite


@dataclass(frozen=True)
class SparseTarget:
    """Nonzero entries of a target matrix `[b, c]`: three parallel tensors `[e]`."""

    row: torch.Tensor
    column: torch.Tensor
    value: torch.Tensor

    def mass(self, n_rows: int) -> torch.Tensor:
        """Sum of every row, `[b]`."""
        return torch.zeros(n_rows, dtype=self.value.dtype, device=self.value.device).index_add_(0, self.row, self.value)

    def empty(self) -> SparseTarget:
        """The same matrix with nothing in it."""
        return SparseTarget(self.row[:0], self.column[:0], self.value[:0])


@dataclass(frozen=True)
class TaskLosses:
    """Both losses, each a scalar tensor in nats; how they are added is `training.weighting`'s business."""

    coengagement: torch.Tensor
    relevance: torch.Tensor


@dataclass(frozen=True)
class RelevantSum:
    """A relevance target T of which only this is known: `Σ_j T_ij` `[b]` (1 or 0), and the scalar `Σ_ij T_ij s_ij`."""

    mass: torch.Tensor
    score: torch.Tensor


class _ListwiseCrossEntropy(torch.autograd.Function):
    """`−Σ_ij Y_ij log P(j|i)` for a sparse Y and for a dense T, over one shared softmax `P(j|i)` `[b, c]`.

    Without T, its row sums alone give `Σ_ij T_ij log Z_i`, and whoever knows `Σ_ij T_ij s_ij` takes it off.
    The gradient of the pair (upstream g_Y, g_T) is `(g_Y ΣY_i + g_T ΣT_i)·P(j|i) − g_Y Y_ij − g_T T_ij`. Autograd
    through log_softmax would keep four buffers of the size of P, twice: memory traffic is half the cost of a step.
    With `once` the gradient is written into the buffer of P, and the backward pass can run only once.
    """

    @staticmethod
    def forward(
        ctx: Any,
        logits: torch.Tensor,
        sparse: SparseTarget,
        dense: torch.Tensor | None,
        dense_mass: torch.Tensor,
        excluded: torch.Tensor,
        once: bool,
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
        of_dense = (dense_mass * log_normaliser).sum()
        if dense is not None:
            of_dense -= torch.dot(dense.reshape(-1), logits.reshape(-1))
        ctx.sparse, ctx.dense, ctx.sparse_mass, ctx.dense_mass = sparse, dense, sparse_mass, dense_mass
        ctx.probability, ctx.once = probability, once
        return of_sparse, of_dense

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> tuple[torch.Tensor, None, None, None, None, None]:
        from_sparse, from_dense = upstream
        mass = (from_sparse * ctx.sparse_mass + from_dense * ctx.dense_mass).unsqueeze(1)
        gradient = ctx.probability.mul_(mass) if ctx.once else ctx.probability * mass
        if ctx.once:
            ctx.probability = None
        gradient.index_put_((ctx.sparse.row, ctx.sparse.column), -from_sparse * ctx.sparse.value, accumulate=True)
        if ctx.dense is not None:
            gradient.addcmul_(ctx.dense, -from_dense)
        return gradient, None, None, None, None, None


def listwise_cross_entropy(
    logits: torch.Tensor,
    engaged: SparseTarget,
    relevant: torch.Tensor | RelevantSum | None,
    seed_columns: torch.Tensor,
    *,
    once: bool = True,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Sums of both cross-entropies over one softmax `[b, c]` in which the seeds, `seed_columns` `[b]`, have no part.

    `engaged` must not hold the seed itself; `relevant` `[b, c]` is zero there. Returns two scalars, in nats. `once`
    saves memory where the backward pass runs once.
    """
    dense = relevant if isinstance(relevant, torch.Tensor) else None
    of_engaged, of_relevant = _ListwiseCrossEntropy.apply(  # type: ignore[no-untyped-call]  # torch ships it untyped
        logits, engaged, dense, _row_sums(relevant, logits), seed_columns, once
    )
    return of_engaged, of_relevant - relevant.score if isinstance(relevant, RelevantSum) else of_relevant


def _row_sums(relevant: torch.Tensor | RelevantSum | None, logits: torch.Tensor) -> torch.Tensor:
    if relevant is None:
        return logits.new_zeros(len(logits))
    return relevant.sum(dim=1) if isinstance(relevant, torch.Tensor) else relevant.mass


def relevance_target(
    grades: torch.Tensor, temperature: float, *, log_weight: torch.Tensor | None = None
) -> torch.Tensor:
    """Soft target over the relevant candidates of every seed, `[b, c]`: `exp(R_ij/τ_r)` where `R_ij > 0`, else 0.

    Rows sum to 1; a row with no relevant candidate is all zero and so carries no loss. `grades` R is in [0, 1] with the
    seed's own entry at 0. `log_weight` `[c]` multiplies candidate j by its exponential: the inverse chance to be in a
    sample of candidates. Listwise soft targets as in Cao et al. 2007 (ListNet); ours, as the paper gives no formula.
    """
    target = soft_weights(grades, temperature, log_weight=log_weight)
    return target / target.sum(dim=1, keepdim=True).clamp_min(torch.finfo(target.dtype).tiny)


def soft_weights(grades: torch.Tensor, temperature: float, *, log_weight: torch.Tensor | None = None) -> torch.Tensor:
    """`exp(R_ij/τ_r)` where `R_ij > 0`, else 0, each row scaled so that its largest is 1.

    From the highest down, or at a low temperature a row of low grades would vanish in float32.
    """
    exponent = grades / temperature if log_weight is None else grades / temperature + log_weight
    known = grades > 0
    lowest = torch.finfo(exponent.dtype).min
    highest = exponent.masked_fill(~known, lowest).amax(dim=1, keepdim=True)
    return torch.where(known, torch.exp(torch.minimum(exponent - highest, exponent.new_zeros(()))), 0.0)


def without_unknown(logits: torch.Tensor, unknown: torch.Tensor) -> torch.Tensor:
    """Logits `[b, c]` whose `unknown` `[c]` candidates have no part in a softmax: lowered until exp is 0 in float32.

    Not to −inf, which times a target of 0 would not be 0.
    """
    return logits + unknown.to(logits.dtype) * _NO_PART


def with_hard_negatives(logits: torch.Tensor, entries: SparseTarget, weight: float) -> torch.Tensor:
    """Logits in which `entries` count 1 + `weight` times in a softmax: raised by the logarithm of that."""
    raised = torch.full_like(entries.value, weight).log1p()
    return logits.index_put((entries.row, entries.column), raised, accumulate=True)


def task_losses(
    engagement_logits: torch.Tensor,
    relevance_logits: torch.Tensor,
    *,
    engaged: SparseTarget,
    relevant: torch.Tensor | RelevantSum | None,
    seed_columns: torch.Tensor,
    engaged_mass: float | None = None,
    log_popularity: torch.Tensor | None = None,
    hard_negatives: tuple[SparseTarget, float] | None = None,
    unknown: torch.Tensor | None = None,
    once: bool = True,
) -> TaskLosses:
    """`L_e` and `L_r` over the whole catalogue. With one head both logits are the same tensor `[b, c]`.

    `L_e = −Σ_ij N_ij w_j log P(j|i) / M` with `P(j|i) = softmax_j(s(i,j) + λ log p_j)`; `engaged.value` holds N_ij w_j,
    `engaged_mass` M (None: Σ_ij N_ij w_j) and `log_popularity` λ log p_j `[c]` (None: λ = 0). `L_r` is the mean over
    seeds that have a relevant candidate, over the scores without the popularity term; its `hard_negatives`, entries
    with a weight h, count 1 + h in the normaliser, as if each stood in the catalogue 1 + h times, and `unknown` `[c]`
    candidates none at all: nobody has said that they are irrelevant.
    """
    plain = log_popularity is None and hard_negatives is None and unknown is None
    shared = relevance_logits is engagement_logits and plain
    if shared or relevant is None:
        logits = engagement_logits if log_popularity is None else engagement_logits + log_popularity
        both = relevant if shared else None
        of_engaged, of_relevant = listwise_cross_entropy(logits, engaged, both, seed_columns, once=once)
    else:
        logits = engagement_logits if log_popularity is None else engagement_logits + log_popularity
        of_engaged, _ = listwise_cross_entropy(logits, engaged, None, seed_columns, once=once)
        harder = relevance_logits if unknown is None else without_unknown(relevance_logits, unknown)
        if hard_negatives is not None:
            harder = with_hard_negatives(harder, *hard_negatives)
        _, of_relevant = listwise_cross_entropy(harder, engaged.empty(), relevant, seed_columns, once=once)
    mass = engaged.value.sum().clamp_min(torch.finfo(logits.dtype).tiny) if engaged_mass is None else engaged_mass
    n_relevant = float((_row_sums(relevant, logits) > 0).sum())
    return TaskLosses(of_engaged / mass, of_relevant / max(n_relevant, 1.0))
