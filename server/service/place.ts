/** Where the program lies, and whether a service can run it there. */
import { realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UserError } from '../../base/errors.ts'

/** What the unit hides from the service: ProtectHome= and PrivateTmp=. */
const HIDDEN = ['/home', '/root', '/run/user', '/tmp', '/var/tmp']

/** What systemd takes in the path of a program, and we beside it. */
const PLAIN = /^[A-Za-z0-9/._@+:,=~ -]+$/

/** @throws UserError service-place for a path that cannot stand in a unit */
export function checkPath(path: string): void {
  if (!PLAIN.test(path))
    throw new UserError({
      code: 'service-place',
      message: `systemd does not take every character in a path: ${path}. Put the program into a folder with a plain name, such as /opt/cellwright.`,
    })
}

const isIn = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)
const mayOthers = (path: string, bits: number) => (statSync(path).mode & bits) === bits

/** The first folder on the way to a path that other users cannot pass through. */
function closedOn(path: string): string | undefined {
  const above = dirname(path)
  const closed = above === path ? undefined : closedOn(above)
  if (closed !== undefined) return closed
  return mayOthers(path, statSync(path).isDirectory() ? 0o001 : 0o004) ? undefined : path
}

/**
 * The program's folder as it really is, after a look whether another user can run it there.
 * @param facts the folder with package.json, and the Node that runs it
 * @throws UserError service-place
 */
export function checkPlace(facts: { root: string; node: string }): { root: string; node: string } {
  const root = realpathSync(facts.root)
  const node = realpathSync(facts.node)
  const advice =
    'Put the program where every user can read it, such as /opt/cellwright (sudo cp -a <folder> /opt/cellwright), and run "service install" from there; or use "service install --user".'
  for (const path of [root, node]) {
    checkPath(path)
    const hidden = HIDDEN.find((folder) => isIn(path, folder))
    if (hidden !== undefined)
      throw new UserError({
        code: 'service-place',
        message: `${path} lies in ${hidden}, which is hidden from the service: it must not see what belongs to people. ${advice}`,
      })
  }
  for (const path of [join(root, 'dist', 'cli.js'), node]) {
    const closed = closedOn(path)
    if (closed !== undefined)
      throw new UserError({ code: 'service-place', message: `The service's user could not read ${path}: ${closed} is closed to others. ${advice}` })
  }
  return { root, node }
}
