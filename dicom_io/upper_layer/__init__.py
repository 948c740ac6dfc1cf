"""The DICOM upper layer and message exchange as an acceptor of C-STORE and C-ECHO needs them. Talks to: PACS."""
