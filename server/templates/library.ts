/** Where templates are: those that ship with the product, and those of this shop (a row each, the file kept by its hash). */
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { OperationalError, UserError } from '../../base/errors.ts'
import type { TemplateManifest, TemplateSigner } from '../api/index.ts'
import { type Database, json } from '../store/index.ts'
import { writeArchive } from './archive/write-archive.ts'
import { readFolder } from './folder.ts'
import { compareVersions, nodeTypesOf, takesOf } from './needs.ts'
import { openArchive } from './open.ts'
import { readTemplate, type TemplateContent } from './read-template.ts'
import { hashOf, seal } from './seal.ts'

/** Contents kept in memory, a few hundred kilobytes each as a rule. */
const MOST_OPENED = 10
/** Versions in one shop. */
const MOST_KEPT = 500

/** What the gallery says without opening the file. */
interface TemplateFacts {
  nodeTypes: string[]
  nodes: number
  tests: number
  takes: 'flows.deploy' | 'flows.code'
  pictures: number
}

export interface KnownTemplate {
  manifest: TemplateManifest
  facts: TemplateFacts
  origin: 'product' | 'shop'
  signedBy?: { name: string; fingerprint: string }
  at?: Date
  by?: string
}

export interface Library {
  /** Newest version first. */
  list(): Promise<KnownTemplate[]>
  /** @throws UserError template-not-found */
  find(id: string, version?: string): Promise<KnownTemplate & { content: TemplateContent }>
  /** The `.cwt` file. @throws UserError template-not-found */
  file(id: string, version?: string): Promise<Buffer>
  /** Keeps a file that comes from anywhere. @throws UserError template-refused, template-exists */
  add(archive: Buffer, by: string): Promise<KnownTemplate & { content: TemplateContent }>
  /** @throws UserError template-not-found, template-of-product */
  remove(id: string, version?: string): Promise<void>
}

const factsOf = ({ flow, tests, pictures }: TemplateContent): TemplateFacts => ({
  nodeTypes: nodeTypesOf(flow),
  nodes: flow.filter(({ type }) => type !== 'tab' && type !== 'comment').length,
  tests: tests.length,
  takes: takesOf(flow),
  pictures: pictures.length,
})

const notFound = (id: string, version?: string) =>
  new UserError({
    code: 'template-not-found',
    status: 404,
    message: `There is no template "${id}"${version === undefined ? '' : ` of version ${version}`}. The gallery lists what there is.`,
  })

/**
 * @param options.productDir `flows/` of the product
 * @param options.filesDir where the files of this shop's templates are kept
 */
