/** What a shop would miss if it were not there any more, to compare an installation with itself: after a restore, after an upgrade. */
import {
  getFlows,
  getRun,
  listAccounts,
  listConnections,
  listJobs,
  listMachines,
  listMeasurements,
  listPrograms,
  listQualityCharacteristics,
  listRuns,
  listVersions,
} from '../../server/api/index.ts'
import type { Client } from '../../server/cli/client.ts'

/** @param runId a run that is compared with all its steps */
export async function shopOf(api: Client, runId: string) {
  const ask = { query: { limit: 200 } } as const
  const [accounts, { flows, rev }, versions, programs, machines, connections, characteristics, runs, jobs] = await Promise.all([
    api.call(listAccounts, {}),
    api.call(getFlows, {}),
    api.call(listVersions, ask),
    api.call(listPrograms, {}),
    api.call(listMachines, {}),
    api.call(listConnections, {}),
    api.call(listQualityCharacteristics, {}),
    api.call(listRuns, ask),
    api.call(listJobs, ask),
  ])
  return {
    people: accounts.map(({ userName, name, role, createdAt }) => ({ userName, name, role, createdAt })),
    flows,
    rev,
    versions: versions.map(({ id, rev: ofVersion, at }) => ({ id, rev: ofVersion, at })),
    programs,
    machines: machines.map(({ id, name, link }) => ({ id, name, link })),
    connections: connections.map(({ id, name, connector }) => ({ id, name, connector })),
    run: await api.call(getRun, { params: { runId } }),
    quality: await Promise.all(
      characteristics.map(async ({ id, revision, definition, measured }) => ({
        id,
        revision,
        definition,
        measured,
        measurements: await api.call(listMeasurements, { params: { id }, query: { limit: 1000 } }),
      })),
    ),
    runs: runs.filter(({ state }) => state !== 'active').map(({ id, state, startedAt }) => ({ id, state, startedAt })),
    jobs: jobs.filter(({ state }) => state === 'completed').map(({ id, state, name }) => ({ id, state, name })),
  }
}

export type ShopFacts = Awaited<ReturnType<typeof shopOf>>

/** What was there `before`, as it is `now`: runs and jobs that have come since are left out. */
export function asBefore(before: ShopFacts, now: ShopFacts): ShopFacts {
  const known = <T extends { id: string }>(list: readonly T[], earlier: readonly T[]) => list.filter(({ id }) => earlier.some((one) => one.id === id))
  return { ...now, runs: known(now.runs, before.runs), jobs: known(now.jobs, before.jobs) }
}

/** Only what an older program told, too: a newer one may tell more of a thing, and never less. */
export function asFarAsTold<T>(before: T, now: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(now)) return now.map((one, at) => (at < before.length ? asFarAsTold(before[at], one) : one))
  if (!isRecord(before) || !isRecord(now)) return now
  return Object.fromEntries(Object.entries(now).flatMap(([key, value]) => (Object.hasOwn(before, key) ? [[key, asFarAsTold(before[key], value)]] : [])))
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
