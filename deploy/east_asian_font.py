"""Makes sr_reports/sheet/fonts/LumbarNodeEastAsian.ttf from Debian's DroidSansFallback.ttf. Talks to: disk.

`python deploy/east_asian_font.py DroidSansFallback.ttf OUT.ttf`. What it keeps: the characters of GB 2312, Big5 (the
frequent ones), JIS X 0208 and KS X 1001, the rare ones that Taiwan and Japan both have a code for, and some of Chinese
given names.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Lumbar Node East Asian"
_PAIRS = [bytes([first, second]) for first in range(0x81, 0xFF) for second in range(0x40, 0xFF)]
_EUC = [pair for pair in _PAIRS if pair[0] > 0xA0 and pair[1] > 0xA0]
_HAN = [*range(0x4E00, 0xA000), *range(0xF900, 0xFB00)]
_KANA_AND_SIGNS = [*range(0x3001, 0x3030), *range(0x3041, 0x3100), *range(0x3131, 0x3164), *range(0xFF01, 0xFFEF)]
_GIVEN_NAMES = (
    "喆堃珺玥璟镕晞祎翀赟旻昇珅瑀瑄妤媖犇骉烜炘焜煊燚玭琎甯睿禛竑綦翊芃菡蓥诩谌郐鄢镔陟韪颀颢骁鹍麒龑彧懿烨晟珩琰玮瑾璇璿"
    "霈霖澍湉淼沄浠渼滢潆濬炅炆焱熠瓘甦皞祐祺禔禤稢竣笪筱箬粲紘絢綾翾聿芊芮苡荇莨莳菂萱蒽蓁蔓蕙薇藜衎裴諠譞贇邕郃鄞銘錡鐸"
    "闫阚隽雩霏靓韡頔顗馥骞骥髙﨑濵鴻鵬麐黉黛齐龢龙龚"
)


def main(source: Path, target: Path) -> None:
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(hinting=False, notdef_outline=True, glyph_names=False)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "gasp", "vhea", "vmtx"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=_kept())
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6, 16):
            record.string = FAMILY if record.nameID != 6 else FAMILY.replace(" ", "")
    font.save(target)


def _kept() -> set[int]:
    korean = _characters("euc_kr", _EUC)
    frequent = _characters("big5", [pair for pair in _PAIRS if 0xA4 <= pair[0] <= 0xC6])
    rare = _characters("big5", [pair for pair in _PAIRS if pair[0] >= 0xC9])
    rare &= _characters("euc_jp", [b"\x8f" + pair for pair in _EUC])
    chinese_and_japanese = _characters("gb2312", _EUC) | _characters("euc_jp", _EUC)
    han = (chinese_and_japanese | korean | frequent | rare | set(map(ord, _GIVEN_NAMES))) & set(_HAN)
    return han | (korean & set(range(0xAC00, 0xD7A4))) | set(_KANA_AND_SIGNS)


def _characters(codec: str, codes: list[bytes]) -> set[int]:
    return {ord(character) for code in codes for character in code.decode(codec, "ignore")}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
