/** `cellwright doctor`, `diagnostics`: what is wrong with an installation, whether it runs or not. */
import type { Command } from 'commander'
import { getSystemReport, type HealthFinding, type SystemReport } from '../../api/index.ts'
import { examine, type Finding } from '../../doctor/index.ts'
import type { Client } from '../client.ts'
import { packageRoot } from '../package-root.ts'
import type { Shell } from './shell.ts'

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
}
