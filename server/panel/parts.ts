/**
 * The composition of what an operator has at a machine: buttons, messages and what becomes of those that nobody sees, tiles of flows, and whose hand
 * moves the machine. A part of `gateway.ts`.
 */
import type { OnClose } from '../closing.ts'
import type { FlowsPart } from '../flows/index.ts'
import type { RouteHandler } from '../http/handler.ts'
import type { JobsPart } from '../jobs/index.ts'
import { createGaugeReminders } from '../quality/gauges/index.ts'
import { type ControlPart, createControl } from './control.ts'
import { createEscalation, type EscalationDeps } from './escalation.ts'
import { createPanel, type PanelDeps } from './index.ts'
import { createMessages, type MessagesPart } from './messages.ts'
import { createTiles } from './tiles.ts'

interface PanelPartsDeps extends PanelDeps, Pick<EscalationDeps, 'notices' | 'versions' | 'hosts'> {
  live: PanelDeps['live'] & Parameters<typeof createTiles>[0]['live']
  jobs: Pick<JobsPart, 'onChange'>
  gauges: Parameters<typeof createGaugeReminders>[0]['gauges']
  flows: Pick<FlowsPart, 'serve'>
  onClose: OnClose
}

interface PanelParts {
  readonly messages: MessagesPart
  readonly control: ControlPart
  readonly routes: readonly RouteHandler[]
  start(): Promise<void>
}

export function createPanelParts(deps: PanelPartsDeps): PanelParts {
  const { store, log, live, audit, machines, jobs, gauges, notices, versions, hosts, flows, onClose } = deps
  const panel = createPanel(deps)
  onClose('panel', () => panel.close())
  flows.serve(panel.rpc)
  const messages = createMessages({ store, live, audit, log, machines })
  onClose('messages of the panel', () => messages.close())
  flows.serve(messages.rpc)
  jobs.onChange((job) => messages.jobChanged(job))
  const reminders = createGaugeReminders({ gauges, messages, log, leads: () => hosts.leads })
  onClose('reminders of gauges', () => reminders.close())
  const escalation = createEscalation({ store, log, audit, messages, notices, machines, versions, hosts })
  onClose('escalation', () => escalation.close())
  flows.serve(createTiles({ live }).rpc)
  const control = createControl({ live, audit, machines })
  onClose('control of machines', () => control.close())
  return {
    messages,
    control,
    routes: [...control.guarded(panel.routes), ...control.routes, ...messages.routes, ...escalation.routes],
    async start() {
      await messages.start()
      await reminders.start()
      await escalation.start()
    },
  }
}
