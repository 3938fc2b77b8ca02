/** Packs files into a `.cwt`: the same files are the same bytes, whoever packs them and when. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Header } from 'tar'
import type { Files } from './limits.ts'

const BLOCK = 512
const pack = promisify(gzip)

/** @throws Error for a path that does not fit into a tar header; `checkPath` lets none through */
export function writeArchive(files: Files): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const [path, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const block = Buffer.alloc(BLOCK)
    const header = new Header({ path, mode: 0o644, uid: 0, gid: 0, size: content.length, mtime: new Date(0), type: 'File' })
    // a name beyond what the header holds would need an extended header: not for paths of this length in ASCII
    if (header.encode(block)) parts.push(...longName(path))
    parts.push(block, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK))
  }
  parts.push(Buffer.alloc(2 * BLOCK))
  return pack(Buffer.concat(parts), { level: 9 })
}

/** GNU's way to a long or non-ASCII name: an entry before it whose content is the name. */
function longName(path: string): Buffer[] {
  const name = Buffer.from(`${path}\0`)
  const block = Buffer.alloc(BLOCK)
  new Header({ path: '././@LongLink', mode: 0o644, uid: 0, gid: 0, size: name.length, mtime: new Date(0), type: 'NextFileHasLongPath' }).encode(block)
  return [block, name, Buffer.alloc((BLOCK - (name.length % BLOCK)) % BLOCK)]
}
