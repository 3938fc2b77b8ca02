/** Imports, updates and removals. Each goes into the flows through the same door as every deploy, and has a row of its own. */
import { Readable } from 'node:stream'
import { messageOf, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import {
  type BodyOf,
  deployFlows,
  type FlowNode,
  getFlows,
  type ImportPreview,
  type ImportRequest,
  type importTemplate,
  type RemovalPreview,
  type removeTemplateImport,
  type TemplateImport,
} from '../api/index.ts'
import { sameJson } from '../api/same-json.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import { addToDraft } from '../flows/drafts/index.ts'
import type { ProgramLibrary } from '../machines/index.ts'
import type { FlowTests } from '../rehearsal/index.ts'
import type { KeepVersion, KeptVersions } from '../versions/index.ts'
import { type ImportRow, type ImportState, isDeployed, stateOf } from './import-rows.ts'
import { versionOf } from './import-versions.ts'
import { compareVersions } from './needs.ts'
import { lookAtRemoval, placePanels, takePanels } from './panels/place.ts'
import { type Plan, type PlanDeps, planImport, stops } from './plan-import.ts'
import { changedSince, controlName, nameOf, planRemoval } from './put-together.ts'

/** Who changed an import, and why. */
type Why = Pick<KeepVersion, 'author' | 'reason' | 'restoredFrom'>

const MOST_PROGRAM_BYTES = 8_000_000

export interface Imports {
  preview(templateId: string, request: ImportRequest, caller: Caller): Promise<ImportPreview>
  /** @param restoredFrom the version of the import that is put back */
  run(
    templateId: string,
    request: BodyOf<typeof importTemplate>,
    caller: Caller,
    restoredFrom?: string,
  ): Promise<{ import: TemplateImport; versionId?: string; panelProblems: string[] }>
  list(): Promise<TemplateImport[]>
  previewRemoval(importId: string, caller: Caller): Promise<RemovalPreview>
  remove(
    importId: string,
    request: BodyOf<typeof removeTemplateImport>,
    caller: Caller,
  ): Promise<{ removed: RemovalPreview; versionId?: string; panelProblems: string[] }>
  /** What stood in drafts and was deployed since counts as imported. */
  settle(): Promise<void>
}

export interface ImportDeps extends PlanDeps {
  programs: ProgramLibrary
  tests: FlowTests
  audit: Audit
  log: Logger
  currentFlows: () => Promise<{ flows: FlowNode[] }>
  versions: Pick<KeptVersions, 'keep'>
}

export function createImports(deps: ImportDeps): Imports {
  const { call, rows, programs, tests, audit, log, library, versions, shelf } = deps
  let queue: Promise<unknown> = Promise.resolve()
  /** Two imports at once would take the same number, and the second be refused for the flows of the first. */
  const oneAtATime = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work)
    queue = result.catch(() => {})
    return result
  }

  /** Its tests as they are now: those that somebody changed here stay as they are. */
  const putTests = async (before: ImportState | undefined, state: ImportState, by: string): Promise<void> => {
    const old = new Map((before?.tests ?? []).map((test) => [test.id, test]))
    for (const test of state.tests) {
      const here = await tests.get(test.id)
      const was = old.get(test.id)
      old.delete(test.id)
      if (!here || (was && sameJson(here, was))) await tests.put(test, by)
    }
    for (const id of old.keys()) if (await tests.get(id)) await tests.remove(id)
  }
  /** @returns what of its panels could not be placed, in words */
  const promote = async (row: Pick<ImportRow, 'id' | 'now' | 'templateId'>, pending: ImportState, why: Why): Promise<string[]> => {
    await putTests(row.now, pending, why.author.name)
    const { panelChoices: choices, ...state } = pending
    const before = row.now?.panels ?? []
    const { brought, problems } = choices
      ? await placePanels(shelf, {
          ...{ next: state.panels, before, choices, nameOf: controlName(state.base) },
          ...{ by: why.author, reason: why.reason ?? `Import of the template ${state.name}` },
        })
      : { brought: before, problems: [] }
    await rows.promote(row.id, { ...state, panels: brought }, (tx) => versions.keep(tx, { ...versionOf(row, state), ...why }))
    return problems
  }
  /** The one that `run` has under way says itself how it ended. */
  let underWay: string | undefined
  const settleNow = async (): Promise<void> => {
    const pending = (await rows.list()).filter((row) => row.pending && row.id !== underWay)
    if (!pending.length) return
    const flows = new Map((await deps.currentFlows()).flows.map((node) => [node.id, node]))
    for (const row of pending) {
      if (!row.pending || row.id === underWay || !isDeployed(row, flows)) continue
      const problems = await promote(row, row.pending, { author: { name: row.by }, reason: undefined })
      if (problems.length) log.warn({ importId: row.id, problems }, 'panels of an import could not be placed')
    }
  }
  let settling: Promise<unknown> = Promise.resolve()
  /** One after the other: two at once would each put the same panels there. */
  const settle = (): Promise<void> => {
    const result = settling.then(settleNow)
    settling = result.catch(() => {})
    return result
  }

  const view = (row: ImportRow, flows: ReadonlyMap<string, FlowNode>, newest: ReadonlyMap<string, string>): TemplateImport => {
    const state = stateOf(row)
    const ids = state.base.map(({ id }) => id)
    const here = ids.flatMap((id) => flows.get(id) ?? [])
    const version = newest.get(row.templateId)
    return {
      id: row.id,
      templateId: row.templateId,
      version: state.version,
      name: state.name,
      parameters: state.parameters,
      ...(state.signer === null || state.signer === 'product' ? {} : { signer: state.signer }),
      at: row.at.toISOString(),
      by: row.by,
      state: row.now ? (here.length ? 'deployed' : 'gone') : 'draft',
      nodes: Object.fromEntries(state.ids.filter(([, id]) => flows.has(id) || !row.now).map(([from, id]) => [id, from])),
      tabs: (row.now ? here : state.base).filter(({ type }) => type === 'tab').map((tab) => ({ id: tab.id, label: nameOf(tab) })),
      changedHere: row.now ? changedSince(state.base, flows) : 0,
      tests: state.tests.length,
      panels: (row.now?.panels ?? []).map(({ scope }) => scope),
      ...(version !== undefined && compareVersions(version, state.version) > 0 ? { newVersion: version } : {}),
    }
  }
  const viewNow = async (importId: string): Promise<TemplateImport> => {
    const { flows } = await deps.currentFlows()
    return view(await rows.find(importId), new Map(flows.map((node) => [node.id, node])), await newestVersions())
  }
  const newestVersions = async () => {
    const newest = new Map<string, string>()
    for (const { manifest } of await library.list()) if (!newest.has(manifest.id)) newest.set(manifest.id, manifest.version)
    return newest
  }

  const storePrograms = async (plan: Plan, caller: Caller): Promise<ImportState['programs']> => {
    const stored: ImportState['programs'] = []
    for (const { name, content, sha256 } of plan.newPrograms) {
      const program = await programs.upload({ name, content: Readable.from([content]), maxBytes: MOST_PROGRAM_BYTES, by: caller.userName })
      audit.record({ caller, action: 'uploaded a program', target: program.id, detail: { name, sha256, template: plan.preview.template.id } })
      stored.push({ name, programId: program.id, sha256 })
    }
    return [...plan.programsBefore, ...stored]
  }

  const intoDraft = ({ preview: { rev, changes }, versionId }: Plan, caller: Caller): Promise<void> =>
    addToDraft(call, { base: { rev, ...(versionId === undefined ? {} : { versionId }) }, changes, caller })

  return {
    settle: () => oneAtATime(settle),
    async preview(templateId, request, caller) {
      await settle()
      return (await planImport(deps, { templateId, request, caller })).preview
    },
    run: (templateId, request, caller, restoredFrom) =>
      oneAtATime(async () => {
        await settle()
        const plan = await planImport(deps, { templateId, request, caller })
        requireReady(plan, request)
        const state: ImportState = { ...plan.state, programs: await storePrograms(plan, caller) }
        const { importId, replaced, n } = plan
        // before the deploy: one that dies just after it is found again by what it made
        await rows.putPending({ id: importId, templateId, n, by: caller.name }, state)
        const detail = { template: templateId, version: state.version, parameters: state.parameters, counts: plan.preview.counts }
        const action = replaced ? 'template.update' : 'template.import'
        underWay = importId
        try {
          if (request.to === 'draft') {
            await intoDraft(plan, caller)
            audit.record({ caller, action, target: importId, detail: { ...detail, to: 'draft' } })
            return { import: await viewNow(importId), panelProblems: [] }
          }
          const comment = request.comment ?? `${replaced ? 'Update' : 'Import'} of the template ${plan.preview.template.name} ${state.version}`
          const { versionId } = await call(deployFlows, { caller, body: { flows: plan.flows, rev: request.rev ?? plan.preview.rev, kind: 'nodes', comment } })
          const panelProblems = await promote({ id: importId, templateId, ...(replaced?.now ? { now: replaced.now } : {}) }, state, {
            author: caller,
            reason: comment,
            restoredFrom,
          })
          audit.record({ caller, action, target: importId, detail: { ...detail, versionId } })
          return { import: await viewNow(importId), versionId, panelProblems }
        } catch (error) {
          // a second person has to approve it: it counts as imported once that deploy has happened
          if (error instanceof UserError && error.code === 'change-requested') throw error
          await rows.dropPending(importId).catch((later: unknown) => log.warn({ err: later, importId }, 'an import that failed could not be forgotten'))
          audit.record({ caller, action: `${action}-failed`, target: importId, detail: { ...detail, reason: messageOf(error) } })
          throw error
        } finally {
          underWay = undefined
        }
      }),
    async list() {
      await settle()
      const flows = new Map((await deps.currentFlows()).flows.map((node) => [node.id, node]))
      const newest = await newestVersions()
      return (await rows.list()).map((row) => view(row, flows, newest))
    },
    async previewRemoval(importId, caller) {
      await settle()
      return (await removal(await rows.find(importId), false, caller)).preview
    },
    remove: (importId, request, caller) =>
      oneAtATime(async () => {
        await settle()
        const row = await rows.find(importId)
        const { preview, flows } = await removal(row, request.withOwnWork, caller)
        if (preview.ownWork.length && !request.withOwnWork)
          throw new UserError({
            code: 'template-own-work',
            status: 409,
            message: `On the tabs of this import stand ${preview.ownWork.length} nodes that were added since (${preview.ownWork
              .slice(0, 3)
              .map(({ name }) => name)
              .join(', ')}). Move them to another tab, or remove them with it.`,
            details: { ownWork: preview.ownWork },
          })
        const comment = request.comment ?? `Removal of the template ${stateOf(row).name}`
        const deployed = preview.nodes.length
          ? await call(deployFlows, { caller, body: { flows, rev: request.rev ?? preview.rev, kind: 'nodes', comment } })
          : undefined
        for (const { id } of stateOf(row).tests) if (await tests.get(id)) await tests.remove(id)
        const gone = await removePrograms(row, caller)
        const { problems: panelProblems } = await takePanels(shelf, row.now?.panels ?? [], { by: caller, reason: comment })
        await rows.remove(importId, (tx) => versions.keep(tx, { ...versionOf(row, stateOf(row)), content: null, author: caller, reason: comment }))
        const detail = { template: row.templateId, nodes: preview.nodes.length, programs: gone }
        audit.record({ caller, action: 'template.remove', target: importId, detail })
        return { removed: { ...preview, programs: gone }, ...(deployed ? { versionId: deployed.versionId } : {}), panelProblems }
      }),
  }

  async function removal(row: ImportRow, withOwnWork: boolean, caller: Caller): Promise<{ preview: RemovalPreview; flows: FlowNode[] }> {
    const { flows, rev } = await call(getFlows, { caller })
    const ids = new Set([...(row.now?.ids ?? []), ...(row.pending?.ids ?? [])].map(([, id]) => id))
    const plan = planRemoval(flows as FlowNode[], ids, withOwnWork)
    const named = ({ id, type, ...node }: FlowNode) => ({ id, type, name: nameOf({ id, type, ...node }) })
    return {
      preview: {
        rev,
        nodes: plan.nodes.map(named),
        ownWork: plan.ownWork.map(named),
        kept: plan.kept.map(named),
        lostWires: plan.lostWires,
        tests: stateOf(row).tests.length,
        programs: (await removablePrograms(row)).map(({ name }) => name),
        panels: await lookAtRemoval(shelf, row.now?.panels ?? []),
      },
      flows: plan.flows,
    }
  }

  /** Those that it brought, that are still what it brought, and that no other import brought too. */
  async function removablePrograms(row: ImportRow): Promise<ImportState['programs']> {
    const others = new Set((await rows.list()).filter(({ id }) => id !== row.id).flatMap((each) => stateOf(each).programs.map(({ name }) => name)))
    const all = await programs.all()
    return stateOf(row).programs.filter(({ name, programId }) => !others.has(name) && all.find((program) => program.name === name)?.id === programId)
  }
  async function removePrograms(row: ImportRow, caller: Caller): Promise<string[]> {
    if (!caller.capabilities.has('programs.manage')) return []
    const gone: string[] = []
    for (const { name, programId } of await removablePrograms(row)) {
      try {
        await programs.remove(programId)
        gone.push(name)
      } catch (error) {
        // a job still needs it: it stays, and is told by not being named
        if (!(error instanceof UserError)) throw error
      }
    }
    return gone
  }
}

