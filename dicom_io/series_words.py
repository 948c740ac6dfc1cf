"""What people and protocols write into the description of a series, in the languages of our sites. Pure.

Words are a second witness: orientation and times come first, where the header has them.
"""

import re
from enum import StrEnum
from typing import Final

from dicom_io.scan import Scan


class Word(StrEnum):
    """What a description may say. It may be wrong, and it may say several things."""

    T1 = "T1"
    T2 = "T2"
    T2_STAR = "T2*"
    PROTON_DENSITY = "proton density"
    STIR = "STIR"
    DARK_FLUID = "dark fluid"
    FAT_SATURATED = "fat saturation"
    DIXON = "Dixon"
    DIXON_WATER = "water image"
    DIXON_FAT = "fat image"
    DIXON_OPPOSED = "opposed-phase image"
    LOCALIZER = "localizer"
    SPIN_LOCK = "spin-lock"
    MULTI_ECHO = "multi-echo"
    DERIVED = "derived image"
    DIFFUSION = "diffusion or perfusion"
    ANGIO_OR_MYELO = "angiography or myelography"
    STEADY_STATE = "balanced steady state"
    CONTRAST = "contrast agent"
    LUMBAR = "lumbar"
    OTHER_REGION = "another region"


def _whole(alternatives: str) -> str:
    """Words that stand alone; the alternatives are told apart by |."""
    return rf"(?<![a-z0-9])(?:{alternatives})(?![a-z0-9])"


_PLANE = r"(?<![a-z0-9])(?:sag|ax|tra|trans|cor|ob|s|a|o|[23]d)?"  # written together: SagT2, AXT1, sT2W, 3DT2
_SATURATED = (
    "fs|sfs|we|f ?sat|fat ?sat(?:urated|uration)?|fat ?supp?(?:ressed|ression)?|a?spair|a?spir|chess|proset|pasta|dfs"
    "|fettges(?:ä|ae)ttigt|fettsupp(?:rimiert|ression)?|fettunterdrückt"
    "|sat graisse|supp(?:ression)? graisse|supresi[oó]n grasa"
)
_LOCALIZER = (
    "loc|locali[sz]ers?|lokali[sz]er|lokalisator|scouts?|aa?h?scout|survey|smart ?brain|smart ?spine|plan ?scan|pilot"
    "|3 ?plane?(?: loc)?|3 ?pl|uebersicht|übersicht|localizador|localisateur|rep[eé]rage"
)
_DERIVED = (
    "mpr|mip|minip|e?adc|sub|subtraction|fusion|fused|reformat(?:ted)?|screen ?save|report|results?|colou?r map"
    "|fa map|rgb|processed images"
)

_SAYS: Final = {
    Word.T1: _PLANE + r"t1(?! ?rho| ?ρ|[0-9])",
    Word.T2: _PLANE + r"t2(?! ?star|[0-9])",
    Word.T2_STAR: _PLANE + r"t2 ?star|" + _whole("medic|merge|m ?ffe|me2d.*"),
    Word.PROTON_DENSITY: _PLANE + r"(?:pd|pdw|pdwi|dp)(?![a-z0-9])|proton|质子",
    Word.STIR: r"stir|tirm|短反转",
    Word.DARK_FLUID: r"t2 ?w? ?(?:tse |tirm )?flair|dark fluid",
    Word.FAT_SATURATED: _whole(_SATURATED) + r"|压脂|抑脂|脂肪抑制|脂肪饱和",
    Word.DIXON: _whole(r"m?dixon.*|ideal|flex|wfi|wfs"),
    Word.DIXON_WATER: _whole("w|water|wasser"),
    Word.DIXON_FAT: _whole("f|fat|fett"),
    Word.DIXON_OPPOSED: _whole("op|opp|out ?phase|opposed|opp? phase"),
    Word.LOCALIZER: _whole(_LOCALIZER) + r"|定位",
    Word.SPIN_LOCK: r"t1 ?(?:rho|ρ)|spin ?lock|mapss|" + _whole("tsl ?[0-9]*"),
    Word.MULTI_ECHO: r"multi ?(?:spin ?)?echo|多回波|"
    + _whole("se ?mc|mese|msme|t2 ?map(?:ping|s)?|cartigram|granjob"),
    Word.DERIVED: _whole(_DERIVED) + r"|重建|减影",
    Word.DIFFUSION: r"diffusion|perfusion|弥散|扩散|" + _whole("dwi?|diff|ep2d.*|epi|tracew|dti|perf|b[0-9]{3,4}"),
    Word.ANGIO_OR_MYELO: r"myelo|angio|水成像|hydrograph|" + _whole("mrm|tof|mra|twist|tricks|neurograph.*"),
    Word.STEADY_STATE: _whole("trufi|true ?fisp|fiesta.*|b ?ffe|btfe|ciss|tfisp|dess"),
    Word.CONTRAST: _whole("gd|gad|gado[a-z]*|post(?! ?op)|km|ce|with contrast|contraste|apr[eè]s inj[a-z]*|enhanced")
    + r"|(?:c ?\+|\+ ?(?:c|gd|km|k))(?![a-z0-9])|增强|强化",
    Word.LUMBAR: r"lumb|lendenwirbel|lombaire|腰|" + _whole("l ?s? ?spine|lws|tl ?spine"),
    Word.OTHER_REGION: r"cervical|zervikal|thorac|thorak|sacro ?ili|iliosa[ck]ral|颈椎|胸椎|颈髓|"
    + _whole("[ct] ?spine|[hb]ws|sij|isg|brain|knee|knie"),
}

_WITHDRAWN_BY: Final = {
    Word.FAT_SATURATED: r"(?:non|no|without|w o|ohne|sans|不) ?(?:fs|fat ?sat|fat ?sup|fettsupp|压脂)",
    Word.CONTRAST: r"(?:ohne|no|non|without|w o|pre|sans|sin|vor) ?(?:km|gd|gado|contrast|contraste|inj)|nativ|平扫",
}


def words_of(scan: Scan) -> frozenset[Word]:
    """Of the series description; of the protocol's name where there is none (GE's names the whole examination)."""
    text = _plain(scan.description or scan.protocol)
    said = {word for word, pattern in _SAYS.items() if re.search(pattern, text)}
    return frozenset(said - {word for word, pattern in _WITHDRAWN_BY.items() if re.search(pattern, text)})


def _plain(text: str) -> str:
    """Lower case; T2* becomes t2 star; what separates words becomes one space. + stays: it announces contrast agent."""
    starred = text.lower().replace("*", " star ")
    return re.sub(r"[\s_\-/.,:;()\[\]^=&|]+", " ", starred).strip()
