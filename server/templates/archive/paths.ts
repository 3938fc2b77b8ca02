/** Which files a template holds, and what their paths may be. What is not known here is refused, not left out. */
import { LIMITS, refused } from './limits.ts'

const KNOWN = [
  /^(template|flow|tests|signature)\.json$/,
  /^README(\.[a-z]{2})?\.md$/,
  /^LICENSE(\.txt|\.md)?$/,
  /^panels\/[a-z0-9][a-z0-9-]{0,40}\.json$/,
  /^pictures\/[^/]+\.(svg|png|jpg|webp)$/,
  /^programs\/[^/]+$/,
  /^samples\/.+$/,
]

/** Reserved on Windows, whatever the ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

/** Two paths that some file system takes for one: case, and the forms of accented letters. */
const pathKey = (path: string): string => path.normalize('NFKC').toLowerCase().normalize('NFKC')

/**
 * The path of a file, with its folder sign taken off; undefined for a folder's own entry.
 * @throws UserError template-refused for anything that could lead out of a folder, or that no template holds
 */
export function checkPath(given: string, isFolder: boolean, known: readonly RegExp[] = KNOWN): string | undefined {
  const path = given.replace(/^\.\//, '')
  const bad = (reason: string, why: string) => refused(`the name ${JSON.stringify(given.slice(0, 200))} ${reason}.`, { file: given.slice(0, 200), why })
  if (path.length > LIMITS.pathLength) throw bad(`is longer than ${LIMITS.pathLength} characters`, 'path-long')
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\ufffd\\:*?"<>|]/u.test(path)) throw bad('holds characters that no file name should have', 'path-characters')
  if (path.startsWith('/')) throw bad('begins at the root', 'path-absolute')
  const isBare = isFolder ? path.replace(/\/$/, '') : path
  if (isFolder && (isBare === '' || isBare === '.')) return undefined
  const parts = isBare.split('/')
  for (const part of parts) {
    if (part === '..') throw bad('leads out of its folder', 'path-traversal')
    if (part === '' || part === '.') throw bad('has an empty part', 'path-empty')
    if (part.startsWith('.')) throw bad('is hidden', 'path-hidden')
    if (/[. ]$/.test(part)) throw bad('ends with a dot or a space', 'path-end')
    if (DEVICE.test(part)) throw bad('is the name of a device', 'path-device')
  }
  if (parts.length - 1 > LIMITS.pathDepth) throw bad(`lies more than ${LIMITS.pathDepth} folders deep`, 'path-deep')
  if (isFolder) return undefined
  if (!known.some((name) => name.test(path))) throw bad('is not one that a template holds', 'path-unknown')
  return path
}

/** Collects files and refuses what is there twice or too much. */
export function fileCollection() {
  const files = new Map<string, Buffer>()
  const keys = new Map<string, string>()
  let bytes = 0
  return {
    files,
    /** Counts bytes before they are kept. @throws UserError template-refused */
    count(path: string, size: number, more: number): void {
      if (size > LIMITS.fileBytes) throw refused(`${path} is larger than ${LIMITS.fileBytes / 1_000_000} MB.`, { file: path, why: 'file-large' })
      bytes += more
      if (bytes > LIMITS.bytes) throw refused(`unpacked it is larger than ${LIMITS.bytes / 1_000_000} MB.`, { why: 'too-large' })
    },
    /** @throws UserError template-refused for a second file of that name, and for too many */
    claim(path: string): void {
      const key = pathKey(path)
      const before = keys.get(key)
      if (before !== undefined)
        throw refused(before === path ? `${path} is in it twice.` : `${before} and ${path} are one name to some systems.`, { file: path, why: 'duplicate' })
      keys.set(key, path)
      if (keys.size > LIMITS.files) throw refused(`it holds more than ${LIMITS.files} files.`, { why: 'too-many-files' })
    },
  }
}
