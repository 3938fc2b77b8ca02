/** Templates from and to other shops: by an https address, by a shared folder; and whose keys are trusted. */
import { OperationalError, UserError } from '../../base/errors.ts'
import {
  bringSharedTemplate,
  fetchTemplate,
  forgetTemplatePublisher,
  getLinkedTemplate,
  linkTemplate,
  listSharedTemplates,
  listTemplatePublishers,
  type SharedTemplate,
  shareTemplate,
  type TemplateDetail,
  type TemplateSigner,
  trustTemplatePublisher,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { download } from './download.ts'
import type { KnownTemplate, Library } from './library.ts'
import type { TemplateLinks } from './links.ts'
import { openArchive } from './open.ts'
import type { Publishers } from './publishers.ts'
import type { TemplateContent } from './read-template.ts'
import { hashOf } from './seal.ts'
import { type SharedFolder, sharedFolder } from './shared-folder.ts'

export interface SharingDeps {
  library: Library
  links: TemplateLinks
  publishers: Publishers
  audit: Audit
  sharedDir: string | undefined
  signer(template: Pick<KnownTemplate, 'origin' | 'signedBy'>): Promise<TemplateSigner>
  detail(template: KnownTemplate & { content: TemplateContent }, caller: Caller): Promise<TemplateDetail>
  filesOf(content: TemplateContent): Promise<TemplateDetail['files']>
}

/** What is known of a file as long as it does not change. */
type Looked = Pick<SharedTemplate, 'id' | 'version' | 'name' | 'summary' | 'problem'> & { signedBy?: { name: string; fingerprint: string } }

export function sharingRoutes({ library, links, publishers, audit, sharedDir, signer, detail, filesOf }: SharingDeps): RouteHandler[] {
  const folder = sharedDir === undefined ? undefined : sharedFolder(sharedDir)
  const there = (): SharedFolder => {
    if (folder) return folder
    throw new UserError({
      code: 'no-shared-folder',
      status: 409,
      message: 'This shop has no shared folder for templates. Whoever runs this server names one with CELLWRIGHT_TEMPLATES.',
    })
  }
  const looked = new Map<string, Looked>()
  const look = async (file: string, stamp: string): Promise<Looked> => {
    const key = `${file} ${stamp}`
    const known = looked.get(key)
    if (known) return known
    const found = await lookAt(there(), file)
    for (const old of looked.keys()) if (old.startsWith(`${file} `)) looked.delete(old)
    looked.set(key, found)
    return found
  }
  const bring = async (archive: Buffer, caller: Caller, from: string): Promise<TemplateDetail> => {
    const template = await library.add(archive, caller.name)
    const { id, version } = template.manifest
    audit.record({ caller, action: 'template.upload', target: id, detail: { version, from, ...(template.signedBy ? { signedBy: template.signedBy } : {}) } })
    return detail(template, caller)
  }

  return [
    handle(fetchTemplate, async ({ body: { url, evenPrivate = false, keep }, caller }) => {
      if (evenPrivate && !caller.capabilities.has('flows.code'))
        throw new UserError({
          code: 'not-allowed',
          status: 403,
          message: 'To have this server ask an address of its own network takes the right to deploy code. Bring the file by hand, or ask somebody who has it.',
        })
      const { archive, from } = await download({ url, evenPrivate })
      const sha256 = await hashOf(archive)
      if (keep !== undefined && keep !== sha256)
        throw new UserError({
          code: 'template-changed',
          status: 409,
          message: 'At this address lies another file now than the one that was looked at. Look at it again. Nothing was kept.',
        })
      const { content, sealed } = await openArchive(archive)
      const { manifest } = content
      const known = (await library.list()).some((each) => each.manifest.id === manifest.id && each.manifest.version === manifest.version)
      const result = {
        manifest,
        signer: await signer({ origin: 'shop', ...(sealed.signedBy ? { signedBy: sealed.signedBy } : {}) }),
        sha256,
        bytes: archive.length,
        files: await filesOf(content),
        isHere: known,
        from,
      }
      return { look: result, ...(keep === undefined ? {} : { template: await bring(archive, caller, url) }) }
    }),
    handle(listSharedTemplates, async () => {
      if (!folder) return { templates: [] }
      try {
        const files = await folder.list()
        const here = new Set((await library.list()).map(({ manifest: { id, version } }) => `${id} ${version}`))
        const templates: SharedTemplate[] = []
        // one after the other: reading one may take some megabytes
        for (const { file, stamp } of files) {
          const { signedBy, ...facts } = await look(file, stamp)
          templates.push({
            file,
            ...facts,
            ...(facts.problem === undefined ? { signer: await signer({ origin: 'shop', ...(signedBy ? { signedBy } : {}) }) } : {}),
            isHere: here.has(`${facts.id} ${facts.version}`),
          })
        }
        return { folder: folder.path, templates }
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error
        return { folder: folder.path, templates: [], problem: error.message }
      }
    }),
    handle(bringSharedTemplate, async ({ body: { file }, caller }) => bring(await there().read(file), caller, file)),
    handle(shareTemplate, async ({ params: { templateId }, body: { version }, caller }) => {
      const { manifest } = await library.find(templateId, version)
      const file = `${templateId}-${manifest.version}.cwt`
      await there().write(file, await library.file(templateId, manifest.version))
      audit.record({ caller, action: 'template.share', target: templateId, detail: { version: manifest.version, file } })
      return { file }
    }),
    handle(linkTemplate, async ({ params: { templateId }, body: { version }, caller }) => {
      const { manifest } = await library.find(templateId, version)
      const link = links.make({ templateId, version: manifest.version })
      audit.record({ caller, action: 'template.share', target: templateId, detail: { version: manifest.version, linkUntil: link.until } })
      return link
    }),
    handle(getLinkedTemplate, async ({ params: { templateId, version }, query: { until, key }, response }) => {
      if (!links.opens({ templateId, version, until, key }))
        throw new UserError({ code: 'link-over', status: 404, message: 'This link is over, or was not copied whole. Ask whoever gave it for a new one.' })
      response
        .status(200)
        .setHeader('Content-Type', 'application/gzip')
        .setHeader('Content-Disposition', `attachment; filename="${templateId}-${version}.cwt"`)
        .setHeader('X-Content-Type-Options', 'nosniff')
        .setHeader('Cache-Control', 'private, no-store')
        .end(await library.file(templateId, version))
    }),
    handle(listTemplatePublishers, () => publishers.list()),
    handle(trustTemplatePublisher, async ({ body: { fingerprint, name }, caller }) => {
      await publishers.trust({ fingerprint, name }, caller)
      audit.record({ caller, action: 'template.trust', target: fingerprint, detail: { name } })
      return { ok: true as const }
    }),
    handle(forgetTemplatePublisher, async ({ params: { fingerprint }, caller }) => {
      await publishers.forget(fingerprint, caller)
      audit.record({ caller, action: 'template.distrust', target: fingerprint, detail: {} })
      return { ok: true as const }
    }),
  ]
}

async function lookAt(folder: SharedFolder, file: string): Promise<Looked> {
  try {
    const { content, sealed } = await openArchive(await folder.read(file))
    const { id, version, name, summary } = content.manifest
    return { id, version, name, summary, ...(sealed.signedBy ? { signedBy: sealed.signedBy } : {}) }
  } catch (error) {
    if (error instanceof UserError) return { problem: error.message }
    throw error
  }
}
