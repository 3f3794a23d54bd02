"""A sample of candidates that the whole batch shares, for catalogues too large for a full softmax.

The normaliser of row i is estimated as `Z_i = Σ_{j ∈ P_i} e^{s_ij} + Σ_{k ∈ S ∖ P_i} m_k e^{s_ik} / (C q_k)`: the row's
own positives P_i exactly, everything else from C draws S with replacement (m_k times candidate k) from q. It is without
bias because draws that happen to be positives of the row, accidental hits, are masked: they are counted already. The
division is the logQ correction `s − log q` of Yi et al. 2019 (RecSys), eq. 3.

Without it (`log_q=False`) and with q = p the optimum tends to `s = log P(j|i) − log p_j` as C grows: what plain
in-batch negatives learn. That takes their normaliser, `Z_ij = Σ_{k ∈ S} m_k e^{s_ik}` with `e^{s_ij}` once more where j
was not drawn: positives held apart with weight 1 each would compete on equal terms, and popularity would stay in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from relvid_core.training.losses import SparseTarget

UNIFORM_SHARE = 0.5  # of the corrected draws: a video never engaged with must be drawn too, or nothing holds it down


@dataclass(frozen=True)
class CandidateSample:
    """Distinct candidates, ascending, with the logarithm of what each stands for."""

    rows: torch.Tensor  # [c] rows of the catalogue
    log_weight: torch.Tensor  # [c] log(m_k / (C q_k)); log m_k without the correction
    place: npt.NDArray[np.int64]  # [n_videos] position in `rows`, −1 = not drawn
    corrected: bool  # by logQ


class CandidateSampler:
    """Draws C candidates in proportion to co-engagement, half of them uniformly where the logQ correction is on."""

    def __init__(self, marginal: npt.NDArray[np.float64], size: int, *, log_q: bool, rng: np.random.Generator) -> None:
        """`marginal` `[n_videos]` is p_j and sums to 1."""
        self._probability = marginal
        if log_q:
            self._probability = (1 - UNIFORM_SHARE) * marginal + UNIFORM_SHARE / len(marginal)
        self._cumulative = np.cumsum(self._probability)
        self._size, self._log_q, self._rng = size, log_q, rng

    def draw(self, device: torch.device) -> CandidateSample:
        """A fresh sample."""
        drawn = np.searchsorted(self._cumulative, self._rng.random(self._size) * self._cumulative[-1], side="right")
        rows, times = np.unique(drawn, return_counts=True)
        log_weight = np.log(times)
        if self._log_q:
            log_weight = log_weight - np.log(self._size * self._probability[rows])
        place = np.full(len(self._probability), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        return CandidateSample(
            torch.from_numpy(rows).to(device),
            torch.from_numpy(log_weight.astype(np.float32)).to(device),
            place,
            self._log_q,
        )


def sampled_engagement_loss(
    positive_logits: torch.Tensor,
    sample_logits: torch.Tensor,
    log_weight: torch.Tensor,
    *,
    engaged: SparseTarget,
    masked: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    """`Σ_ij Y_ij (log Z_i − s_ij)` in nats, with Z_i as above.

    `positive_logits` `[e]` belong to the entries of `engaged`, `sample_logits` `[b, c]` to the sample; `masked` lists
    (row, position in the sample) of accidental hits and of the seeds themselves.
    """
    n_rows = len(sample_logits)
    negatives = (sample_logits + log_weight).index_put(masked, sample_logits.new_tensor(-torch.inf))
    of_sample = torch.logsumexp(negatives, dim=1)
    with torch.no_grad():
        highest = of_sample.scatter_reduce(0, engaged.row, positive_logits, "amax")
        highest = torch.where(torch.isfinite(highest), highest, 0.0)
    above = torch.exp(of_sample - highest).index_add(0, engaged.row, torch.exp(positive_logits - highest[engaged.row]))
    log_z = highest + torch.log(above.clamp_min(torch.finfo(above.dtype).tiny))
    mass = engaged.mass(n_rows)
    return (mass * log_z).sum() - torch.dot(engaged.value, positive_logits)


def uncorrected_engagement_loss(
    positive_logits: torch.Tensor,
    sample_logits: torch.Tensor,
    log_weight: torch.Tensor,
    *,
    engaged: SparseTarget,
    drawn: torch.Tensor,
    masked: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    """`Σ_ij Y_ij (log Z_ij − s_ij)` in nats, with Z_ij as above: no logQ.

    Shapes as in `sampled_engagement_loss`; `drawn` `[e]` says which entries of `engaged` are in the sample, and
    `masked` lists the seeds themselves.
    """
    of_sample = torch.logsumexp((sample_logits + log_weight).index_put(masked, sample_logits.new_tensor(-torch.inf)), 1)
    once_more = torch.where(drawn, -torch.inf, positive_logits)
    return torch.dot(engaged.value, torch.logaddexp(of_sample[engaged.row], once_more) - positive_logits)


def sampled_relevance_loss(
    sample_logits: torch.Tensor,
    log_weight: torch.Tensor,
    *,
    target: torch.Tensor,
    masked: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    """Sum over seeds of `Σ_j T_ij (log Z_i − s_ij)` over the sample; `masked` lists the seeds themselves.

    Only Z holds the weights of the sample, so that the value stands for that of the full softmax.
    """
    corrected = (sample_logits + log_weight).index_put(masked, sample_logits.new_tensor(-torch.inf))
    log_z = torch.logsumexp(corrected, dim=1, keepdim=True)
    return torch.where(target > 0, target * (log_z - sample_logits), 0.0).sum()
