import { describe, expect, it } from 'vitest';
import { toRdf } from '../../../models/run/xmp.js';
import { nameColour } from '../../../models/vector/names.js';
import { toSvg } from '../../../models/vector/svg.js';
import { vectorise } from '../../../models/vector/vectorise.js';
import { readSvg } from '../../../ui/playground/stand-in/svg.js';
import { flat, noise, SCENE } from '../../support/flat-pictures.js';

describe('the SVG', () => {
  it('groups layers by their names and keeps words and request', async () => {
    const svg = toSvg(vectorise(await flat(SCENE)), {
      title: 'sunset',
      metadata: toRdf({ request: '{"seeds":[7]}', prompt: null }),
    });
    expect(svg).toContain('<title>sunset</title>');
    expect(svg).toMatch(/<metadata><rdf:RDF.*<twostep:request>\{"seeds":\[7\]\}<.twostep:request>/s);
    const { nodes, width } = readSvg(svg);
    expect(width).toBe(256);
    expect(nodes.map(({ type }) => type)).toEqual(['GROUP', 'RECTANGLE', 'VECTOR', 'VECTOR', 'ELLIPSE']);
    expect(nodes.slice(1).map(({ name }) => name.includes(' '))).toEqual([false, false, false, false]);
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
  });

  it('lets no words out of their place, whatever is in them', async () => {
    const title = '</title><script>alert(1)</script>&amp;"\u0000\u0007\ud800 end';
    const svg = toSvg(vectorise(await flat(SCENE)), { title, metadata: toRdf({ request: ']]>--><x', prompt: null }) });
    expect(svg).not.toContain('<script');
    expect(svg).toContain('<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" end</title>');
    // Half a character would not survive being written.
    expect(Buffer.from(svg).toString()).toBe(svg);
    expect(() => readSvg(svg)).not.toThrow();
  });

  it('stays small for the worst picture', () => {
    expect(toSvg(vectorise(noise(256, 256)), { title: '', metadata: '' }).length).toBeLessThan(300_000);
  });
});

describe('names of colours', () => {
  it.each([
    [[255, 255, 255], 'white'],
    [[10, 10, 12], 'black'],
    [[128, 128, 128], 'grey'],
    [[220, 40, 40], 'red'],
    [[250, 150, 40], 'orange'],
    [[255, 210, 60], 'yellow'],
    [[40, 150, 80], 'green'],
    [[20, 140, 140], 'teal'],
    [[40, 100, 240], 'blue'],
    [[130, 60, 200], 'purple'],
    [[255, 120, 190], 'pink'],
    [[120, 80, 40], 'brown'],
    [[240, 225, 195], 'beige'],
    [[10, 20, 90], 'dark blue'],
    [[170, 215, 250], 'light blue'],
  ] as const)('%j is %s', (colour, name) => {
    expect(nameColour(colour)).toBe(name);
  });
});
