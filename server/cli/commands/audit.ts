/** `cellwright audit list|verify|export|keep`. An exported file is verified without a server. */
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import {
  type AuditEntry,
  type AuditVerdict,
  CLI_AGENT,
  exportAudit,
  getAuditState,
  listAudit,
  type AuditState as State,
  setAuditRetention,
  verifyAudit,
} from '../../api/index.ts'
import { verifyFile } from '../../audit/files.ts'
import type { Client } from '../client.ts'
import { fileProblem } from '../files.ts'
import { timeOf } from './journal.ts'
import type { Shell } from './shell.ts'

interface Filter {
  who?: string
  action?: string
  target?: string
  search?: string
  from?: string
  to?: string
}

/** Long logs take minutes. */
const VERIFY_MS = 3_600_000

/** @throws UserError invalid-input */
function moment(text: string | undefined, option: string): string | undefined {
  if (text === undefined) return undefined
  try {
    return new Date(timeOf(text)).toISOString()
  } catch {
    const message = `${option} is not a time: "${text}". It looks like 2026-03-01 or 2026-03-01T06:00, or says how long ago: 12h, 30d.`
    throw new UserError({ code: 'invalid-input', message })
  }
}
const filterOf = ({ from, to, who, action, target, search }: Filter): Filter => {
  const times = { from: moment(from, '--from'), to: moment(to, '--to') }
  return Object.fromEntries(Object.entries({ who, action, target, search, ...times }).filter(([, value]) => value !== undefined)) as Filter
}

/** @throws UserError invalid-input */
function remembered(text: string | undefined): { seq: number; hash: string } | undefined {
  if (text === undefined) return undefined
  const [, seq, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/i.exec(text) ?? []
  if (seq === undefined || hash === undefined)
    throw new UserError({ code: 'invalid-input', message: '--expect is the end of the log as an earlier verification told it: its number, a colon, its hash.' })
  return { seq: Number(seq), hash: hash.toLowerCase() }
}

async function verdictOfFile(file: string, key: string | undefined, expected: { seq: number; hash: string } | undefined) {
  if (isTable(file))
    throw new UserError({ code: 'audit-file-invalid', message: `${file} is a table, which holds no proof. Verify an export that ends in .jsonl.` })
  const input = createReadStream(file, 'utf8')
  const opened = new Promise<void>((resolve, reject) => input.once('open', () => resolve()).once('error', reject))
  try {
    await opened
    return await verifyFile(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }), {
      ...(key === undefined ? {} : { key }),
      ...(expected ? { remembered: [{ ...expected, by: '--expect' }] } : {}),
    })
  } catch (error) {
    throw error instanceof UserError ? error : fileProblem(file, error)
  } finally {
    input.destroy()
  }
}

function inWords(verdict: AuditVerdict & { isSelection?: boolean }): string {
  const { checked, problem, last, first, checkpoints, fingerprint, isSelection } = verdict
  const end = last
    ? [
        `End of the log: ${last.seq}:${last.hash}`,
        'Keep it somewhere else: "cellwright audit verify --expect" then finds a log that was put back or written anew.',
      ]
    : []
  const key = fingerprint ? [`Signed by the key ${fingerprint}.`] : []
  if (problem) {
    const before = checked === 1 ? 'The one entry before it is as it was written.' : `${checked} entries before it are as they were written.`
    return [`The audit log is NOT whole. ${problem.message}`, before, ...key].join('\n')
  }
  if (isSelection)
    return [
      checked === 1 ? 'The one entry is as it was written.' : `Each of the ${checked} entries is as it was written.`,
      'The file is a selection: whether entries are missing between them only a whole export can tell.',
      ...key,
    ].join('\n')
  const removed = checkpoints ? ` Older ones were removed by retention (${checkpoints} signed checkpoints).` : ''
  return [
    `The audit log is whole: ${checked} ${checked === 1 ? 'entry' : 'entries'}${first && first > 1 ? `, from number ${first}` : ''}.${removed}`,
    ...key,
    ...end,
  ].join('\n')
}

const fromWhere = ({ via, origin }: AuditEntry) =>
  [origin?.client === 'cli' ? 'command line' : via, origin?.token && `token "${origin.token}"`, origin?.panel && `panel ${origin.panel}`, origin?.address]
    .filter(Boolean)
    .join(', ')

const withFilter = (command: Command) =>
  command
    .option('--who <text>', 'part of the name of the person')
    .option('--action <text>', 'part of the action')
    .option('--target <text>', 'part of what was acted on')
    .option('--search <text>', 'anywhere in an entry')
    .option('--from <time>', 'not before: 2026-03-01T06:00, or how long ago (12h, 30d)')
    .option('--to <time>', 'before')

