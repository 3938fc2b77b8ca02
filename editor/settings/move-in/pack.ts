/** What was dropped or chosen as one file for the server: a file by itself, or what is read of a folder as .tar.gz. */
import { isReadByMoveIn } from '../../../server/api/move-in.ts'

export interface Chosen {
  name: string
  files: { path: string; file: File }[]
}
export type Packed = { is: 'file'; name: string; body: Blob } | { is: 'nothing'; name: string } | { is: 'too-large'; name: string; bytes: number }

/** As the server reads at most. */
const MOST_BYTES = 80_000_000
const MOST_ENTRIES = 200_000

/** Of an input for files or a folder. */
export function chosenOf(list: FileList): Chosen {
  const files = [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }))
  const [first] = files
  return { name: first?.path.split('/')[0] ?? '', files }
}

/** Of a drop; to be called while the event lasts. */
export async function droppedOf(transfer: DataTransfer): Promise<Chosen> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const files: Chosen['files'] = []
  for (const entry of entries) await walk(entry, entry.name, files)
  return { name: entries[0]?.name ?? '', files }
}

async function walk(entry: FileSystemEntry, path: string, files: Chosen['files']): Promise<void> {
  if (files.length > MOST_ENTRIES) return
  if (entry.isFile) {
    if (isReadByMoveIn(path) || !path.includes('/'))
      files.push({ path, file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)) })
    return
  }
  // a folder of which nothing is read is not walked through
  if (!isReadByMoveIn(`${path}/x.json`)) return
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // gives a hundred at a time
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (!some.length) return
    for (const each of some) await walk(each, `${path}/${each.name}`, files)
  }
}

export async function pack({ name, files }: Chosen): Promise<Packed> {
  const [only, more] = files
  if (only && !more && !only.path.includes('/')) return { is: 'file', name: only.path, body: only.file }
  const wanted = files.filter(({ path }) => isReadByMoveIn(path))
  if (!wanted.length) return { is: 'nothing', name }
  const bytes = wanted.reduce((sum, { file }) => sum + file.size, 0)
  if (bytes > MOST_BYTES) return { is: 'too-large', name, bytes }
  const tar = new Blob(
    wanted.flatMap(({ path, file }) => [headerOf(path, file.size), file, new Uint8Array((512 - (file.size % 512)) % 512)]).concat([new Uint8Array(1024)]),
  )
  return { is: 'file', name, body: await new Response(tar.stream().pipeThrough(new CompressionStream('gzip'))).blob() }
}

const NAME_BYTES = 100
const PREFIX_BYTES = 155

/** A header of POSIX.1-1988 ustar: numbers in octal, a long path cut at one of its `/`. */
function headerOf(path: string, size: number): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder()
  const header = new Uint8Array(512)
  const put = (at: number, text: string) => header.set(encoder.encode(text), at)
  const { name, prefix } = cut(path)
  put(0, name)
  put(100, '0000600\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, `${size.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0')
  put(148, '        ')
  put(156, '0')
  put(257, 'ustar\u000000')
  put(345, prefix)
  const sum = header.reduce((total, byte) => total + byte, 0)
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return header
}

function cut(path: string): { name: string; prefix: string } {
  const length = (text: string) => new TextEncoder().encode(text).length
  if (length(path) <= NAME_BYTES) return { name: path, prefix: '' }
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (length(name) <= NAME_BYTES && length(prefix) <= PREFIX_BYTES) return { name, prefix }
  }
  throw new Error(path)
}
