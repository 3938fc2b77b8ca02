/** A zip file on the disk: its own list of contents counts, and only what is wanted is unpacked, into memory. */
import { promisify } from 'node:util'
import { type Entry, open, type ZipFile } from 'yauzl'
import { messageOf, UserError } from '../../../base/errors.ts'
import { createKeeper, type Keeper } from './keeper.ts'
import { LIMITS, refused } from './limits.ts'

const openZip = promisify<string, { lazyEntries: true; validateEntrySizes: true; strictFileNames: false; decodeStrings: true }, ZipFile>(open)

// APPNOTE 4.4.15 and what Unix packers put there: the upper half are the bits of st_mode
const S_IFMT = 0o170_000
const S_IFLNK = 0o120_000
const S_IFREG = 0o100_000
const S_IFDIR = 0o040_000

function kindOf({ fileName, externalFileAttributes }: Entry): 'file' | 'folder' | 'link' | 'other' {
  if (fileName.endsWith('/')) return 'folder'
  switch ((externalFileAttributes >>> 16) & S_IFMT) {
    case 0:
    case S_IFREG:
      return 'file'
    case S_IFDIR:
      return 'folder'
    case S_IFLNK:
      return 'link'
    default:
      return 'other'
  }
}

/** @throws UserError move-in-refused */
export async function readZip(file: string, packedBytes: number): Promise<Pick<Keeper, 'files' | 'passedOver'>> {
  const keeper = createKeeper(() => packedBytes)
  try {
    const zip = await openZip(file, { lazyEntries: true, validateEntrySizes: true, strictFileNames: false, decodeStrings: true })
    try {
      await readEntries(zip, keeper)
    } finally {
      zip.close()
    }
  } catch (error) {
    if (error instanceof UserError) throw error
    throw refused('not-an-archive', `it is not a whole zip file (${messageOf(error)}).`, undefined, error)
  }
  return keeper
}

function readEntries(zip: ZipFile, keeper: Keeper): Promise<void> {
  return new Promise((resolve, reject) => {
    zip.on('error', reject)
    zip.on('end', resolve)
    zip.on('entry', (entry: Entry) => {
      readEntry(zip, entry, keeper).then(() => zip.readEntry(), reject)
    })
    zip.readEntry()
  })
}

async function readEntry(zip: ZipFile, entry: Entry, keeper: Keeper): Promise<void> {
  const path = keeper.begin(entry.fileName, kindOf(entry), entry.uncompressedSize)
  if (path === undefined) return
  if (entry.isEncrypted()) throw refused('encrypted', `${path} is encrypted.`, path)
  // what the list says is what may come out: the library ends a stream that gives more
  if (entry.uncompressedSize > LIMITS.ratioFromBytes && entry.uncompressedSize > entry.compressedSize * LIMITS.ratio)
    throw refused('ratio', `${path} unpacks to more than ${LIMITS.ratio} times its size.`, path)
  const parts: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return reject(error)
      stream.on('data', (chunk: Buffer) => {
        try {
          keeper.unpacked(chunk.length)
          parts.push(chunk)
        } catch (tooMuch) {
          stream.destroy(tooMuch as Error)
        }
      })
      stream.on('end', resolve)
      stream.on('error', reject)
    })
  })
  keeper.keep(path, Buffer.concat(parts))
}
