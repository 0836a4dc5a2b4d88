// node examples/generate.mjs "a red house on a hill" house.png
import { writeFile } from 'node:fs/promises';
import { buildRequest, createEngine, FAMILIES, openPack, targetOf } from 'twostep-image';
import { filesOf, loadOnnxRuntime, readPackFolder, starterFolder } from 'twostep-image/node';

const [prompt = 'a red house on a hill', file = 'house.png'] = process.argv.slice(2);

const found = await readPackFolder(starterFolder());
const { pack } = found;
const open = openPack({ pack, files: filesOf(found), families: FAMILIES, ort: await loadOnnxRuntime(), session: {} });

// The same request gives the same pixels. It is a plain value: store it, send it, draw it again.
const request = buildRequest(targetOf(pack), { prompt, seeds: [7] });

for await (const event of createEngine(open)(request, AbortSignal.timeout(60_000)))
  switch (event.type) {
    case 'picture':
      await writeFile(file, event.bytes);
      console.log(`${file}: ${event.width} x ${event.height} pixels, seed ${event.seed}`);
      break;
    case 'warning':
      console.warn(event.message);
      break;
    case 'error':
      // What a person can do something about comes as an event; only bugs throw.
      console.error(event.message);
      process.exitCode = 1;
  }
await open.close();
