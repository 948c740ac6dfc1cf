"""Findings as objects that radiologists' systems read. Pure.

What a caller does with the findings of one series (`findings.Findings`: a method, its results):

    seg = regions.region_segmentation(findings, source=source, identity=seg_identity)
    pm = scalar_maps.map_object(scalar_map, source=source, identity=pm_identity)
    companions = report.Companions(segmentations=(seg,), maps={scalar_map.kind: pm})
    sr = report.sagittal_report([findings], source=source, identity=sr_identity, companions=companions)
    file = dicom_io.written.part10(sr, source=header)    # header: fresh from read_instance_header
    faults = validate.faults(file, sources=headers)      # nothing leaves unless this is empty
    faults = dciodvfy.dciodvfy_faults(path, program=..., source=...)    # where the program is installed
    study = sheet.study.SheetStudy(analysed=(results_json.AnalysedSeries(source=source, findings=(findings,)),))
    sc = sheet.documents.sheet_capture(study, identity=sc_identity)     # one page for all series of the study
    text = results_json.results_json(results_json.Analysis(...))

A report of refusals alone needs no label map, no segmentation and no volume.
"""
