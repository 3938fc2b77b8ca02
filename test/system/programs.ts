/** Programs of this repository as somebody installs them: of an earlier commit, and copied to where they shall run. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

const build = (folder: string) => execFileSync(process.execPath, [join(folder, 'bootstrap/run.mjs'), 'build'], { stdio: 'inherit' })

/** Fetches and builds the program of a commit, unless it is in the folder already. */
export function fetchProgram(commit: string, folder: string): void {
  const id = execFileSync('git', ['-C', root, 'rev-parse', `${commit}^{commit}`], { encoding: 'utf8' }).trim()
  if (!existsSync(join(folder, 'bootstrap'))) execFileSync('git', ['clone', '-q', root, folder], { stdio: 'inherit' })
  execFileSync('git', ['-C', folder, 'fetch', '-q', root, id], { stdio: 'inherit' })
  execFileSync('git', ['-C', folder, 'checkout', '-q', id], { stdio: 'inherit' })
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
  // one from before builds were told by whole seconds takes what a copy does to times for a change
  build(to)
}

/** The changes of the schema that a program knows. */
export const migrationsOf = (folder: string): string[] => readdirSync(join(folder, 'server/store/migrations')).filter((name) => /^\d{3}-/.test(name))
