/**
 * Templates: the gallery, imports into the flows, and templates made of flows. What comes from outside is hostile until it was
 * checked whole (`archive/`, `seal.ts`, `read-template.ts`). README.md says what can go wrong.
 */
import type { Readable } from 'node:stream'
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import {
  exportTemplate,
  type FlowNode,
  getFlows,
  getTemplate,
  getTemplateFile,
  getTemplatePicture,
  importTemplate,
  listConnections,
  listConnectors,
  listNodeTypes,
  listTemplateImports,
  listTemplates,
  previewExport,
  previewImportRemoval,
  previewTemplate,
  removeTemplate,
  removeTemplateImport,
  type Template,
  type TemplateDetail,
  uploadTemplate,
  verifyTemplate,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { FlowsPart } from '../flows/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { InProcess } from '../http/in-process.ts'
import type { Machines } from '../machines/contract.ts'
import type { ProgramLibrary } from '../machines/index.ts'
import type { LayoutShelf } from '../panel/layouts/index.ts'
import { qualityThings } from '../quality/pickable.ts'
import type { FlowTests } from '../rehearsal/index.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/index.ts'
import { LIMITS } from './archive/limits.ts'
import { writeArchive } from './archive/write-archive.ts'
import { createEarlierExports } from './earlier-exports.ts'
import { type ExportSources, lookAtExport, makeFiles } from './export.ts'
import { createImportRows, stateOf } from './import-rows.ts'
import { importVersions } from './import-versions.ts'
import { createImports } from './imports.ts'
import { createLibrary, type KnownTemplate, signerOf } from './library.ts'
import { createLinks } from './links.ts'
import { moduleVersions, needsOf, type Surroundings } from './needs.ts'
import { openArchive } from './open.ts'
import { drawFlow } from './picture.ts'
import { createPublishers } from './publishers.ts'
import type { TemplateContent } from './read-template.ts'
import { fingerprintOf, hashOf, seal, signingKey } from './seal.ts'
import { sharingRoutes } from './sharing.ts'

export interface TemplatesPart {
  routes: RouteHandler[]
  /** G-code that a template brings, by name. @throws UserError template-not-found */
  programsOf(template: { id: string; version?: string }): Promise<ReadonlyMap<string, Buffer>>
}

export interface TemplatesDeps {
  store: Store
  log: Logger
  audit: Audit
  versions: Pick<KeptVersions, 'keep' | 'own'>
  secrets: Pick<Secrets, 'derive'>
  flows: Pick<FlowsPart, 'current' | 'onDeployed' | 'allowedModules'>
  machines: Pick<Machines, 'list'>
  programs: ProgramLibrary
  tests: FlowTests
  /** Panels that are arranged. */
  shelf: LayoutShelf
  /** Routes of the other parts, for the same person. */
  call: InProcess
  /** Secrets that the gateway keeps, to find them in what is exported. */
  keptSecrets: () => Promise<readonly string[]>
  /** `flows/` of the product, and where its packages are. */
  productDir: string
  rootDir: string
  /** Of this shop's templates. */
  filesDir: string
  /** A folder that several shops share. */
  sharedDir: string | undefined
  /** Where palette modules are installed. */
  paletteDir: string
  /** Stands in the signature of what is exported. */
  shopName: string
}

export function createTemplates(deps: TemplatesDeps): TemplatesPart {
  const { store, log, audit, flows, machines, programs, tests, call } = deps
  const library = createLibrary({ db: store.db, productDir: deps.productDir, filesDir: deps.filesDir })
  const rows = createImportRows(store.db)
  const key = signingKey(deps.secrets, deps.shopName)
  const ownKey = fingerprintOf(key.publicKey)
  const moduleVersion = moduleVersions(deps.paletteDir, deps.rootDir)

  const publishers = createPublishers(store.db, { fingerprint: ownKey, name: deps.shopName }, deps.versions)
  const earlier = createEarlierExports(store.db)
  /** Known are the keys of imports, and those that somebody compared. */
  const signers = async () => {
    const known = new Set([...(await publishers.trusted()), ...(await rows.list()).flatMap((row) => stateOf(row).signer ?? [])])
    return (template: Pick<KnownTemplate, 'origin' | 'signedBy'>) => signerOf(template, ownKey, known)
  }
  const signer = async (template: Pick<KnownTemplate, 'origin' | 'signedBy'>) => (await signers())(template)
  const surroundings = async (caller: Caller): Promise<Surroundings> => ({
    types: await call(listNodeTypes, { caller }),
    connectors: (await call(listConnectors, { caller })).map(({ id }) => id),
    machines: machines.list(),
    allowedModules: flows.allowedModules,
    moduleVersion,
  })
  const quality = () => qualityThings(store.db)
  const currentFlows = () => flows.current()
  const imports = createImports({
    call,
    library,
    rows,
    machines,
    programs,
    tests,
    shelf: deps.shelf,
    audit,
    log,
    signer,
    surroundings,
    quality,
    currentFlows,
    versions: deps.versions,
  })
  deps.versions.own({ kind: 'template' }, importVersions({ run: imports.run, rows }))
  flows.onDeployed(() => void imports.settle().catch((error: unknown) => log.warn({ err: error }, 'imports deployed from a draft could not be noted')))

  const exportSources = async (given: readonly unknown[] | undefined, caller: Caller): Promise<ExportSources> => ({
    flows: (given ?? (await call(getFlows, { caller })).flows) as FlowNode[],
    types: await call(listNodeTypes, { caller }),
    tests: await tests.list(),
    connections: await call(listConnections, { caller }),
    quality: await quality(),
    kept: await deps.keptSecrets(),
    programs,
    panels: caller.capabilities.has('panels.arrange') ? await deps.shelf.list() : [],
    moduleVersion,
  })

  /** As the gallery shows it, for one person. */
  const viewer = async (caller: Caller) => {
    const [there, all, known, signedBy] = await Promise.all([surroundings(caller), rows.list(), library.list(), signers()])
    const versions = new Map<string, string[]>()
    for (const { manifest } of known) versions.set(manifest.id, [...(versions.get(manifest.id) ?? []), manifest.version])
    return async (template: KnownTemplate): Promise<Template> => {
      const { manifest, facts, origin, at, by } = template
      const { id, version, name, summary, author, licence, categories, parameters, german } = manifest
      const needs = await needsOf({ manifest, nodeTypes: facts.nodeTypes, takes: facts.takes }, there, { capabilities: caller.capabilities })
      return {
        id,
        version,
        name,
        summary,
        author,
        licence,
        categories,
        parameters,
        ...(german ? { german } : {}),
        origin,
        signer: signedBy(template),
        versions: versions.get(id) ?? [version],
        ...facts,
        needs,
        isMissing: needs.some(({ isThere }) => isThere === 'no'),
        imports: all.filter(({ templateId }) => templateId === id).length,
        ...(at ? { at: at.toISOString() } : {}),
        ...(by === undefined ? {} : { by }),
      }
    }
  }
  const detail = async (template: KnownTemplate & { content: TemplateContent }, caller: Caller): Promise<TemplateDetail> => {
    const { content } = template
    return {
      ...(await (
        await viewer(caller)
      )(template)),
      readme: content.readme,
      ...(content.readmeGerman === undefined ? {} : { readmeGerman: content.readmeGerman }),
      flow: content.flow,
      testCases: content.tests,
      panels: content.panels,
      files: await filesOf(content),
    }
  }

  return {
    programsOf: async ({ id, version }) => (await library.find(id, version)).content.programs,
    routes: [
      handle(listTemplates, async ({ caller }) => {
        const view = await viewer(caller)
        const newest = new Map<string, KnownTemplate>()
        for (const template of await library.list()) if (!newest.has(template.manifest.id)) newest.set(template.manifest.id, template)
        return Promise.all([...newest.values()].map(view))
      }),
      handle(getTemplate, async ({ params, query, caller }) => detail(await library.find(params.templateId, query.version), caller)),
      handle(getTemplatePicture, async ({ params, query, response }) => {
        const { content } = await library.find(params.templateId, query.version)
        const given = content.pictures[query.number]
        if (!given && query.number > 0) throw new UserError({ code: 'template-not-found', status: 404, message: 'The template has no such picture.' })
        const names = new Map(Object.entries(content.manifest.parameters.properties).map(([name, { title }]) => [name, title]))
        const picture = given?.content ?? Buffer.from(drawFlow(content.flow, names))
        response
          .status(200)
          .setHeader('Content-Type', PICTURE_TYPES[given?.path.split('.').at(-1) ?? 'svg'] ?? 'application/octet-stream')
          // an SVG may hold scripts: shown by itself, it gets nothing and may nothing
          .setHeader('Content-Security-Policy', "sandbox; default-src 'none'; style-src 'unsafe-inline'")
          .setHeader('X-Content-Type-Options', 'nosniff')
          .setHeader('Cache-Control', 'private, max-age=300')
          .end(picture)
      }),
      handle(getTemplateFile, async ({ params, query, response }) => {
        const file = await library.file(params.templateId, query.version)
        response
          .status(200)
          .setHeader('Content-Type', 'application/gzip')
          .setHeader('Content-Disposition', `attachment; filename="${params.templateId}.cwt"`)
          .setHeader('Cache-Control', 'private, no-cache')
          .end(file)
      }),
      handle(uploadTemplate, async ({ request, caller }) => {
        const template = await library.add(await wholeOf(request), caller.name)
        const { id, version } = template.manifest
        audit.record({ caller, action: 'template.upload', target: id, detail: { version, ...(template.signedBy ? { signedBy: template.signedBy } : {}) } })
        return detail(template, caller)
      }),
      handle(verifyTemplate, async ({ request }) => {
        const { content, sealed } = await openArchive(request)
        const known = { origin: 'shop' as const, ...(sealed.signedBy ? { signedBy: sealed.signedBy } : {}) }
        return { manifest: content.manifest, signer: await signer(known), files: await filesOf(content) }
      }),
      handle(removeTemplate, async ({ params, query, caller }) => {
        await library.remove(params.templateId, query.version)
        audit.record({ caller, action: 'template.forget', target: params.templateId, detail: { version: query.version ?? 'all' } })
        return { ok: true as const }
      }),
      handle(previewTemplate, ({ params, body, caller }) => imports.preview(params.templateId, body, caller)),
      handle(importTemplate, ({ params, body, caller }) => imports.run(params.templateId, body, caller)),
      handle(listTemplateImports, () => imports.list()),
      handle(previewImportRemoval, ({ params, caller }) => imports.previewRemoval(params.importId, caller)),
      handle(removeTemplateImport, ({ params, body, caller }) => imports.remove(params.importId, body, caller)),
      handle(previewExport, async ({ body, caller }) => {
        const sources = await exportSources(body.flows, caller)
        const versions = async (id: string) => (await library.list()).filter(({ manifest }) => manifest.id === id).map(({ manifest }) => manifest.version)
        return {
          ...(await lookAtExport(body, sources)),
          earlier: await earlier.of(sources.flows, body.nodeIds, versions),
          signer: { state: 'ours' as const, name: deps.shopName, fingerprint: ownKey },
          ...(deps.sharedDir === undefined ? {} : { sharedFolder: deps.sharedDir }),
        }
      }),
      handle(exportTemplate, async ({ body, caller }) => {
        const sources = await exportSources(body.flows, caller)
        const files = await makeFiles(body, sources, caller.name)
        // read back as a stranger's: what could not be imported is not kept
        const template = await library.add(await writeArchive(await seal(files, key)), caller.name)
        await earlier.keep(body, sources.flows, caller.name)
        audit.record({ caller, action: 'template.export', target: body.id, detail: { version: body.version, nodes: template.facts.nodes } })
        return detail(template, caller)
      }),
      ...sharingRoutes({ library, links: createLinks(deps.secrets), publishers, audit, sharedDir: deps.sharedDir, signer, detail, filesOf }),
    ],
  }
}

const PICTURE_TYPES: Readonly<Record<string, string>> = { svg: 'image/svg+xml', png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp' }

const filesOf = ({ files }: TemplateContent): Promise<TemplateDetail['files']> =>
  Promise.all([...files].map(async ([path, content]) => ({ path, bytes: content.length, sha256: await hashOf(content) })))

/** @throws UserError body-too-large */
async function wholeOf(request: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  // a refused upload is not cut off: the sender gets to see why
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > LIMITS.packedBytes) {
      request.resume()
      throw new UserError({
        code: 'body-too-large',
        status: 413,
        message: `A template may have ${LIMITS.packedBytes / 1_000_000} MB at most. Nothing was kept.`,
      })
    }
    parts.push(chunk)
  }
  return Buffer.concat(parts, bytes)
}
