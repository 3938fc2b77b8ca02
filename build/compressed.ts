/** Writes beside each text of the pages what it is compressed: the server sends that, and compresses nothing itself. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const TEXT = new Set(['.html', '.js', '.css', '.svg', '.json', '.webmanifest'])
/** Smaller ones fit into a packet. */
const SMALLEST = 1_000
/** Of 11: the last two cost ten times as long for three percent. */
const BROTLI_QUALITY = 9

export async function compressPages(dir: string): Promise<void> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  await Promise.all(
    entries
      .filter((entry) => entry.isFile() && TEXT.has(extname(entry.name)))
      .map(async ({ parentPath, name }) => {
        const file = join(parentPath, name)
        const text = await readFile(file)
        if (text.length < SMALLEST) return
        const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: text.length }
        const [br, gz] = await Promise.all([promisify(brotliCompress)(text, { params }), promisify(gzip)(text, { level: 9 })])
        if (br.length < text.length) await writeFile(`${file}.br`, br)
        if (gz.length < text.length) await writeFile(`${file}.gz`, gz)
      }),
  )
}
