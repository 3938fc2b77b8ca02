/**
 * Where the databases of tests write (vitest's globalSetup): into memory, where there is plenty. A cluster is a thousand small files, and
 * to copy and to remove them costs a disk more than most tests cost otherwise. Elsewhere, and where TMPDIR says another place, they are
 * beside the other temporary files. `server/store/testing.ts` is the other end.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { freemem } from 'node:os'

const MEMORY = '/dev/shm/'
/** Of `statfs(2)`. */
const TMPFS = 0x01021994
/** Test files that run at once fill some hundred megabytes; the programs themselves need memory, too. */
const ROOM_BYTES = 6 * 2 ** 30
const FREE_BYTES = 8 * 2 ** 30

function hasRoom(): boolean {
  if (process.platform !== 'linux' || process.env.TMPDIR !== undefined || process.env.CELLWRIGHT_SOAK) return false
  try {
    const { type, bavail, bsize } = statfsSync(MEMORY)
    return type === TMPFS && bavail * bsize > ROOM_BYTES && freemem() > FREE_BYTES
  } catch {
    return false
  }
}

/** What runs that were killed have left: memory that nobody would give back. */
function removeLeft(): void {
  for (const name of readdirSync(MEMORY)) {
    const pid = Number(/^cellwright-tests-(\d+)-/.exec(name)?.[1])
    if (pid && !isAlive(pid)) rmSync(`${MEMORY}${name}`, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

export default function quickDir(): () => void {
  if (!hasRoom()) return () => {}
  removeLeft()
  const dir = mkdtempSync(`${MEMORY}cellwright-tests-${process.pid}-`)
  // the database runs as another user than root
  chmodSync(dir, 0o755)
  process.env.CELLWRIGHT_TEST_DIR = dir
  const remove = () => rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
  // when the run is broken off, too
  process.once('exit', remove)
  return remove
}
