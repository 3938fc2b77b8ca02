/** Runs rehearsals: each in a host process of its own over a directory of its own, of which nothing is left. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { FlowNode, RehearsalReport } from '../api/index.ts'
import type { Machines, Programs } from '../machines/contract.ts'
import { type RehearsalHost, startHost } from './host-process.ts'
import type { RehearsalPlan } from './plan.ts'
import type { Resolved } from './resolve.ts'

export interface Runner {
  /**
   * @param options.signal ends it with what there is
   * @throws what the host threw; OperationalError `rehearsal-failed`, `closing`
   */
  run(rehearsed: Resolved, options: { onDoing?: (doing: string) => void; signal?: AbortSignal }): Promise<RehearsalReport>
  /** What a result depends on besides the flows and the case: machines, programs and their offsets. */
  surroundings(): Promise<unknown>
  close(): Promise<void>
}

export function createRunner(deps: {
  log: Logger
  machines: Pick<Machines, 'list'>
  programs: Pick<Programs, 'list' | 'find' | 'path'>
  connections: () => Promise<RehearsalPlan['connections']>
  /** Those that these flows measure. @defaultValue none */
  characteristics?: (flows: readonly FlowNode[]) => Promise<NonNullable<RehearsalPlan['characteristics']>>
  /** G-code that a template brings, by name. */
  programsOf: (template: { id: string; version?: string }) => Promise<ReadonlyMap<string, Buffer>>
  allowedModules: () => readonly string[]
  /** Node-RED's user directory: palette modules that were installed. */
  paletteDir: string
  /** For rehearsals alone, with a short path. What an earlier life of this process left there is removed. */
  workDir: string
}): Runner {
  const { log, machines, programs, connections, characteristics, programsOf, allowedModules, paletteDir, workDir } = deps
  const hosts = new Set<RehearsalHost>()
  const runs = new Set<Promise<unknown>>()
  let isClosing = false
  const remove = (dir: string) =>
    rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }).catch((error) =>
      log.warn({ err: error, dir }, 'the directory of a rehearsal could not be removed'),
    )
  const cleared = remove(workDir).then(() => mkdir(workDir, { recursive: true, mode: 0o700 }))
  // said where the directory is needed
  cleared.catch(() => {})

  const described = () =>
    machines.list().map(({ id, isVirtual: _, guard: __, state, ...settings }) => ({ id, settings, ...(state ? { state } : {}) })) as RehearsalPlan['machines']
  const listed = async () =>
    Promise.all(
      (await programs.list()).map(async ({ id }) => {
        const { name, sha256 } = await programs.find(id)
        return { id, name, sha256, path: programs.path(sha256) }
      }),
    )

  /** Those of a template that the library has not got, as files of this rehearsal. */
  const brought = async (
    template: { id: string; version?: string } | undefined,
    known: RehearsalPlan['programs'],
    dir: string,
  ): Promise<RehearsalPlan['programs']> => {
    if (!template) return []
    const missing = [...(await programsOf(template))].filter(([name]) => !known.some((program) => program.name === name))
    return Promise.all(
      missing.map(async ([name, content]) => {
        const sha256 = createHash('sha256').update(content).digest('hex')
        const path = join(dir, `${sha256}.nc`)
        await writeFile(path, content, { mode: 0o600 })
        return { id: name, name, sha256, path }
      }),
    )
  }

  const conduct: Runner['run'] = async ({ request, answers }, { onDoing = () => {}, signal }) => {
    await cleared
    const dir = await mkdtemp(join(workDir, 'r-'))
    let host: RehearsalHost | undefined
    try {
      const known = await listed()
      const plan: RehearsalPlan = {
        request,
        answers,
        machines: described(),
        programs: [...known, ...(await brought(request.template, known, dir))],
        connections: await connections(),
        ...(characteristics ? { characteristics: await characteristics(request.flows) } : {}),
        allowedModules: [...allowedModules()],
        dir,
        ...(existsSync(join(paletteDir, 'node_modules')) ? { paletteDir } : {}),
      }
      signal?.throwIfAborted()
      if (isClosing) throw new OperationalError({ code: 'closing', message: 'The gateway is ending.' })
      host = startHost(plan, onDoing)
      hosts.add(host)
      const { stop: end } = host
      const stop = () => end(messageOf(signal?.reason))
      signal?.addEventListener('abort', stop, { once: true })
      try {
        return await host.report
      } finally {
        signal?.removeEventListener('abort', stop)
      }
    } finally {
      if (host) {
        host.kill()
        // its machines and its shadow write there until they are gone
        await host.gone
        hosts.delete(host)
      }
      await remove(dir)
    }
  }

  return {
    run(rehearsed, options) {
      const running = conduct(rehearsed, options)
      const settled = running.then(
        () => {},
        () => {},
      )
      runs.add(settled)
      void settled.then(() => runs.delete(settled))
      return running
    },
    async surroundings() {
      return {
        machines: described().map(({ id, settings, state }) => ({ id, settings, offsetsMm: state?.offsetsMm, modal: state?.modal })),
        programs: (await listed()).map(({ id, name, sha256 }) => ({ id, name, sha256 })),
      }
    },
    async close() {
      isClosing = true
      for (const host of hosts) host.kill()
      await Promise.all(runs)
      await remove(workDir)
    },
  }
}
