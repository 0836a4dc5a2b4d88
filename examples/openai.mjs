// OPENAI_API_KEY=$(npx twostep token create example) node examples/openai.mjs "a red heart" heart.png
import { writeFile } from 'node:fs/promises';
import OpenAI from 'openai';

const [prompt = 'a red heart', file = 'heart.png'] = process.argv.slice(2);

// The companion of this machine, unless OPENAI_BASE_URL names another address.
const client = new OpenAI({ baseURL: process.env['OPENAI_BASE_URL'] ?? 'http://localhost:21212/v1' });

// Names of models that it does not have mean the best at hand. `seed` is Twostep's own.
const { data } = await client.images.generate({ model: 'gpt-image-1', prompt, seed: 7 });
await writeFile(file, Buffer.from(data[0].b64_json, 'base64'));
console.log(`${file}: ${prompt}`);
