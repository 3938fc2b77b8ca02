/**
 * The operator panel: the buttons that running flows offer, what keeps each from being pressed, and the
 * presses. A press opens its run here, before the flow hears of it, so that it is never lost.
 */
import { OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcNotice } from '../../base/rpc.ts'
import { readFields } from '../../nodes/operator/read-fields.ts'
import { CAPABILITIES, listPanel, type PanelButton, pressButton } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { Runtime } from '../flows/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Machines } from '../machines/contract.ts'
import type { Runs } from '../runs/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Store } from '../store/index.ts'
import { machineTrouble } from './machine-trouble.ts'

type Face = RpcNotice<typeof gatewayRpc, 'panel'>[number]
type LastPress = NonNullable<PanelButton['lastPress']>
type Values = Record<string, string | number | boolean>

/** Changes are gathered this long, so that a machine's ten states a second are not ten panels. */
const PUBLISH_MS = 100
const PRESS_MS = 15_000
/** Presses remembered in memory; older ones are found in the run history. */
const MAX_PRESSES = 2000

export interface PanelPart {
  routes: RouteHandler[]
  rpc: { notifications: { panel(faces: Face[]): void } }
  close(): void
}

export interface PanelDeps {
  store: Store
  log: Logger
  live: LiveHub
  machines: Machines
  runtime: Pick<Runtime, 'peer' | 'onConnection'>
  runs: Pick<Runs, 'open' | 'link' | 'fail' | 'onChange'>
  audit: Audit
}

export function createPanel(deps: PanelDeps): PanelPart {
  const { store, log, live, machines, runtime, runs, audit } = deps
  let faces: Face[] = []
  let isRuntimeThere = true
  const lastPress = new Map<string, LastPress>()
  const nodeOfRun = new Map<string, string>()
  const presses = new Map<string, Promise<{ pressId: string; runId: string }>>()
  let timer: NodeJS.Timeout | undefined
  let published = ''

  const buttonTrouble = ({ machineId, needs }: Face): string | undefined => {
    if (machineId === undefined) return undefined
    try {
      return machineTrouble(machines.get(machineId), needs)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      return `The machine "${machineId}" is not set up.`
    }
  }

  const buttonOf = (face: Face): PanelButton => {
    const press = lastPress.get(face.nodeId)
    const reason = !isRuntimeThere ? 'The flows are being restarted.' : !face.isEnabled ? face.reason : buttonTrouble(face)
    const { reason: _own, ...rest } = face
    return {
      ...rest,
      isEnabled: isRuntimeThere && face.isEnabled && reason === undefined,
      ...(reason ? { reason } : {}),
      ...(press ? { lastPress: press } : {}),
    }
  }
  const buttons = () => faces.map(buttonOf)

  const changed = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      const list = buttons()
      const text = JSON.stringify(list)
      if (text === published) return
      published = text
      live.publish('panel', list)
    }, PUBLISH_MS)
  }

  live.provide('panel', buttons)
  machines.onChange(changed)
  machines.onGuard(changed)
  runtime.onConnection((isConnected) => {
    isRuntimeThere = isConnected
    changed()
  })
  runs.onChange(({ id, state, summary }) => {
    const nodeId = nodeOfRun.get(id)
    const press = nodeId === undefined ? undefined : lastPress.get(nodeId)
    if (nodeId === undefined || press?.runId !== id) return
    lastPress.set(nodeId, { ...press, state, ...(summary === undefined ? {} : { text: summary }) })
    changed()
  })

  const press = async (nodeId: string, request: { pressId: string; waitingId?: string; values: Values }, caller: Caller) => {
    const { pressId, waitingId } = request
    const earlier = await store.db.selectFrom('runLink').select('runId').where('kind', '=', 'press').where('targetId', '=', pressId).executeTakeFirst()
    if (earlier) return { pressId, runId: earlier.runId }
    const face = faces.find((entry) => entry.nodeId === nodeId)
    if (!face)
      throw new UserError({
        code: 'button-gone',
        message: 'This button is not there any more: its flow was changed or stopped. Load the page again.',
        status: 404,
      })
    const button = buttonOf(face)
    if (!button.isEnabled && isRuntimeThere)
      throw new UserError({ code: 'button-disabled', message: button.reason ?? 'This button cannot be pressed now.', status: 409 })
    const who = face.who ?? 'panel.press'
    if (!caller.capabilities.has(who))
      throw new UserError({
        code: 'not-allowed',
        status: 403,
        message: `"${face.label}" is for people who may ${CAPABILITIES[who]}. Your role does not include that.`,
      })
    const values = readFields(face.asks, request.values)
    const peer = runtime.peer()
    const runId = newId('run')
    await runs.open({ id: runId, trigger: { nodeId, nodeType: face.kind === 'form' ? 'cw-form' : 'cw-button', nodeName: face.label } })
    await runs.link(runId, {
      kind: 'press',
      id: pressId,
      text: face.kind === 'form' ? `Form "${face.label}" entered by ${caller.name}` : `Button "${face.label}" pressed by ${caller.name}`,
    })
    nodeOfRun.set(runId, nodeId)
    lastPress.set(nodeId, { pressId, runId, at: new Date().toISOString(), by: caller.name, state: 'active' })
    changed()
    audit.record({ caller, action: 'panel.press', target: nodeId, detail: { label: face.label, pressId, runId } })
    try {
      await peer.call('press', { nodeId, pressId, values, by: caller.name, runId, ...(waitingId === undefined ? {} : { waitingId }) }, { timeoutMs: PRESS_MS })
    } catch (error) {
      // no answer: the flow may have it; the run tells, and the same press is not made again
      if (error instanceof OperationalError) log.warn({ nodeId, runId, err: error }, 'a press was not answered')
      await runs
        .fail(runId, error instanceof Error ? error.message : String(error))
        .catch((next) => log.error({ runId, err: next }, 'a run could not be ended'))
      throw error
    }
    return { pressId, runId }
  }

  return {
    routes: [
      handle(listPanel, buttons),
      handle(pressButton, ({ params, body, caller }) => {
        const { pressId, waitingId, values } = body
        let pressing = presses.get(pressId)
        if (!pressing) {
          pressing = press(params.nodeId, { pressId, values, ...(waitingId === undefined ? {} : { waitingId }) }, caller)
          presses.set(pressId, pressing)
          // one that never began may be made again
          pressing.catch((error: unknown) => {
            if (!lastPressIs(params.nodeId, pressId)) presses.delete(pressId)
            log.info({ nodeId: params.nodeId, pressId, reason: error instanceof Error ? error.message : String(error) }, 'a press was refused')
          })
          const [oldest] = presses.keys()
          if (presses.size > MAX_PRESSES && oldest !== undefined) presses.delete(oldest)
          forgetOldRuns()
        }
        return pressing
      }),
    ],
    rpc: {
      notifications: {
        panel(list) {
          faces = list
          isRuntimeThere = true
          changed()
        },
      },
    },
    close() {
      clearTimeout(timer)
    },
  }

  function lastPressIs(nodeId: string, pressId: string): boolean {
    return lastPress.get(nodeId)?.pressId === pressId
  }
  function forgetOldRuns(): void {
    for (const [runId, nodeId] of nodeOfRun) if (lastPress.get(nodeId)?.runId !== runId) nodeOfRun.delete(runId)
  }
}
