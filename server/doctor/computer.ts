/** The computer itself: Node, memory, its clock. */
import { execFile } from 'node:child_process'
import { freemem, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { SETTINGS } from '../config.ts'
import { bytesInWords } from '../system/disk.ts'
import { type Finding, ok, type Patient, problem, warning } from './finding.ts'

/** The product was not written before. */
const FIRST_YEAR = 2026
const LEAST_NODE = 24
const LEAST_FREE = 300 * 1024 * 1024

export function lookAtNode(): Finding[] {
  const major = Number(process.versions.node.split('.')[0])
  const found =
    major >= LEAST_NODE
      ? ok('Node', `Node ${process.version} (${process.execPath}).`)
      : problem(
          'Node',
          `This is Node ${process.version}; the product runs on ${LEAST_NODE}, which its packages bring along.`,
          'Start it with "npm start" or "cellwright start", which find that one; run "npm install" if it is missing.',
        )
  return [found, ok('browser', 'No Chromium is needed on this computer: pages run in the browsers of the shop, reports are made without one.')]
}

/** Names that begin like ours and are none: a slip of the pen changes nothing, and nobody is told. */
export function lookAtNames({ env }: Pick<Patient, 'env'>): Finding[] {
  const known = new Set<string>([...Object.values(SETTINGS).map(({ env: name }) => name), ...ELSEWHERE])
  const unknown = Object.keys(env).filter((name) => name.startsWith('CELLWRIGHT_') && !known.has(name))
  return unknown.map((name) =>
    warning('settings', `${name} is set and is no setting of this version.`, `Look for its right name in "cellwright config", or take it away.`),
  )
}

/** Read by the command line and the build, not by the server. */
const ELSEWHERE = ['CELLWRIGHT_URL', 'CELLWRIGHT_TOKEN', 'CELLWRIGHT_BACKUP_PASSPHRASE', 'CELLWRIGHT_BUILT_WORKERS', 'CELLWRIGHT_NO_SKIPS']

export function lookAtMemory(): Finding[] {
  const free = Math.max(freemem(), process.availableMemory())
  const text = `${bytesInWords(free)} of ${bytesInWords(totalmem())} memory are free.`
  return [
    free > LEAST_FREE ? ok('memory', text) : warning('memory', text, 'The product takes some 600 MB. Close other programs, or give the computer more memory.'),
  ]
}

export async function lookAtClock({ now }: Pick<Patient, 'now'>): Promise<Finding[]> {
  if (now.getFullYear() < FIRST_YEAR)
    return [
      problem(
        'clock',
        `The clock says ${now.toISOString()}, which cannot be.`,
        'Set it, best by a time server (NTP): certificates, schedules and records depend on it.',
      ),
    ]
  const synced = await isSynced()
  if (synced === false)
    return [
      warning(
        'clock',
        `The clock says ${now.toISOString()}, and no time server sets it.`,
        'Switch a time server on ("timedatectl set-ntp true"): records and several hosts need the same time.',
      ),
    ]
  return [ok('clock', `The clock says ${now.toISOString()}${synced ? ', set by a time server' : ''}.`)]
}

/** Undefined where nobody tells. */
async function isSynced(): Promise<boolean | undefined> {
  if (process.platform !== 'linux') return undefined
  try {
    const { stdout } = await promisify(execFile)('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], { timeout: 3000 })
    return stdout.trim() === 'yes' ? true : stdout.trim() === 'no' ? false : undefined
  } catch {
    // no systemd here
    return undefined
  }
}
