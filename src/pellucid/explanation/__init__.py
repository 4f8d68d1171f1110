"""What a network's answers rest on: columns, neurons, weights.

    columns      the columns of a table as their owner knows them; scores; samples
    attribution  integrated gradients: what each input adds to an answer
    importance   permutation importance and partial dependence, scikit-learn's
    neurons      each silenced, and which examples excite it
    uphill       the input that would excite a neuron most
    inside       pruning, and what a linear model finds in each layer

Everything is asked of the page, with no change to how it computes: one pass forward and
back over many examples at once, or what follows a changed number.
"""

from .attribution import Attribution, attribute, integrated_gradients
from .columns import Group, columns_of, sampled
from .importance import Dependence, Importance, dependence, importance
from .inside import Probes, Pruning, probes, pruned, pruning
from .neurons import Neurons, neurons, silenced, without
from .uphill import Ideal, ideal

__all__ = [
    "Attribution",
    "Dependence",
    "Group",
    "Ideal",
    "Importance",
    "Neurons",
    "Probes",
    "Pruning",
    "attribute",
    "columns_of",
    "dependence",
    "ideal",
    "importance",
    "integrated_gradients",
    "neurons",
    "probes",
    "pruned",
    "pruning",
    "sampled",
    "silenced",
    "without",
]
