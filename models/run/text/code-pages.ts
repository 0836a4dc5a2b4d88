/**
 * Single-byte encodings that UTF-8 gets mistaken for: what bytes 0x80-0xff stand for in each. The tables are those of
 * Unicode's mapping files (unicode.org/Public/MAPPINGS); a byte that has no character stands for the control character
 * of its number, as browsers have it.
 */

const HIGH_HALVES = {
  'windows-1252':
    '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ\xa0¡¢£¤¥¦§¨©ª«¬\xad®¯°±²³´µ¶·¸¹º»¼½¾¿' +
    'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ',
  'windows-1251':
    'ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\x98™љ›њќћџ\xa0ЎўЈ¤Ґ¦§Ё©Є«¬\xad®Ї°±Ііґµ¶·ё№є»јЅѕї' +
    'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя',
  'windows-1250':
    '€\x81‚\x83„…†‡\x88‰Š‹ŚŤŽŹ\x90‘’“”•–—\x98™š›śťžź\xa0ˇ˘Ł¤Ą¦§¨©Ş«¬\xad®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľż' +
    'ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙',
  'windows-1253':
    '€\x81‚ƒ„…†‡\x88‰\x8a‹\x8c\x8d\x8e\x8f\x90‘’“”•–—\x98™\x9a›\x9c\x9d\x9e\x9f\xa0΅Ά£¤¥¦§¨©ª«¬\xad®―°±²³΄µ¶·ΈΉΊ»Ό½ΎΏ' +
    'ΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡÒΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώÿ',
  'windows-1254':
    '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8d\x8e\x8f\x90‘’“”•–—˜™š›œ\x9d\x9eŸ\xa0¡¢£¤¥¦§¨©ª«¬\xad®¯°±²³´µ¶·¸¹º»¼½¾¿' +
    'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ',
  'windows-1257':
    '€\x81‚\x83„…†‡\x88‰\x8a‹\x8c¨ˇ¸\x90‘’“”•–—\x98™\x9a›\x9c¯˛\x9f\xa0¡¢£¤¥¦§Ø©Ŗ«¬\xad®Æ°±²³´µ¶·ø¹ŗ»¼½¾æ' +
    'ĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽßąįāćäåęēčéźėģķīļšńņóōõö÷ųłśūüżž˙',
  macroman:
    'ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø' +
    '¿¡¬√ƒ≈∆«»…\xa0ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uf8ffÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ',
  cp437:
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
    '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xa0',
} as const;

const LATIN_2_FROM_A0 =
  '\xa0Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\xadŽŻ°ą˛ł´ľśˇ¸šşťź˝žżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎ' + 'ĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙';

/** Characters from one number to another, both included. */
function characters(from: number, to: number): string {
  return String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, index) => from + index));
}

export interface CodePage {
  readonly name: string;
  /** 128 characters: bytes 0x80 to 0xff. */
  readonly high: string;
  /** In ftfy's "sloppy" encodings byte 0x1a stands for U+FFFD, a character that was lost, and not for itself. */
  readonly sloppy: boolean;
}

/** In the order in which ftfy tries them. */
export const CODE_PAGES: readonly CodePage[] = [
  { name: 'latin-1', high: characters(0x80, 0xff), sloppy: false },
  ...(['windows-1252', 'windows-1251', 'windows-1250', 'windows-1253', 'windows-1254', 'windows-1257'] as const).map(
    (name) => ({ name, high: HIGH_HALVES[name], sloppy: true }),
  ),
  { name: 'iso-8859-2', high: characters(0x80, 0x9f) + LATIN_2_FROM_A0, sloppy: false },
  { name: 'macroman', high: HIGH_HALVES.macroman, sloppy: false },
  { name: 'cp437', high: HIGH_HALVES.cp437, sloppy: false },
];

/** Windows-1252 for the control characters that HTML and ftfy take for it. */
export function fromWindows1252(byte: number): string {
  return byte >= 0x80 ? (HIGH_HALVES['windows-1252'][byte - 0x80] as string) : String.fromCharCode(byte);
}

const encoders = new Map<string, ReadonlyMap<string, number>>();

/** Text -> bytes as a string of characters 0-255, or null when the code page lacks one of its characters. */
export function encodeIn(page: CodePage, text: string): string | null {
  let table = encoders.get(page.name);
  if (!table) {
    const entries = new Map(Array.from(page.high, (character, index) => [character, 0x80 + index]));
    for (let byte = 0; byte < 0x80; byte++) entries.set(String.fromCharCode(byte), byte);
    if (page.sloppy) {
      entries.delete('\x1a');
      entries.set('\ufffd', 0x1a);
    }
    table = entries;
    encoders.set(page.name, table);
  }
  let bytes = '';
  for (let index = 0; index < text.length; index++) {
    const byte = table.get(text[index] as string);
    if (byte === undefined) return null;
    bytes += String.fromCharCode(byte);
  }
  return bytes;
}
