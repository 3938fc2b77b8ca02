/** The data directory: whose it is, who may read it, how much room its disk has, and who runs on it. */
import { constants } from 'node:fs'
import { access, lstat, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beginningOf } from '../../bootstrap/claims.mjs'
import { type Config, dataPaths } from '../config.ts'
import { bytesInWords, limitsOfDisk, lookAtDisk } from '../system/disk.ts'
import { type Finding, ok, type Patient, plain, problem, warning } from './finding.ts'

const CHECK = 'data directory'

/** Who runs on a data directory, whoever is asked: nothing is changed. */
export async function runningOn(config: Pick<Config, 'dataDir' | 'filesDir'>): Promise<Patient['running']> {
  const names = await readdir(join(config.dataDir, 'running')).catch(() => [])
  for (const name of names) {
    const [pid = '', beginning] = name.split('.')
    if (!beginning || beginningOf(Number(pid)) !== beginning) continue
    const facts = await jsonIn(dataPaths(config).instance)
    const url = (facts as { url?: unknown } | undefined)?.url
    return { pid: Number(pid), url: typeof url === 'string' ? url : undefined }
  }
  return undefined
}

const jsonIn = async (file: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}

export async function lookAtDataDir(patient: Patient): Promise<Finding[]> {
  const { config } = patient
  const { dataDir } = config
  const facts = await lstat(dataDir).catch((error: NodeJS.ErrnoException) => error)
  if (facts instanceof Error) {
    if (facts.code !== 'ENOENT') return [problem(CHECK, `${dataDir} cannot be looked at: ${facts.message}.`, 'Run this as the user who runs Cellwright.')]
    const parent = dirname(dataDir)
    const isWritable = await access(parent, constants.W_OK).then(
      () => true,
      () => false,
    )
    return isWritable
      ? [ok(CHECK, `${dataDir} is not there yet; the first start makes it.`)]
      : [
          problem(
            CHECK,
            `${dataDir} is not there, and ${parent} may not be written to.`,
            'Make it for the user who runs Cellwright, or name another one with CELLWRIGHT_DATA.',
          ),
        ]
  }
  if (!facts.isDirectory() && !facts.isSymbolicLink()) return [problem(CHECK, `${dataDir} is no directory.`, 'Name another one with CELLWRIGHT_DATA.')]
  const found: Finding[] = []
  const me = process.getuid?.()
  if (me !== undefined && me !== 0 && facts.uid !== me)
    found.push(
      problem(
        CHECK,
        `${dataDir} belongs to user ${facts.uid}, and this is user ${me}.`,
        `Run Cellwright (and this) as user ${facts.uid}, or give the directory away: chown -R.`,
      ),
    )
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    found.push(
      problem(
        CHECK,
        `${dataDir} may not be written to: ${plain(error)}.`,
        'Is its disk mounted read-only? Otherwise give the user who runs Cellwright the right to.',
      ),
    )
  }
  for (const secret of [dataPaths(config).keys, dataPaths(config).cliAccess]) {
    const mode = (await lstat(secret).catch(() => undefined))?.mode
    if (process.platform !== 'win32' && mode !== undefined && (mode & 0o077) !== 0)
      found.push(
        problem(
          'secrets',
          `${secret} may be read by others (mode ${(mode & 0o777).toString(8)}).`,
          `chmod -R go= ${secret}; take what stood there for known: make new tokens.`,
        ),
      )
  }
  return found.length ? found : [ok(CHECK, `${dataDir} is there, and ours to write to.`)]
}

/** The folder itself, or the one in which the first start makes it. */
async function nearest(dir: string): Promise<string> {
  let at = dir
  while (!(await lstat(at).catch(() => undefined)) && dirname(at) !== at) at = dirname(at)
  return at
}

export async function lookAtRoom({ config }: Patient): Promise<Finding[]> {
  const rule = { warnPercent: config.diskWarnPercent, stopPercent: config.diskStopPercent }
  const disk = await lookAtDisk([await nearest(config.dataDir), dataPaths(config).files], undefined, rule)
  if (disk.state === 'unknown') return [ok('disk', `The disk of ${config.dataDir} does not say how much room it has.`)]
  const text = `${bytesInWords(disk.freeBytes)} of ${bytesInWords(disk.totalBytes)} are free on the disk of ${disk.path}`
  const limits = limitsOfDisk(disk.totalBytes, rule)
  if (disk.state === 'ok') return [ok('disk', `${text}.`)]
  if (disk.state === 'low')
    return [
      warning(
        'disk',
        `${text}: it is filling up.`,
        `Make room: with less than ${bytesInWords(limits.critical)} no program is begun. The page "Settings, Health" says what takes it.`,
      ),
    ]
  return [
    problem(
      'disk',
      disk.state === 'full' ? `${text}: it is full.` : `${text}: no program is begun.`,
      'Make room now: old back-ups, files of other programs. Never delete in "postgres", "keys" or the newest journals by hand.',
    ),
  ]
}

/** What a kill or a power cut left behind; the next start clears it, and needs nobody for that. */
export async function lookAtRunning({ config, running }: Patient): Promise<Finding[]> {
  if (running) return [ok('running', `Cellwright runs on it: process ${running.pid}${running.url ? `, ${running.url}` : ''}.`)]
  const found: Finding[] = []
  const remembered = await jsonIn(join(config.dataDir, 'processes.json'))
  const survivors = (Array.isArray(remembered) ? remembered : []).filter(
    (each): each is { name: string; pid: number; beginning: string } =>
      typeof (each as { pid?: unknown })?.pid === 'number' && beginningOf((each as { pid: number }).pid) === (each as { beginning?: unknown }).beginning,
  )
  if (survivors.length)
    found.push(
      warning(
        'running',
        `Nobody runs it, but these still live: ${survivors.map(({ name, pid }) => `${name} (process ${pid})`).join(', ')}.`,
        'A guard holds its machine and waits for the next start, which takes it over. Start Cellwright; do not kill a guard whose machine moves.',
      ),
    )
  if ((await lstat(dataPaths(config).instance).catch(() => undefined)) && !survivors.length)
    found.push(
      warning(
        'running',
        'It was not ended in good order the last time (a kill, a power cut).',
        'Start it: it puts itself right. Look at the machines before anything moves.',
      ),
    )
  if (found.length) return found
  const wasThere = await lstat(join(config.dataDir, 'running')).catch(() => undefined)
  return [ok('running', wasThere ? 'It does not run now, and was ended in good order.' : 'It has not run here yet.')]
}
