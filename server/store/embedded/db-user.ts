/** As whom PostgreSQL runs: it refuses root, so root runs it as `nobody`, or as whoever owns the cluster already. */

import { createHash } from 'node:crypto'
import { chownSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { OperationalError, UserError } from '../../../base/errors.ts'

export interface DbUser {
  /** Present when the programs run as another user than this process. */
  ids?: { uid: number; gid: number }
}

/** @throws UserError no-database-user, database-of-another-user */
export function dbUserFor(clusterDir: string): DbUser {
  const me = process.getuid?.()
  if (me === undefined) return {}
  const owner = existsSync(clusterDir) ? statSync(clusterDir) : undefined
  if (me !== 0) {
    if (owner && owner.uid !== me)
      throw new UserError({
        code: 'database-of-another-user',
        message: `The database in ${clusterDir} belongs to user ${owner.uid}, and Cellwright runs as user ${me}. Start it as that user, or as root, or set CELLWRIGHT_DATA to another directory.`,
      })
    return {}
  }
  if (owner && owner.uid !== 0) return { ids: { uid: owner.uid, gid: owner.gid } }
  // initdb refuses a uid that has no passwd entry
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'nobody')
  const [uid, gid] = [Number(entry?.[2]), Number(entry?.[3])]
  if (!Number.isInteger(uid) || !Number.isInteger(gid))
    throw new UserError({
      code: 'no-database-user',
      message:
        'PostgreSQL refuses to run as root, and this system has no user "nobody" to run it as. Start Cellwright as an ordinary user, or set DATABASE_URL.',
    })
  return { ids: { uid, gid } }
}

export function giveTo(user: DbUser, path: string): void {
  if (user.ids) chownSync(path, user.ids.uid, user.ids.gid)
}

/**
 * How the programs are told where the cluster is, and where they are started. As another user on Linux:
 * through their own working directory, which needs no permission on the directories above it (a data
 * directory below /root, mode 0700, works).
 * @throws UserError data-dir-unreachable
 */
export function clusterArgument(user: DbUser, clusterDir: string, isReachable: () => boolean): string {
  if (!user.ids) return clusterDir
  if (process.platform === 'linux') return '/proc/self/cwd'
  if (isReachable()) return clusterDir
  throw new UserError({
    code: 'data-dir-unreachable',
    message: `PostgreSQL must not run as root, and the user it runs as cannot enter ${clusterDir}. Set CELLWRIGHT_DATA to a directory that every user may pass through, or run Cellwright as an ordinary user.`,
  })
}

/**
 * The directory of the database's socket: short (a socket's path must stay under about 100 characters),
 * only for the database's user (and root), and the same at every start.
 * @throws OperationalError socket-dir-taken
 */
export function socketDirFor(user: DbUser, clusterDir: string): string {
  const uid = user.ids?.uid ?? process.getuid?.() ?? 'user'
  const key = createHash('sha256').update(resolve(clusterDir)).digest('hex').slice(0, 12)
  const dir = join(process.platform === 'win32' ? tmpdir() : '/tmp', `cw-pg-${uid}-${key}`)
  try {
    mkdirSync(dir, { mode: 0o700 })
    giveTo(user, dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const facts = lstatSync(dir)
  // root was killed between making the directory and giving it away
  if (facts.isDirectory() && user.ids && facts.uid === 0) giveTo(user, dir)
  else if (!facts.isDirectory() || (typeof uid === 'number' && (facts.uid !== uid || (facts.mode & 0o077) !== 0)))
    throw new OperationalError({ code: 'socket-dir-taken', message: `${dir} exists and is not a directory of user ${uid} alone. Remove it and start again.` })
  return dir
}
