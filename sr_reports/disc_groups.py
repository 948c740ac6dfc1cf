"""Findings of a sagittal series as measurement groups, disc by disc. Pure.

Groups of one disc share one tracking UID, the one of its segment. OHIF merges them, draws the first outline with the
first five numbers, and no grade: so groups of grades come first, their numbers named by the grade, and the first
number of the outline is named by the disc (deploy/decisions/0014-what-ohif-shows.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from highdicom import sr

from dicom_io.sources import SourceImage, SourceSeries
from inference.anatomy import Disc
from inference.results import DiscPart, Grade, Quantity, Scale
from sr_reports.change import DiscChange
from sr_reports.change_items import changed
from sr_reports.disc_outline import Outline, first_line, outline_of
from sr_reports.findings import Findings, key_slice_of, structure_of
from sr_reports.group_templates import Annotations, Groups, Said, Site, Subject, outlined_group, plain_group
from sr_reports.measured_items import Maps, grade_answers, grade_numbers, grade_words, number, standing
from sr_reports.tracking import Followed, Tracking, followed, tracking_of
from sr_reports.vocabulary import DISC, PART


def disc_annotations(
    findings: Sequence[Findings],
    *,
    source: SourceSeries,
    institution: str,
    maps: Maps,
    changes: Sequence[DiscChange] = (),
) -> Annotations:
    """Cranial to caudal. Raises FindingsContradict if a disc has findings and nothing shows where it is."""
    of = followed(source.first, institution=institution)
    bundles = [
        _Bundle(
            disc=disc,
            tracking=tracking,
            told=told,
            all_findings=findings,
            source=source,
            maps=maps,
            changes=[one for one in changes if one.disc is disc],
        )
        for disc in Disc
        for tracking, told in _by_tracking(disc, findings, of=of).items()
    ]
    return Annotations(
        groups=[group for bundle in bundles for group in bundle.groups()],
        slices=tuple(sorted({index for bundle in bundles for index in bundle.slices})),
    )


def _by_tracking(disc: Disc, findings: Sequence[Findings], *, of: Followed) -> Mapping[Tracking, tuple[Findings, ...]]:
    """A method that doubts its levels follows another disc than one that does not."""
    told: dict[Tracking, tuple[Findings, ...]] = {}
    for one in findings:
        if disc in one.measured_discs:
            tracking = tracking_of(structure_of(disc), of=of, level_doubt=one.level_doubt)
            told[tracking] = (*told.get(tracking, ()), one)
    return told


@dataclass(frozen=True, kw_only=True, eq=False)
class _Bundle:
    """What was found of one disc under one tracking UID. told: by the methods that found something, in their order."""

    disc: Disc
    tracking: Tracking
    told: tuple[Findings, ...]
    all_findings: Sequence[Findings]
    source: SourceSeries
    maps: Maps
    changes: Sequence[DiscChange]

    @property
    def slices(self) -> set[int]:
        return {self._key_slice(one) for one in self.told}

    def groups(self) -> Groups:
        stages = (self._grades, self._outlined, self._parts, self._standings, self._changed)
        return [group for stage in stages for group in stage()]

    def _grades(self) -> Iterator[sr.ContainerContentItem]:
        """What a phase was predicted from stands with it."""
        for one in self.told:
            for grade in one.grades(self.disc):
                predicted = self._whole_disc(one, predicted=True) if _is_predicted_phase(grade) else []
                said = Said(numbers=[*grade_numbers(grade), *predicted], answers=grade_answers(grade))
                yield plain_group(self._subject(one), said, image=self.source.images[grade.key_slice])

    def _outlined(self) -> Iterator[sr.ContainerContentItem]:
        """Where the disc is, by the method that drew it and with its numbers; then the numbers of the others."""
        shown = self._shown()
        lead = first_line(self.disc, shown, source=self.source, level_doubt=self._level_doubt())
        drawer = shown.drawn_by
        yield self._group(drawer, [*lead, *(self._numbers(drawer) if drawer in self.told else [])], shown)
        for one in self.told:
            numbers = self._numbers(one)
            if numbers and one is not drawer:
                yield self._group(one, numbers, self._outline(one))

    def _shown(self) -> Outline:
        """A drawn outline before a box, and a method's own before a borrowed one."""
        outlines = [(one, self._outline(one)) for one in self.told]
        return min(outlines, key=lambda pair: (_is_box(pair[1]), pair[1].drawn_by is not pair[0]))[1]

    def _numbers(self, one: Findings) -> list[sr.Measurement]:
        is_told = any(map(_is_predicted_phase, one.grades(self.disc)))
        predicted = [] if is_told else self._whole_disc(one, predicted=True)
        return [*self._whole_disc(one, predicted=False), *predicted]

    def _group(self, one: Findings, numbers: Sequence[sr.Measurement], outline: Outline) -> sr.ContainerContentItem:
        image = self.source.images[outline.slice_index]
        return outlined_group(self._subject(one), Said(numbers=numbers), polygon=outline.polygon, image=image)

    def _parts(self) -> Iterator[sr.ContainerContentItem]:
        """One group per part of the disc; the part modifies the finding site."""
        for one in self.told:
            for part in PART:
                measured = [each for each in one.measurements(self.disc) if each.part is part]
                if measured:
                    said = Said(numbers=[number(each, maps=self.maps) for each in measured])
                    yield plain_group(self._subject(one, part), said, image=self._image(one))

    def _standings(self) -> Iterator[sr.ContainerContentItem]:
        for one in self.told:
            compared = standing(one.measurements(self.disc))
            if compared:
                yield plain_group(self._subject(one), Said(numbers=compared), image=self._image(one))

    def _changed(self) -> Iterator[sr.ContainerContentItem]:
        for one in self.told:
            said = changed(one.measurements(self.disc), self.changes)
            if said.numbers:
                yield plain_group(self._subject(one), said, image=self._image(one))

    def _whole_disc(self, one: Findings, *, predicted: bool) -> list[sr.Measurement]:
        return [
            number(each, maps=self.maps)
            for each in one.measurements(self.disc)
            if each.part not in PART and (each.quantity is Quantity.PREDICTED_T1RHO) == predicted
        ]

    def _subject(self, one: Findings, part: DiscPart = DiscPart.WHOLE) -> Subject:
        return Subject(
            site=Site(structure=DISC[self.disc], modifier=PART.get(part)),
            tracking=self.tracking,
            method=one.method,
            level_doubt=self._level_doubt(),
            label=self._label(),
        )

    def _label(self) -> str:
        grades = (grade_words(grade) for one in self.told for grade in one.grades(self.disc))
        doubt = [] if self._level_doubt() is None else ["level uncertain"]
        return ", ".join([f"{self.disc.value} disc", *grades, *doubt])

    def _level_doubt(self) -> str | None:
        return next((one.level_doubt for one in self.told if one.level_doubt is not None), None)

    def _outline(self, one: Findings) -> Outline:
        """Its own where it drew one, else another method's."""
        order = [one, *(other for other in self.all_findings if other is not one)]
        return outline_of(self.disc, order, slice_index=self._key_slice(one), source=self.source)

    def _image(self, one: Findings) -> SourceImage:
        return self.source.images[self._key_slice(one)]

    def _key_slice(self, one: Findings) -> int:
        return key_slice_of([*one.measurements(self.disc), *one.grades(self.disc)])


def _is_box(outline: Outline) -> bool:
    return outline.confidence is not None


def _is_predicted_phase(grade: Grade) -> bool:
    return grade.scale is Scale.PREDICTED_T1RHO_PHASE
