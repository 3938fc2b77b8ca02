/** `cellwright doctor`, `diagnostics`: what is wrong with an installation, whether it runs or not. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { OperationalError } from '../../../base/errors.ts'
import { getDiagnostics, getSystemReport, type HealthFinding, type SystemReport } from '../../api/index.ts'
import { readConfig } from '../../config.ts'
import type { Finding } from '../../doctor/index.ts'
import type { Client } from '../client.ts'
import { fileProblem } from '../files.ts'
import { packageRoot } from '../package-root.ts'
import type { Shell } from './shell.ts'

/** Loaded when it is asked for: it brings the clients of database and Redis, which no other command waits for. */
const doctor = () => import('../../doctor/index.ts')

const MARKS: Record<Finding['level'], string> = { ok: 'ok      ', warning: 'WARNING ', problem: 'PROBLEM ' }

/** Of the product that runs: short, since its page has the words. */
const ofReport = ({ code, level, subject, facts }: HealthFinding): Finding => ({
  check: 'running product',
  level,
  text: `${code}${subject === undefined ? '' : `: ${subject}`}${
    Object.keys(facts).length
      ? ` (${Object.entries(facts)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')})`
      : ''
  }.`,
  todo: 'The page "Settings, Health and disk" says what it means and what to do.',
})

/** Undefined where none can be asked: what keeps it from that is found otherwise. */
async function reportOf(client: () => Client): Promise<SystemReport | undefined> {
  try {
    return await client().call(getSystemReport, {}, { timeoutMs: 10_000 })
  } catch {
    return undefined
  }
}

export function addDoctorCommands(program: Command, { client, output }: Shell): void {
  program
    .command('doctor')
    .description(
      'looks for what keeps the product from starting, from being reached or from its machines; works with it running or not; exit code 2 with a problem',
    )
    .action(async () => {
      const { examine } = await doctor()
      const found = await examine({ env: process.env, root: packageRoot() })
      const report = found.some(({ check, text }) => check === 'running' && text.startsWith('Cellwright runs')) ? await reportOf(client) : undefined
      if (report)
        found.push(
          ...(report.findings.length
            ? report.findings.map(ofReport)
            : [
                {
                  check: 'running product',
                  level: 'ok' as const,
                  text: `Version ${report.versions.program}, ${report.processes.length} processes: all is well.`,
                },
              ]),
        )
      const problems = found.filter(({ level }) => level === 'problem').length
      const warnings = found.filter(({ level }) => level === 'warning').length
      const lines = found.map(({ check, level, text, todo }) => `${MARKS[level]}${check}: ${text}${todo === undefined ? '' : `\n        -> ${todo}`}`)
      output().result(
        { findings: found, problems, warnings },
        [...lines, '', problems + warnings === 0 ? 'All is well.' : `${problems} problems, ${warnings} warnings.`].join('\n'),
      )
      if (problems) process.exitCode = 2
    })
  program
    .command('diagnostics <file>')
    .description(
      'writes one file (tar.gz) for whoever is to help: logs, settings, findings, flows, errors of runs; without the secrets that are known. Read it before you send it',
    )
    .action(async (file: string) => {
      const isRunning = (await runningHere()) || Boolean(process.env.CELLWRIGHT_URL)
      const bytes = isRunning ? await fromServer(client()) : await withoutServer()
      await writeFile(file, bytes, { mode: 0o600 }).catch((error: unknown) => {
        throw fileProblem(file, error, 'write')
      })
      output().result(
        { file, bytes: bytes.length, isWhole: isRunning },
        `Written to ${file}${isRunning ? '' : '; the product does not run here, so only logs, settings and what the doctor finds are in it'}. Open it and read what is in it before you send it.`,
      )
    })
}

async function withoutServer(): Promise<Buffer> {
  const { offlineDiagnostics } = await import('../../diagnostics/offline.ts')
  return offlineDiagnostics({ env: process.env, root: packageRoot() })
}

async function runningHere(): Promise<boolean> {
  const { runningOn } = await doctor()
  try {
    return (await runningOn(readConfig())) !== undefined
  } catch {
    // a setting is wrong: the doctor's part says which
    return false
  }
}

async function fromServer(api: Client): Promise<Buffer> {
  const { url, token } = api.access
  const answer = await fetch(`${url}${getDiagnostics.path}`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new OperationalError({ code: 'download-failed', message: `The diagnostics could not be made: the server answered ${answer.status}.` })
  return Buffer.from(await answer.arrayBuffer())
}