export function createLibrary(options: { db: Kysely<Database>; productDir: string; filesDir: string }): Library {
  const { db, productDir, filesDir } = options
  /** What ships does not change while the product runs. */
  let shipped: Promise<Map<string, KnownTemplate & { content: TemplateContent }>> | undefined
  const product = () => {
    shipped ??= readShipped(productDir).catch((error: unknown) => {
      shipped = undefined
      throw error
    })
    return shipped
  }
  /** Read and checked before; a file never changes under its hash. */
  const opened = new Map<string, TemplateContent>()
  const contentOf = async (sha256: string): Promise<TemplateContent> => {
    const known = opened.get(sha256)
    if (known) return known
    const { content } = await openArchive(createReadStream(path(sha256)))
    opened.set(sha256, content)
    for (const oldest of opened.keys()) {
      if (opened.size <= MOST_OPENED) break
      opened.delete(oldest)
    }
    return content
  }
  const path = (sha256: string) => join(filesDir, `${sha256}.cwt`)
  const rowsOf = (id: string) => db.selectFrom('template').selectAll().where('id', '=', id).execute()
  type Row = Awaited<ReturnType<typeof rowsOf>>[number]
  const toKnown = ({ manifest, facts, signer, signerName, at, by }: Row): KnownTemplate => ({
    manifest: manifest as TemplateManifest,
    facts: facts as TemplateFacts,
    origin: 'shop',
    ...(signer === null ? {} : { signedBy: { name: signerName ?? '', fingerprint: signer } }),
    at,
    by,
  })
  const rowOf = async (id: string, version?: string): Promise<Row> => {
    const [newest] = (await rowsOf(id))
      .filter((row) => version === undefined || row.version === version)
      .toSorted((a, b) => compareVersions(b.version, a.version))
    if (!newest) throw notFound(id, version)
    return newest
  }
  const missing = ({ id, version }: Row, cause: unknown) =>
    new OperationalError({
      code: 'file-missing',
      message: `The file of the template "${id}" ${version} is not in the data directory any more. Bring it here again.`,
      cause,
    })

  return {
    async list() {
      const rows = await db.selectFrom('template').selectAll().execute()
      const all = [...(await product()).values(), ...rows.map(toKnown)]
      return all.toSorted((a, b) => a.manifest.name.localeCompare(b.manifest.name) || compareVersions(b.manifest.version, a.manifest.version))
    },
    async find(id, version) {
      const ours = (await product()).get(id)
      if (ours) {
        if (version !== undefined && version !== ours.manifest.version) throw notFound(id, version)
        return ours
      }
      const row = await rowOf(id, version)
      try {
        return { ...toKnown(row), content: await contentOf(row.sha256) }
      } catch (error) {
        throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? missing(row, error) : error
      }
    },
    async file(id, version) {
      const ours = (await product()).get(id)
      if (ours && (version === undefined || version === ours.manifest.version)) return writeArchive(await seal(ours.content.files))
      const row = await rowOf(id, version)
      const handle = await open(path(row.sha256), 'r').catch((error: unknown) => {
        throw missing(row, error)
      })
      try {
        return await handle.readFile()
      } finally {
        await handle.close()
      }
    },
    async add(archive, by) {
      const { content, sealed } = await openArchive(archive)
      const { id, version } = content.manifest
      if ((await product()).has(id))
        throw new UserError({ code: 'template-exists', status: 409, message: `"${id}" is a template that ships with Cellwright. Give yours another id.` })
      const sha256 = await hashOf(archive)
      const before = (await rowsOf(id)).find((row) => row.version === version)
      if (before && before.sha256 !== sha256)
        throw new UserError({
          code: 'template-exists',
          status: 409,
          message: `There is a template "${id}" ${version} already, with other contents. Give this one another version, or remove that one first.`,
        })
      const facts = factsOf(content)
      const { count } = await db.selectFrom('template').select(db.fn.countAll<string>().as('count')).executeTakeFirstOrThrow()
      if (!before && Number(count) >= MOST_KEPT)
        throw new UserError({ code: 'template-exists', status: 409, message: `There are ${count} templates in this shop. Remove some of them first.` })
      if (!before) {
        await keep(path(sha256), archive)
        await db
          .insertInto('template')
          .values({
            id,
            version,
            sha256,
            bytes: archive.length,
            manifest: json(content.manifest),
            facts: json(facts),
            signer: sealed.signedBy?.fingerprint ?? null,
            signerName: sealed.signedBy?.name ?? null,
            by,
          })
          // the same file, brought by two people at once
          .onConflict((conflict) => conflict.columns(['id', 'version']).doNothing())
          .execute()
      }
      return { ...toKnown(await rowOf(id, version)), content }
    },
    async remove(id, version) {
      if ((await product()).has(id))
        throw new UserError({ code: 'template-of-product', status: 409, message: `"${id}" ships with Cellwright and cannot be removed.` })
      const gone = (await rowsOf(id)).filter((row) => version === undefined || row.version === version)
      if (!gone.length) throw notFound(id, version)
      for (const row of gone) {
        await db.deleteFrom('template').where('id', '=', row.id).where('version', '=', row.version).execute()
        const others = await db.selectFrom('template').select('id').where('sha256', '=', row.sha256).executeTakeFirst()
        if (!others) await rm(path(row.sha256), { force: true })
      }
    },
  }
}

/** Whole or not at all. */
async function keep(target: string, content: Buffer): Promise<void> {
  await mkdir(join(target, '..'), { recursive: true, mode: 0o700 })
  const temporary = `${target}.${randomBytes(6).toString('hex')}`
  const handle = await open(temporary, 'w', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, target)
}

async function readShipped(dir: string): Promise<Map<string, KnownTemplate & { content: TemplateContent }>> {
  const folders = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const templates = await Promise.all(folders.map(async ({ name }) => [name, await readTemplate(await readFolder(join(dir, name)))] as const))
  return new Map(templates.map(([name, content]) => [name, { manifest: content.manifest, facts: factsOf(content), origin: 'product' as const, content }]))
}

/** @param ours fingerprint of this shop's key */
export function signerOf({ origin, signedBy }: Pick<KnownTemplate, 'origin' | 'signedBy'>, ours: string, known: ReadonlySet<string>): TemplateSigner {
  if (origin === 'product') return { state: 'product', name: 'Cellwright' }
  if (!signedBy) return { state: 'unsigned' }
  const state = signedBy.fingerprint === ours ? 'ours' : known.has(signedBy.fingerprint) ? 'known' : 'unknown'
  return { state, ...signedBy }
}
