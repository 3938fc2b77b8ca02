/**
 * "Start with the demo shop": a virtual machine, a real program, a work-order folder with sample orders,
 * and the flow that ties them together. Made through the same routes a person would use.
 */
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../base/errors.ts'
import { addConnection, addMachine, importTemplate, removeConnection, removeMachine, startDemo } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { InProcess } from '../http/in-process.ts'
import type { Machines, ProgramLibrary } from '../machines/index.ts'

const MACHINE_ID = 'demo-mill'
const TEMPLATE = 'cut-a-part'

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
      const inbox = join(shopDir, 'work-orders')
      const outbox = join(shopDir, 'confirmations')
      await mkdir(inbox, { recursive: true })
      await mkdir(outbox, { recursive: true })
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
        const { versionId = '' } = await call(importTemplate, {
          caller,
          params: { templateId: TEMPLATE },
          // the panel stays as every new one: the order's buttons stand on its first page
          body: {
            parameters: { machine: MACHINE_ID, connection: connection.id },
            keepsChanges: true,
            withoutPanels: true,
            to: 'deploy',
            comment: 'Demo shop',
          },
        })
        const program = await programs.find('bearing-plate.nc')
        // last: an order that arrives before its flow would only wait, but a person should see it come in
        const samples = join(templatesDir, TEMPLATE, 'samples', 'work-orders')
        for (const name of await readdir(samples)) await copyFile(join(samples, name), join(inbox, name))
        return { machineId: MACHINE_ID, programId: program.id, connectionId: connection.id, versionId, inbox, outbox }
      } catch (error) {
        // half a shop would be in the way of the next try
        if (connectionId) await call(removeConnection, { caller, params: { connectionId }, query: { evenIfUsed: true } }).catch(() => undefined)
        await call(removeMachine, { caller, params: { machineId: MACHINE_ID } }).catch(() => undefined)
        throw error
      }
    }),
  ]
}
