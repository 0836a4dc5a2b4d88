import { describe, expect, it } from 'vitest';
import { fileNameOf, fileStemOf } from '../../../models/request/file-name.js';

const bytes = (text: string) => new TextEncoder().encode(text).length;

describe('A9: the name of a picture’s file', () => {
  it.each([
    ['A Red Fox, jumping!', 'a-red-fox-jumping-5.png'],
    ['  crème brûlée  ', 'crème-brûlée-5.png'],
    ['café à la crème', 'café-à-la-crème-5.png'],
    ['cafe', 'cafe-5.png'],
    ['ガラスの城', 'ガラスの城-5.png'],
    ['हिन्दी', 'हिन्दी-5.png'],
    ['สวัสดี ชาวโลก', 'สวัสดี-ชาวโลก-5.png'],
    ['בְּרֵאשִׁית', 'בְּרֵאשִׁית-5.png'.normalize('NFC')],
    ['می‌خواهم', 'می‌خواهم-5.png'],
    ['赤い狐', '赤い狐-5.png'],
    ['İstanbul', 'i̇stanbul-5.png'],
    ['../../etc/passwd', 'etc-passwd-5.png'],
    ['C:\\Windows\\con.png. . .', 'c-windows-con-png-5.png'],
    ['❤️ 1️⃣ star 👩‍🎨', '1-star-5.png'],
    ['?!', 'picture-5.png'],
    ['', 'picture-5.png'],
    ['\u0301\u200d\u202e\u0000', 'picture-5.png'],
  ])('of %j is %j', (prompt, name) => expect(fileNameOf(prompt, 5)).toBe(name));

  it('is the same however the letters are put together', () => {
    for (const prompt of ['café à la crème', 'ガラスの城', 'Å', 'हिन्दी', 'Việt Nam'])
      expect(fileNameOf(prompt.normalize('NFD'), 7)).toBe(fileNameOf(prompt.normalize('NFC'), 7));
  });

  it('is none that Windows keeps for itself, and ends in nothing that Windows cuts off', () => {
    for (const prompt of ['CON', 'con', 'PRN', 'aux', 'NUL', 'COM1', 'com¹', 'LPT9', 'CON.', 'nul .png', '..', ' . '])
      expect(fileNameOf(prompt, 0)).toMatch(/^(?!(?:con|prn|aux|nul|com.|lpt.)\.)[^<>:"/\\|?*\s]*-0\.png$/);
    expect(fileNameOf('CON', 0)).toBe('con-0.png');
  });

  it('is short enough for every file system, and cut between characters', () => {
    const seed = Number.MAX_SAFE_INTEGER;
    const longest = (prompt: string) => bytes(`.${fileStemOf(prompt, seed)}-draft-9999.4194304.tmp`);
    for (const word of ['word ', '漢', 'हिन्दी ', '𠮷', 'é'.normalize('NFD'), `a${'\u0301'.repeat(500)}`])
      expect([word.slice(0, 9), longest(word.repeat(400)) <= 255]).toEqual([word.slice(0, 9), true]);
    expect(fileStemOf('word '.repeat(40), 5)).toBe('word-word-word-word-word-word-word-word-word-word-5');
    const cut = fileStemOf('हिन्दी'.repeat(40), 5).replace(/-5$/, '');
    expect('हिन्दी'.repeat(40).startsWith(cut)).toBe(true);
    const after = 'हिन्दी'.repeat(40).slice(cut.length);
    expect(after).not.toMatch(/^\p{M}/u);
  });

  it('says which kind of file it is', () => expect(fileNameOf('a fox', 1, 'svg')).toBe('a-fox-1.svg'));
});
