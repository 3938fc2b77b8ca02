/**
 * Which panel has control of a machine: one at a time among people. Kept in memory, without the database, like everything
 * on the way of a command. It decides whose hand moves a machine, and nothing else: programs, flows, STOP and HOLD ask nobody.
 *
 * A panel says every few seconds that it is there. One that is silent, or whose person signs out, loses control; after a restart
 * of the gateway a panel that had it gets it back with its next sign of life, if nobody was faster.
 */
import type { Request } from 'express'
import { UserError } from '../../base/errors.ts'
import { type AuditAction, controlMachine, type MachineControl, type MachineView, NOT_AFTER_HEADER, PANEL_HEADER, panelAlive } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'

/** Without a sign of life for so long a panel is gone. It gives one every three seconds. */
const GONE_MS = 10_000
/** A question that nobody answers: the panel may stand alone. */
const ANSWER_MS = 20_000
const MAX_PANELS = 500
const SWEEP_MS = 1_000

/** What moves a machine by a person's hand, or lets it move. Ending a jog and beats are not among them: they are of the one who has it. */
export const BY_HAND: ReadonlySet<string> = new Set([
  'actOnMachine',
  'commandMachine',
  'connectMachine',
  'homeMachine',
  'resumeMachine',
  'startJog',
  'startProgram',
  'takeLease',
  'unlockMachine',
  'answerMachineJob',
])

/** What a person presses for flows, which may move a machine then: it does not wait in a bad line either. */
export const PRESSED: ReadonlySet<string> = new Set(['pressButton', 'answerAsk', 'fireTrigger'])

interface Panel {
  id: string
  name: string
  session: string
  person: string
  seenAt: number
}
interface Held {
  panel: Panel
  since: Date
  request?: { panel: Panel; since: Date; takeAt: number }
  refused?: { panelId: string; at: Date }
}

export interface ControlPart {
  routes: RouteHandler[]
  /** The same routes; those that move a machine by hand first ask who has control of it, and what is pressed has to come in time. */
  guarded(handlers: readonly RouteHandler[]): RouteHandler[]
  /** @throws UserError `controlled-elsewhere` for anybody but the panel that has the machine; a panel takes a free one by this */
  mustControl(machineId: string, caller: Caller, panelId: string | undefined): void
  close(): void
}

