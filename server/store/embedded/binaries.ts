/** Finds PostgreSQL's programs as npm brought them, and makes them reachable for the user they run as. */
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { OperationalError, UserError } from '../../../base/errors.ts'

export interface Binaries {
  /** Directory with `postgres`, `initdb`, `pg_ctl`. */
  bin: string
  /** The package's version, e.g. `18.4.0-beta.17`. */
  version: string
}

const PACKAGES: Record<string, string> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-arm',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'windows-x64',
}

/** Where copies go when the packages lie below a directory that the database's user may not enter. */
const COPY_PLACES = ['/var/lib/cellwright', '/var/tmp/cellwright']

export interface BinariesOptions {
  /** The folder whose node_modules is meant. */
  root: string
  /** They run as another user: every directory above them must let others through, or they are copied. */
  mustBeReachable: boolean
  /** Where a copy may go, best first. @defaultValue system directories: a data directory is closed to others */
  copyPlaces?: readonly string[]
}

/**
 * The programs for this platform.
 * @throws UserError no-embedded-postgres; OperationalError postgres-unreachable
 */
export function findBinaries({ root, mustBeReachable, copyPlaces = COPY_PLACES }: BinariesOptions): Binaries {
  const { native, version } = findPackage(root)
  makeLinks(native)
  const reachable = mustBeReachable && !letsOthersThrough(native) ? copyOf(native, version, copyPlaces) : native
  return { bin: join(reachable, 'bin'), version }
}

function findPackage(root: string): { native: string; version: string } {
  const name = PACKAGES[`${process.platform}-${process.arch}`]
  try {
    if (!name) throw new Error('there is none for this platform')
    const wrapper = createRequire(join(root, 'package.json')).resolve('embedded-postgres')
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${name}`)
    const folder = dirname(dirname(entry))
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    return { native: join(folder, 'native'), version }
  } catch (cause) {
    throw new UserError({
      code: 'no-embedded-postgres',
      message: `PostgreSQL did not come with the packages for ${process.platform}-${process.arch} (were optional packages left out?). Install them, or set DATABASE_URL to a PostgreSQL of your own.`,
      cause,
    })
  }
}

/** npm packages hold no symbolic links; the package's install script makes them, where scripts may run. */
function makeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(native, '..', target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      // another process made it between the two calls
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Whether any user may pass through `path` and every directory above it. */
export function letsOthersThrough(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false
    if (dirname(at) === at) return true
  }
}

function copyOf(native: string, version: string, places: readonly string[]): string {
  const problems: string[] = []
  for (const place of places) {
    try {
      return copyTo(place, native, version)
    } catch (error) {
      problems.push((error as Error).message)
    }
  }
  throw new OperationalError({
    code: 'postgres-unreachable',
    message: `PostgreSQL must not run as root, and the user it runs as cannot enter ${native}; copying its programs failed as well: ${problems.join('; ')}. Move this folder to where every user may pass (e.g. /opt), or run Cellwright as an ordinary user.`,
  })
}

function copyTo(place: string, native: string, version: string): string {
  const target = join(place, `postgres-${version}`)
  mkdirSync(place, { recursive: true, mode: 0o755 })
  const facts = lstatSync(place)
  if (!facts.isDirectory() || facts.uid !== process.getuid?.() || (facts.mode & 0o022) !== 0) throw new Error(`${place} belongs to somebody else`)
  if (!letsOthersThrough(place)) throw new Error(`other users may not enter ${place}`)
  if (existsSync(target)) return target
  const unfinished = `${target}.${process.pid}`
  try {
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true, filter: (source) => !source.endsWith('.a') && basename(source) !== 'include' })
    chmodSync(unfinished, 0o755)
    // atomic, so that a copy that broke off is never used; somebody who was faster has made the same
    renameSync(unfinished, target)
  } catch (error) {
    if (!existsSync(target)) throw error
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return target
}
