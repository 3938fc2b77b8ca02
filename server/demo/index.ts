/**
 * "Start with the demo shop": a virtual machine, a real program, a work-order folder with sample orders,
 * and the flow that ties them together. Made through the same routes a person would use.
 */
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../base/errors.ts'
import {
  type AnyRoute,
  addConnection,
  addMachine,
  type BodyOf,
  deployFlows,
  getFlows,
  type ParamsOf,
  type ResponseOf,
  removeConnection,
  removeMachine,
  startDemo,
} from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { type Context, handle, type RouteHandler } from '../http/handler.ts'
import type { Machines, ProgramLibrary } from '../machines/index.ts'
import { fillTemplate, readTemplate } from './template.ts'

const MACHINE_ID = 'demo-mill'

/** Calls another part's route within the gateway, as the same person. */
export type InProcess = <R extends AnyRoute>(route: R, input: { caller: Caller; params?: ParamsOf<R>; body?: BodyOf<R> }) => Promise<ResponseOf<R>>

/** @throws Error for a route that nobody answers, a bug */
export function inProcess(handlers: () => readonly RouteHandler[]): InProcess {
  return async (route, { caller, params, body }) => {
    const handler = handlers().find((candidate) => candidate.route.id === route.id)
    if (!handler) throw new Error(`Nobody answers ${route.id}`)
    return (await handler.run({ caller, params, query: undefined, body } as unknown as Context<AnyRoute>)) as never
  }
}

export interface DemoOptions {
  call: InProcess
  machines: Machines
  programs: ProgramLibrary
  /** `flows/` of the product. */
  templatesDir: string
  /** Where the shop's work-order folders go. */
  shopDir: string
}

export function demoRoutes({ call, machines, programs, templatesDir, shopDir }: DemoOptions): RouteHandler[] {
  return [
    handle(startDemo, async ({ caller, body }) => {
      if (machines.list().some(({ id }) => id === MACHINE_ID))
        throw new UserError({
          code: 'demo-exists',
          status: 409,
          message: 'The demo shop is already here: open the designer to see its flow, the operator page to run it.',
        })
      const template = await readTemplate(join(templatesDir, 'cut-a-part'))
      const inbox = join(shopDir, 'work-orders')
      const outbox = join(shopDir, 'confirmations')
      await mkdir(inbox, { recursive: true })
      await mkdir(outbox, { recursive: true })
      const programFile = join(templatesDir, 'cut-a-part', 'programs', 'bearing-plate.nc')
      const program = await programs.upload({ name: 'bearing-plate.nc', content: createReadStream(programFile), maxBytes: 10_000_000, by: caller.name })
      await call(addMachine, {
        caller,
        body: {
          id: MACHINE_ID,
          name: 'Demo mill',
          link: { kind: 'virtual', timeScale: body.timeScale },
          envelopeMm: { min: [-20, -20, -60], max: [380, 280, 40] },
          whenRequesterGone: 'finish',
        },
      })
      let connectionId: string | undefined
      try {
        const connection = await call(addConnection, {
          caller,
          body: { name: 'Demo shop', connector: 'work-order-folder', settings: { inbox, outbox }, isEnabled: true },
        })
        connectionId = connection.id
        const { flows, rev } = await call(getFlows, { caller })
        const added = fillTemplate(template, { machine: MACHINE_ID, connection: connection.id })
        const { versionId } = await call(deployFlows, { caller, body: { flows: [...flows, ...added], rev, kind: 'nodes', comment: 'Demo shop' } })
        // last: an order that arrives before its flow would only wait, but a person should see it come in
        const samples = join(templatesDir, 'cut-a-part', 'work-orders')
        for (const name of await readdir(samples)) await copyFile(join(samples, name), join(inbox, name))
        return { machineId: MACHINE_ID, programId: program.id, connectionId: connection.id, versionId, inbox, outbox }
      } catch (error) {
        // half a shop would be in the way of the next try
        if (connectionId) await call(removeConnection, { caller, params: { connectionId } }).catch(() => undefined)
        await call(removeMachine, { caller, params: { machineId: MACHINE_ID } }).catch(() => undefined)
        throw error
      }
    }),
  ]
}
