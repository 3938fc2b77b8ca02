/** Where sockets live: a short directory that only this user may enter. Only Node's own modules. */
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * The directory for the sockets of the instance with this data directory: the same at every start, so
 * that a new launcher finds the guards of an old one, and short, because a socket's path must stay
 * under about 100 characters.
 * @param given where directories of ours may be made, instead of in /tmp: for a service, whose /tmp is another one with each start
 * @throws Error when somebody else owns a directory of that name
 */
export function runDirFor(dataDir: string, given?: string): string {
  const key = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12)
  const uid = process.getuid?.()
  // not XDG_RUNTIME_DIR: it is not there in every session of a user, and is removed when the last one ends
  const base = given ?? (process.platform === 'win32' ? tmpdir() : '/tmp')
  const dir = join(base, `cw-${uid ?? 'user'}-${key}`)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const facts = lstatSync(dir)
  if (!facts.isDirectory() || (uid !== undefined && (facts.uid !== uid || (facts.mode & 0o077) !== 0)))
    throw new Error(`${dir} exists and is not a directory that only this user may enter. Remove it and start again.`)
  return dir
}

/** The address of a local socket: a file in the run directory, or a named pipe on Windows. */
export function socketPath(runDir: string, name: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\${runDir.replaceAll(/[\\/:]/g, '-')}-${name}`
  return join(runDir, `${name}.sock`)
}
