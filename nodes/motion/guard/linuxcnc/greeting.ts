/** The beginning of a session with `linuxcncrsh`: who we are, what we may, what it is. Moves and changes nothing. */
import { OperationalError } from '../../../../base/errors.ts'
import type { Envelope } from '../../grbl/index.ts'
import type { LinuxcncFacts } from '../../linuxcnc/index.ts'
import type { MachineSettings } from '../../machine.ts'
import type { LinuxcncTalk } from './talk.ts'

/** What LinuxCNC has where nothing else is set (linuxcncrsh(1)). */
const CONNECT_PASSWORD = 'EMC'
const ENABLE_PASSWORD = 'EMCTOO'

export interface Greeting {
  facts: LinuxcncFacts
  /** From its INI file, where it tells; mm, mm/min, mm/s². */
  envelopeMm?: Envelope
  maxRateMmPerMin: number[]
  accelerationMmPerS2: number[]
}

/**
 * @param mayCommand false only looks: the one place that may command is left to whoever has it
 * @throws OperationalError `linuxcnc-refused` (a password), `linuxcnc-units`
 */
export async function greet(talk: LinuxcncTalk, passwords: MachineSettings['linuxcnc'], mayCommand: boolean): Promise<Greeting> {
  const hello = await talk.say(`HELLO ${passwords?.connectPassword ?? CONNECT_PASSWORD} cellwright 1.0`)
  if (!hello.isOk) throw refused('the connection', 'connect')
  // first: until then nothing is said of an order that was taken
  if (!(await talk.say('SET VERBOSE ON')).isOk) throw refused('the connection', 'connect')
  await talk.say('SET ECHO OFF')
  const isModern = mayCommand ? await enable(talk, passwords) : false
  const units = (await talk.get('USER_LINEAR_UNITS'))?.toUpperCase()
  const mmPerUnit = units === 'MM' ? 1 : units === 'INCH' ? 25.4 : units === 'CM' ? 10 : undefined
  if (mmPerUnit === undefined)
    throw new OperationalError({
      code: 'linuxcnc-units',
      message: `LinuxCNC counts in units that are not known here (${units ?? 'it does not say which'}), so no position can be trusted. Set LINEAR_UNITS in its INI file to mm or inch.`,
    })
  const coordinates = await ini(talk, 'COORDINATES', 'TRAJ')
  const axes = [...new Set((coordinates ?? 'XYZ').toUpperCase().replaceAll(/[^XYZABCUVW]/g, ''))]
  const facts: LinuxcncFacts = { server: hello.text, mmPerUnit, axes: axes.length >= 3 ? axes : ['X', 'Y', 'Z'], isModern }
  return { facts, ...(await limits(talk, facts)) }
}

/** Takes the place of the one who may command. @returns whether it is the server rewritten in 2026 */
async function enable(talk: LinuxcncTalk, passwords: MachineSettings['linuxcnc']): Promise<boolean> {
  if (!(await talk.say(`SET ENABLE ${passwords?.enablePassword ?? ENABLE_PASSWORD}`)).isOk) throw refused('to be commanded', 'enable')
  const isModern = (await talk.say('SET WAIT_MODE RECEIVED')).isOk
  if (!isModern && !(await talk.say('SET SET_WAIT RECEIVED')).isOk)
    throw new OperationalError({
      code: 'linuxcnc-refused',
      message: 'LinuxCNC does not let orders be given without waiting for their end, so no stop could reach it. This version is not known.',
    })
  // seconds: LinuxCNC itself hangs if an order is not taken for so long
  await talk.say('SET TIMEOUT 3')
  return isModern
}

function refused(what: string, which: 'connect' | 'enable'): OperationalError {
  return new OperationalError({
    code: 'linuxcnc-refused',
    message: `LinuxCNC refused ${what}: the ${which} password in the settings of this machine is not the one linuxcncrsh was started with.`,
  })
}

/** One entry of its INI file; undefined where it has none, or the server is too old to tell. */
async function ini(talk: LinuxcncTalk, name: string, section: string): Promise<string | undefined> {
  const line = await talk.get(`INI ${name} ${section}`, { takesAny: true })
  const found = line === undefined ? undefined : /^INI \[([^\]]*)\]([^=]*)=(.*)$/i.exec(line)
  return found?.[1] === section && found[2] === name ? found[3]?.trim() : undefined
}

async function limits(talk: LinuxcncTalk, { axes, mmPerUnit }: LinuxcncFacts): Promise<Omit<Greeting, 'facts'>> {
  const number = async (name: string, letter: string) => {
    const text = await ini(talk, name, `AXIS_${letter}`)
    const value = Number(text)
    return text === undefined || text === '' || !Number.isFinite(value) ? undefined : value * mmPerUnit
  }
  const found = []
  for (const letter of axes)
    found.push({
      min: await number('MIN_LIMIT', letter),
      max: await number('MAX_LIMIT', letter),
      rate: await number('MAX_VELOCITY', letter),
      acceleration: await number('MAX_ACCELERATION', letter),
    })
  const [x, y, z] = found
  const known = <T>(values: (T | undefined)[]) => (values.every((value) => value !== undefined) ? (values as T[]) : [])
  const envelope = known([x?.min, y?.min, z?.min, x?.max, y?.max, z?.max])
  const [x0, y0, z0, x1, y1, z1] = envelope
  const hasEnvelope = x0 !== undefined && y0 !== undefined && z0 !== undefined && x1 !== undefined && y1 !== undefined && z1 !== undefined
  return {
    ...(hasEnvelope ? { envelopeMm: { min: [x0, y0, z0], max: [x1, y1, z1] } } : {}),
    // per second in the INI file
    maxRateMmPerMin: known(found.map(({ rate }) => (rate === undefined ? undefined : rate * 60))),
    accelerationMmPerS2: known(found.map(({ acceleration }) => acceleration)),
  }
}
