/** `cellwright backup FILE`, `backup verify FILE`, `backup list`, `cellwright restore FILE`. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, readFile, rename, rm, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import {
  type BackupRunView,
  type BackupsState,
  type BackupWork,
  CLI_AGENT,
  deleteBackup,
  downloadBackup,
  getBackups,
  makeBackup,
  stopBackup,
} from '../../api/index.ts'
import type { Lock, Progress } from '../../backup/files.ts'
import { readConfig } from '../../config.ts'
import type { Client } from '../client.ts'
import { fileProblem } from '../files.ts'
import type { Output } from '../output.ts'
import { packageRoot } from '../package-root.ts'
import { askPassphrase } from '../passphrase.ts'
import type { Shell } from './shell.ts'

const LOOK_MS = 500

const STEPS: Record<Progress['step'], string> = {
  database: 'Reading the database',
  files: 'Reading files',
  checking: 'Checking',
  sending: 'Sending',
  schema: 'Making the tables',
  restoring: 'Restoring',
}
const inWords = ({ step, done, total }: { step: Progress['step']; done: number; total?: number }) =>
  total ? `${STEPS[step]}: ${Math.min(100, Math.floor((done / total) * 100))} % of ${megabytes(total)}` : STEPS[step]
const megabytes = (bytes: number) => (bytes < 10_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${Math.round(bytes / 1_000_000)} MB`)

/** Ends at Ctrl-C. */
function interruption(): { signal: AbortSignal; done(): void } {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  return {
    signal: stopping.signal,
    done: () => {
      for (const signal of signals) process.off(signal, stop)
    },
  }
}

export function addBackupCommands(program: Command, { output, client }: Shell): void {
  const backup = program.command('backup').description('one locked file with everything: database, programs, flows, keys')
  backup
    .command('make <file>', { isDefault: true })
    .description('makes a back-up while Cellwright runs; the passphrase is asked for, or read from CELLWRIGHT_BACKUP_PASSPHRASE')
    .addHelpText('after', '\n"cellwright backup FILE" is the same. Without the passphrase nobody can restore it: keep it where the file is not.')
    .action(async (given: string) => {
      const file = resolve(given)
      if (existsSync(file))
        throw new UserError({ code: 'backup-exists', message: `${file} is there already. Nothing was overwritten; give the back-up another name.` })
      const api = client()
      // first who may, and whether a server is there: then the passphrase
      await api.call(getBackups, {})
      const passphrase = await askPassphrase({ isNew: true })
      const stop = interruption()
      try {
        const work = await api.call(makeBackup, { body: { passphrase } })
        const run = await followed(api, work, output(), stop.signal)
        if (run.state !== 'done') throw new OperationalError({ code: run.code ?? 'backup-failed', message: run.text ?? 'The back-up failed.' })
        try {
          await download(api, work.name, file, run.bytes ?? 0, stop.signal)
        } finally {
          // it was made for this file
          await api.call(deleteBackup, { params: { name: work.name } })
        }
      } finally {
        stop.done()
      }
      const { header, manifest, sha256 } = await checked(file, { passphrase }, output())
      const facts = { file, sha256, createdAt: header.createdAt, entries: manifest.entries.length, migrations: header.migrations.length }
      output().result(facts, `Written to ${file}, and read again: it is whole.\nSHA-256 ${sha256}`)
    })
  backup
    .command('verify <file>')
    .description('reads all of a back-up, on any computer and without a server, and says whether it is whole')
    .option('--key <file>', 'it was locked with a key (keys/backup.key of its installation), as those before an upgrade are')
    .action(async (file: string, { key }: { key?: string }) => {
      const { header, manifest, sha256 } = await checked(resolve(file), await lockFrom(key), output())
      const rows = Object.values(manifest.rows).reduce((sum, each) => sum + each, 0)
      const facts = {
        file: resolve(file),
        sha256,
        createdAt: header.createdAt,
        version: header.version,
        host: header.host,
        rows,
        entries: manifest.entries.length,
      }
      output().result(
        facts,
        `It is whole: of ${header.createdAt.slice(0, 16).replace('T', ' ')} UTC, Cellwright ${header.version}, host "${header.host}", ${rows} rows.\nSHA-256 ${sha256}`,
      )
    })
  backup
    .command('list')
    .description('lists the back-ups in the folder of the server')
    .action(async () => {
      const { files, folder } = await client().call(getBackups, {})
      output().table(
        files,
        {
          NAME: (f) => f.name,
          SIZE: (f) => megabytes(f.bytes),
          WHY: (f) => f.why,
          BY: (f) => f.by,
          CHECKED: (f) => f.problem ?? f.verifiedAt?.slice(0, 16) ?? 'no',
        },
        `None in ${folder}.`,
      )
    })

  program
    .command('restore <file>')
    .description('puts a back-up into an empty data directory, and into an empty database where DATABASE_URL names one')
    .option('--into <directory>', 'the data directory (default: CELLWRIGHT_DATA)')
    .addOption(
      new Option('--as <what>', 'copy: nothing of it acts on machines or the outside before a person says so. replacement: the original is gone for good')
        .choices(['copy', 'replacement'])
        .default('copy'),
    )
    .option('--key <file>', 'it was locked with a key (keys/backup.key of its installation), as those before an upgrade are')
    .action(async (file: string, { into, as, key }: { into?: string; as: 'copy' | 'replacement'; key?: string }) => {
      const config = readConfig()
      const dataDir = into === undefined ? config.dataDir : resolve(into)
      const { restoreBackup } = await import('../../backup/restore.ts')
      const { createLog } = await import('../../../base/log.ts')
      const lock = await lockFrom(key)
      const stop = interruption()
      try {
        const restored = await restoreBackup({
          file: resolve(file),
          lock,
          config: { ...config, dataDir },
          as,
          root: packageRoot(),
          log: createLog('restore', 'silent'),
          signal: stop.signal,
          onProgress: (progress) => output().progress(inWords(progress)),
        })
        const { header, rows, files, modules, modulesDir } = restored
        const facts = { dataDir, as, createdAt: header.createdAt, version: header.version, rows, files, modules, modulesDir }
        output().result(facts, restoredInWords(facts))
      } finally {
        stop.done()
      }
    })
}