export function addAuditCommands(program: Command, { output, client }: Shell): void {
  const audit = program.command('audit').description('who did what from where')

  withFilter(audit.command('list').description('the newest entries'))
    .option('--limit <n>', 'how many', '50')
    .action(async (options: Filter & { limit: string }) => {
      const limit = Number(options.limit)
      const rows = await client().call(listAudit, { query: { ...filterOf(options), limit } })
      output().table(
        rows.toReversed(),
        {
          no: ({ seq }) => seq,
          time: ({ at }) => at.slice(0, 19).replace('T', ' '),
          who: ({ who }) => who,
          from: fromWhere,
          action: ({ action }) => action,
          what: ({ target }) => target,
        },
        'There is no such entry.',
      )
    })

  audit
    .command('verify')
    .description('whether the log is as it was written: every entry, their order, the signed end')
    .argument('[file]', 'an exported log; then no server is needed')
    .option('--key <fingerprint>', 'of the installation whose log the file has to be')
    .option('--expect <end>', 'the end of the log that an earlier verification told')
    .addHelpText('after', '\nExit code 1 when it is not whole.')
    .action(async (file: string | undefined, options: { key?: string; expect?: string }) => {
      const expected = remembered(options.expect)
      const verdict =
        file === undefined
          ? await client().call(verifyAudit, { body: expected ? { expect: expected } : {} }, { timeoutMs: VERIFY_MS })
          : await verdictOfFile(file, options.key, expected)
      output().result(verdict, inWords(verdict))
      if (file !== undefined && options.key === undefined && verdict.isWhole)
        output().note('The file brings the key itself. --key <fingerprint> makes sure that it is your installation that signed it.')
      if (!verdict.isWhole) process.exitCode = 1
    })

  withFilter(audit.command('export').description('the log as a file that can be verified anywhere'))
    .argument('<file>', 'where to; .csv makes a table for a spreadsheet')
    .action(async (file: string, options: Filter) => {
      const api = client()
      // finds a server that was started anew, and says in plain words where there is none
      await api.call(listAudit, { query: { limit: 1 } })
      const bytes = await download(api, file, filterOf(options))
      output().result({ file, bytes }, `Written to ${file}.`)
      if (isTable(file)) output().note('A table is for reading: it cannot be verified. Export to a file that ends in .jsonl for that.')
    })

  audit
    .command('keep')
    .description('how long the log is kept; without days: what is set')
    .argument('[days]', 'at least 30, or "all"; older entries are removed, and a signed checkpoint stays in their place')
    .option('--reason <text>', 'why, for the history')
    .action(async (days: string | undefined, { reason }: { reason?: string }) => {
      const state = await (days === undefined
        ? client().call(getAuditState, {})
        : client().call(setAuditRetention, { body: { maxAgeDays: ageOf(days), ...(reason ? { reason } : {}) } }))
      output().result(state, keptInWords(state))
    })
}

const isTable = (file: string) => file.toLowerCase().endsWith('.csv')

/** @throws UserError invalid-input */
function ageOf(days: string): number | null {
  if (days === 'all') return null
  const count = Number(days)
  if (!Number.isInteger(count) || count < 30 || count > 36_500)
    throw new UserError({ code: 'invalid-input', message: `"${days}" is no number of days from 30 to 36500. Say "all" to keep every entry.` })
  return count
}

function keptInWords({ maxAgeDays, setBy, setAt, entries, oldestAt, checkpoints }: State): string {
  const rule = maxAgeDays === null ? 'Every entry is kept' : `Entries are kept for ${maxAgeDays} days`
  const removed = checkpoints.reduce((sum, one) => sum + one.removed, 0)
  return [
    `${rule}${setBy && setAt ? ` (set by ${setBy}, ${setAt.slice(0, 10)})` : ''}.`,
    `The log holds ${entries} ${entries === 1 ? 'entry' : 'entries'}${oldestAt ? `, the oldest of ${oldestAt.slice(0, 10)}` : ''}.`,
    ...(removed ? [`${removed} older ones were removed; ${checkpoints.length} signed checkpoints stand for them.`] : []),
  ].join('\n')
}

/** First beside it: a broken download leaves nothing that looks like a log. @throws OperationalError download-failed; UserError file-unusable */
async function download({ access: { url, token } }: Client, file: string, filter: Filter): Promise<number> {
  const query = new URLSearchParams({ ...filter, format: isTable(file) ? 'csv' : 'jsonl' })
  const answer = await fetch(`${url}${exportAudit.path}?${query}`, { headers: { authorization: `Bearer ${token}`, 'user-agent': CLI_AGENT } })
  if (!answer.ok || !answer.body) {
    const { detail } = (await answer.json().catch(() => ({}))) as { detail?: string }
    throw new OperationalError({ code: 'download-failed', message: `The log could not be loaded: ${detail ?? `the server answered ${answer.status}`}.` })
  }
  const part = `${file}.part`
  const handle = await open(part, 'w', 0o600).catch((error: unknown) => {
    throw fileProblem(file, error, 'write')
  })
  try {
    const sink = handle.createWriteStream()
    await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), sink)
    await rename(part, file)
    return sink.bytesWritten
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(part, { force: true })
    throw new OperationalError({ code: 'download-failed', message: `The log could not be loaded: ${messageOf(error)}.`, cause: error })
  }
}
