/**
 * Promotions: versions of flows that go from one installation to another, as one file or through a shared folder. Credentials stay
 * behind; what is called otherwise here is chosen once. Taking one is a deploy like every other. README.md says what can go wrong.
 */
import type { Readable } from 'node:stream'
import { messageOf, UserError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import {
  type FlowTest,
  getFlows,
  getPromotionFile,
  listConnections,
  listConnectors,
  listNodeTypes,
  listPromotions,
  lookAtPromotion,
  makePromotion,
  offerPromotion,
  type Promotion,
  type PromotionManifest,
  type PromotionPreview,
  previewPromotion,
  type ResponseOf,
  removePromotion,
  takePromotion,
  uploadPromotion,
} from '../../api/index.ts'
import { sameJson } from '../../api/same-json.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Caller } from '../../auth/caller.ts'
import type { FlowsPart } from '../../flows/index.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { InProcess } from '../../http/in-process.ts'
import type { Machines } from '../../machines/contract.ts'
import type { ProgramLibrary } from '../../machines/index.ts'
import type { LayoutShelf } from '../../panel/layouts/index.ts'
import { qualityThings } from '../../quality/pickable.ts'
import type { FlowTests } from '../../rehearsal/index.ts'
import type { Secrets } from '../../secrets/index.ts'
import type { Store } from '../../store/index.ts'
import { moduleVersions, type Surroundings } from '../../templates/needs.ts'
import { fingerprintOf, signingKey } from '../../templates/seal.ts'
import type { EnvironmentMark } from '../mark.ts'
import { installationOf, LARGEST_FILE, type PromotionContent, readPromotion, writePromotion } from './file.ts'
import { createFolders, type Place } from './folders.ts'
import { collect, refuseSecrets } from './make.ts'
import { panelKey, panelsOf } from './panels.ts'
import { createPlacing } from './placing.ts'
import { type PlanDeps, planTaking, requireReady } from './plan.ts'
import { type ProgramToStore, programName, storePrograms } from './programs.ts'
import type { ShopThings } from './references.ts'
import { createPromotionRows, type PromotedFrom } from './rows.ts'

export interface PromotionsDeps {
  store: Store
  log: Logger
  audit: Audit
  secrets: Pick<Secrets, 'derive'>
  environment: EnvironmentMark
  flows: Pick<FlowsPart, 'deploy' | 'version' | 'allowedModules' | 'onDeployed'>
  machines: Pick<Machines, 'list'>
  programs: Pick<ProgramLibrary, 'all' | 'find' | 'path' | 'upload' | 'remove'>
  tests: FlowTests
  shelf: LayoutShelf
  /** Routes of the other parts, for the same person. */
  call: InProcess
  /** Secrets that the gateway keeps, to find them in what would leave. */
  keptSecrets: () => Promise<readonly string[]>
  /** Where files of this installation lie. */
  filesDir: string
  /** That several installations see. */
  sharedDir: string | undefined
  productVersion: string
  paletteDir: string
  rootDir: string
}

const MOST_TAKEN = 50

export function createPromotions(deps: PromotionsDeps): { routes: RouteHandler[] } {
  const { store, audit, log, environment, flows, machines, programs, tests, call } = deps
  const folders = createFolders({ own: deps.filesDir, store: deps.sharedDir })
  const rows = createPromotionRows(store.db)
  const ownFingerprint = fingerprintOf(signingKey(deps.secrets, 'this installation').publicKey)
  const moduleVersion = moduleVersions(deps.paletteDir, deps.rootDir)
  let queue: Promise<unknown> = Promise.resolve()
  /** A second one taken meanwhile would be refused for the flows of the first. */
  const oneAtATime = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work)
    queue = result.catch(() => {})
    return result
  }

  const things = async (caller: Caller): Promise<ShopThings> => ({
    machines: machines.list(),
    connections: await call(listConnections, { caller }),
    programs: await programs.all(),
    quality: await qualityThings(store.db),
  })
  const surroundings = async (caller: Caller): Promise<Surroundings> => ({
    types: await call(listNodeTypes, { caller }),
    connectors: (await call(listConnectors, { caller })).map(({ id }) => id),
    machines: machines.list(),
    allowedModules: flows.allowedModules,
    moduleVersion,
  })
  const planDeps: PlanDeps = { call, rows, things, surroundings, asksReason: () => environment.asksReason }

  const shown = (content: PromotionContent, where: Place, file: string, known: ReadonlySet<string>): Promotion => {
    const { id, bytes, manifest, flow, tests: brought, panels, programs: carried, signer } = content
    const isOurs = signer.fingerprint === ownFingerprint
    return {
      id,
      where,
      file,
      bytes,
      from: manifest.from,
      version: manifest.version,
      scope: manifest.scope,
      ...(manifest.note === undefined ? {} : { note: manifest.note }),
      by: manifest.by,
      at: manifest.at,
      isOurs,
      signer: { state: isOurs ? 'ours' : known.has(signer.fingerprint) ? 'known' : 'unknown', ...signer },
      flows: flow.filter(({ type }) => type === 'tab' || type === 'subflow').map(({ id: of, label, name }) => ({ id: of, label: String(label || name || of) })),
      nodes: flow.filter(({ type }) => type !== 'tab' && type !== 'subflow' && type !== 'group').length,
      tests: brought.length,
      panels: panels.length,
      programs: carried.size,
    }
  }
  const knownSigners = async () => new Set((await rows.list(1000)).map(({ fingerprint }) => fingerprint))

  const lookAt = async ({ versionId, flowIds }: { versionId?: string | undefined; flowIds?: readonly string[] | undefined }, caller: Caller) => {
    const id = versionId ?? (await call(getFlows, { caller })).versionId
    if (id === undefined)
      throw new UserError({ code: 'promotion-empty', status: 422, message: 'Nothing was ever deployed here, so there is nothing to promote.' })
    return collect({
      version: await flows.version(id),
      label: await labelOf(id),
      flowIds,
      types: await call(listNodeTypes, { caller }),
      things: await things(caller),
      tests: await tests.list(),
      panelsOf: (flow, scope) => panelsOf(call, caller, flow, scope),
      mayTakeMessages: caller.capabilities.has('flows.messages'),
      kept: await deps.keptSecrets(),
      moduleVersion,
      library: caller.capabilities.has('programs.view') ? programs : undefined,
    })
  }
  const labelOf = async (versionId: string): Promise<string | undefined> =>
    (await store.db.selectFrom('flowVersion').select('label').where('id', '=', versionId).executeTakeFirst())?.label ?? undefined

  const make = async (
    { versionId, flowIds, note, offer }: { versionId?: string | undefined; flowIds?: readonly string[] | undefined; note?: string | undefined; offer: boolean },
    caller: Caller,
  ): Promise<Promotion> => {
    const made = await lookAt({ versionId, flowIds }, caller)
    refuseSecrets(made.secrets)
    const { name, kind } = environment.current
    const manifest: PromotionManifest = {
      format: 1,
      from: { id: installationOf(ownFingerprint), name, environment: kind, product: deps.productVersion },
      version: made.version,
      scope: flowIds ? 'some' : 'all',
      ...(note?.trim() ? { note: note.trim() } : {}),
      by: caller.name,
      at: new Date().toISOString(),
      references: made.references,
      ...(Object.keys(made.needs).length ? { needs: made.needs } : {}),
    }
    const { archive, content } = await writePromotion(
      { manifest, flow: made.flow, tests: made.tests, panels: made.panels, programs: made.programFiles },
      signingKey(deps.secrets, name),
    )
    const own = await folders.put('here', content, archive)
    const offered = offer ? await folders.put('store', content, archive) : undefined
    audit.record({
      caller,
      action: 'promotion.make',
      target: versionId ?? 'newest',
      detail: { number: made.version.number, promotion: content.id, nodes: made.flow.length, ...(offer ? { offered: true } : {}) },
    })
    return shown(content, offered?.where ?? own.where, own.file, new Set())
  }

  /** Tests are there before the deploy, so that what has to pass is what came along; put back when it fails. */
  const withTests = async <T>(brought: readonly FlowTest[], before: readonly FlowTest[], by: string, work: () => Promise<T>): Promise<T> => {
    const was = new Map(before.map((test) => [test.id, test]))
    const undo: (() => Promise<unknown>)[] = []
    for (const test of brought) {
      const here = await tests.get(test.id)
      const old = was.get(test.id)
      was.delete(test.id)
      // one that somebody changed here stays as it is
      if (here && !(old && sameJson(here, old))) continue
      await tests.put(test, by)
      undo.push(() => (here ? tests.put(here, by) : tests.remove(test.id)))
    }
    for (const [id, old] of was) {
      const here = await tests.get(id)
      if (!here || !sameJson(here, old)) continue
      await tests.remove(id)
      undo.push(() => tests.put(here, by))
    }
    try {
      return await work()
    } catch (error) {
      for (const back of undo.toReversed()) await back().catch((later: unknown) => log.warn({ err: later }, 'a test of a promotion that was not taken stayed'))
      throw error
    }
  }

  /** Programs are there before the deploy, so that tests run what came along; one that fails leaves none of them. */
  const withPrograms = async <T>(wanted: readonly ProgramToStore[], content: PromotionContent, caller: Caller, work: () => Promise<T>): Promise<T> => {
    const store = (some: readonly ProgramToStore[]) =>
      storePrograms(programs, some, {
        contents: content.programs,
        by: caller.userName,
        tell: ({ id, name, sha256 }) => audit.record({ caller, action: 'uploaded a program', target: id, detail: { name, sha256, promotion: content.id } }),
      })
    const undos = [await store(wanted.filter(({ basedOn }) => basedOn === undefined))]
    try {
      undos.push(await store(wanted.filter(({ basedOn }) => basedOn !== undefined)))
      return await work()
    } catch (error) {
      // what has a name of its own may wait here for the second person; what runs now goes on running as it is
      const isWaiting = error instanceof UserError && error.code === 'change-requested'
      for (const undo of isWaiting ? undos.slice(1) : undos.toReversed())
        await undo().catch((later: unknown) => log.warn({ err: later }, 'a program of a promotion that was not taken stayed'))
      throw error
    }
  }

  const place = createPlacing({ rows, shelf: deps.shelf, programs, tests, folders, audit, log })
  const placeBehind = (which: 'approved' | 'any') =>
    void place(which).catch((error: unknown) => log.warn({ err: error }, 'what came with a promotion could not be put with its flows'))
  // one that a second person has let through was deployed by them, later; one that a gateway was placing when it died goes on
  flows.onDeployed(() => placeBehind('approved'))
  placeBehind('any')

  return {
    routes: [
      handle(listPromotions, async () => {
        const { found, refused, storeProblem } = await folders.list()
        const known = await knownSigners()
        return {
          promotions: found.map(({ where, file, content }) => shown(content, where, file, known)).toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)),
          refused,
          taken: await rows.list(MOST_TAKEN),
          store: { isSet: folders.hasStore, ...(storeProblem ? { problem: storeProblem } : {}) },
          fingerprint: ownFingerprint,
        }
      }),
      handle(previewPromotion, async ({ body, caller }) => {
        const { version, flow, tests: brought, panels, programs: along, references, secrets } = await lookAt(body, caller)
        return {
          version,
          flows: flow.filter(({ type }) => type === 'tab' || type === 'subflow').map(({ id, label, name }) => ({ id, label: String(label || name || id) })),
          nodes: flow.filter(({ type }) => type !== 'tab' && type !== 'subflow' && type !== 'group').length,
          tests: brought.map(({ id, name }) => ({ id, name })),
          panels: panels.length,
          programs: along,
          references,
          secrets,
        }
      }),
      handle(makePromotion, ({ body, caller }) => make(body, caller)),
      handle(uploadPromotion, async ({ request, caller }) => {
        const archive = await wholeOf(request)
        const content = await readPromotion(archive)
        const { where, file } = await folders.put('here', content, archive)
        audit.record({
          caller,
          action: 'promotion.upload',
          target: content.id,
          detail: { from: content.manifest.from.name, number: content.manifest.version.number },
        })
        return shown(content, where, file, await knownSigners())
      }),
      handle(getPromotionFile, async ({ params, response }) => {
        const { archive, file } = await folders.take(params.promotionId)
        response
          .status(200)
          .setHeader('Content-Type', 'application/gzip')
          .setHeader('Content-Disposition', `attachment; filename="${file.replaceAll(/[^A-Za-z0-9._-]/g, '_')}"`)
          .setHeader('X-Content-Type-Options', 'nosniff')
          .setHeader('Cache-Control', 'private, no-cache')
          .end(archive)
      }),
      handle(offerPromotion, async ({ params, caller }) => {
        const { content, archive } = await folders.take(params.promotionId)
        const { where, file } = await folders.put('store', content, archive)
        audit.record({ caller, action: 'promotion.offer', target: content.id, detail: { number: content.manifest.version.number } })
        return shown(content, where, file, await knownSigners())
      }),
      handle(removePromotion, async ({ params, caller }) => {
        const { found } = await folders.list()
        const mine = found.filter(({ content }) => content.id === params.promotionId)
        const inStore = mine.find(({ where }) => where === 'store')
        const isHere = mine.some(({ where }) => where === 'here')
        if (inStore && !isHere && inStore.content.signer.fingerprint !== ownFingerprint)
          throw new UserError({
            code: 'promotion-of-another',
            status: 403,
            message: `This file was offered by "${inStore.content.manifest.from.name}": it is taken back there.`,
          })
        if (isHere || !inStore) await folders.remove('here', params.promotionId)
        if (inStore && inStore.content.signer.fingerprint === ownFingerprint) await folders.remove('store', params.promotionId)
        audit.record({ caller, action: 'promotion.forget', target: params.promotionId })
        return { ok: true as const }
      }),
      handle(lookAtPromotion, async ({ params, body, caller }) => {
        const { content, where, file } = await folders.take(params.promotionId)
        const promotion = shown(content, where, file, await knownSigners())
        return (await planTaking(planDeps, { content, promotion, request: body, caller })).preview
      }),
      handle(takePromotion, ({ params, body, caller }) =>
        oneAtATime(async (): Promise<ResponseOf<typeof takePromotion>> => {
          const { content, where, file } = await folders.take(params.promotionId)
          const promotion = shown(content, where, file, await knownSigners())
          const plan = await planTaking(planDeps, { content, promotion, request: body, caller })
          requireReady(plan, body)
          const { manifest, signer } = content
          const { preview } = plan
          const promotedFrom: PromotedFrom = {
            promotionId: content.id,
            from: manifest.from,
            version: manifest.version,
            fingerprint: signer.fingerprint,
            nodeIds: plan.nodeIds,
            tests: preview.tests,
            // what came before and was not touched now is still what came from there
            panels: [...plan.panels.save.map(({ scope, layout }) => ({ scope, layout })), ...plan.panels.kept],
            programs: programsLeft(preview),
            placing: {
              panels: plan.panels.save.map(({ scope, revision }) => ({ key: panelKey(scope), basedOn: revision })),
              programs: plan.programs.store,
            },
          }
          const reason = body.reason?.trim()
          const comment = `Promoted from ${manifest.from.name}, version ${manifest.version.number}${reason ? `: ${reason}` : ''}`.slice(0, 500)
          const detail = { from: manifest.from, version: manifest.version.number, promotion: content.id, counts: preview.counts, choices: body.choices }
          try {
            const { versionId } = await withPrograms(plan.programs.store, content, caller, () =>
              withTests(preview.tests, plan.before?.tests ?? [], caller.userName, () =>
                flows.deploy(
                  { flows: plan.flows, rev: body.rev ?? preview.rev, kind: 'nodes', comment, id: body.id, untested: body.untested, promotedFrom },
                  caller,
                ),
              ),
            )
            await rows.remember(manifest.from.id, plan.chosen, caller.name)
            audit.record({ caller, action: 'promotion.take', target: versionId, detail })
            const [taken] = (await rows.list(MOST_TAKEN)).filter((each) => each.versionId === versionId)
            if (!taken) throw new Error('a promotion that was deployed is not in its version')
            return { ...taken, panelProblems: await place({ versionId, by: caller }) }
          } catch (error) {
            audit.record({ caller, action: 'promotion.take-failed', target: content.id, detail: { ...detail, reason: messageOf(error) } })
            throw error
          }
        }),
      ),
    ],
  }
}

/** What the names of its programs stand for here once it is taken. */
function programsLeft({ programs, references }: PromotionPreview): { name: string; sha256: string }[] {
  const same = new Set(programs.filter(({ state, decision }) => state === 'same' || decision === 'theirs').map(({ key }) => key))
  return references.flatMap(({ key, reference }) =>
    same.has(key) && reference.sha256 !== undefined ? [{ name: programName(reference), sha256: reference.sha256 }] : [],
  )
}

/** @throws UserError body-too-large */
async function wholeOf(request: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  // a refused upload is not cut off: the sender gets to see why
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > LARGEST_FILE) {
      request.resume()
      throw new UserError({ code: 'body-too-large', status: 413, message: `A promotion may have ${LARGEST_FILE / 1_000_000} MB at most. Nothing was kept.` })
    }
    parts.push(chunk)
  }
  return Buffer.concat(parts, bytes)
}