function restoredInWords({
  dataDir,
  as,
  createdAt,
  rows,
  files,
  modules,
  modulesDir,
}: {
  dataDir: string
  as: string
  createdAt: string
  rows: number
  files: number
  modules: readonly { name: string; version: string }[]
  modulesDir: string
}): string {
  return [
    `Restored into ${dataDir}: ${rows} rows and ${files} files of ${createdAt.slice(0, 16).replace('T', ' ')} UTC.`,
    as === 'copy'
      ? 'As a copy: its flows stand still, triggers, connections and the git mirror are off, queues are held, and no machine is wired to it. The page "Settings", "Back-up" lets it begin.'
      : 'In the place of the original: programs that were waiting for machines are held, what was running is shown as interrupted. Make sure that the original never starts again.',
    'Everybody signs in anew.',
    ...(modules.length
      ? [
          `Node-RED modules are to be installed again: ${modules.map(({ name, version }) => `${name}@${version}`).join(', ')}.`,
          `  npm install --omit=dev --ignore-scripts --prefix ${modulesDir}`,
        ]
      : []),
    'Start it with "cellwright start".',
  ].join('\n')
}

async function lockFrom(key: string | undefined): Promise<Lock> {
  if (key === undefined) return { passphrase: await askPassphrase({ isNew: false }) }
  const identity = await readFile(key, 'utf8').catch((error: unknown) => {
    throw fileProblem(key, error)
  })
  return { identity: identity.trim() }
}

async function followed(api: Client, work: BackupWork, out: Output, signal: AbortSignal): Promise<BackupRunView> {
  let isStopped = false
  for (;;) {
    const state: BackupsState = await api.call(getBackups, {})
    if (signal.aborted && !isStopped) {
      isStopped = true
      await api.call(stopBackup, {})
    }
    if (state.work?.name === work.name) out.progress(inWords(state.work))
    else {
      const run = state.runs.find(({ name }) => name === work.name)
      if (run) return run
      throw new OperationalError({ code: 'backup-lost', message: 'The server was ended meanwhile. The back-up was not made; try again.' })
    }
    await pause(LOOK_MS, undefined, { signal }).catch(() => {}) // it is stopped above
  }
}

async function download({ access: { url, token } }: Client, name: string, file: string, bytes: number, signal: AbortSignal): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(file)).catch((error: unknown) => {
    throw fileProblem(file, error, 'write')
  })
  if (bavail * bsize < bytes)
    throw new UserError({
      code: 'disk-full',
      message: `The back-up has ${megabytes(bytes)}, and the disk of ${dirname(file)} has ${megabytes(bavail * bsize)} free. Nothing was written.`,
    })
  const answer = await fetch(`${url}${downloadBackup.path.replace(':name', name)}`, {
    headers: { authorization: `Bearer ${token}`, 'user-agent': CLI_AGENT },
    signal,
  })
  if (!answer.ok || !answer.body)
    throw new OperationalError({ code: 'download-failed', message: `The back-up could not be loaded: the server answered ${answer.status}.` })
  const part = `${file}.part`
  const handle = await open(part, 'w', 0o600).catch((error: unknown) => {
    throw fileProblem(file, error, 'write')
  })
  try {
    await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), handle.createWriteStream({ flush: true }), { signal })
    await rename(part, file)
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(part, { force: true })
    if (signal.aborted) throw new OperationalError({ code: 'stopped', message: 'Stopped. Nothing was left behind.' })
    throw new OperationalError({
      code: 'download-failed',
      message: `The back-up could not be written: ${messageOf(error)}. Nothing was left behind.`,
      cause: error,
    })
  }
}

async function checked(file: string, lock: Lock, out: Output) {
  const { verifyBackup } = await import('../../backup/files.ts')
  const stop = interruption()
  const hash = createHash('sha256')
  try {
    const verdict = await verifyBackup({
      file,
      lock,
      signal: stop.signal,
      onProgress: (progress) => out.progress(inWords(progress)),
      onBytes: (chunk) => hash.update(chunk),
    })
    return { ...verdict, sha256: hash.digest('hex') }
  } finally {
    stop.done()
  }
}
