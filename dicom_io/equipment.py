"""Who we are in every object that we write. Pure."""

from dataclasses import dataclass
from typing import Final

from config.settings import Site
from dicom_io.uids import derived_uid

MANUFACTURER: Final = "lumbar-node project"
MODEL: Final = "lumbar-node"


@dataclass(frozen=True, kw_only=True)
class Equipment:
    """The node as equipment (PS3.3 C.7.5.1). serial is the site's own: it tells installations apart."""

    manufacturer: str
    model: str
    software_version: str
    serial: str
    institution: str
    station: str

    @property
    def device_uid(self) -> str:
        """Stable as long as manufacturer, model and serial are: a new software version is the same device."""
        return derived_uid("device", self.manufacturer, self.model, self.serial)


def equipment_of(site: Site, *, software_version: str) -> Equipment:
    return Equipment(
        manufacturer=MANUFACTURER,
        model=MODEL,
        software_version=software_version,
        serial=site.device_serial,
        institution=site.institution,
        station=site.station,
    )
