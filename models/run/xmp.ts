/**
 * XMP (ISO 16684-1): what other programs read of a picture, whatever its format, and where formats without text chunks carry the request.
 * The packet is small and of one shape, so it is written and read here; a library for RDF would be larger than all of it.
 */

/** IPTC's word for a picture that a trained model made (Photo Metadata Standard, Digital Source Type). */
const MADE_BY_MODEL = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

const NAMESPACES = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  xmp: 'http://ns.adobe.com/xap/1.0/',
  Iptc4xmpExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  twostep: 'urn:x-twostep:picture',
} as const;

export type XmpNotes = {
  /** The request as JSON, of any version; null where it lies elsewhere in the file. */
  readonly request: string | null;
  /** IPTC's AI Prompt Information. */
  readonly prompt: string | null;
};

/** The packet, as it lies in a file of pixels. */
export function toXmp(notes: XmpNotes): string {
  const start = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>';
  return `${start}\n<x:xmpmeta xmlns:x="adobe:ns:meta/">${toRdf(notes)}</x:xmpmeta>\n<?xpacket end="r"?>`;
}

/** What is in the packet, as it lies in the metadata of an SVG. */
export function toRdf({ request, prompt }: XmpNotes): string {
  const { rdf, ...properties } = NAMESPACES;
  const declared = Object.entries(properties).map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`);
  return [
    `<rdf:RDF xmlns:rdf="${rdf}"><rdf:Description rdf:about="" ${declared.join(' ')}>`,
    `<Iptc4xmpExt:DigitalSourceType>${MADE_BY_MODEL}</Iptc4xmpExt:DigitalSourceType>`,
    '<Iptc4xmpExt:AISystemUsed>Twostep</Iptc4xmpExt:AISystemUsed>',
    ...(prompt === null ? [] : [`<Iptc4xmpExt:AIPromptInformation>${toXml(prompt)}</Iptc4xmpExt:AIPromptInformation>`]),
    '<xmp:CreatorTool>Twostep</xmp:CreatorTool>',
    ...(request === null ? [] : [`<twostep:request>${toXml(escapeInJson(request))}</twostep:request>`]),
    '</rdf:Description></rdf:RDF>',
  ].join('\n');
}

/** The request in a packet, or in any text that holds one, also after another program wrote it anew; undefined when there is none. */
export function requestTextFromXmp(text: string): string | undefined {
  const found =
    /<twostep:request>([^<]*)<\/twostep:request>/.exec(text) ??
    /\stwostep:request="([^"<]*)"/.exec(text) ??
    /\stwostep:request='([^'<]*)'/.exec(text);
  return found?.[1] === undefined ? undefined : fromXml(found[1]);
}

/** What XML can't hold, JSON can write otherwise. */
const escapeInJson = (json: string) =>
  json.replace(/[\u007f-\u009f\ufffe\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Text as XML takes it: control characters and halves of characters are not allowed at all, three others are written otherwise. */
function toXml(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function fromXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
