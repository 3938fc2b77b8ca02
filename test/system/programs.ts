/** Programs of this repository as somebody installs them: of an earlier commit, and copied to where they shall run. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

const build = (folder: string) => execFileSync(process.execPath, [join(folder, 'bootstrap/run.mjs'), 'build'], { stdio: 'inherit' })

/** Fetches and builds the program of a commit, unless it is in the folder already. */
export function fetchProgram(commit: string, folder: string): void {
  const id = execFileSync('git', ['-C', root, 'rev-parse', `${commit}^{commit}`], { encoding: 'utf8' }).trim()
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
  if (!existsSync(join(folder, 'bootstrap'))) git('clone', '-q', '--no-checkout', root, folder)
  const isThere = existsSync(join(folder, 'bootstrap')) && git('-C', folder, 'rev-parse', 'HEAD') === id
  if (!isThere) {
    git('-C', folder, 'fetch', '-q', root, id)
    git('-C', folder, 'checkout', '-q', id)
    // whole seconds, which a copy keeps: its build counts there, too
    const now = Math.floor(Date.now() / 1000)
    for (const name of git('-C', folder, 'ls-files', '-z').split('\0').filter(Boolean)) utimesSync(join(folder, name), now, now)
  }
  build(folder)
}

/** Brings a program to another folder, with its packages and its build: what runs there has to build nothing. */
export function copyProgram(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  execFileSync('sh', [
    '-c',
    'tar -C "$1" --exclude=./node_modules/.cache --exclude=./.git --exclude=./.cache --exclude=./test -cf - . | tar -C "$2" --no-same-owner -xf -',
    'sh',
    from,
    to,
  ])
  // a program whose files have other times than whole seconds may take them for changed
  build(to)
}

/** The changes of the schema that a program knows. */
export const migrationsOf = (folder: string): string[] => readdirSync(join(folder, 'server/store/migrations')).filter((name) => /^\d{3}-/.test(name))
