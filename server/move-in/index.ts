/**
 * Move in: what a shop has in Node-RED, CNCjs, gSender or UGS, brought here. It is read and reported first; what a person picks becomes
 * a draft of theirs, which nothing runs before they deploy it. README.md says what can go wrong.
 */
import { Readable } from 'node:stream'
import { UserError } from '../../base/errors.ts'
import {
  answerMoveIn,
  type BodyOf,
  bringMoveIn,
  type FlowNode,
  forgetMoveIn,
  getDraft,
  getFlows,
  getMoveIn,
  importMoveIn,
  listMoveIns,
  listNodeTypes,
  type MoveIn,
  type MoveInKind,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import { addToDraft } from '../flows/drafts/index.ts'
import type { FlowsPart } from '../flows/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { InProcess } from '../http/in-process.ts'
import type { Machines } from '../machines/contract.ts'
import type { ProgramLibrary } from '../machines/index.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Store } from '../store/index.ts'
import { referencesOf } from '../templates/new-ids.ts'
import { readBrought } from './archive/index.ts'
import { createArrivals } from './arrivals.ts'
import { isNodeRed, openWith, readDirectory } from './node-red/directory.ts'
import { lookAtItems } from './node-red/look.ts'
import { place } from './node-red/place.ts'
import { type Content, createMoveInRows, type MoveInRow, notFound } from './rows.ts'
import { lookAtSender, readSender } from './senders/index.ts'
import { macroFlow } from './senders/macro-flow.ts'

export interface MoveInDeps {
  store: Store
  secrets: Pick<Secrets, 'seal' | 'open'>
  audit: Audit
  flows: Pick<FlowsPart, 'allowedModules' | 'setArrivals'>
  machines: Pick<Machines, 'list'>
  programs: Pick<ProgramLibrary, 'all' | 'upload' | 'remove'>
  /** Routes of the other parts, for the same person. */
  call: InProcess
  /** Where a zip lies while it is read. */
  workDir: string
}

/** A draft of more is not taken by the designer's own route. */
const MOST_DRAFT_BYTES = 18_000_000
const MOST_CONTEXT_BYTES = 5_000_000
const MOST_PROGRAM_BYTES = 1_000_000

const SENDERS: Readonly<Record<Exclude<MoveInKind, 'node-red'>, string>> = { cncjs: 'CNCjs', gsender: 'gSender', ugs: 'UGS' }

export function createMoveIn(deps: MoveInDeps): { routes: RouteHandler[] } {
  const { store, secrets, audit, flows, machines, programs, call } = deps
  const rows = createMoveInRows(store.db, secrets)
  const arrivals = createArrivals(store.db, secrets)
  flows.setArrivals(arrivals)

  const surroundings = async (caller: Caller) => {
    const current = await call(getFlows, { caller })
    const { draft } = await call(getDraft, { caller })
    const here = new Map((current.flows as FlowNode[]).map((node) => [node.id, node]))
    for (const id of draft?.changes.removed ?? []) here.delete(id)
    for (const node of draft?.changes.put ?? []) here.set(node.id, node as FlowNode)
    return {
      base: { rev: current.rev, ...(current.versionId === undefined ? {} : { versionId: current.versionId }) },
      here,
      types: await call(listNodeTypes, { caller }),
      allowedModules: flows.allowedModules,
      machines: machines.list(),
    }
  }
  const report = async (row: MoveInRow, content: Content, caller: Caller): Promise<MoveIn> => {
    const head = {
      id: row.id,
      kind: row.kind,
      name: row.name,
      at: row.at.toISOString(),
      until: row.until.toISOString(),
      files: [...content.files].map(([path, bytes]) => ({ path, bytes: bytes.length })),
      passedOver: content.passedOver,
    }
    if (row.kind !== 'node-red') {
      const read = await readSender(content.files)
      const found = lookAtSender(read?.found ?? { macros: [], machines: [], lines: [] }, machines.list())
      return { ...head, credentials: 'none', items: [], globalContext: [], ...found }
    }
    const directory = await readDirectory(content.files, content.answers)
    const { items, lines, globalContext } = await lookAtItems(directory, await surroundings(caller))
    return {
      ...head,
      flowFile: directory.flowFile,
      credentials: directory.credentials,
      lines: [...lines, ...directory.lines],
      items: items.views,
      globalContext,
      machines: [],
      macros: [],
    }
  }

  const importFlows = async (row: MoveInRow, content: Content, body: BodyOf<typeof importMoveIn>, caller: Caller) => {
    const directory = await readDirectory(content.files, content.answers)
    const around = await surroundings(caller)
    const { items } = await lookAtItems(directory, around)
    const known = new Set(around.types.map(({ type }) => type))
    const placed = place(
      { ...body, items: body.items.filter((id) => items.byId.has(id)) },
      { items: items.byId, directory, here: around.here, references: referencesOf(around.types) },
    )
    if (placed.put.length === 0) throw nothingPicked()
    requireSmall(placed.put, MOST_DRAFT_BYTES, 'flows')
    requireSmall(placed.context, MOST_CONTEXT_BYTES, 'values of context')
    await addToDraft(call, { base: around.base, changes: placed, caller })
    const secretsComing = Object.keys(placed.credentials).length
    if (secretsComing || placed.context.length) {
      const nodes = Object.fromEntries(
        placed.put.map(({ id, type }) => [id, { type, ...(Object.hasOwn(placed.credentials, id) ? { credentials: placed.credentials[id] } : {}) }]),
      )
      await arrivals.put(caller.userId, row.name, { nodes, context: placed.context })
    }
    const isMissing = (type: string) => !known.has(type) && !type.startsWith('subflow:') && !FORMAT.has(type)
    return {
      flows: placed.flows,
      nodes: placed.put.length,
      secrets: secretsComing,
      contextKeys: placed.context.length,
      programs: [],
      missingTypes: [...new Set(placed.put.map(({ type }) => type).filter(isMissing))],
    }
  }

  const importMacros = async (row: MoveInRow, content: Content, body: BodyOf<typeof importMoveIn>, caller: Caller) => {
    const read = await readSender(content.files)
    const { macros } = lookAtSender(read?.found ?? { macros: [], machines: [], lines: [] }, [])
    const picked = macros.filter(({ id, steps }) => steps && body.macros.includes(id))
    if (!picked.length) throw nothingPicked()
    const { machineId = '' } = body
    if (machineId && !machines.list().some(({ id }) => id === machineId))
      throw new UserError({
        code: 'machine-not-found',
        status: 404,
        message: `There is no machine "${machineId}" here. Set it up first, or import without one and choose it in the draft.`,
      })
    const around = await surroundings(caller)
    const machineNode = machineId
      ? [...around.here.values()].find((node) => node.type === 'cw-machine' && node.machineId === machineId && !node.z)?.id
      : undefined
    const made = macroFlow(picked, {
      label: `Macros of ${row.kind === 'node-red' ? row.name : SENDERS[row.kind]}`,
      machineId,
      machineNode,
      taken: new Set((await programs.all()).map(({ name }) => name)),
    })
    if (made.programs.length && !caller.capabilities.has('programs.manage'))
      throw new UserError({
        code: 'not-allowed',
        status: 403,
        message: 'These macros become programs of the library, and your role does not include the right to upload programs.',
      })
    const stored = []
    for (const { name, text } of made.programs) {
      const program = await programs.upload({ name, content: Readable.from([Buffer.from(text)]), maxBytes: MOST_PROGRAM_BYTES, by: caller.userName })
      audit.record({ caller, action: 'uploaded a program', target: program.id, detail: { name, sha256: program.sha256, movedIn: row.id } })
      stored.push({ id: program.id, name })
    }
    try {
      await addToDraft(call, { base: around.base, changes: { put: made.nodes, removed: [] }, caller })
    } catch (error) {
      for (const { id } of stored) await programs.remove(id)
      throw error
    }
    return { flows: [made.tab], nodes: made.nodes.length, secrets: 0, contextKeys: 0, programs: stored, missingTypes: [] }
  }

  return {
    routes: [
      handle(bringMoveIn, async ({ query, request, caller }) => {
        const brought = await readBrought(request, { name: query.name, workDir: deps.workDir })
        const kind = (await isNodeRed(brought.files)) ? 'node-red' : (await readSender(brought.files))?.kind
        if (kind === undefined) throw unknown()
        const content: Content = { ...brought, answers: {} }
        // what cannot be read whole is not kept
        if (kind === 'node-red') await readDirectory(content.files, content.answers)
        const row = await rows.add({ kind, name: query.name, owner: caller.userId }, content)
        audit.record({ caller, action: 'move-in.bring', target: row.id, detail: { kind, name: row.name, files: brought.files.size } })
        return report(row, content, caller)
      }),
      handle(listMoveIns, async ({ caller }) => ({
        brought: (await rows.list(caller.userId)).map(({ id, kind, name, at, until }) => ({
          id,
          kind,
          name,
          at: at.toISOString(),
          until: until.toISOString(),
        })),
        waiting: await arrivals.list(caller.userId),
      })),
      handle(getMoveIn, async ({ params, caller }) => {
        const { row, content } = await rows.get(params.moveInId, caller.userId)
        return report(row, content, caller)
      }),
      handle(answerMoveIn, async ({ params, body, caller }) => {
        const { row, content } = await rows.get(params.moveInId, caller.userId)
        const answers = { ...content.answers, ...(body.flowFile === undefined ? {} : { flowFile: body.flowFile }) }
        // other flows have other passwords
        if (body.flowFile !== undefined && body.flowFile !== content.answers.flowFile) delete answers.credentials
        if (body.credentialSecret !== undefined) {
          const opened = await openWith(content.files, answers, body.credentialSecret)
          if (opened === undefined) throw wrongSecret()
          if (opened !== 'nothing') answers.credentials = opened
        }
        const next = { ...content, answers }
        const told = await report(row, next, caller)
        await rows.answer(row.id, caller.userId, next)
        audit.record({ caller, action: 'move-in.answer', target: row.id, detail: { what: Object.keys(body) } })
        return told
      }),
      handle(importMoveIn, async ({ params, body, caller }) => {
        const { row, content } = await rows.get(params.moveInId, caller.userId)
        const done = await (row.kind === 'node-red' ? importFlows : importMacros)(row, content, body, caller)
        const { flows: made, nodes, secrets: secretsComing, contextKeys } = done
        audit.record({
          caller,
          action: 'move-in.import',
          target: row.id,
          detail: { kind: row.kind, name: row.name, flows: made.map(({ label }) => label), nodes, secrets: secretsComing, contextKeys },
        })
        return done
      }),
      handle(forgetMoveIn, async ({ params, caller }) => {
        const isGone = (await rows.remove(params.moveInId, caller.userId)) || (await arrivals.remove(params.moveInId, caller.userId))
        if (!isGone) throw notFound()
        audit.record({ caller, action: 'move-in.forget', target: params.moveInId })
        return { ok: true as const }
      }),
    ],
  }
}

/** Parts of the flow format. */
const FORMAT = new Set(['tab', 'subflow', 'group', 'junction', 'global-config'])

const nothingPicked = () =>
  new UserError({
    code: 'move-in-nothing-picked',
    status: 422,
    message: 'Nothing of what was picked is to be imported: it is here already, or it cannot come along. Nothing was changed.',
  })
const wrongSecret = () =>
  new UserError({
    code: 'move-in-secret-wrong',
    status: 422,
    message: 'This secret does not open the passwords and keys. It is `credentialSecret` of the settings.js that Node-RED ran with, letter by letter.',
  })
const unknown = () =>
  new UserError({
    code: 'move-in-unknown',
    status: 422,
    message:
      'There is nothing in it that is known here. Bring a Node-RED user directory (a folder with settings.js or flows.json) as .zip or .tar.gz, the .cncrc of CNCjs, settings or macros of gSender, or UniversalGcodeSender.json. Nothing was kept.',
  })

/** Counted without making the whole text: flows of that size would hold up the event loop. @throws UserError move-in-too-large */
function requireSmall(values: readonly unknown[], most: number, what: string): void {
  let bytes = 0
  for (const value of values) bytes += Buffer.byteLength(JSON.stringify(value) ?? '')
  if (bytes > most)
    throw new UserError({
      code: 'move-in-too-large',
      status: 422,
      message: `The ${what} that were picked are larger than ${most / 1_000_000} MB, more than one draft holds. Pick some of them, deploy, then the others. Nothing was changed.`,
    })
}
