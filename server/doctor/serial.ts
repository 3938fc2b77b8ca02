/** Serial ports: whether there are some, and whether this user may open them. */
import { constants } from 'node:fs'
import { access, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finding, ok, problem } from './finding.ts'

/** USB adapters and boards; the ports of the mainboard are there whether something is wired to them or not. */
const NAMES = /^tty(USB|ACM|AMA)\d+$/

/** @param options.dev for tests @defaultValue /dev */
export async function lookAtSerialPorts({ dev = '/dev', platform = process.platform }: { dev?: string; platform?: NodeJS.Platform } = {}): Promise<Finding[]> {
  if (platform !== 'linux') return [ok('serial ports', 'On this system ports take no right of their own; "Machines" lists them.')]
  const names = (await readdir(dev).catch(() => [])).filter((name) => NAMES.test(name)).sort()
  if (!names.length) return [ok('serial ports', 'No USB serial port is there now. Machines on the network need none.')]
  const found: Finding[] = []
  for (const name of names) {
    const path = join(dev, name)
    const isOpen = await access(path, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    )
    if (isOpen) continue
    const group = await groupName((await stat(path).catch(() => undefined))?.gid)
    found.push(
      problem(
        'serial ports',
        `This user may not open ${path}.`,
        `Put it into the group ${group}: sudo usermod -aG ${group} "$USER", then sign in anew. A service needs SupplementaryGroups=${group}.`,
      ),
    )
  }
  return found.length ? found : [ok('serial ports', `${names.join(', ')}: this user may open ${names.length === 1 ? 'it' : 'them'}.`)]
}

async function groupName(gid: number | undefined): Promise<string> {
  const line = (await readFile('/etc/group', 'utf8').catch(() => '')).split('\n').find((each) => each.split(':')[2] === String(gid))
  return line?.split(':')[0] ?? 'dialout'
}
