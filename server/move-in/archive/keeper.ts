/** Which entries of an archive are kept. Nothing is written to the disk; what could mislead is refused all the same. */
import { isReadByMoveIn } from '../../api/index.ts'
import { LIMITS, refused } from './limits.ts'

/**
 * A path that stays in its folder, without a leading `./`.
 * @throws UserError move-in-refused
 */
function safePath(given: string): string {
  const path = given.replace(/^(\.\/)+/, '')
  const bad = (reason: string) => refused('path', `the name ${JSON.stringify(given.slice(0, 200))} ${reason}.`, given)
  if (path.length > LIMITS.pathLength) throw bad('is too long')
  if (/[\p{Cc}\p{Cs}\\]/u.test(path)) throw bad('holds characters that no file name should have')
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) throw bad('begins at the root')
  if (path.split('/').includes('..')) throw bad('leads out of its folder')
  return path
}

export interface Keeper {
  readonly files: Map<string, Buffer>
  readonly passedOver: number
  /** An entry begins. @returns its path where it is to be read, else undefined @throws UserError move-in-refused */
  begin(given: string, kind: 'file' | 'folder' | 'link' | 'other', size: number): string | undefined
  /** Bytes came out of the packing, of whatever entry. @throws UserError move-in-refused */
  unpacked(bytes: number): void
  keep(path: string, content: Buffer): void
}

/** @param packed how many packed bytes there have been so far */
export function createKeeper(packed: () => number): Keeper {
  const files = new Map<string, Buffer>()
  const claimed = new Set<string>()
  let entries = 0
  let passedOver = 0
  let promised = 0
  let unpacked = 0
  return {
    files,
    get passedOver() {
      return passedOver
    },
    begin(given, kind, size) {
      entries += 1
      if (entries > LIMITS.entries) throw refused('too-many', `it holds more than ${LIMITS.entries} files.`)
      const path = safePath(given)
      if (kind === 'folder') return undefined
      // npm makes links in node_modules/.bin: what is passed over may be what it likes
      const isRead = isReadByMoveIn(path)
      if (!isRead) {
        passedOver += 1
        return undefined
      }
      if (kind !== 'file') throw refused('link', `${JSON.stringify(path)} is ${kind === 'link' ? 'a link' : 'no plain file'}.`, path)
      const key = path.normalize('NFC').toLowerCase()
      if (claimed.has(key)) throw refused('twice', `${JSON.stringify(path)} is in it twice.`, path)
      claimed.add(key)
      if (claimed.size > LIMITS.files) throw refused('too-many', `it holds more than ${LIMITS.files} files that would be read.`)
      if (size > LIMITS.fileBytes) throw refused('file-large', `${path} is larger than ${LIMITS.fileBytes / 1_000_000} MB.`, path)
      promised += size
      if (promised > LIMITS.bytes) throw refused('too-large', `what would be read of it is larger than ${LIMITS.bytes / 1_000_000} MB.`)
      return path
    },
    unpacked(bytes) {
      unpacked += bytes
      if (unpacked > LIMITS.unpackedBytes) throw refused('too-large', `unpacked it is larger than ${LIMITS.unpackedBytes / 1_000_000_000} GB.`)
      if (unpacked > LIMITS.ratioFromBytes && unpacked > packed() * LIMITS.ratio)
        throw refused('ratio', `it unpacks to more than ${LIMITS.ratio} times its size.`)
    },
    keep(path, content) {
      files.set(path, content)
    },
  }
}
