"""How the two networks are trained: from what, in which shares, for how long. Talks to: disk, clock, CPU."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from config.settings import Inference
from inference.degeneration_grade.graded import GradedSlice, gather, load
from inference.degeneration_grade.grading import in_groups, probabilities
from inference.degeneration_grade.learning import GRADES, Lesson, learn
from inference.degeneration_grade.method import CLASSIFIER_NAME, FINDER_NAME, both_ways_up
from inference.degeneration_grade.network import AttentionVGG11, Committee, UNet
from inference.degeneration_grade.preprocess import CUT_COLUMNS, CUT_ROWS, disc_cut
from inference.degeneration_grade.scores import accuracy, calibration_error, macro_f1, true_groups
from inference.degeneration_grade.views import GradedDisc, discs_of
from inference.phantom.labels import Tissue
from inference.registry import CARDS, weights_of
from inference.runtime import Network, open_network
from inference.training.checkpoints import averaged_weights
from inference.training.export import export
from inference.training.loop import Recipe, train
from inference.training.samples import is_held_out

logger = logging.getLogger(__name__)
FOLDS = 4
FINDER = {"width": 0.1875, "classes": len(Tissue)}
FINDER_SHARES = {"space": 0.35, "phantom": 0.2, "pseudo_t2": 0.4, "boxes_t2": 0.05}
CLASSIFIER = {"width": 0.25, "classes": GRADES, "hidden": 0, "shrink": 2}
COHORTS = {"both": ("spider", "space", "sudirman"), "spider": ("spider", "space"), "sudirman": ("sudirman",)}
SHARES = {"spider": 0.55, "space": 0.15, "sudirman": 0.30}
TEMPERATURES = 0.3, 2.5, 45  # from, to, how many
SPREAD = {"spider": 0.6, "space": 0.7, "sudirman": 0.8}


def classifier() -> AttentionVGG11:
    """The variant that is shipped: a quarter of the width, on cuts of 0.7 mm pixels, the head averages over the map."""
    return AttentionVGG11(**CLASSIFIER)  # type: ignore[arg-type]  # the arguments are numbers of two kinds


def finder() -> UNet:
    """The shipped variant: under a fifth of the width; tissues instead of discs alone, so that levels can be told."""
    return UNet(**FINDER)  # type: ignore[arg-type]  # the arguments are numbers of two kinds


def finder_recipe(minutes: float) -> Recipe:
    return Recipe(
        classes=len(Tissue),
        class_weights=tuple(2.0 if tissue is Tissue.DISC else 1.0 for tissue in Tissue),
        shares=FINDER_SHARES,
        shapes=((320, 256), (384, 224)),
        batch_pixels=4 * 320 * 256,
        minutes=minutes,
        learning_rate=3e-3,
    )


def find(samples: Path, *, scratch: Path, minutes: float) -> None:
    """Trains the U-Net on samples of inference.training.samples, into scratch/finder.pt."""
    train(finder(), finder_recipe(minutes), samples=samples, checkpoint=scratch / "finder.pt")


def lesson(cohort: str, *, steps: int, seed: int) -> Lesson:
    return Lesson(
        shares={source: SHARES[source] for source in COHORTS[cohort]},
        spread=SPREAD,
        steps=steps,
        learning_rate=2e-3,
        seed=seed,
    )


def collect(root: Path, scratch: Path) -> None:
    """Finds the discs of every graded slice, once, with the network that disc_quantification ships."""
    (weights,) = weights_of(CARDS["disc_quantification"])
    network = open_network(weights, Inference(device="cpu", threads=torch.get_num_threads()))
    logger.info("%d graded slices", gather(network, root, scratch / "graded"))


def in_fold(patient: int, fold: int) -> bool:
    """Whether this training patient is kept back from the training of this fold."""
    return patient % FOLDS == fold


def graded_slices(scratch: Path, *, held_out: bool, sources: tuple[str, ...]) -> list[GradedSlice]:
    every = (load(path) for path in sorted((scratch / "graded").glob("[!.]*.npz")))
    return [each for each in every if is_held_out(each.patient) is held_out and each.source in sources]


def graded_discs(slices: list[GradedSlice]) -> list[GradedDisc]:
    return [disc for each in slices for disc in discs_of(each)]


def checkpoint_of(scratch: Path, cohort: str, fold: int) -> Path:
    return scratch / f"classifier_{cohort}_{fold}.pt"


def learn_fold(scratch: Path, *, cohort: str, fold: int, steps: int) -> None:
    """Trains one classifier on the training patients outside the fold."""
    slices = graded_slices(scratch, held_out=False, sources=COHORTS[cohort])
    discs = graded_discs([each for each in slices if not in_fold(each.patient, fold)])
    torch.manual_seed(fold)
    network = classifier()
    learn(network, discs, lesson(cohort, steps=steps, seed=fold), checkpoint=checkpoint_of(scratch, cohort, fold))


def learnt(checkpoint: Path) -> AttentionVGG11:
    network = classifier()
    network.load_state_dict(averaged_weights(checkpoint))
    return network.eval()


def by_torch(network: torch.nn.Module) -> Network:
    """A network as serving knows one, for what is not exported yet."""

    def run(image: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return np.asarray(network(torch.from_numpy(image)).numpy(), np.float32)

    return run


def predicted(classifier: Network, discs: Sequence[GradedDisc]) -> NDArray[np.float32]:
    """(discs, 5): mean logits of both ways up, as the method has them before they become probabilities."""
    rows = [
        classifier(both_ways_up(disc_cut([each.of.image], each.mask, each.of.spacing))).mean(axis=0) for each in discs
    ]
    return np.stack(rows)


def temperature(logits: NDArray[np.float32], grades: NDArray[np.int64]) -> float:
    """What logits are divided by so that the three groups' probabilities fit best: least mean log loss."""
    rows = np.column_stack([grades, np.zeros((len(grades), GRADES))])
    right = np.arange(len(grades)), true_groups(rows)

    def loss(candidate: float) -> float:
        return -float(np.mean(np.log(np.maximum(in_groups(probabilities(logits / candidate))[right], 1e-9))))

    low, high, count = TEMPERATURES
    return min((float(each) for each in np.linspace(low, high, count)), key=loss)


