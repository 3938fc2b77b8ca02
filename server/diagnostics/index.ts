/** One file for whoever is to help, from the gateway that runs; `offline.ts` makes what can be had of one that does not. */
import { sql } from 'kysely'
import { getDiagnostics } from '../api/diagnostics.ts'
import type { FlowNode, SystemReport } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Config, dataPaths } from '../config.ts'
import { examine } from '../doctor/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Secrets } from '../secrets/index.ts'
import { databaseSizes } from '../space/tables.ts'
import type { Store } from '../store/index.ts'
import { bundle, type Part } from './bundle.ts'
import { knownSecrets } from './known.ts'
import { createScrubber } from './scrub.ts'
import { settingsOf } from './settings.ts'

const RUNS = 100

export interface DiagnosticsDeps {
  store: Pick<Store, 'db'>
  secrets: Pick<Secrets, 'open'>
  audit: Pick<Audit, 'record'>
  config: Config
  paths: ReturnType<typeof dataPaths>
  health: { report(): Promise<SystemReport> }
  flows: { current(): Promise<{ flows: FlowNode[] }> }
  /** What the processes of this life say to each other, and the command line to us. */
  tokens: readonly string[]
  rootDir: string
}

export function createDiagnostics(deps: DiagnosticsDeps): { routes: readonly RouteHandler[] } {
  const { store, secrets, audit, config, paths, health, flows, tokens, rootDir } = deps
  const { db } = store
  const failedRuns = async () => {
    const rows = await db.selectFrom('run').selectAll().where('state', 'in', ['failed', 'interrupted']).orderBy('id', 'desc').limit(RUNS).execute()
    return rows
  }
  const parts: readonly Part[] = [
    { path: 'report.json', what: 'how it is: versions, processes, database, queues, disk, links, clock, findings', content: () => health.report() },
    { path: 'doctor.json', what: 'what "cellwright doctor" finds', content: () => examine({ env: process.env, root: rootDir }) },
    { path: 'settings.txt', what: 'the settings, secret ones left out', content: () => settingsOf(config) },
    {
      path: 'migrations.json',
      what: 'which changes of the schema the database has',
      content: async () => (await sql`select name, timestamp from kysely_migration order by name`.execute(db)).rows,
    },
    { path: 'tables.json', what: 'what the tables take', content: () => databaseSizes(db) },
    {
      path: 'jobs.json',
      what: 'how many jobs are in which state',
      content: async () => (await sql`select queue, state, count(*)::integer as jobs from job group by queue, state order by queue, state`.execute(db)).rows,
    },
    { path: 'failed-runs.json', what: `the last ${RUNS} runs that failed, with the errors of their steps`, content: failedRuns },
    { path: 'flows.json', what: 'the flows that run, without credentials', content: async () => (await flows.current()).flows.map(withoutCredentials) },
  ]
  return {
    routes: [
      handle(getDiagnostics, async ({ caller, response }) => {
        const known = await knownSecrets({ config, database: { db, secrets }, tokens })
        const madeAt = new Date()
        const file = await bundle({ parts, logsDir: paths.logs, scrub: createScrubber(known), madeAt, by: caller.name })
        audit.record({ caller, action: 'system.diagnostics', target: 'installation', detail: { bytes: file.length } })
        response.setHeader('content-type', 'application/gzip')
        response.setHeader(
          'content-disposition',
          `attachment; filename="cellwright-diagnostics-${madeAt.toISOString().slice(0, 19).replaceAll(/[:T]/g, '-')}.tar.gz"`,
        )
        response.setHeader('cache-control', 'no-store')
        response.end(file)
      }),
    ],
  }
}

const withoutCredentials = ({ credentials: _, ...node }: FlowNode & { credentials?: unknown }) => node
