"""A relevance target that is the same for all videos of a group: topics make few groups of many videos.

Then `Σ_j T_ij s_ij = Σ_g T_ig q_i·(Σ_{j∈g} c_j) / τ − T_{i,g(i)} s_ii`: the target needs one number for each group, and
the `[b, n_videos]` matrix that costs most of a training step is never made.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from relvid_core.training.losses import RelevantSum, soft_weights


@dataclass(frozen=True)
class GroupedTarget:
    """T_ij of every member of a group, for the seeds of a batch."""

    weight: torch.Tensor  # [b, g]; over all videos but the seed itself, rows sum to 1 or are all zero
    group: torch.Tensor  # [n_videos] the group of each video
    own: torch.Tensor  # [b] the group of each seed

    def relevant_sum(self, seeds: torch.Tensor, candidates: torch.Tensor, rows: torch.Tensor) -> RelevantSum:
        """Its row sums and `Σ_ij T_ij s_ij`; `seeds` `[b, dim]` are divided by τ, `candidates` `[n_videos, dim]`."""
        n_groups = self.weight.shape[1]
        of_groups = candidates.new_zeros(n_groups, candidates.shape[1]).index_add(0, self.group, candidates)
        place = torch.arange(len(rows), device=rows.device)
        of_own = self.weight[place, self.own] * (seeds * candidates[rows]).sum(dim=1)
        score = ((seeds @ of_groups.T) * self.weight).sum() - of_own.sum()
        return RelevantSum((self.weight > 0).any(dim=1).to(self.weight.dtype), score)


def grouped_target(
    grades: torch.Tensor, members: torch.Tensor, group: torch.Tensor, own: torch.Tensor, temperature: float
) -> GroupedTarget:
    """`losses.relevance_target` by groups: `grades` `[b, g]`, `members` `[g]` of each group, `own` `[b]` as above."""
    others = members.repeat(len(own), 1)
    others[torch.arange(len(own), device=own.device), own] -= 1
    weight = soft_weights(torch.where(others > 0, grades, 0.0), temperature)
    total = (weight * others).sum(dim=1, keepdim=True)
    return GroupedTarget(weight / total.clamp_min(torch.finfo(weight.dtype).tiny), group, own)