def validation_discs(scratch: Path, fold: int) -> list[GradedDisc]:
    """Lumbar discs of SPIDER's training patients that the fold kept back: every choice was made on these."""
    slices = graded_slices(scratch, held_out=False, sources=("spider",))
    return [disc for disc in graded_discs([each for each in slices if in_fold(each.patient, fold)]) if disc.rank <= 5]


def deliver_classifier(scratch: Path, weights: Path) -> str:
    """Exports the classifiers of all folds that were trained as one file, their temperature taken into the heads.

    The temperature is that of predictions for the discs that each of them had not learnt from.
    """
    folds = [fold for fold in range(FOLDS) if checkpoint_of(scratch, "both", fold).exists()]
    members = [learnt(checkpoint_of(scratch, "both", fold)) for fold in folds]
    unseen = [validation_discs(scratch, fold) for fold in folds]
    logits = [predicted(by_torch(member), discs) for member, discs in zip(members, unseen, strict=True)]
    grades = np.array([disc.grade for discs in unseen for disc in discs])
    heat = temperature(np.concatenate(logits), grades)
    network = Committee(members=len(folds), **CLASSIFIER)  # type: ignore[arg-type]  # as in classifier()
    for place, member in enumerate(members):
        network.members[place].load_state_dict(_cooled(member, heat).state_dict())
    _say_validation(np.concatenate(logits) / heat, grades, heat)
    facts = {"architecture": "Committee", "arguments": json.dumps({"members": len(folds), **CLASSIFIER})}
    return export(network, weights / CLASSIFIER_NAME, facts=facts, example=(2, CUT_ROWS, CUT_COLUMNS))


def _cooled(member: AttentionVGG11, heat: float) -> AttentionVGG11:
    for parameter in member.head.parameters():
        parameter.data /= heat
    return member


def _say_validation(logits: NDArray[np.float32], grades: NDArray[np.int64], heat: float) -> None:
    rows = np.column_stack([grades, probabilities(logits)])
    logger.info(
        "patients kept back: %d discs, accuracy %.3f, F1 %.3f, calibration error %.3f, temperature %.2f",
        len(grades),
        accuracy(rows),
        macro_f1(rows),
        calibration_error(rows),
        heat,
    )


def deliver_finder(scratch: Path, weights: Path) -> str:
    """Exports the averaged U-Net; answers the file's sha256."""
    network = finder()
    network.load_state_dict(averaged_weights(scratch / "finder.pt"))
    facts = {"architecture": "UNet", "arguments": json.dumps(FINDER)}
    return export(network, weights / FINDER_NAME, facts=facts)