export function createControl(deps: {
  live: LiveHub
  audit: Audit
  machines: { get(machineId: string): MachineView }
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number
}): ControlPart {
  const { live, audit, machines, now = () => performance.now() } = deps
  const panels = new Map<string, Panel>()
  const held = new Map<string, Held>()

  const shown = (): MachineControl[] =>
    [...held].map(([machineId, { panel, since, request, refused }]) => ({
      machineId,
      holder: atPanel(panel, since),
      ...(request ? { request: { ...atPanel(request.panel, request.since), takeAt: new Date(Date.now() + request.takeAt - now()).toISOString() } } : {}),
      ...(refused ? { refused: { panelId: refused.panelId, at: refused.at.toISOString() } } : {}),
    }))
  const changed = () => live.publish('panel-control', shown())
  live.provide('panel-control', shown)

  const isHere = (panel: Panel) => now() - panel.seenAt < GONE_MS
  const give = (machineId: string, panel: Panel) => {
    held.set(machineId, { panel, since: new Date() })
    changed()
  }
  const holderOf = (machineId: string): Held | undefined => {
    const found = held.get(machineId)
    if (!found || isHere(found.panel)) return found
    held.delete(machineId)
    return undefined
  }

  const sweep = () => {
    let isChanged = false
    for (const [machineId, { panel, request }] of held) {
      if (!isHere(panel)) {
        held.delete(machineId)
        isChanged = true
        audit.record({ who: panel.person, via: 'panel', action: 'lost control of a machine', target: machineId, detail: { panel: panel.name } })
      } else if (request && !isHere(request.panel)) {
        const entry = held.get(machineId)
        delete entry?.request
        isChanged = true
      }
    }
    for (const [id, panel] of panels) if (!isHere(panel)) panels.delete(id)
    if (isChanged) changed()
  }
  const timer = setInterval(sweep, SWEEP_MS)
  timer.unref()

  const elsewhere = (machineId: string, { panel }: Held) =>
    new UserError({
      code: 'controlled-elsewhere',
      status: 409,
      message: `${panel.person} has control of ${nameOf(machineId)} at the panel "${panel.name}". Nothing was sent. Ask for control on your panel, or go there.`,
      details: { machineId, panel: panel.name, person: panel.person },
    })
  const nameOf = (machineId: string): string => {
    try {
      return machines.get(machineId).name
    } catch (error) {
      if (error instanceof UserError) return machineId
      throw error
    }
  }

  const mustControl: ControlPart['mustControl'] = (machineId, caller, panelId) => {
    // a program with a token of its own is not a person at a panel
    if (caller.via !== 'session') return
    const mine = panelId === undefined ? undefined : panels.get(panelId)
    const entry = holderOf(machineId)
    if (!entry) {
      if (mine?.session === caller.session) give(machineId, mine)
      return
    }
    const isOwner = entry.panel.session === caller.session && (panelId === undefined || panelId === entry.panel.id)
    if (!isOwner) throw elsewhere(machineId, entry)
  }

  const act = (machineId: string, what: string, panel: Panel, caller: Caller) => {
    const entry = holderOf(machineId)
    const isMine = entry?.panel.id === panel.id
    const record = (action: AuditAction, detail: object = {}) => audit.record({ caller, action, target: machineId, detail: { panel: panel.name, ...detail } })
    const lost = () =>
      new UserError({ code: 'control-lost', status: 409, message: `This panel does not have control of ${nameOf(machineId)} any more. Nothing was changed.` })
    switch (what) {
      case 'take': {
        if (isMine) return
        if (entry) {
          const isDue = entry.request?.panel.id === panel.id && now() >= entry.request.takeAt
          if (!isDue) throw elsewhere(machineId, entry)
          mustNotMoveByHand(machineId)
        }
        give(machineId, panel)
        record('took control of a machine', entry ? { from: entry.panel.name, person: entry.panel.person } : {})
        return
      }
      case 'ask':
        if (isMine) return
        if (!entry) {
          give(machineId, panel)
          record('took control of a machine')
          return
        }
        if (entry.request && entry.request.panel.id !== panel.id)
          throw new UserError({
            code: 'controlled-elsewhere',
            status: 409,
            message: `${entry.request.panel.person} has asked for it already. Wait for the answer.`,
          })
        entry.request ??= { panel, since: new Date(), takeAt: now() + ANSWER_MS }
        delete entry.refused
        record('asked for control of a machine', { from: entry.panel.name })
        changed()
        return
      case 'withdraw':
        if (entry?.request?.panel.id !== panel.id) return
        delete entry.request
        changed()
        return
      case 'hand-over': {
        if (!entry || !isMine) throw lost()
        const to = entry.request?.panel
        if (!to) throw new UserError({ code: 'control-lost', status: 409, message: 'Nobody asks for it any more. Nothing was changed.' })
        give(machineId, to)
        record('handed control of a machine over', { to: to.name, person: to.person })
        return
      }
      case 'refuse':
        if (!entry || !isMine) throw lost()
        if (!entry.request) return
        entry.refused = { panelId: entry.request.panel.id, at: new Date() }
        delete entry.request
        record('kept control of a machine')
        changed()
        return
      case 'give-back':
        if (!isMine) return
        held.delete(machineId)
        record('gave control of a machine back')
        changed()
        return
      default:
        throw new Error(`no such act: ${what}`)
    }
  }

  /** Nobody takes a machine out of the hand that moves it. */
  const mustNotMoveByHand = (machineId: string) => {
    const kind = machines.get(machineId).state?.lease?.kind
    if (kind === 'jog' || kind === 'work')
      throw new UserError({
        code: 'controlled-elsewhere',
        status: 409,
        message: `${nameOf(machineId)} is being moved by hand just now. Press HOLD or STOP if it must not, or wait until it stands.`,
      })
  }

  return {
    routes: [
      handle(panelAlive, ({ body: { panelId, name, controls }, caller }) => {
        const before = panels.get(panelId)
        const panel: Panel = { id: panelId, name, session: caller.session, person: caller.name, seenAt: now() }
        if (!before && panels.size >= MAX_PANELS)
          throw new UserError({ code: 'too-many-panels', status: 429, message: `There are ${MAX_PANELS} panels already. Close some of them.` })
        panels.set(panelId, panel)
        let isChanged = false
        for (const [machineId, entry] of held) {
          if (entry.panel.id === panelId) {
            // the next person at the same panel begins without it, and a locked panel has nobody
            const isOver = entry.panel.session !== caller.session || !caller.capabilities.has('machines.operate')
            if (isOver) held.delete(machineId)
            isChanged ||= isOver || entry.panel.name !== name
            entry.panel = panel
          }
          if (entry.request?.panel.id === panelId) entry.request.panel = panel
        }
        for (const machineId of controls) {
          if (!caller.capabilities.has('machines.operate') || holderOf(machineId)) continue
          // before it said anything to this gateway: it had it from the last one
          if (before === undefined) {
            held.set(machineId, { panel, since: new Date() })
            isChanged = true
          }
        }
        if (isChanged) changed()
        return { now: Date.now(), controls: shown() }
      }),
      handle(controlMachine, ({ params: { machineId }, body: { panelId, act: what }, caller }) => {
        machines.get(machineId)
        const panel = panels.get(panelId)
        if (!panel || panel.session !== caller.session)
          throw new UserError({ code: 'panel-unknown', status: 409, message: 'The server does not know this panel yet. Try again in a moment.' })
        act(machineId, what, panel, caller)
        return shown()
      }),
    ],
    mustControl,
    guarded: (handlers) =>
      handlers.map(({ route, run }) =>
        PRESSED.has(route.id)
          ? {
              route,
              run: async (context) => {
                mustBeInTime(context.request)
                return run(context)
              },
            }
          : BY_HAND.has(route.id)
            ? {
                route,
                run: async (context) => {
                  const machineId =
                    (context.params as { machineId?: string } | undefined)?.machineId ?? (context.body as { machineId?: string } | undefined)?.machineId
                  mustBeInTime(context.request)
                  if (machineId !== undefined && context.caller) mustControl(machineId, context.caller, panelOf(context.request))
                  return run(context)
                },
              }
            : { route, run },
      ),
    close: () => clearInterval(timer),
  }
}

const atPanel = (panel: Panel, since: Date) => ({ panelId: panel.id, panel: panel.name, person: panel.person, since: since.toISOString() })

/** @throws UserError `too-late` for what somebody pressed a while ago */
function mustBeInTime(request: Pick<Request, 'headers'> | undefined): void {
  const given = request?.headers[NOT_AFTER_HEADER]
  if (typeof given !== 'string') return
  const lateMs = Date.now() - Number(given)
  if (lateMs <= 0) return
  throw new UserError({
    code: 'too-late',
    status: 409,
    message: 'What you pressed arrived too late over a bad connection, so nothing was sent to the machine. Look at the machine and press again.',
    details: { lateMs },
  })
}

/** The panel that a request comes from, as it says. */
function panelOf(request: Pick<Request, 'headers'> | undefined): string | undefined {
  const given = request?.headers[PANEL_HEADER]
  return typeof given === 'string' && given.length <= 64 ? given : undefined
}