/** @throws UserError for the first thing that stands against it */
function requireReady({ preview, replaced }: Plan, request: BodyOf<typeof importTemplate>): void {
  const { parameterProblems, needs, conflicts, programs, signer } = preview
  const [wrong] = parameterProblems
  if (wrong)
    throw new UserError({
      code: 'parameters-invalid',
      status: 422,
      message: `${parameterProblems.map(({ message }) => message).join(' ')} Nothing was imported.`,
      details: { parameterProblems },
    })
  const missing = needs.filter(stops)
  if (missing.length) {
    const isRight = missing.every(({ kind }) => kind === 'capability')
    throw new UserError({
      code: isRight ? 'node-type-not-allowed' : 'template-needs',
      status: isRight ? 403 : 409,
      message: `${missing.map(({ text }) => text).join(' ')} Nothing was imported.`,
      details: { needs: missing },
    })
  }
  const before = replaced && stateOf(replaced).signer
  if (replaced && before !== null && before !== (signer.state === 'product' ? 'product' : signer.fingerprint) && request.takesOtherSigner !== true)
    throw new UserError({
      code: 'template-signer',
      status: 409,
      message: `The import that this one replaces was signed by another key (${before}); this file is ${signer.fingerprint ? `signed by ${signer.name} (${signer.fingerprint})` : 'not signed'}. Ask the author, then say that you take it.`,
      details: { before, signer },
    })
  const open = conflicts.filter(({ key }) => request.decisions?.[key] === undefined)
  if (open.length)
    throw new UserError({
      code: 'template-conflicts',
      status: 409,
      message: `${open.length} things were changed here and in the template, each in another way: ${open
        .slice(0, 3)
        .map(({ name, property }) => (property === undefined ? name : `${name} (${property})`))
        .join(', ')}. Decide for each which one stays.`,
      details: { conflicts: open },
    })
  const inTheWay = request.withoutPrograms === true ? [] : programs.filter(({ state }) => state === 'other-content' || state === 'not-allowed')
  const [first] = inTheWay
  if (first)
    throw new UserError({
      code: first.state === 'other-content' ? 'program-exists' : 'node-type-not-allowed',
      status: first.state === 'other-content' ? 409 : 403,
      message:
        first.state === 'other-content'
          ? `There is another program called "${first.name}" here. Rename that one, or import without programs: the flow then runs the one that is here.`
          : `The template brings the program "${first.name}", and you may not store programs. Ask somebody who may, or import without programs.`,
      details: { programs: inTheWay },
    })
  // problems of the flows are told by the deploy itself, with the node each stands at
}
