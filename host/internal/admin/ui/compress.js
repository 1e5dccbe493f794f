// Replaces each asset by its compressed form, which is what the host embeds and
// what nearly every browser asks for. index.html stays: the host writes into it.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, gzipSync } from 'node:zlib';

const folder = new URL('./dist/assets/', import.meta.url);
let total = 0;
for (const name of readdirSync(folder)) {
  const file = new URL(name, folder);
  const packed = gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION });
  writeFileSync(new URL(name + '.gz', folder), packed);
  rmSync(file);
  total += packed.length;
}
console.log(`admin: ${Math.round(total / 1000)} kB compressed`);
