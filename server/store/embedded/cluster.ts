/** Makes a new cluster (initdb and our database), whole or not at all. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { OperationalError, UserError } from '../../../base/errors.ts'
import { type Binaries, letsOthersThrough } from './binaries.ts'
import { clusterArgument, type DbUser, giveTo } from './db-user.ts'

/** The superuser, and the database. */
export const DB_NAME = 'cellwright'

/** What PostgreSQL's programs get to see of our environment: nothing that says where our secrets are. */
export const DB_ENV = { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: 'C', LC_ALL: 'C', TZ: 'UTC', ...windowsEnv() }

function windowsEnv(): Record<string, string> {
  const { SystemRoot, TEMP } = process.env
  return { ...(SystemRoot ? { SystemRoot } : {}), ...(TEMP ? { TEMP } : {}) }
}

/** Reads the superuser's password, or makes one (mode 0600). */
export function passwordFrom(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const password = randomBytes(24).toString('base64url')
  // whole or not at all
  writeFileSync(`${file}.new`, `${password}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return password
}

export interface ClusterOptions {
  binaries: Binaries
  user: DbUser
  clusterDir: string
  /** A directory of the database's user, for the password while initdb reads it. */
  socketDir: string
  password: string
  /** Skips fsync: for tests only. */
  isThrowaway: boolean
}

/** @throws OperationalError initdb-failed with what it said */
export async function createCluster(options: ClusterOptions): Promise<void> {
  const { binaries, user, clusterDir, socketDir, password, isThrowaway } = options
  const unfinished = `${clusterDir}.new`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true, mode: 0o700 })
  giveTo(user, unfinished)
  const where = clusterArgument(user, unfinished, () => letsOthersThrough(unfinished))
  const passwordFile = join(socketDir, 'password')
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  giveTo(user, passwordFile)
  const run = (program: string, args: string[], input?: string) => runProgram({ file: join(binaries.bin, program), args, cwd: unfinished, user, input })
  try {
    await run('initdb', [
      ...['-D', where, '-U', DB_NAME, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      // the same sorting on every platform, without the system's locales
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ...(isThrowaway ? ['--no-sync', '--wal-segsize=1'] : []),
    ])
    await run('postgres', ['--single', '-D', where, ...(isThrowaway ? ['-F'] : []), 'postgres'], `CREATE DATABASE ${DB_NAME}\n`)
    renameSync(unfinished, clusterDir)
  } catch (cause) {
    rmSync(unfinished, { recursive: true, force: true })
    throw new OperationalError({ code: 'initdb-failed', message: `The database could not be created in ${clusterDir}: ${(cause as Error).message}`, cause })
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

/** @throws UserError database-of-another-version */
export function checkVersion(clusterDir: string, binaries: Binaries): void {
  const has = readFileSync(join(clusterDir, 'PG_VERSION'), 'utf8').trim()
  const needs = binaries.version.split('.')[0]
  if (has !== needs)
    throw new UserError({
      code: 'database-of-another-version',
      message: `The database in ${clusterDir} was made by PostgreSQL ${has}, and this Cellwright brings PostgreSQL ${needs}. Start the Cellwright that made it, or move the database (pg_dump, pg_restore) to a PostgreSQL of your own and set DATABASE_URL.`,
    })
}

interface Run {
  file: string
  args: string[]
  cwd: string
  user: DbUser
  input: string | undefined
}

export function runProgram({ file, args, cwd, user, input }: Run): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { cwd, env: DB_ENV, ...user.ids, timeout: 120_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr.trim().split('\n').slice(-3).join(' ') || error.message))
      else resolve(stdout)
    })
    // a program that ended early closes it: how it ended says more
    child.stdin?.on('error', () => {})
    child.stdin?.end(input ?? '')
  })
}
