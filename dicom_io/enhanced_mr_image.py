"""A volume as one Enhanced MR object, for self-tests: the multi-frame half of what scanners send. Pure."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import EnhancedMRImageStorage

from dicom_io.mr_image import (
    SequenceCard,
    SeriesCard,
    add_pixels,
    add_study_and_equipment,
    bits_stored,
    decimal,
    file_meta,
    orientation_of,
    position_of,
    stored_values,
)
from dicom_io.uids import derived_uid
from dicom_io.volume import Volume

_STACK: Final = "1"


def enhanced_image(volume: Volume, card: SeriesCard) -> Dataset:
    """All slices as the frames of one object, in the order of the volume."""
    image = Dataset()
    image.SOPClassUID = EnhancedMRImageStorage
    image.SOPInstanceUID = derived_uid("enhanced image", card.series_uid)
    image.InstanceNumber = 1
    image.FrameOfReferenceUID = volume.frame_of_reference
    add_study_and_equipment(image, card)
    _add_acquisition(image, card)
    _add_pulse_sequence(image, card)
    _add_dimensions(image)
    stored = stored_values(volume)
    image.NumberOfFrames = len(stored)
    image.SharedFunctionalGroupsSequence = [_shared_groups(volume, card)]
    image.PerFrameFunctionalGroupsSequence = [_frame_groups(volume, card, index=index) for index in range(len(stored))]
    add_pixels(image, stored, bits=bits_stored(stored))
    image.file_meta = file_meta(image)
    return image


def _add_acquisition(image: Dataset, card: SeriesCard) -> None:
    sequence = card.sequence
    image.ImageType = _frame_kind(sequence)
    image.PixelPresentation, image.VolumetricProperties = "MONOCHROME", "VOLUME"
    image.VolumeBasedCalculationTechnique = "NONE"
    image.ComplexImageComponent, image.AcquisitionContrast = "MAGNITUDE", sequence.acquisition_contrast
    image.AcquisitionNumber, image.AcquisitionDuration = 1, 180.0
    image.AcquisitionDateTime = card.study.study_date + card.study.study_time
    image.ContentQualification, image.ResonantNucleus, image.KSpaceFiltering = "RESEARCH", "1H", "NONE"
    image.MagneticFieldStrength = sequence.field_strength
    image.ApplicableSafetyStandardAgency, image.IsocenterPosition = "IEC", [0.0, 0.0, 0.0]
    image.BurnedInAnnotation, image.LossyImageCompression, image.PresentationLUTShape = "NO", "00", "IDENTITY"
    image.AcquisitionContextSequence = []
    if sequence.contrast_agent:
        image.ContrastBolusAgentSequence = [_contrast_agent()]


def _contrast_agent() -> Dataset:
    agent = _coded(codes.SCT.Gadolinium)
    agent.ContrastBolusAgentNumber = 1
    agent.ContrastBolusAdministrationRouteSequence = [_coded(codes.SCT.IntravenousRoute)]
    agent.ContrastBolusIngredientCodeSequence = [_coded(codes.SCT.Gadolinium)]
    agent.ContrastBolusVolume = agent.ContrastBolusIngredientConcentration = None
    return agent


def _add_pulse_sequence(image: Dataset, card: SeriesCard) -> None:
    sequence = card.sequence
    gradient = "SE" not in sequence.scanning_sequence
    image.PulseSequenceName = sequence.sequence_name or "fse"
    image.MRAcquisitionType = sequence.acquisition_type
    image.EchoPulseSequence = "GRADIENT" if gradient else "SPIN"
    image.MultipleSpinEcho = "NO" if gradient else "YES"
    image.MultiPlanarExcitation = image.PhaseContrast = image.TimeOfFlightContrast = "NO"
    image.SteadyStatePulseSequence = image.SaturationRecovery = image.OversamplingPhase = "NONE"
    image.SaturationRecovery = image.EchoPlanarPulseSequence = "NO"
    image.SpectrallySelectedSuppression = "FAT" if "FS" in sequence.scan_options else "NONE"
    image.GeometryOfKSpaceTraversal, image.SegmentedKSpaceTraversal = "RECTILINEAR", "PARTIAL"
    image.RectilinearPhaseEncodeReordering = "LINEAR"
    if sequence.acquisition_type == "3D":
        image.CoverageOfKSpace = "FULL"
    image.NumberOfKSpaceTrajectories = 1


def _add_dimensions(image: Dataset) -> None:
    uid = derived_uid("dimensions", image.SOPInstanceUID)
    image.DimensionOrganizationSequence = [_item(DimensionOrganizationUID=uid)]
    image.DimensionIndexSequence = [
        _item(DimensionOrganizationUID=uid, DimensionIndexPointer=pointer, FunctionalGroupPointer=0x00209111)
        for pointer in (0x00209056, 0x00209057)  # Stack ID, In-Stack Position Number, of Frame Content
    ]


def _shared_groups(volume: Volume, card: SeriesCard) -> Dataset:
    sequence = card.sequence
    spacing = decimal(volume.spacing[0])[0]
    measures = _item(
        PixelSpacing=decimal(*volume.spacing[1:]), SliceThickness=sequence.slice_thickness, SpacingBetweenSlices=spacing
    )
    groups = _item(
        PixelMeasuresSequence=[measures],
        PlaneOrientationSequence=[_item(ImageOrientationPatient=orientation_of(volume))],
        FrameAnatomySequence=[_item(FrameLaterality="U", AnatomicRegionSequence=[_coded(codes.SCT.LumbarSpine)])],
        PixelValueTransformationSequence=[_item(RescaleIntercept="0", RescaleSlope="1", RescaleType="US")],
        FrameVOILUTSequence=[_item(WindowCenter="500", WindowWidth="1000")],
        MRImageFrameTypeSequence=[_frame_type(sequence)],
        MRTimingAndRelatedParametersSequence=[_timing(card)],
        MREchoSequence=[_item(EffectiveEchoTime=float(sequence.echo_time or 0))],
        MRModifierSequence=[_modifier(card)],
        MRImagingModifierSequence=[_imaging_modifier()],
        MRFOVGeometrySequence=[_field_of_view(volume)],
        MRAveragesSequence=[_item(NumberOfAverages=1.0)],
        MRReceiveCoilSequence=[_receive_coil()],
        MRTransmitCoilSequence=[
            _item(TransmitCoilName="body", TransmitCoilManufacturerName="", TransmitCoilType="BODY")
        ],
    )
    if sequence.contrast_agent:
        groups.ContrastBolusUsageSequence = [
            _item(ContrastBolusAgentNumber=1, ContrastBolusAgentAdministered="YES", ContrastBolusAgentDetected="YES")
        ]
    return groups


def _frame_groups(volume: Volume, card: SeriesCard, *, index: int) -> Dataset:
    content = _item(
        FrameAcquisitionNumber=1,
        FrameReferenceDateTime=card.study.study_date + card.study.study_time,
        FrameAcquisitionDateTime=card.study.study_date + card.study.study_time,
        FrameAcquisitionDuration=180000.0,
        DimensionIndexValues=[1, index + 1],
        StackID=_STACK,
        InStackPositionNumber=index + 1,
    )
    return _item(
        FrameContentSequence=[content],
        PlanePositionSequence=[_item(ImagePositionPatient=position_of(volume, index))],
    )


def _frame_kind(sequence: SequenceCard) -> list[str]:
    known = sequence.acquisition_contrast != "UNKNOWN"
    return [*sequence.image_type[:2], sequence.acquisition_contrast if known else "OTHER", "NONE"]


def _frame_type(sequence: SequenceCard) -> Dataset:
    return _item(
        FrameType=_frame_kind(sequence),
        PixelPresentation="MONOCHROME",
        VolumetricProperties="VOLUME",
        VolumeBasedCalculationTechnique="NONE",
        ComplexImageComponent="MAGNITUDE",
        AcquisitionContrast=sequence.acquisition_contrast,
    )


def _timing(card: SeriesCard) -> Dataset:
    sequence = card.sequence
    return _item(
        RepetitionTime=sequence.repetition_time,
        FlipAngle=sequence.flip_angle,
        EchoTrainLength=sequence.echo_train_length,
        RFEchoTrainLength=sequence.echo_train_length,
        GradientEchoTrainLength=0,
        SpecificAbsorptionRateSequence=[
            _item(SpecificAbsorptionRateDefinition="IEC_WHOLE_BODY", SpecificAbsorptionRateValue=1.0)
        ],
        OperatingModeSequence=[
            _item(OperatingModeType=kind, OperatingMode="IEC_NORMAL")
            for kind in ("STATIC FIELD", "RF", "GRADIENT")
        ],
        GradientOutputType="DB_DT",
        GradientOutput=0.0,
    )  # fmt: skip


def _modifier(card: SeriesCard) -> Dataset:
    inversion = card.sequence.inversion_time
    modifier = _item(
        InversionRecovery="NO" if inversion is None else "YES",
        FlowCompensation="NONE",
        Spoiling="NONE",
        T2Preparation="NO",
        SpectrallySelectedExcitation="NONE",
        SpatialPresaturation="NONE",
        PartialFourier="NO",
        ParallelAcquisition="NO",
    )
    if inversion is not None:
        modifier.InversionTimes = [float(inversion)]
    return modifier


def _imaging_modifier() -> Dataset:
    return _item(
        MagnetizationTransfer="NONE",
        BloodSignalNulling="NO",
        Tagging="NONE",
        TransmitterFrequency=63.87,
        PixelBandwidth="200",
    )


def _field_of_view(volume: Volume) -> Dataset:
    return _item(
        InPlanePhaseEncodingDirection="ROW",
        MRAcquisitionFrequencyEncodingSteps=volume.voxels.shape[1],
        MRAcquisitionPhaseEncodingStepsInPlane=volume.voxels.shape[2],
        PercentSampling="100",
        PercentPhaseFieldOfView="100",
    )


def _receive_coil() -> Dataset:
    return _item(
        ReceiveCoilName="spine", ReceiveCoilManufacturerName="", ReceiveCoilType="SURFACE", QuadratureReceiveCoil="NO"
    )


def _coded(code: object) -> Dataset:
    return _item(CodeValue=code.value, CodingSchemeDesignator=code.scheme_designator, CodeMeaning=code.meaning)  # type: ignore[attr-defined]


def _item(**values: object) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item
